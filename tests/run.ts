/**
 * Runs a suite of tests: bundles the program once, runs the tests with the bundle, and prints what failed, or one screen.
 *
 *     deno task test                    the suite `quick`
 *     deno task test:NAME               the suite NAME
 *     deno task test WORDS              what `deno test` makes of the words: files, `--filter TEXT`, ...
 */

import { makeBundle } from "./bundle.ts";
import { linesOf } from "./host.ts";
import { ROOT } from "./maestro.ts";

export const SUITES: Readonly<Record<string, readonly string[]>> = {
  /** The program as processes: killed, on terminals, on full disks, with other users and with schedulers. */
  system: [
    ...[
      "add_a_scheduler",
      "bundle",
      "clock",
      "completions",
      "control_characters",
      "crash",
      "damage",
      "disk",
      "earlier_version",
      "faults",
      "left_behind",
      "local_environment",
    ],
    ...[
      "namespaces",
      "onefile",
      "onefile_bare",
      "original_study",
      "own_adapter",
      "planted",
      "same_folder",
      "samples",
      "shared_study",
      "tui_terminal",
      "watch",
    ],
  ],
  /** Errors of the system at every call. */
  faults: ["faults_sweep"],
  /** All that README and docs show. */
  docs: ["docs_run", "mod_examples"],
};
/** Folders whose tests need other programs than this one. */
const ELSEWHERE = ["real", "browser", "maestro", "mutants"];

const filesOf = (suite: readonly string[]) => suite.map((name) => `tests/${name}_test.ts`);

/** The arguments of `deno test`. Without words: all tests that no suite and no other task has. */
function selection(words: readonly string[]): string[] {
  const suite = /^--suite=(.*)$/.exec(words[0] ?? "")?.[1];
  if (suite === "system") return [...filesOf(SUITES[suite]!), "adapters", ...words.slice(1)];
  if (suite !== undefined) return [...filesOf(SUITES[suite]!), ...words.slice(1)];
  if (words.length > 0) return [...words];
  const ignored = [...ELSEWHERE.map((name) => `tests/${name}`), ...filesOf(Object.values(SUITES).flat())];
  return [`--ignore=${ignored}`, "tests", "adapters"];
}

/** What a run of `deno test` printed. */
interface Run {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** `deno test`, with a sign of life for each of its tests. */
async function test(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--quiet", "--no-check", "--parallel", ...words],
    cwd: ROOT,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const lines: string[] = [];
    for await (const line of linesOf(stream)) {
      lines.push(line);
      if (/ \.\.\. (?:ok|FAILED|ignored)\b/.test(line)) tick();
    }
    return lines;
  };
  const [{ code }, out, err] = await Promise.all([child.status, read(child.stdout), read(child.stderr)]);
  return { code, out, err };
}

let ticks = 0;

/** A count that replaces itself on a terminal; elsewhere a dot for every 25 tests. */
function tick(): void {
  ticks++;
  const text = Deno.stderr.isTerminal() ? `\r${ticks} tests have run` : ticks % 25 === 0 ? "." : "";
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

/** One screen if all went well: what was left out, and the summary. Otherwise the errors, or all if there are none. */
function report({ code, out, err }: Run): void {
  const errors = out.findIndex((line) => line.trim() === "ERRORS");
  const notes = [...out, ...err].filter((line) => /LEFT OUT|UNPROVEN|^SEED=/.test(line));
  if (code === 0) console.log([...notes, out.findLast((line) => line.startsWith("ok |"))].join("\n"));
  else console.log((errors < 0 ? [...out, ...err] : [...notes, ...out.slice(errors)]).join("\n"));
}

async function main(): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "maestro_tests_" });
  const remove = () => Deno.removeSync(folder, { recursive: true });
  Deno.addSignalListener("SIGINT", () => {
    remove();
    Deno.exit(130);
  });
  try {
    const env = {
      // The one file is tested without changes.
      ...Deno.env.has("MAESTRO_UNDER_TEST") ? {} : { MAESTRO_BUNDLE: folder },
      ...Deno.args[0] === "--suite=system" ? { PROCESSES: "1" } : {},
      ...Deno.args.length === 0 ? { SUITE: "quick" } : {},
    };
    await makeBundle(folder);
    const run = await test(selection(Deno.args), env);
    if (ticks > 0) Deno.stderr.writeSync(new TextEncoder().encode("\n"));
    report(run);
    return run.code;
  } finally {
    remove();
  }
}

if (import.meta.main) Deno.exit(await main());
