/** A copy of the project in which one mutant after another is tested. */

import { makeBundle } from "../bundle.ts";
import { ROOT } from "../maestro.ts";
import { probeHead } from "./probes.ts";
import type { Candidate, TestFile } from "./covering.ts";
import type { Record, StageRequest } from "./stage.ts";

/** `hung`: it used much more CPU time, or time, than the tests use without it. It counts as killed. `unreached`: no test runs it. */
export type Verdict = "killed" | "hung" | "survived" | "unreached";

/** Tests that run in one process, one after another. */
export interface Stage {
  readonly tests: readonly Candidate[];
  /** Whether they run the program, which is then bundled for them: it starts in half the time. */
  readonly asProgram?: boolean;
}

export interface Worker {
  /** Puts texts into files until `restore`. */
  change(texts: ReadonlyMap<string, string>): void;
  restore(): void;
  /** Puts probes into files until `restore`. */
  probe(texts: ReadonlyMap<string, string>): Promise<void>;
  /** Runs all tests of a file, where there are probes. */
  record(file: TestFile): Promise<Record[]>;
  /** Runs the stages until a test fails. */
  test(stages: readonly Stage[]): Promise<Verdict>;
}

/** CPU seconds that one process may use, beside ten times what its tests took. */
const CPU_LIMIT_S = 10;
/** What waits for an event that never comes is ended after this time, and twenty times what its tests took. */
const WAIT_LIMIT_MS = 30_000;
/** Any test file without a mutant takes less on a busy machine. */
const RECORD_LIMIT_MS = 900_000;
const STAGE_FILE = "tests/mutants/stage.ts";
/** Groups of processes that run tests, by the process that leads each. */
const running = new Set<number>();

function endGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // All have ended.
  }
}

/** Copies of the project; `end` removes them. */
export async function makeWorkers(count: number): Promise<{ workers: Worker[]; end: () => void }> {
  const top = await Deno.makeTempDir({ prefix: "maestro_mutants_" });
  const end = () => {
    for (const pid of running) endGroup(pid);
    try {
      Deno.removeSync(top, { recursive: true });
    } catch {
      // What has just been ended still writes. The system removes it later.
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      end();
      Deno.exit(130);
    });
  }
  const workers = await Promise.all(Array.from({ length: count }, (_, i) => makeWorker(`${top}/${i}`)));
  return { workers, end };
}

async function makeWorker(folder: string): Promise<Worker> {
  // All that git tracks or would track.
  const copy = "git ls-files -z --cached --others --exclude-standard | " +
    'tar --create --null --files-from=- --ignore-failed-read | tar --extract --directory="$0"';
  await Deno.mkdir(folder);
  const { success } = await new Deno.Command("bash", { args: ["-c", copy, folder], cwd: ROOT }).output();
  if (!success) throw new Error("the project could not be copied: this takes git and tar");
  const bundle = `${folder}.bundle`;
  const before = new Map<string, string>();
  const log = `${folder}/.probes`;
  const change = (texts: ReadonlyMap<string, string>) => {
    for (const [path, text] of texts) {
      before.set(path, Deno.readTextFileSync(`${folder}/${path}`));
      Deno.writeTextFileSync(`${folder}/${path}`, text);
    }
  };
  return {
    change,
    async probe(texts) {
      change(new Map([...texts].map(([path, text]) => [path, probeHead(log) + text])));
      change(
        new Map([["cli.ts", `globalThis.__takeProbes?.();\n${Deno.readTextFileSync(`${folder}/cli.ts`)}`]]),
      );
      await makeBundle(bundle, folder);
    },
    restore() {
      for (const [path, text] of before) Deno.writeTextFileSync(`${folder}/${path}`, text);
      before.clear();
    },
    async record({ path, asProgram }) {
      await Deno.mkdir(log);
      const to = `${folder}.records`;
      const request = { record: { file: path, to } };
      const limits = { cpu: 10 * RECORD_LIMIT_MS / 1000, wait: RECORD_LIMIT_MS };
      const { verdict, out } = await runStage(folder, request, limits, asProgram ? bundle : undefined);
      if (verdict !== "survived") {
        throw new Error(`the tests of ${path} fail without a mutant: ${verdict}\n${out}`);
      }
      const records = Deno.readTextFileSync(to).trim().split("\n").map((line): Record => JSON.parse(line));
      Deno.removeSync(to);
      Deno.removeSync(log, { recursive: true });
      return records;
    },
    async test(stages) {
      if (stages.every(({ tests }) => tests.length === 0)) return "unreached";
      for (const { tests, asProgram } of stages) {
        if (tests.length === 0) continue;
        // What cannot be bundled cannot be run.
        if (asProgram && !await makeBundle(bundle, folder).then(() => true, () => false)) return "killed";
        const ms = tests.reduce((sum, test) => sum + test.ms, 0);
        const limits = { cpu: Math.ceil(CPU_LIMIT_S + ms / 100), wait: WAIT_LIMIT_MS + 20 * ms };
        const request = { tests: tests.map(({ test }) => test) };
        const { verdict } = await runStage(folder, request, limits, asProgram ? bundle : undefined);
        if (verdict !== "survived") return verdict;
      }
      return "survived";
    },
  };
}

/**
 * Runs a command that sees no other processes, because a mutant may signal all that it sees. `bash` is the first process
 * there, and waits for those that lose their parent.
 */
const APART = [
  "unshare",
  "--pid",
  "--fork",
  "--mount-proc",
  "--kill-child",
  "bash",
  "-c",
  '"$@"; exit',
  "bash",
];

/** Whether this machine allows that: it takes root. */
const isApart = await new Deno.Command("bash", {
  args: ["-c", `"$@" true`, "bash", ...APART],
  stderr: "null",
})
  .output().then(({ success }) => success);
if (!isApart) console.log("Mutants may signal all processes of this user: unshare does not work here.");

async function runStage(
  folder: string,
  request: StageRequest,
  limits: { readonly cpu: number; readonly wait: number },
  bundle?: string,
): Promise<{ verdict: Verdict; out: string }> {
  Deno.writeTextFileSync(`${folder}/.stage.json`, JSON.stringify(request));
  const words = ["test", "--allow-all", "--quiet", "--no-check", "--fail-fast", STAGE_FILE];
  // A separate group: the processes that a test has started end with it.
  const limited = `ulimit -t ${limits.cpu}; exec setsid "$@"`;
  const child = new Deno.Command("bash", {
    args: ["-c", limited, "bash", ...isApart ? APART : [], Deno.execPath(), ...words],
    cwd: folder,
    env: {
      ...bundle === undefined ? {} : { MAESTRO_BUNDLE: bundle },
      NO_COLOR: "1",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  running.add(child.pid);
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    endGroup(child.pid);
  }, limits.wait);
  const { success, code, signal, stdout, stderr } = await child.output();
  clearTimeout(timer);
  endGroup(child.pid);
  running.delete(child.pid);
  // SIGXCPU or SIGKILL: the limit on CPU time, or a mutant that ends the tests themselves.
  if (hung || signal !== null || code > 128) return { verdict: "hung", out: "" };
  const out = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  // Nothing that ran finds nothing.
  if (success && request.tests && !/^ok \| [1-9]\d* passed/m.test(out)) {
    throw new Error(`no test ran:\n${out}`);
  }
  return { verdict: success ? "survived" : "killed", out };
}
