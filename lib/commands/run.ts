/** `maestro run`: creates a study from a spec, and starts it. */

import { shellWord } from "../shell_words.ts";
import { resolve } from "@std/path";
import {
  badSetting,
  cannotMake,
  contradiction,
  counted,
  environmentWins,
  EXIT,
  isBeingConducted,
  isBeingMade,
  isHeld,
  needsAnswer,
  outputExists,
  trustQuestion,
} from "../errors.ts";
import { conductorView, unmarkMaker } from "../study/lease.ts";
import { layOut, makeStudy, writeScripts } from "../app/create_study.ts";
import { isHalfMade, removeStudy } from "../app/take_folder.ts";
import { safeName } from "../names.ts";
import { encodeEvent } from "../study/journal/format.ts";
import { resolveEnvironment } from "../plan/environment.ts";
import { outlineOf } from "../plan/outline.ts";
import { progressLine } from "../progress.ts";
import { applyEvent, newProgress } from "../study/state/fold.ts";
import { writeStatusCsv } from "../conduct/snapshot.ts";
import { studyPaths } from "../paths.ts";
import { isOriginalStudy } from "../study/original/study.ts";
import { isStudy, type Study, studyIn } from "../study/folder.ts";
import type { System } from "../system.ts";
import { twoDigits } from "../units.ts";
import type { Adapter } from "../../adapters/adapter.ts";
import type { StudyEvent } from "../study/events.ts";
import {
  eachSetting,
  isSetting,
  type RunSettings,
  SETTING_NAMES,
  type SettingName,
  SETTINGS,
  type Settings,
  usualSettings,
} from "../spec/settings.ts";
import type { Spec } from "../spec/types.ts";
import { type Context, guarded, isYes } from "../app/context.ts";
import { conductForeground } from "./foreground.ts";
import { launchDetached } from "../app/launch.ts";
import { checkCommands } from "../app/scheduler_commands.ts";
import { type LoadedSpec, loadOrStop } from "../app/load_spec.ts";
import { originOf, type SpecFlags } from "../app/parameters.ts";

export interface RunFlags extends SpecFlags, RunSettings {
  readonly "trust-adapter"?: boolean;
  readonly out?: string;
  readonly dry?: boolean;
  readonly fg?: boolean;
  readonly hashws?: boolean;
  readonly usetmp?: boolean;
  readonly autoyes?: boolean;
  readonly autono?: boolean;
}

export default guarded(run);

async function run(context: Context, flags: RunFlags, file: string): Promise<number> {
  const { system } = context;
  checkFlags(flags);
  if (flags.autoyes && flags.autono) throw contradiction("-y and -n cannot be given together");
  const isAnswered = () => canAnswer(system, flags, file);
  if (!flags.autoyes && !flags.autono && !flags.dry && !await isAnswered()) {
    throw needsAnswer(LAUNCH_QUESTION, "Answer beforehand with -y (yes) or -n (no).");
  }
  const made = await makeFromSpec(context, flags, file, isAnswered);
  if (made === undefined) return EXIT.ok;
  try {
    return await begin(context, flags, made.study, made.loaded);
  } finally {
    unmarkMaker(system, made.study.root);
  }
}

/** Launches a new study, or what the user wants instead. */
async function begin(context: Context, flags: RunFlags, study: Study, loaded: LoadedSpec): Promise<number> {
  const { system } = context;
  const { plan, spec, adapter } = loaded;
  const { root, file: { settings } } = study;
  system.stderr.write(settingsBlock(settings, root));
  system.stderr.write(`${outlineOf(plan, adapter)}\n`);
  for (const note of environmentNotes(system.env, spec, loaded.adapter)) system.stderr.write(`${note}\n`);
  if (flags.dry) return writeDry(system, study, loaded, flags);
  if (flags.autono || !(flags.autoyes || isYes(await system.ask(LAUNCH_QUESTION)))) {
    system.stdout.write("Study launch aborted.\n");
    system.stderr.write(`\`maestro conduct ${shellWord(root)}\` launches it later.\n`);
    return EXIT.ok;
  }
  return flags.fg ? await conductForeground(context, study) : await launchDetached(context, study);
}

/** The study, and what it was made from. Undefined if the user keeps the study that is in its folder. */
async function makeFromSpec(
  context: Context,
  flags: RunFlags,
  file: string,
  isAnswered: () => Promise<boolean>,
): Promise<{ study: Study; loaded: LoadedSpec } | undefined> {
  const { system } = context;
  for (;;) {
    const known = flags.out === undefined ? "" : studyIn(system, resolve(system.cwd, flags.out));
    const loaded = await loadInFreshFolder(system, file, flags);
    const { plan, spec, adapter, text, baseName, kept } = loaded;
    const settings = settingsOf(system, flags, spec);
    if (!flags.dry && !flags.autono) checkCommands(system, plan, adapter);
    try {
      const root = await prepareFolder(system, plan.study.root, flags, isAnswered, known);
      if (root === undefined) return undefined;
      const origin = originOf(context, flags, spec);
      const make = () => layOut(system, { spec, adapter, plan, text, baseName, settings, origin, kept });
      return { study: await makeStudy(system, root, loaded, make), loaded };
    } catch (error) {
      // Another command chose the same name in the same second. There are more names.
      if (flags.out !== undefined || file === "-" || !isHeld(error)) throw error;
    }
  }
}

/** What no spec can correct is reported before it is read. */
function checkFlags(flags: RunFlags): void {
  for (const name of SETTING_NAMES) {
    const value = given(flags, name);
    if (value !== undefined && !isSetting(name, value)) throw badSetting(SETTINGS[name].wrong(value));
  }
}

const given = (flags: RunSettings, name: SettingName): number | undefined =>
  flags[SETTINGS[name].option as keyof RunSettings];

/** Options override the spec, and the spec overrides the defaults. */
function settingsOf(system: System, flags: RunFlags, { conductor = {} }: Spec): Settings {
  const usual = usualSettings(system.cpus);
  return {
    ...eachSetting((name) => given(flags, name) ?? conductor[name] ?? usual[name]),
    dry: flags.dry ?? false,
    useTmp: flags.usetmp ?? false,
    hashWorkspaces: flags.hashws ?? false,
  };
}

/** Loads the spec for a folder that does not exist yet. Two runs in the same second use different folders. */
function loadInFreshFolder(system: System, file: string, flags: RunFlags): Promise<LoadedSpec> {
  return loadOrStop(system, file, {
    ...flags,
    adapterFile: (path) => isTrusted(system, path, flags),
    hashWorkspaces: flags.hashws ?? false,
    chooseRoot: (spec) => chooseRoot(system, spec, flags.out),
  });
}

/** Whether a program that the spec names may run. -y answers other questions, but not this one. */
async function isTrusted(system: System, path: string, flags: RunFlags): Promise<boolean> {
  if (flags["trust-adapter"]) return true;
  return system.atTerminal && isYes(await system.ask(trustQuestion(path)));
}

/** `-o` unchanged, or `<name>_<time>` under the spec's OUTPUT_PATH or the current folder. */
export function chooseRoot(system: System, spec: Spec, out: string | undefined): string {
  if (out !== undefined) return resolve(system.cwd, out);
  const base = resolveEnvironment(spec.variables).texts.get("OUTPUT_PATH") ?? "";
  const stem = resolve(
    system.cwd,
    base,
    `${safeName(spec.name) || "study"}_${timestamp(new Date(system.now()))}`,
  );
  let root = stem;
  for (let n = 2; system.facts(root) !== undefined; n++) root = `${stem}-${n}`;
  return root;
}

function timestamp(date: Date): string {
  const two = twoDigits;
  return `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}-` +
    `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}

/** The folder: new, or existing and empty. Undefined if the user keeps the study that is in it. */
async function prepareFolder(
  system: System,
  root: string,
  flags: RunFlags,
  isAnswered: () => Promise<boolean>,
  known: string,
): Promise<string | undefined> {
  const facts = system.facts(root);
  if (!facts) return root;
  // The name was free when it was chosen.
  if (flags.out === undefined) throw isBeingMade(root);
  const isEmpty = facts.isDirectory && system.list(root).length === 0;
  if (facts.isDirectory && isHalfMade(system, root)) throw isBeingMade(root);
  const isReplaceable = isEmpty || isStudy(system, root) || isOriginalStudy(system, root);
  if (!flags.autoyes && !flags.autono && !await isAnswered()) {
    if (isEmpty) return root;
    throw outputExists(root, isReplaceable);
  }
  if (!flags.autoyes && (flags.autono || !isYes(await system.ask(OVERWRITE_QUESTION)))) {
    system.stdout.write("Opting to quit -- not cleaning up old out path.\n");
    return undefined;
  }
  if (!facts.isDirectory) throw cannotMake(root, "a file with that name exists");
  if (!isReplaceable) throw outputExists(root, false);
  if (conductorView(system, root).alive) throw isBeingConducted(root);
  system.stdout.write("Cleaning up existing out path...\n");
  if (!isEmpty) await removeStudy(system, root, known);
  return root;
}

const RULE = "-".repeat(42);

const OVERWRITE_QUESTION = "Output path already exists. Would you like to overwrite it? [yn] ";
const LAUNCH_QUESTION = "Would you like to launch the study? [yn] ";

/** If standard input is the spec or its parameters, it cannot contain an answer. */
async function canAnswer(system: System, flags: RunFlags, file: string): Promise<boolean> {
  return file === "-" || flags.pgen === "-" ? system.atTerminal : await system.isAnswered();
}

/** What will happen, in Maestro's words. */
function settingsBlock(settings: Settings, root: string): string {
  const word = (value: boolean) => value ? "True" : "False";
  const rows: [string, string][] = [
    ["Submission attempts =", String(settings.attempts)],
    ["Submission restart limit =", String(settings.rlimit)],
    ["Submission throttle limit =", String(settings.throttle)],
    ["Use temporary directory =", word(settings.useTmp)],
    ["Hash workspaces =", word(settings.hashWorkspaces)],
    ["Dry run enabled =", word(settings.dry)],
    ["Output path =", root],
  ];
  return [RULE, ...rows.map(([name, value]) => name.padEnd(28) + value), RULE, ""].join("\n");
}

/** Reports variables of the environment that override the spec. */
export function environmentNotes(
  env: Readonly<Record<string, string>>,
  { batch, steps }: Spec,
  { scheduler }: Adapter,
): string[] {
  return Object.entries(scheduler?.beforeHeader ?? {}).flatMap(([name, keys]) => {
    const value = env[name];
    if (!value) return [];
    const asked = keys.filter((key) =>
      [batch, ...steps.flatMap(({ batch = {}, resources }) => [batch, resources])]
        .some((values) => values[key] && values[key] !== value)
    );
    return asked.map((key) => environmentWins(name, value, key));
  });
}

/** Writes every workspace and script. Runs nothing. */
function writeDry(system: System, study: Study, { plan, adapter }: LoadedSpec, flags: RunFlags): number {
  const line = progressLine(system, "scripts", plan.nodes.length);
  for (const node of plan.nodes) {
    writeScripts(system, plan, node, adapter, { restart: false, attempt: 1, retries: 0 });
    line.step();
  }
  line.end();
  const at = system.now();
  const events: StudyEvent[] = [{ event: "written", at }, { event: "closed", at, state: "finished" }];
  const progress = newProgress(plan, study.file.settings, () => false);
  const journal = system.openAppend(studyPaths(study.root).journal);
  for (const event of events) {
    journal.append(encodeEvent(event));
    applyEvent(progress, event);
  }
  journal.sync();
  journal.close();
  writeStatusCsv(system, study, progress);
  if (!flags.fg) system.stdout.write("Study launched successfully.\n");
  system.stderr.write(`Dry run: ${counted(plan.nodes.length, "step")} written, nothing run.\n`);
  return EXIT.ok;
}
