/** A copy of the project in which one mutant after another is tested. */

import { makeBundle } from "../bundle.ts";
import { ROOT } from "../maestro.ts";

/** `hung`: it used much more CPU time, or time, than the tests use without it. It counts as killed. */
export type Verdict = "killed" | "hung" | "survived";

/** Test files that run in one process, one after another. */
export interface Stage {
  readonly files: readonly string[];
  /** Whether they run the program, which is then bundled for them: it starts in half the time. */
  readonly asProgram?: boolean;
}
/** They run one after another; the first test that fails ends them. */
export type Stages = readonly Stage[];

export interface Worker {
  /** Puts the mutated text into its file, runs the stages until one fails, and puts the text back. */
  test(mutant: { readonly path: string; readonly mutated: string }, stages: Stages): Promise<Verdict>;
  /** What fails without a mutant, as text; nothing if all is well. */
  baseline(stages: Stages): Promise<string>;
  end(): void;
}

/** CPU seconds of one test process; all tests of a stage use less than 60. */
const CPU_LIMIT_S = 240;
/** A stage takes a minute or two on a busy machine. What waits for an event that never comes is ended after this time. */
const WAIT_LIMIT_MS = 900_000;
/** Imports the tests of a stage, in their order: one process starts sooner than many. */
const STAGE_FILE = "tests/stage_of_mutant_test.ts";
/** Groups of processes that run tests, by the process that leads each. */
const running = new Set<number>();

function endGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // All have ended.
  }
}

export async function makeWorkers(count: number): Promise<Worker[]> {
  const top = await Deno.makeTempDir({ prefix: "maestro_mutants_" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      for (const pid of running) endGroup(pid);
      Deno.removeSync(top, { recursive: true });
      Deno.exit(130);
    });
  }
  let open = count;
  const ended = () => {
    if (--open === 0) Deno.removeSync(top, { recursive: true });
  };
  return await Promise.all(Array.from({ length: count }, (_, i) => makeWorker(`${top}/${i}`, ended)));
}

async function makeWorker(folder: string, ended: () => void): Promise<Worker> {
  // All that git tracks or would track.
  const copy = "git ls-files -z --cached --others --exclude-standard | " +
    'tar --create --null --files-from=- --ignore-failed-read | tar --extract --directory="$0"';
  await Deno.mkdir(folder);
  const { success } = await new Deno.Command("bash", { args: ["-c", copy, folder], cwd: ROOT }).output();
  if (!success) throw new Error("the project could not be copied: this takes git and tar");
  const bundle = `${folder}.bundle`;
  const runAll = async (stages: Stages) => {
    for (const { files, asProgram } of stages) {
      if (files.length === 0) continue;
      const lines = files.map((file) => `import "${file.replace("tests/", "./")}";\n`);
      lines.unshift('import "./mutants/without_large.ts";\n');
      Deno.writeTextFileSync(`${folder}/${STAGE_FILE}`, lines.join(""));
      if (asProgram) await makeBundle(bundle, folder);
      const outcome = await runStage(folder, asProgram ? { MAESTRO_BUNDLE: bundle } : {});
      if (outcome.verdict !== "survived") return outcome;
    }
    return { verdict: "survived" as const, out: "" };
  };
  return {
    async test({ path, mutated }, stages) {
      const before = Deno.readTextFileSync(`${folder}/${path}`);
      Deno.writeTextFileSync(`${folder}/${path}`, mutated);
      try {
        return (await runAll(stages)).verdict;
      } finally {
        Deno.writeTextFileSync(`${folder}/${path}`, before);
      }
    },
    async baseline(stages) {
      const { verdict, out } = await runAll(stages);
      return verdict === "survived" ? "" : `${verdict}\n${out}`;
    },
    end: ended,
  };
}

async function runStage(
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<{ verdict: Verdict; out: string }> {
  const words = [
    "test",
    "--allow-all",
    "--quiet",
    "--no-check",
    "--fail-fast",
    STAGE_FILE,
  ];
  // A group of its own: what a test has started ends with it.
  const limited = `ulimit -t ${CPU_LIMIT_S}; exec setsid nice -n 10 "$@"`;
  const child = new Deno.Command("bash", {
    args: ["-c", limited, "bash", Deno.execPath(), ...words],
    cwd: folder,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  running.add(child.pid);
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    endGroup(child.pid);
  }, WAIT_LIMIT_MS);
  const { success, signal, stdout, stderr } = await child.output();
  clearTimeout(timer);
  endGroup(child.pid);
  running.delete(child.pid);
  // SIGXCPU or SIGKILL: the limit on CPU time.
  if (hung || signal !== null) return { verdict: "hung", out: "" };
  const out = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  // Nothing that ran finds nothing.
  if (success && !/^ok \| [1-9]\d* passed/m.test(out)) throw new Error(`no test ran:\n${out}`);
  return { verdict: success ? "survived" : "killed", out };
}
