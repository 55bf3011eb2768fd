/**
 * What the runner of local steps makes of claims, processes and time. `tests/runners/*.txt` has cases, as YAML:
 *
 *     steps: 2
 *     retry: yes                          steps that ended begin again
 *     do:
 *     - start 0                         a step begins; `here 0` and others: an attempt of an earlier conductor
 *     - claim 0 pid 7/host h/           its runner writes; / ends a line
 *     - end 0 code 3 job 7              its runner tells; `end 0 signal SIGKILL 137`: it has ended itself
 *     - process 7 start 11 words        there is such a process; `process 7` alone: there is none any more
 *     - below 7 yes                     a process of another namespace
 *     - errors 0 7 text/                what the step has said on its standard error
 *     - +250ms                          time passes, and the conductor looks
 *     - recover, cancel 0 1, cancel hard 0, idle
 *
 * Below `---` is what is seen, what is signalled, and what is logged.
 */

import { intent } from "../lib/conduct/decide.ts";
import type { LocalEnd } from "../lib/conduct/local/jobs.ts";
import { localRunner, logBase } from "../lib/conduct/local/runner.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import type { Study } from "../lib/study/folder.ts";
import { jobFile, jobFolder } from "../lib/paths.ts";
import { workspaceOf } from "../lib/plan/node_text.ts";
import type { YamlValue } from "../lib/spec/types.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { realSystem } from "../lib/system.ts";
import { readCases } from "./cases.ts";
import { inFreshFolder } from "./maestro.ts";
import { makePlan, SETTINGS } from "./make.ts";

type Words = { [key: string]: YamlValue };

const CASES = new URL("./runners/", import.meta.url);
const START = 1_000_000;

async function run(root: string, words: Words): Promise<string[]> {
  let now = START;
  const out: string[] = [];
  const say = (text: string) => void out.push(`${(now - START) / 1000} ${text.replaceAll(root, "@ROOT@")}`);
  const plan = makePlan({ steps: Array.from({ length: Number(words["steps"]) }, (_, i) => [`s${i}`, "x"]) }, {
    root,
  });
  const progress = newProgress(plan, SETTINGS, () => false);
  const real = realSystem([]);
  const processes = new Map<number, { start: string; argv: string[] }>();
  const below = new Map<number, boolean>();
  const changed = new Map<string, number>();
  const place = { boot: "boot", namespace: "1", machine: "m", uid: "1000", seesAll: true };
  const system = {
    ...real,
    host: "h",
    place: () => ({ ...place, ...words["place"] as Partial<typeof place> | undefined ?? {} }),
    now: () => now,
    sleep(ms: number) {
      now += ms;
      return Promise.resolve();
    },
    facts(path: string) {
      const facts = real.facts(path);
      return facts && { ...facts, changedAt: changed.get(path) ?? now };
    },
    processStart: (pid: number) => processes.get(pid)?.start,
    commandLine: (pid: number) => processes.get(pid)?.argv,
    livesBelow: (pid: number) => below.get(pid),
    signalStep: (pid: number, signal: string) => say(`${signal} to ${pid}`),
    signalRest(pid: number, which: string, signal: string) {
      say(`${signal} to what ${pid} has left, ${which}`);
      return true;
    },
  };
  const warned = (text: string) => say(`warning: ${text.split("\n")[0]}`);
  const ends = new Map<number, (end: LocalEnd) => void>();
  const attempt = (node: number) => progress.records[node]!.attempt;
  const pathOf = (node: number) => jobFile(root, node, attempt(node));
  let wakes = 0;
  const runner = localRunner({
    ...{ system, study: { root, plan } as unknown as Study, progress, wake: () => void wakes++ },
    jobs: {
      start({ script, logs, jobFile }) {
        say(`start ${script}, logs ${logs}, ${jobFile}`);
        const node = Number(script.split(" ")[1]);
        return { pid: 100 + node, ended: new Promise((resolve) => ends.set(node, resolve)) };
      },
      close() {},
    },
    log: { debug() {}, info() {}, warning: warned, error: warned, close() {} },
    writeScript: ({ index }) => `script ${index}`,
  });
  const look = () => {
    for (const { at, node, see, ...more } of runner.sightings()) {
      const fields = Object.entries(more).map(([key, value]) =>
        `  ${key}: ${typeof value === "object" ? JSON.stringify(value) : value}`
      );
      say(`s${node} ${see}${fields.join("")}${at === now ? "" : `  at ${(at - START) / 1000}`}`);
      const step = plan.nodes[node]!.name;
      if (see === "accepted") {
        const { jobId, host } = more as { jobId: string; host?: string };
        applyEvent(progress, { event: "submitted", at, step, jobId, ...(host ? { host } : {}) });
      } else if (see === "started") applyEvent(progress, { event: "started", at, step });
      else if (see === "refused") applyEvent(progress, { event: "withdrawn", at, step, reason: "x" });
      else if (see === "ended" && words["retry"]) {
        applyEvent(progress, { event: "relapsed", at, step, state: "FAILED", again: "retry" });
      } else if (see === "ended") applyEvent(progress, { event: "ended", at, step, state: "FAILED" });
    }
  };
  for (const line of words["do"] as string[]) {
    const [word, first = "", ...rest] = line.split(" ");
    const node = Number(first);
    const text = rest.join(" ").replaceAll("/", "\n").replaceAll("~", "/").replaceAll(
      "@JOB@",
      () => pathOf(node),
    );
    out.push(`-- ${line}`);
    if (word!.startsWith("+")) {
      const [, number, unit] = /^\+(\d+)(ms|s)$/.exec(word!)!;
      now += Number(number) * (unit === "s" ? 1000 : 1);
      look();
    } else if (word === "start" || word === "here") {
      applyEvent(progress, intent(progress, node, now));
      if (word === "start") runner.start(plan.nodes[node]!, attempt(node));
      else Deno.mkdirSync(jobFolder(root, node), { recursive: true });
    } else if (word === "claim") {
      Deno.writeTextFileSync(pathOf(node), text, { append: true });
      changed.set(pathOf(node), now);
    } else if (word === "changed") changed.set(pathOf(node), START + Number(rest[0]) * 1000);
    else if (word === "remove") Deno.removeSync(pathOf(node));
    else if (word === "show") say(JSON.stringify(system.readTextIfAny(pathOf(node)) ?? "none"));
    else if (word === "end") {
      const [how, value, , more] = rest;
      ends.get(node)!(
        how === "signal"
          ? { runner: { code: Number(rest[2]), signal: value! } }
          : how === "runner"
          ? { runner: { code: Number(value), signal: null } }
          : { code: Number(value), ...(more ? { job: Number(more) } : {}) },
      );
      await new Promise((resolve) => setTimeout(resolve));
      say(`wakes: ${wakes}`);
      look();
    } else if (word === "process") {
      if (rest.length === 0) processes.delete(node);
      else {processes.set(node, {
          start: rest[1]!,
          argv: rest.slice(2).map((one) => one.replace("@ROOT@", root)),
        });}
    } else if (word === "below") below.set(node, rest[0] === "yes");
    else if (word === "errors") {
      const folder = workspaceOf(plan, plan.nodes[node]!);
      Deno.mkdirSync(folder, { recursive: true });
      const [job, ...said] = rest;
      Deno.writeTextFileSync(
        `${folder}/${logBase(plan.nodes[node]!, attempt(node))}.${job}.err`,
        said.join(" ").replaceAll("/", "\n"),
      );
    } else if (word === "recover") {
      runner.recover();
      look();
    } else if (word === "cancel") {
      const hard = first === "hard";
      runner.cancel((hard ? rest : [first, ...rest]).map(Number), hard);
      look();
    } else if (word === "idle") {
      await runner.idle();
      look();
    } else throw new Error(`not an act: ${line}`);
  }
  return out;
}

for (const { name } of [...Deno.readDirSync(CASES)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  readCases(
    new URL(name, CASES),
    async (_, text) => (await inFreshFolder((root) => run(root, parseYaml(text).value as Words))).join("\n"),
  );
}
