/** Cases that run whole studies: the program, with the scheduler's commands, or a fake of them, on its PATH. */

import { quote } from "../../shell_words.ts";
import fakeEngine from "../../../templates/fake_engine.sh" with { type: "text" };
import type { Adapter, SchedulerAdapter } from "../../../adapters/adapter.ts";
import type { RunResult } from "../../system.ts";
import { expect, expectSame } from "./expect.ts";
import { CONTEXT, ODD, TOKEN } from "./samples.ts";
import type { SuiteCase, SuiteOptions } from "./cases.ts";

/** Longer than any machine needs: it only ends what hangs. Cases take some seconds. */
const HANG_MS = 300_000;

/** A folder in which studies run on the scheduler's commands. */
export interface Stage {
  readonly folder: string;
  /** Runs shell commands with `maestro` and the scheduler on PATH; variables go beside those of the user. */
  shell(commands: string, variables?: Readonly<Record<string, string>>): Promise<RunResult>;
  /** The lines of a file in the folder, sorted; none where it is not there. */
  lines(file: string): string[];
  /** The last lines of the studies' logs. */
  log(): Promise<string>;
  /** The steps of a study, as `maestro status --json` has them. */
  steps(study: string): Promise<StepJson[]>;
}

export interface StepJson {
  readonly name: string;
  readonly state: string;
  readonly exitCode: number | null;
  readonly workspace: string;
  readonly runTime: number | null;
  readonly jobId: string | null;
  readonly reason: string;
}

/** Calls `body` with a stage in a fresh folder, which is gone afterwards. */
export async function onStage(options: SuiteOptions, body: (stage: Stage) => Promise<void>): Promise<void> {
  const { system } = options;
  const folder = system.realPath(system.makeTempDirectory("maestro_suite_"));
  try {
    await body(stageIn(options, folder));
  } finally {
    // A conductor in the background may still write its last files.
    for (let times = 0; times < 100 && system.facts(folder); times++) {
      try {
        system.removeTree(folder);
      } catch {
        await system.sleep(100);
      }
    }
  }
}

function stageIn({ system, maestro, fake, real }: SuiteOptions, folder: string): Stage {
  system.makeDirectory(`${folder}/bin`);
  system.writeText(`${folder}/bin/engine.sh`, fakeEngine);
  const words = maestro.map(quote).join(" ");
  system.writeText(`${folder}/bin/maestro`, `#!/bin/sh\nexec ${words} "$@"\n`, 0o755);
  const path = [`${folder}/bin`, ...(fake === undefined || real ? [] : [fake]), system.env["PATH"] ?? ""];
  const shell: Stage["shell"] = (commands, variables = {}) =>
    system.run(["/bin/sh", "-c", commands], {
      cwd: folder,
      timeoutMs: HANG_MS,
      env: {
        ...{ PATH: path.join(":"), FAKE: `${folder}/fake`, FAKE_ENGINE: `${folder}/bin/engine.sh` },
        ...(real ? {} : { HOME: folder, LC_ALL: "C", TZ: "UTC" }),
        ...{ NO_COLOR: "1" },
        ...variables,
      },
    });
  return {
    folder,
    shell,
    lines(file) {
      const text = system.readTextIfAny(`${folder}/${file}`)?.trim() ?? "";
      return text === "" ? [] : text.split("\n").sort();
    },
    async log() {
      return (await shell('for log in */logs/*.log; do tail -n 20 "$log"; done 2>/dev/null')).stdout;
    },
    async steps(study) {
      const { stdout, stderr } = await shell(`exec maestro status --json ${quote(study)}`);
      expect(stdout.startsWith("{"), "`maestro status --json` printed no JSON", stderr);
      return JSON.parse(stdout).steps;
    },
  };
}

/** A spec of five jobs: a chain, a sweep, a step that fails, and one behind all of them. */
export function chainSpec(batch: SuiteOptions["batch"], first = ""): string {
  return `description: {name: suite, description: five steps}
batch: ${JSON.stringify(batch)}
env: {variables: {LEDGER: $(SPECROOT)/ledger}}
study:
  - name: first
    description: the first
    run: {cmd: "echo first >> $(LEDGER)${first}", procs: 1, walltime: 10}
  - name: each
    description: one for each
    run: {cmd: "pwd; echo each$(N) >> $(LEDGER)", nodes: 1, procs: 2, depends: [first]}
  - name: bad
    description: fails
    run: {cmd: "echo bad >> $(LEDGER); exit 3", procs: 1, allow-failure: true}
  - name: last
    description: behind all
    run: {cmd: "echo last >> $(LEDGER)", procs: 1, depends: ["each_*", bad]}
global.parameters:
  N: {values: [1, 2], label: N.%%}
`;
}

/** Steps of \`chainSpec\` as they end. */
export const CHAIN_ENDS: Readonly<Record<string, string>> = {
  first: "FINISHED 0",
  "each_N.1": "FINISHED 0",
  "each_N.2": "FINISHED 0",
  bad: "FAILED 3",
  last: "FINISHED 0",
};
const CHAIN_LEDGER = ["bad", "each1", "each2", "first", "last"];

const spec = (batch: SuiteOptions["batch"], run: string) =>
  `description: {name: suite, description: one step}
batch: ${JSON.stringify(batch)}
study: [{name: long, description: one job, run: ${run}}]
`;

/** The cases; none without commands to run them on. */
export function endToEndCases({ scheduler }: Adapter, options: SuiteOptions): SuiteCase[] {
  const { fake, real, limits } = options;
  if (scheduler === undefined || (fake === undefined && !real)) return [];
  const cancel = (id: string) => scheduler.cancel([id]).map(quote).join(" ");
  const on = (name: string, body: (stage: Stage) => Promise<void>) => ({
    name: `study: ${name}`,
    run: () => onStage(options, body),
  });
  return [
    ...(fake === undefined || real ? [] : [{
      name: "fake: it has each command of the adapter",
      run: () => commandsCase(scheduler, { ...options, fake }),
    }]),
    on("a chain, a sweep and a failure, in a folder with an odd name", (stage) => chainCase(stage, options)),
    on("one that is cancelled ends its jobs", (stage) => cancelledCase(stage, options)),
    on("a job that someone else ends is CANCELLED", (stage) => endedCase(stage, options, cancel)),
    on("a conductor is killed, and nothing runs twice", (stage) => killedCase(stage, options)),
    ...(limits ? [on("a job over its walltime runs its restart", (stage) => limitCase(stage, options))] : []),
  ];
}

/** The commands that an adapter calls by their names. */
function commandsCase(scheduler: SchedulerAdapter, { system, fake }: SuiteOptions & { fake: string }): void {
  const argvs = [
    ...[...scheduler.queries, scheduler.find(TOKEN)].map((query) => query.argv(["1"], CONTEXT)),
    scheduler.cancel(["1"]),
  ];
  const programs = new Set(argvs.map(([program]) => program!));
  for (const program of programs) {
    if (program.startsWith("/")) continue;
    expect(system.facts(`${fake}/${program}`) !== undefined, `There is no ${fake}/${program}`);
  }
}

/** How studies are launched. */
const run = ({ trust }: SuiteOptions) => `maestro run -y${trust ? " --trust-adapter" : ""}`;

/** Fails unless commands end with a code, and shows what they printed. */
async function ends(stage: Stage, commands: string, code: number, sentence: string): Promise<void> {
  const { code: seen, stdout, stderr, timedOut } = await stage.shell(commands);
  const ended = timedOut ? "it does not end" : `exit code ${seen}, not ${code}`;
  expect(seen === code && !timedOut, `${sentence}: ${ended}`, `${stdout}${stderr}${await stage.log()}`);
}

async function chainCase(stage: Stage, options: SuiteOptions): Promise<void> {
  options.system.writeText(`${stage.folder}/spec.yaml`, chainSpec(options.batch));
  const study = `${stage.folder}/${ODD.replaceAll("/", "")}`;
  await ends(stage, `exec ${run(options)} -fg -s 0.3 -o ${quote(study)} spec.yaml`, 0, "The study");
  expectSame(stage.lines("ledger"), CHAIN_LEDGER, "What ran");
  const steps = await stage.steps(study);
  const seen = Object.fromEntries(steps.map(({ name, state, exitCode }) => [name, `${state} ${exitCode}`]));
  expectSame(seen, CHAIN_ENDS, "How the steps ended");
  for (const { name, jobId } of steps) expect(jobId !== null, `No job id of ${name} is known`);
  // Logs have the paths of `logName`, and the step ran in its workspace.
  const { workspace } = steps.find(({ name }) => name === "each_N.1")!;
  await ends(stage, `exec maestro logs --out ${quote(study)} each_N.1 >log`, 0, "maestro logs");
  expect(
    stage.lines("log").includes(workspace),
    "The log of each_N.1 is not found, or the job ran elsewhere",
    stage.lines("log"),
  );
}

async function cancelledCase(stage: Stage, options: SuiteOptions): Promise<void> {
  options.system.writeText(`${stage.folder}/spec.yaml`, chainSpec(options.batch, "; exec sleep 600"));
  const commands = `${run(options)} -s 0.3 -o study spec.yaml
until grep -q first ledger; do sleep 0.1; done
maestro cancel -y study; exec maestro wait study`;
  await ends(stage, commands, 3, "The cancelled study");
  const states = (await stage.steps("study")).filter(({ name }) => name === "first").map(({ state }) =>
    state
  );
  expectSame(states, ["CANCELLED"], "The state of the job that ran");
}

async function endedCase(
  stage: Stage,
  options: SuiteOptions,
  cancel: (id: string) => string,
): Promise<void> {
  const step = '{cmd: "touch $(SPECROOT)/began; exec sleep 600", procs: 1}';
  options.system.writeText(`${stage.folder}/spec.yaml`, spec(options.batch, step));
  const begin = `${run(options)} -s 0.3 -o study spec.yaml
until [ -e began ] && maestro status --json study | grep -q '"jobId": *"'; do sleep 0.1; done`;
  await ends(stage, begin, 0, "The study");
  const [{ jobId }] = await stage.steps("study") as [StepJson];
  await ends(stage, `${cancel(jobId!)}; exec maestro wait study`, 3, "The study whose job was ended");
  expectSame((await stage.steps("study")).map(({ state }) => state), ["CANCELLED"], "The state of the step");
}

async function killedCase(stage: Stage, options: SuiteOptions): Promise<void> {
  const gate = "; until [ -e $(SPECROOT)/go ]; do sleep 0.1; done";
  options.system.writeText(`${stage.folder}/spec.yaml`, chainSpec(options.batch, gate));
  const commands = `${run(options)} -s 0.3 -o study spec.yaml
until grep -q first ledger 2>/dev/null; do sleep 0.1; done
exec maestro status --json study >status`;
  await ends(stage, commands, 0, "The study");
  const { conductor } = JSON.parse(options.system.readText(`${stage.folder}/status`));
  const kill = `kill -9 ${conductor.pid} && touch go && exec maestro resume -fg study`;
  await ends(stage, kill, 0, "The study whose conductor was killed");
  expectSame(stage.lines("ledger"), CHAIN_LEDGER, "What ran");
}

async function limitCase(stage: Stage, options: SuiteOptions): Promise<void> {
  const step =
    '{cmd: "exec sleep 600", restart: "echo restarted >> $(SPECROOT)/ledger", procs: 1, walltime: 1}';
  options.system.writeText(`${stage.folder}/spec.yaml`, spec(options.batch, step));
  await ends(stage, `exec ${run(options)} -fg -s 0.3 -o study spec.yaml`, 0, "The study with a timeout");
  expectSame(stage.lines("ledger"), ["restarted"], "What ran after the timeout");
}
