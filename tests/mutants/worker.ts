/** A copy of the project in which one mutant after another is tested. */

import { ROOT } from "../maestro.ts";

/** `hung`: it used much more CPU time, or time, than the tests use without it. It counts as killed. */
export type Verdict = "killed" | "hung" | "survived";

/** What tests of a file are run one after another; the first that fails ends them. */
export type Stages = readonly (readonly string[])[];

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
export async function makeWorkers(count: number): Promise<Worker[]> {
  const top = await Deno.makeTempDir({ prefix: "maestro_mutants_" });
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
  const runAll = async (stages: Stages) => {
    for (const files of stages) {
      if (files.length === 0) continue;
      const lines = files.map((file) => `import "${file.replace("tests/", "./")}";\n`);
      lines.unshift('import "./mutants/without_large.ts";\n');
      Deno.writeTextFileSync(`${folder}/${STAGE_FILE}`, lines.join(""));
      const outcome = await runStage(folder);
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

async function runStage(folder: string): Promise<{ verdict: Verdict; out: string }> {
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
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let hung = false;
  const end = () => {
    try {
      Deno.kill(-child.pid, "SIGKILL");
    } catch {
      // All have ended.
    }
  };
  const timer = setTimeout(() => {
    hung = true;
    end();
  }, WAIT_LIMIT_MS);
  const { success, signal, stdout, stderr } = await child.output();
  clearTimeout(timer);
  end();
  // SIGXCPU or SIGKILL: the limit on CPU time.
  if (hung || signal !== null) return { verdict: "hung", out: "" };
  const out = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  // Nothing that ran finds nothing.
  if (success && !/^ok \| [1-9]\d* passed/m.test(out)) throw new Error(`no test ran:\n${out}`);
  return { verdict: success ? "survived" : "killed", out };
}
