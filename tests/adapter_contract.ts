/** What every adapter has to be. Run for each row of adapters/mod.ts; a new scheduler adds nothing here. */

import { findAdapter } from "../adapters/mod.ts";
import { oneLine } from "../adapters/values.ts";
import { fillTemplate, type Guard, headOf, quote, renderScript } from "../lib/plan/script.ts";
import { wrapCommands } from "../lib/plan/wrap.ts";
import type { Adapter, CommandResult, SchedulerAdapter, SubmitRequest } from "../adapters/adapter.ts";
import type { Resources } from "../lib/plan/types.ts";
import { assert, assertEquals } from "./assert.ts";
import { HEADS, READERS } from "./directives.ts";
import { explain, readTranscript } from "./transcript.ts";

const RECORDED = new URL("./recorded/", import.meta.url);
const CONTEXT = { user: "alice", since: Date.UTC(2026, 10, 22) };
const TOKEN = "k3x9-17-1";
/** Everything that a shell, a scheduler or a person could stumble over. */
const ODD = "a b'c\"d$HOME`id`%j\\*é;&|";

/** All that a step can ask for. */
export const EVERYTHING: Resources = {
  nodes: 2,
  procs: 5,
  gpus: 1,
  "cores per task": 3,
  "tasks per rs": 1,
  "rs per node": 2,
  "cpus per rs": 4,
  bind: "rs",
  "bind gpus": "none",
  walltime: "01:30:00",
  reservation: "r",
  qos: "q",
  exclusive: true,
  nested: true,
  waitable: true,
  priority: "high",
};

function answer(code: number, stdout: string, stderr = "", timedOut = false): CommandResult {
  return { code, stdout, stderr, timedOut };
}

function request(adapter: Adapter, resources: Resources, text: string, value = text): SubmitRequest {
  const batch = {
    type: adapter.name,
    ...Object.fromEntries(adapter.batchKeys.map((key) => [key, value])),
    shell: "/bin/sh",
    args: {},
  };
  return {
    ...{ script: `/w/${text}/s.sh`, workspace: `/w/${text}`, jobName: text, token: TOKEN, description: text },
    ...{ resources, batch, out: adapter.logName(text, "out"), err: adapter.logName(text, "err") },
  };
}

/** Fields that no header needs, for templates of earlier versions. */
const UNUSED: ReadonlySet<string> = new Set(["out", "err"]);

/** Registers the tests of one adapter. */
export function contract(name: string, adapter: Adapter): void {
  const test = (what: string, run: () => void | Promise<void>) => Deno.test(`${name}: ${what}`, run);
  test("is found by its name, and its keys are named once", () => {
    assertEquals(findAdapter(name), adapter);
    assertEquals(adapter.name, name);
    assertEquals(new Set(adapter.batchKeys).size, adapter.batchKeys.length);
  });
  test("its template uses every field, and no other", () => templateContract(adapter));
  test("its header is comments and one change of directory, whatever is in the values", () =>
    headerContract(adapter));
  test("its launcher is made of plain words", () => launcherContract(adapter));
  const { scheduler } = adapter;
  if (scheduler === undefined) return;
  test("its scheduler reads in a script with a guard what it reads without one", () =>
    directiveContract(adapter));
  test("commands do by hand what they do without a guard", () => byHandContract(adapter));
  test("its commands are words: nothing is lost, split or left undefined", () =>
    commandContract(adapter, scheduler));
  test("a submission is accepted or refused only by plain words", () => submissionContract(scheduler));
  test("silence is no answer to a query", () => queryContract(scheduler));
  test("a cancellation that failed has not found the jobs gone", () => cancelContract(scheduler));
  test("its environment loses what a job has, and no more", () => environmentContract(scheduler));
  // A folder for each program that was recorded: `lsf`, `lsf-openlava-4.0`.
  for (const { name: folder } of Deno.readDirSync(RECORDED)) {
    if (folder !== name && !folder.startsWith(`${name}-`)) continue;
    test(`what the real one printed is understood (${folder})`, () => recordedContract(adapter, folder));
  }
}

function templateContract(adapter: Adapter): void {
  assert(adapter.template.startsWith("#!@shell@\n"));
  const used = new Set([...adapter.template.matchAll(/@(\w+)@/g)].map(([, field]) => field!));
  const { resources, batch, ...rest } = { ...request(adapter, EVERYTHING, "x", "1"), description: "d" };
  const made = Object.entries(adapter.fields({ ...rest, resources, batch }))
    .flatMap(([field, value]) => value === undefined && UNUSED.has(field) ? [] : [field]);
  assertEquals([...used].filter((field) => field !== "name").sort(), [...made, "shell"].sort());
}

async function headerContract(adapter: Adapter): Promise<void> {
  for (const text of [ODD, "plain", "1", "two\nlines"]) {
    for (const resources of [EVERYTHING, { procs: 2 }, { nodes: 1 }, { procs: 1, walltime: text }]) {
      const made = { ...request(adapter, resources, text), description: text };
      const script = renderScript(adapter, made, "true", true, {
        ...{ jobFile: `/w/${text}/job`, runner: `/w/${text}/guard.sh`, script: made.script },
        ...{ folder: made.workspace, token: TOKEN },
      });
      const header = fillTemplate(adapter.template, { ...adapter.fields(made), shell: "/bin/sh" });
      const commands = header.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      const chdir = `: ; [ "\${PBS_ENVIRONMENT-}" != PBS_BATCH ] || cd ${
        quote(oneLine(made.workspace))
      } || exit 97`;
      assert(commands.length === 0 || commands.join() === chdir, header);
      assertEquals(await syntax(script), "", script);
    }
  }
}

/** A script of these commands, as it is submitted, and as it is without a guard. */
function guarded(adapter: Adapter, cmd: string, folder = "/w"): { guarded: string; plain: string } {
  const made = { ...request(adapter, { procs: 1 }, "x", "1"), description: "d", workspace: folder };
  const guard = { jobFile: "/w/job", runner: "/w/guard.sh", script: "/w/s.sh", folder, token: TOKEN };
  const text = (guard?: Guard) => renderScript(adapter, made, cmd, true, guard);
  return { guarded: text(guard), plain: text() };
}

function directiveContract(adapter: Adapter): void {
  const reader = READERS[adapter.name];
  // Flux is given no script to read (`--wrap`), or reads none (`flux submit`).
  if (reader === undefined) return assert(adapter.name === "flux" && !adapter.own?.directive);
  for (const [what, text] of Object.entries(HEADS)) {
    const cmd = text.replaceAll("@", reader.mark);
    const { guarded: ours, plain } = guarded(adapter, cmd);
    assertEquals(reader.read(ours), reader.read(plain), what);
    assert(ours.includes(TOKEN), what);
    // What stands around commands does not hide their directives.
    const batch = { type: adapter.name, pre: `${reader.mark} -p\nmodule load x\n`, post: "echo post" };
    const wrapped = wrapCommands(cmd, batch, [{ name: "A", text: "two\nlines" }]);
    const { guarded: around } = guarded(adapter, wrapped);
    const head = reader.read(headOf(cmd)[0]);
    assertEquals(reader.read(around).filter((one) => head.includes(one)), head, what);
    assert(reader.read(around).includes("-p"), what);
  }
}

async function byHandContract(adapter: Adapter): Promise<void> {
  const mark = READERS[adapter.name]?.mark ?? "#flux:";
  for (const [what, text] of Object.entries(HEADS)) {
    const { guarded: ours, plain } = guarded(adapter, text.replaceAll("@", mark));
    const ran = async (script: string) => {
      const { code, stdout, stderr } = await new Deno.Command("bash", { args: ["-c", script, "s.sh"] })
        .output();
      const words = new TextDecoder();
      // Lines are further down by those of the guard.
      return [code, words.decode(stdout), words.decode(stderr).replace(/line \d+/g, "line N")];
    };
    assertEquals(await ran(ours), await ran(plain), what);
  }
}

/** What bash says to a script that it reads and does not run. */
async function syntax(script: string): Promise<string> {
  const bash = new Deno.Command("bash", { args: ["-n"], stdin: "piped", stderr: "piped" }).spawn();
  const writer = bash.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  return new TextDecoder().decode((await bash.output()).stderr);
}

function launcherContract(adapter: Adapter): void {
  const batch = { type: adapter.name };
  for (const [nodes, procs] of [[undefined, 4], [2, undefined], [2, 4], [undefined, undefined]]) {
    const words = adapter.launcher({ nodes, procs, resources: EVERYTHING, batch });
    assert(words.every((word) => /^[\w.,:=/-]+$/.test(word)), words.join(" "));
    assertEquals(words.length === 0, adapter.scheduler === undefined);
  }
}

function commandContract(adapter: Adapter, scheduler: SchedulerAdapter): void {
  const made = request(adapter, EVERYTHING, ODD, "x");
  const argv = scheduler.submit(made);
  assert(argv.every((word) => typeof word === "string" && !/\bundefined\b/.test(word)), argv.join(" "));
  // Flux joins words to a line for a shell.
  assert(argv.includes(made.script) || argv.includes(quote(made.script)), argv.join(" "));
  assert(argv.some((word) => word.endsWith(TOKEN)), argv.join(" "));
  // A script in Python reads its arguments itself, and knows none of ours.
  const plain = scheduler.submit({ ...made, unguarded: true });
  assert(!plain.includes(TOKEN) && plain.some((word) => word.endsWith(TOKEN)), plain.join(" "));
  const ids = ["12", "345"];
  for (const query of scheduler.queries) {
    const asked = query.argv(ids.slice(0, query.most ?? ids.length), CONTEXT);
    const named = asked.flatMap((word) => word.split(","));
    assertEquals(named.includes("12"), query.most !== undefined, asked.join(" "));
  }
  assert(scheduler.find(TOKEN).argv([], CONTEXT).length > 0);
  assertEquals(scheduler.cancel(ids).slice(-2), ids);
}

function submissionContract(scheduler: SchedulerAdapter): void {
  const kind = (result: CommandResult) => scheduler.parseSubmit(result).kind;
  assertEquals(kind(answer(0, "12\n", "", true)), "unclear", "timed out");
  assertEquals(kind(answer(0, "")), "unclear", "nothing said");
  assertEquals(kind(answer(0, "Welcome to the cluster!\n")), "unclear", "no id");
  for (const code of [1, 124, 137, 143]) assertEquals(kind(answer(code, "")), "unclear", `exit ${code}`);
  assertEquals(kind(answer(137, "", "error: something")), "unclear", "killed");
  assertEquals(kind(answer(1, "", "error: Connection timed out")), "unclear", "connection");
  const missing = scheduler.parseSubmit(answer(127, "", "command not found"));
  assert(missing.kind === "refused" && missing.again, "no such command");
}

function queryContract(scheduler: SchedulerAdapter): void {
  for (const query of [...scheduler.queries, scheduler.find(TOKEN)]) {
    for (const code of [1, 2, 127, 137, 255]) assertEquals(query.parse(answer(code, ""), ["12"]), undefined);
    assertEquals(query.parse(answer(1, "", "error: Connection refused"), ["12"]), undefined);
    assertEquals(query.parse(answer(0, "", "", true), ["12"]), undefined);
  }
}

function cancelContract(scheduler: SchedulerAdapter): void {
  assert(!scheduler.cancelMeansGone(answer(1, "")));
  assert(!scheduler.cancelMeansGone(answer(1, "", "error: Connection timed out")));
  assert(!scheduler.cancelMeansGone(answer(1, "", "Permission denied")));
}

function environmentContract(scheduler: SchedulerAdapter): void {
  const cleared = (name: string) =>
    scheduler.clearedEnv.some((entry) =>
      entry.endsWith("*") ? name.startsWith(entry.slice(0, -1)) : entry === name
    );
  for (const entry of scheduler.clearedEnv) assert(/^[A-Z][A-Z0-9_]+\*?$/.test(entry), entry);
  for (const name of scheduler.jobIdVariables) assert(cleared(name), name);
  for (
    const name of ["PATH", "HOME", "USER", "SLURM_CONF", "SGE_ROOT", "FLUX_URI", "LSF_ENVDIR", "PBS_SERVER"]
  ) {
    assert(!cleared(name), name);
  }
}

async function recordedContract(adapter: Adapter, name: string): Promise<void> {
  const folder = new URL(`${name}/`, RECORDED);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name !== "expected.txt"
  );
  assert(names.length > 50);
  const lines = names.sort().map((name) =>
    `${name.replace(".txt", "")}: ${
      explain(adapter, readTranscript(Deno.readFileSync(new URL(name, folder))))
    }`
  );
  const text = `${lines.join("\n")}\n`;
  const expected = new URL("expected.txt", folder);
  if (Deno.env.get("UPDATE")) await Deno.writeTextFile(expected, text);
  assertEquals(text, await Deno.readTextFile(expected));
}
