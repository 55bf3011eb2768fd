/** `maestro update`: changes the settings of a running study. Words and questions are Maestro's. */

import { badSetting, EXIT, needsAnswer, notTaken, UserError } from "../errors.ts";
import { studyEnd } from "../study/state/outcome.ts";
import { readState } from "../study/journal/replay.ts";
import { openStudyToRead, type Study } from "../study/folder.ts";
import { leaveUpdate } from "../study/update_lock.ts";
import { type Change, CHANGEABLE, isSetting, SETTINGS, type UpdateSettings } from "../spec/settings.ts";
import { studyPaths } from "../paths.ts";
import type { System } from "../system.ts";
import { ask } from "../app/ask.ts";
import { type Context, explained, guarded, report } from "../app/context.ts";

export type UpdateFlags = UpdateSettings;

export default guarded<UpdateFlags, string[]>(async (context, flags, ...directories) => {
  const { system } = context;
  const changes = directories.map((_, i): Change =>
    Object.assign({}, ...CHANGEABLE.map((name) => valueFor(name, given(flags, name), directories, i)))
  );
  let exitCode: number = EXIT.ok;
  for (const [i, directory] of directories.entries()) {
    try {
      const study = await openStudyToRead(system, directory);
      const named = directory === "last" ? study.root : directory;
      system.stdout.write(`Updating study at '${named}'\n`);
      await update(context, study, named, changes[i]!);
    } catch (thrown) {
      const error = await explained(context.system, thrown);
      if (!(error instanceof UserError)) throw thrown;
      exitCode = report(context, error);
    }
  }
  return exitCode;
});

/** `named`: the folder as the user wrote it. */
async function update(context: Context, study: Study, named: string, given: Change): Promise<void> {
  const { system } = context;
  const end = studyEnd(readState(system, study));
  if (end) system.stderr.write(`${endedNote(end, study.original === true)}\n`);
  const change = Object.keys(given).length > 0 ? given : await interview(system, named);
  if (Object.keys(change).length === 0) return;
  if (end && study.original) return;
  const lock = studyPaths(named.replace(/(?<=.)\/+$/, "")).updateLock;
  system.stdout.write(`Writing updated study config to '${lock}'\n`);
  if (!study.original) await ask(context, study, { ask: "update", settings: change });
  else if (!leaveUpdate(system, study.root, change)) throw notTaken(study.root);
}

function endedNote(end: string, isOriginal: boolean): string {
  const what = isOriginal ? "nothing changed" : "the change applies if steps run again";
  return `The study has ended (${end}): ${what}.`;
}

const given = (flags: UpdateFlags, name: keyof Change): readonly number[] | undefined =>
  flags[SETTINGS[name].change!.option as keyof UpdateFlags];

/** One value for all studies, or one for each. */
function valueFor(
  key: keyof Change,
  values: readonly number[] | undefined,
  directories: readonly string[],
  i: number,
): Change {
  if (values === undefined || values.length === 0) return {};
  if (values.length !== 1 && values.length !== directories.length) {
    throw badSetting(
      `${key} is incompatible with directory: ${key} must have either 1 value (same value for all directories) ` +
        "or the same number of values as study directories.",
    );
  }
  const value = values[values.length === 1 ? 0 : i]!;
  if (!isSetting(key, value)) {
    throw badSetting(`${key} must be a whole number from ${SETTINGS[key].least}, not ${value}`);
  }
  return { [key]: value };
}

const OPTIONS = CHANGEABLE.map((name) => `--${SETTINGS[name].change!.option}`);

const MENU = "Choose study configuration to update, or done/quit to finish/abort\n" +
  " [rlimit/throttle/sleep/done/quit]\n> ";

const QUESTIONS = {
  rlimit: "Enter new restart limit [Integer, 0 = unlimited]\n> ",
  throttle: "Enter new throttle limit [Integer, 0 = no throttling]\n> ",
  sleep: "Enter new sleep duration for Conductor [Integer, seconds]\n> ",
} as const;

/**
 * Asks what to change until the user is done, in Maestro's words. `named`: the folder as the user wrote it.
 */
async function interview(system: System, named: string): Promise<Change> {
  if (!await system.isAnswered()) {
    throw needsAnswer(
      "Which setting should change?",
      `Use ${OPTIONS.slice(0, -1).join(", ")} or ${OPTIONS.at(-1)}.`,
    );
  }
  const change: { -readonly [KEY in keyof Change]: number } = {};
  for (;;) {
    const choice = (await system.ask(MENU))?.trim();
    if (choice === "done") {
      if (Object.keys(change).length > 0) return change;
      system.stdout.write(`No new study config settings provided, skipping update of study at '${named}'\n`);
      return {};
    }
    if (choice === "quit" || choice === undefined) {
      system.stdout.write(`Discarding updates to study at '${named}'\n`);
      return {};
    }
    if (choice === "rlimit" || choice === "throttle" || choice === "sleep") {
      const number = await askNumber(system, QUESTIONS[choice]);
      if (number !== undefined) change[choice] = number;
    } else system.stdout.write("Please select one of the available options\n");
  }
}

/** Undefined: the input has ended. */
async function askNumber(system: System, question: string): Promise<number | undefined> {
  for (;;) {
    const text = await system.ask(question);
    if (text === undefined) return undefined;
    if (/^\s*\d+\s*$/.test(text)) return Number(text);
    system.stdout.write("Please enter a valid integer number\n");
  }
}
