/**
 * Studies that are conducted in a world without chance. `tests/conducted/*.txt` has cases: steps, how their runs end, and
 * what happens when. Below `---` are the log of the conductors, the journal, and what really ran. As YAML:
 *
 *     steps:
 *       a: {fates: [exit 3 10s, ok 2s], retry: {limit: 1}}     runs one after the other; an ok one of 3 s behind them
 *       b: {job: true, depends: [a], restart: again}           a job of a scheduler
 *     settings: {throttle: 1}
 *     at: [1s write jobs/0/0.1 pid 7|host h, 1s remove lease, 2s show status.csv, 3s scripts ENOENT,
 *       5s cancel, 10s hold a, 20s kill, 30s start, 40s disk ENOSPC, 50s disk, 60s scheduler down, 70s scheduler up]
 */

import { newOrders, type Orders } from "../lib/conduct/context.ts";
import type { RunResult } from "../lib/system.ts";
import { makeRequest, type StudyRequest } from "../lib/study/requests.ts";
import { checkSpec } from "../lib/spec/spec.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { bindStudy } from "../lib/plan/bind.ts";
import type { YamlValue } from "../lib/spec/types.ts";
import { readCases } from "./cases.ts";
import { journalText, type Life, newStage, type Stage, startLife } from "./world/history.ts";
import { noChance } from "./world/random.ts";
import { GOOD_HABITS } from "./world/scheduler.ts";
import { ROOT, SETTINGS } from "./world/studies.ts";
import { newSystem } from "./world/system.ts";
import type { Fate } from "./world/truth.ts";
import { DAWN } from "./world/world.ts";
import { OPTIONS } from "./make.ts";
import { expand } from "../lib/plan/plan.ts";

type Words = { [key: string]: YamlValue };

Deno.env.set("TZ", "UTC");

const CASES = new URL("./conducted/", import.meta.url);

const msOf = (text: string) => {
  const [, number, unit] = /^([\d.]+)(ms|s|m|h)$/.exec(text)!;
  return Number(number) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as "ms"];
};

/** `ok 3s`, `exit 3 10s`, `timeout 5s code` (which leaves its exit code), `ok 3s again 2` (which its scheduler runs again). */
function fateOf(text: string): Fate {
  const words = text.split(" ");
  const kind = words[0] as Fate["kind"];
  const time = words.find((word) => /^[\d.]+(?:ms|s|m|h)$/.test(word)) ?? "3s";
  const code = kind === "ok" ? 0 : kind === "exit" ? Number(words[1]) : kind === "oom" ? 137 : 143;
  const requeues = Number(/ again (\d+)/.exec(text)?.[1] ?? 0);
  return { kind, code, ms: msOf(time), requeues, leavesCode: words.includes("code") };
}

function scenarioOf({ steps, settings = {}, parameters }: Words) {
  const study = Object.entries(steps as Words).map(([name, words]) => {
    const { job, fates: _, ...run } = words as Words;
    return { name, description: "d", run: { cmd: "true", ...run, ...(job ? { procs: "1" } : {}) } };
  });
  const value = {
    description: { name: "study", description: "d" },
    study,
    ...(parameters ? { "global.parameters": parameters } : {}),
  };
  const { spec, problems } = checkSpec(value as YamlValue, [{ name: "local", batchKeys: [] }]);
  const bound = spec && bindStudy(spec, { ...OPTIONS, root: ROOT }).study;
  if (!bound) throw new Error(problems.map(({ message }) => message).join("\n"));
  const fates = expand(bound, () => "").nodes.map(({ step, combo }) => {
    const all = ((steps as Words)[step.name] as Words)["fates"] as string[] | undefined;
    return (all ?? []).filter((text) => !text.includes(" of ") || text.endsWith(` of ${combo + 1}`)).map(
      fateOf,
    );
  });
  const numbers = Object.fromEntries(
    Object.entries(settings as Words).map(([key, text]) => [key, Number(text)]),
  );
  return { study: { ...bound, batch: { type: "fake" } }, settings: { ...SETTINGS, ...numbers }, fates };
}

/** What happens in a case beside its conductors. */
class Play {
  readonly said: string[] = [];
  readonly lives: Life[] = [];
  private orders: Orders = newOrders();

  constructor(readonly stage: Stage) {
    const { world } = stage;
    const { scheduler } = world;
    const { command } = scheduler;
    scheduler.command = (argv, timeoutMs, answer) => {
      if (!["queue", "accounting"].includes(argv[0]!)) {
        this.say(`$ ${argv.map((word) => word.replace(ROOT, "")).join(" ")}`);
      }
      command(argv, timeoutMs, (result: RunResult) => answer(result));
    };
    // Log lines and these are in one order.
    this.said = stage.log;
  }

  say(text: string): void {
    const { clock } = this.stage.world;
    this.said.push(`${((clock.now() - DAWN) / 1000).toFixed(1)} ${text}`);
  }

  do(text: string): void {
    const { world } = this.stage;
    const [word, first, ...more] = text.split(" ");
    this.say(`-- ${text}`);
    switch (word) {
      case "start":
        return this.start(first, more[0], more.slice(1));
      case "kill":
        return this.lives.at(-1)!.process.onSignal?.("SIGKILL");
      case "freeze":
        return void (this.lives.at(-1)!.process.frozenUntil = world.clock.now() + msOf(first!));
      case "power":
        return world.losePower(world.host(first!));
      case "stop":
      case "cancelling":
        Object.assign(
          this.orders,
          word === "stop" ? { stop: true } : { cancel: true, kill: first === "hard" },
        );
        return this.orders.wake();
      case "scripts":
        return void (this.stage.scriptTrouble = first);
      case "write":
      case "append": {
        const path = `${ROOT}/.maestro/${first}`.replace(/\/\.maestro\/\.\./, "");
        world.files.makeDirectory(path.slice(0, path.lastIndexOf("/")));
        return world.files[word]("laptop", path, more.join(" ").replaceAll("|", "\n"));
      }
      case "remove":
        return world.files.remove(`${ROOT}/.maestro/${first}`);
      case "show":
        return this.show(first === "." ? ROOT : `${ROOT}/${first}`);
      case "disk":
        return void (world.files.trouble = first);
      case "reading":
        return void (world.files.readTrouble = first);
      case "scheduler":
        if (first === "up" || first === "down") world.scheduler.down = first === "down";
        else world.scheduler.habits = { ...GOOD_HABITS, ...first ? { [first]: Number(more[0]) } : {} };
        return;
    }
    const system = newSystem(world, world.spawn(world.host("laptop"), ["maestro", word!]), { calls: 0 });
    const steps = [first, ...more].filter((one) => one !== undefined);
    const request = word === "update"
      ? {
        ask: word,
        settings: Object.fromEntries(steps.map((one) => [one.split("=")[0], Number(one.split("=")[1])])),
      }
      : { ask: word, ...(steps.length > 0 ? { steps } : {}) };
    makeRequest(system, ROOT, request as StudyRequest);
  }

  /** A file, or the names in a folder. */
  private show(path: string): void {
    const { files } = this.stage.world;
    if (files.facts(path)?.isDirectory) return this.say(`   ${files.list(path).join(" ")}`);
    const text = (files.read(path) ?? "(none)").replace(
      /\d{13}/g,
      (time) => `@${(Number(time) - DAWN) / 1000}`,
    );
    for (const line of text.trimEnd().split("\n")) this.say(`   ${line}`);
  }

  private start(host = "login1", mode = "whole", settings: readonly string[] = []): void {
    this.orders = newOrders();
    const life = startLife(this.stage, this.stage.world.host(host), {
      mode: mode as "whole",
      orders: this.orders,
      settings: Object.fromEntries(settings.map((one) => [one.split("=")[0], Number(one.split("=")[1])])),
    });
    this.lives.push(life);
    life.end.then((end) => this.say(`== ${end instanceof Error ? end.message : end ?? "killed"}`));
  }
}

async function play(_: string, text: string): Promise<string> {
  const words = parseYaml(text).value as Words;
  const stage = newStage(1, scenarioOf(words), noChance());
  const { world } = stage;
  const acts = (words["at"] as string[] | undefined ?? []).map((act) =>
    /^(\S+) (.*)$/.exec(act)!.slice(1) as [string, string]
  );
  const done = new Play(stage);
  const habits = words["habits"] as Words | undefined;
  Object.assign(world.scheduler, {
    habits: {
      ...GOOD_HABITS,
      ...Object.fromEntries(Object.entries(habits ?? {}).map(([key, value]) => [key, Number(value)])),
    },
  });
  if (!acts.some(([time]) => time === "0s")) done.do("start");
  let last = 0;
  for (const [time, act] of acts) {
    world.clock.after(msOf(time), () => done.do(act));
    last = Math.max(last, msOf(time));
  }
  const over = async () => {
    await new Promise<void>((resolve) => world.clock.after(last + 1, resolve));
    await Promise.all(done.lives.map(({ end }) => end));
    // What goes on without a conductor.
    await new Promise<void>((resolve) => world.clock.after(60_000, resolve));
  };
  await world.clock.run(over(), DAWN + 24 * 3_600_000);
  world.files.trouble = world.files.readTrouble = undefined;
  return [...stage.log, "", ...journal(stage), "", ...executions(stage)].join("\n");
}

const seconds = (time: unknown) => typeof time === "number" ? ((time - DAWN) / 1000).toFixed(1) : "-";

function journal(stage: Stage): string[] {
  return journalText(stage).trim().split("\n").slice(1).map((line) => {
    if (!line.endsWith("}")) return `torn: ${line}`;
    // Names of requests have random parts.
    const { event, at, step, request: _, ...more } = JSON.parse(line);
    const shown = Object.entries(more).map(([key, value]) =>
      `${key}: ${
        /At$|^notBefore$/.test(key)
          ? seconds(value)
          : typeof value === "object"
          ? JSON.stringify(value)
          : value
      }`
    );
    return [`${seconds(at)} ${event}`, ...(step ? [step] : []), ...shown].join("  ");
  });
}

function executions({ world, study }: Stage): string[] {
  return world.truth.executions.map(({ node, attempt, host, restart, from, to, again, fate }) =>
    [
      `${seconds(from)}-${seconds(to)} ${study.plan.nodes[node]!.name} attempt ${attempt} on ${host}`,
      ...(restart ? ["restart"] : []),
      ...(again ? ["again"] : []),
      fate ? `${fate.kind} ${fate.code}` : "cut short",
    ].join("  ")
  );
}

for (const { name } of [...Deno.readDirSync(CASES)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  readCases(new URL(name, CASES), play);
}
