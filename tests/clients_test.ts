/**
 * Talks with schedulers: `tests/clients/*.txt` has cases, with the answers of commands, as YAML:
 *
 *     adapter: slurm
 *     steps: 2
 *     more: {pack: {most: 2, atOnce: 1}}
 *     do:
 *     - on sbatch exit=1 err=bad      what a command answers from now on; `#` is a number that grows
 *     - start                         submits the steps that are ready
 *     - +10s                          time passes, and all work comes to its end
 *     - claim 0 pid 7/host h/         what the job of a step writes
 *     - scripts no template           scripts that lack something cannot be written; `scripts` alone: they can
 *     - look                          what readers see of the last answers
 *     - intend, recover, cancel 0 1, cancelling, idle, room, makes-room
 *
 * Below `---` are the commands, what the client has seen, what that means, and the log.
 */

import { findAdapter } from "../adapters/mod.ts";
import { interpret, takeReady } from "../lib/conduct/decide.ts";
import type { Sighting } from "../lib/conduct/runner.ts";
import { SchedulerClient } from "../lib/conduct/scheduler/client.ts";
import { quote } from "../lib/shell_words.ts";
import { jobFile, jobFolder } from "../lib/paths.ts";
import type { SpecStep, YamlValue } from "../lib/spec/types.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import type { QueueLook } from "../lib/study/queue_look.ts";
import { realSystem, type RunResult } from "../lib/system.ts";
import { readCases } from "./cases.ts";
import { inFreshFolder } from "./maestro.ts";
import { makePlan, SETTINGS } from "./make.ts";

type Words = { [key: string]: YamlValue };

const CASES = new URL("./clients/", import.meta.url);
const START = 1_000_000;
/** What a case shows of the record of a step. */
const SHOWN = ["state", "attempt", "jobId", "cluster", "missingTimes", "exitCode", "reason", "stuck"];

const unescaped = (text: string) => text.replaceAll("/", "\n").replaceAll("~", "/");

function lookWords({ at, jobs }: QueueLook): string {
  const words = [...jobs].map(([node, { attempt: _, ...job }]) => `${node} ${JSON.stringify(job)}`);
  return [`at ${at === undefined ? "no time" : (at - START) / 1000}`, ...words].join("  ");
}

async function talk(root: string, words: Words): Promise<string[]> {
  const adapter = findAdapter(words["adapter"] as string)!;
  const more = words["more"] as (Words & Partial<SpecStep>) | undefined ?? {};
  const pack = more["pack"] as unknown as { most: string; atOnce: string } | undefined;
  const steps = Array.from({ length: Number(words["steps"]) }, (_, i) =>
    [`s${i}`, "x", [], {
      resources: { procs: "1", walltime: "10" },
      ...(pack ? { pack: { most: Number(pack.most), atOnce: Number(pack.atOnce) } } : {}),
    }] as const);
  const plan = makePlan({
    steps: pack ? [["s", "$(P)", [], steps[0]![3]]] : steps,
    more: { batch: { type: adapter.name } },
    ...(pack ? { parameters: { P: steps.map((_, i) => String(i)) } } : {}),
  }, { root });
  const settings = { ...SETTINGS, sleep: 10, attempts: Number(words["attempts"] ?? 1) };
  const progress = newProgress(plan, settings, () => true);
  const out: string[] = [];
  let now = START;
  const say = (text: string) => void out.push(`${(now - START) / 1000} ${text.replaceAll(root, "@ROOT@")}`);
  const write = (level: string) => (text: string) => say(`${level}: ${text}`);
  const log = {
    debug() {},
    info: write("info"),
    warning: write("warning"),
    error: write("error"),
    close() {},
  };
  const answers = new Map<string, string>();
  let id = 0;
  let scriptTrouble: string | undefined;
  const answer = (argv: readonly string[]): RunResult => {
    const program = [argv.slice(0, 2).join(" "), argv[0]!].find((one) => answers.has(one));
    const text = program === undefined ? "" : answers.get(program)!;
    const field = (name: string) => new RegExp(`\\b${name}=(.*?)(?= \\w+=|$)`).exec(text)?.[1] ?? "";
    const filled = (name: string) => unescaped(field(name).replaceAll("#", () => String(++id)));
    if (field("throws") !== "") throw new Error(field("throws"));
    return {
      code: Number(field("exit") || 0),
      stdout: filled("out"),
      stderr: filled("err"),
      timedOut: text.includes("late=yes"),
    };
  };
  const system = {
    ...realSystem([]),
    env: { PATH: "/bin" },
    token: () => "8000000000000000",
    user: "alice",
    now: () => now,
    sleep: (ms: number) => {
      now += ms;
      return Promise.resolve();
    },
    run: async (argv: readonly string[], { input }: { input?: string }) => {
      // The shell that starts bsub is of no interest.
      const own = argv[0] === "/bin/sh" ? argv.slice(argv.lastIndexOf("bsub")) : argv;
      const shown = own[1] === "python" ? ["flux", "python", "..."] : own;
      say(`$ ${shown.map((word) => /^[\w.,:+=@%/{}-]+$/.test(word) ? word : quote(word)).join(" ")}`);
      for (const line of (input ?? "").trim().split("\n")) if (line !== "") say(`  < ${line}`);
      return await Promise.resolve(answer(own));
    },
  };
  const files = { workspace: root, batch: { type: adapter.name }, out: "o", err: "e" };
  const prepare = ({ name }: { name: string }, lacks: ReadonlySet<string>) => {
    if (scriptTrouble !== undefined && lacks.size > 0) throw new Error(scriptTrouble);
    return { ...files, script: `/s/${name}`, jobName: name, resources: {}, lacks };
  };
  const runner = new SchedulerClient({
    ...{ system, progress, scheduler: adapter.scheduler!, log, wake() {}, prepare },
    study: {
      root,
      plan,
      file: {
        version: 1,
        maestro: "0",
        id: "m1",
        createdAt: 0,
        spec: "s",
        settings: SETTINGS,
      },
    },
    ...(pack
      ? {
        preparePack: (members) => ({
          ...files,
          script: `/s/pack-${members.map(({ node }) => node.index).join("-")}`,
          jobName: "pack",
          resources: {},
        }),
      }
      : {}),
  });
  const note = (seen: readonly Sighting[]) => {
    for (const sighting of seen) {
      for (const event of interpret(progress, sighting)) {
        applyEvent(progress, event);
        const { event: what, at, ...fields } = event;
        say(
          `${what} ${Object.entries(fields).map(([key, value]) => `${key}: ${value}`).join("  ")}${
            at === now ? "" : `  at ${(at - START) / 1000}`
          }`,
        );
      }
    }
  };
  const settle = async () => {
    note(runner.sightings());
    for (let round = 0; round < 12; round++) await new Promise((resolve) => setTimeout(resolve));
    note(runner.sightings());
  };
  const intend = (node: number) => {
    const { attempt } = progress.records[node]!;
    applyEvent(progress, {
      event: "submitting",
      at: now,
      step: plan.nodes[node]!.name,
      attempt: attempt + 1,
    });
    return attempt + 1;
  };
  for (const line of words["do"] as string[]) {
    const [word, first = "", ...rest] = line.split(" ");
    out.push(`-- ${line}`);
    if (word!.startsWith("+")) {
      now += Number(/[\d.]+/.exec(word!)![0]) * 1000;
      await settle();
    } else if (word === "on") {
      const two = first === "flux";
      answers.set(two ? `flux ${rest.shift()}` : first, rest.join(" "));
    } else if (word === "start") {
      for (const node of takeReady(progress, now, Number(first || Infinity)).scheduled) {
        runner.start(plan.nodes[node]!, intend(node));
      }
      await settle();
    } else if (word === "intend") {
      for (const { index } of plan.nodes) {
        intend(index);
        Deno.mkdirSync(jobFolder(root, index), { recursive: true });
      }
    } else if (word === "claim") {
      Deno.mkdirSync(jobFolder(root, Number(first)), { recursive: true });
      Deno.writeTextFileSync(
        jobFile(root, Number(first), progress.records[Number(first)]!.attempt),
        unescaped(rest.join(" ")),
      );
    } else if (word === "recover") runner.recover();
    else if (word === "cancel") {
      runner.cancel([first, ...rest].map(Number));
      await settle();
    } else if (word === "cancelling") applyEvent(progress, { event: "cancelling", at: now });
    else if (word === "idle") {
      await runner.idle();
      note(runner.sightings());
    } else if (word === "room") say(`room ${runner.room()}, unreachable ${runner.unreachable}`);
    else if (word === "makes-room") say(`makes room: ${await runner.makesRoom()}`);
    else if (word === "look") say(`look ${lookWords(progress.look)}`);
    else if (word === "scripts") scriptTrouble = rest.length > 0 || first !== "" ? line.slice(8) : undefined;
    else throw new Error(`not an act: ${line}`);
  }
  const { records } = progress;
  return [
    ...out,
    "",
    ...plan.nodes.map(({ name, index }) => `${name} ${JSON.stringify(records[index], SHOWN)}`),
  ];
}

for (const { name } of [...Deno.readDirSync(CASES)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  readCases(
    new URL(name, CASES),
    async (_, text) => (await inFreshFolder((root) => talk(root, parseYaml(text).value as Words))).join("\n"),
  );
}
