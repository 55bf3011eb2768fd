/** Requests that other commands leave for the conductor: which files are requests, and when they go. */

import { conduct } from "../lib/conduct/loop.ts";
import { openStudy } from "../lib/study/folder.ts";
import { thisMachine } from "../mod.ts";
import { Endings, Requests } from "../lib/conduct/carry_out.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import { makeRequest, waitingRequests } from "../lib/study/requests.ts";
import { type ConductorContext, newOrders } from "../lib/conduct/context.ts";
import { realSystem, type System } from "../lib/system.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { basename } from "@std/path";
import { assertEquals } from "./assert.ts";
import { inFreshFolder, runIn } from "./maestro.ts";
import { makePlan, SETTINGS } from "./make.ts";
import { chain, layOut, textOf } from "./real_study.ts";

Deno.test("a request's file stays until what it caused is on disk", () =>
  inFreshFolder((root) => {
    const system = { ...realSystem([]), now: () => now };
    let now = 1_000_000;
    let takes = false;
    const noted: StudyEvent[][] = [];
    const logged: string[] = [];
    const note = (events: readonly StudyEvent[]) => void noted.push([...events]);
    const context = {
      system,
      study: { root },
      progress: newProgress(makePlan({ steps: [["a", "x"]] }, { root }), SETTINGS, () => false),
      ledger: { note, flush: () => takes },
      options: { orders: newOrders(), log: { info: (text: string) => void logged.push(text) } },
    } as unknown as ConductorContext;
    const requests = new Requests(context, { force() {} });
    const left = () => waitingRequests(system, root).length;
    const asked = makeRequest(system, root, { ask: "hold", steps: ["a"] });
    now += 1;
    makeRequest(system, root, {
      ask: "update",
      settings: { throttle: 3, rlimit: 2, sleep: 5, localJobs: 9 },
    });
    requests.take();
    const events: StudyEvent[][] = [
      [{ event: "held", at: now, step: "a" }],
      [{ event: "updated", at: now, settings: { throttle: 3, rlimit: 2, sleep: 5, localJobs: 9 } }],
    ];
    // While the disk takes no more nothing is begun.
    assertEquals([noted.length, logged.length, left()], [0, 0, 2]);
    takes = true;
    // The next look is half a second later.
    now += 499;
    requests.take();
    assertEquals([noted.length, left()], [0, 2]);
    now += 1;
    for (const [event] of events) Object.assign(event!, { at: now });
    Object.assign(events[0]![0]!, { request: basename(asked) });
    requests.take();
    assertEquals(noted.splice(0), events);
    assertEquals(logged.splice(0), [
      "Asked to hold 1 steps.",
      "Updating throttle from 0 to 3",
      "Updating restart limit to 2",
      "Updating conductor sleep time from 60 to 5",
      "Updating local jobs from 4 to 9",
    ]);
    assertEquals(left(), 0);
    return Promise.resolve();
  }));

Deno.test("requests: one whose effect is in the journal is not carried out again, by whichever conductor", () =>
  inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("echo ran >>../../ledger"));
    assertEquals((await runIn(folder, ["maestro", "conduct", root])).code, 0);
    const system = thisMachine();
    const file = makeRequest(system, root, { ask: "rerun", steps: ["s1"] });
    const text = textOf(file);
    for (let i = 0; i < 2; i++) {
      // As if the conductor had died before it removed the file.
      Deno.writeTextFileSync(file, text);
      assertEquals((await runIn(folder, ["maestro", "conduct", root])).code, 0);
      assertEquals([textOf(`${folder}/ledger`), textOf(file)], ["ran\nran\n", ""]);
    }
  }));

Deno.test("requests: what is none, and what a later version asks for, is kept and in the log once", () =>
  inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("sleep 1", "true"));
    const requests = `${root}/.maestro/requests`;
    Deno.mkdirSync(`${requests}/3.json`, { recursive: true });
    Deno.writeTextFileSync(`${requests}/1.json`, '{"ask":"explode","steps":[]}');
    Deno.writeTextFileSync(`${requests}/2.json`, "words");
    const pipe = await new Deno.Command("mkfifo", { args: [`${requests}/4.json`] }).output();
    assertEquals([pipe.success, (await runIn(folder, ["maestro", "conduct", root])).code], [true, 0]);
    const log = textOf(`${root}/logs/chain.log`).split("\n").filter((line) => line.includes(".json"));
    assertEquals(log.map((line) => line.replace(/^.*\/requests\//, "")), [
      "1.json asks for what only a later version knows: it is kept for that one.",
      ...[2, 3, 4].map((number) => `${number}.json is not a request: it is ignored.`),
    ]);
    assertEquals([...Deno.readDirSync(requests)].length, 4);
  }));

Deno.test("requests: an update with a number of any length", () =>
  inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("true"));
    Deno.writeTextFileSync(
      `${root}/.study.update.lock`,
      `throttle: ${"9".repeat(400)}\nrlimit: null\nsleep: 7\n`,
    );
    assertEquals((await runIn(folder, ["maestro", "conduct", root])).code, 0);
    assertEquals(textOf(`${root}/.study.update.lock`), "");
    const [, settings] = /"event":"updated".*"settings":(\{[^}]*\})/.exec(
      textOf(`${root}/.maestro/journal.jsonl`),
    )!;
    assertEquals(JSON.parse(settings!), { sleep: 7, throttle: Number.MAX_SAFE_INTEGER });
  }));

const REQUESTS = [
  { ask: "cancel" },
  { ask: "cancel", steps: ["a", "b"] },
  { ask: "hold", steps: [] },
  { ask: "release", steps: ["a"] },
  { ask: "rerun", steps: ["a"] },
  { ask: "update", settings: { throttle: 0, rlimit: 3, sleep: 0.5, localJobs: 1 } },
];

const NO_REQUESTS = [
  ...["", "{", "null", "5", "[]", '"words"', "{}", "\0\0", '{"ask":null}', '{"ask":"explode"}'],
  ...['{"ask":"constructor","steps":[]}', '{"ask":"cancel","steps":5}', '{"ask":"hold"}'],
  ...['{"ask":"hold","steps":["a",null]}', '{"ask":"rerun","steps":[["a"]]}', '{"ask":"update"}'],
  ...['{"ask":"update","settings":[]}', '{"ask":"update","settings":{}}', '{"ask":"update","settings":null}'],
  ...['{"ask":"update","settings":{"throttle":"2"}}', '{"ask":"update","settings":{"sleep":-5}}'],
  ...['{"ask":"update","settings":{"localJobs":0}}', '{"ask":"update","settings":{"constructor":1}}'],
];

Deno.test("requests: valid ones are read, others are skipped", async () => {
  await inFreshFolder(async (folder) => {
    const requests = `${folder}/.maestro/requests`;
    await Deno.mkdir(requests, { recursive: true });
    const texts = [...REQUESTS.map((request) => JSON.stringify(request)), ...NO_REQUESTS];
    for (const [i, text] of texts.entries()) {
      await Deno.writeTextFile(`${requests}/${String(i).padStart(3, "0")}.json`, text);
    }
    assertEquals(
      waitingRequests(thisMachine(), folder).map(({ request }) => request as unknown),
      REQUESTS,
    );
  });
});

Deno.test("requests: a conductor finishes a study beside files that are no requests", async () => {
  await inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("true"));
    await Deno.mkdir(`${root}/.maestro/requests`);
    for (const [i, text] of NO_REQUESTS.entries()) {
      await Deno.writeTextFile(`${root}/.maestro/requests/${i}.json`, text);
    }
    const { code, stderr } = await runIn(folder, ["maestro", "conduct", root]);
    assertEquals(code, 0, stderr);
  });
});

Deno.test("requests: a cancel waits until the journal can be written", async () => {
  await inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("touch ran"));
    const machine = thisMachine();
    const study = await openStudy(machine, root);
    const lock = `${study.root}/.cancel.lock`;
    await Deno.writeTextFile(lock, "");
    const full = () => {
      throw Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
    };
    const quiet = () => {};
    const log = { debug: quiet, info: quiet, warning: quiet, error: quiet, close: quiet };
    const carryOut = (system: System) =>
      conduct(system, study, {
        ...{ log, mode: "requests", orders: newOrders() } as const,
        ...{ isScheduled: () => false, writeScript: () => "" },
      });
    assertEquals(await carryOut({ ...machine, openAppend: full }), "unfinished");
    assertEquals(machine.facts(lock)?.size, 0);
    assertEquals(await carryOut(machine), "cancelled");
    assertEquals([machine.facts(lock), textOf(`${study.root}/s1/ran`)], [undefined, ""]);
  });
});

Deno.test("steps that are to end are asked once, and made to end after five seconds; a scheduler's after a minute", () => {
  const plan = makePlan({ steps: [["here", "x"], ["job", "x"], ["idle", "x"]] });
  const progress = newProgress(plan, SETTINGS, (node) => node === 1);
  for (const step of ["here", "job"]) applyEvent(progress, { event: "submitting", at: 0, step, attempt: 1 });
  const asked: string[] = [];
  const runner = (name: string) => ({
    cancel: (nodes: readonly number[], kill: boolean) => void asked.push(`${name} ${nodes} ${kill}`),
  });
  let now = 1000;
  const orders = newOrders();
  const context = {
    system: { now: () => now },
    progress,
    options: { orders },
    local: runner("local"),
    scheduled: runner("scheduled"),
  } as unknown as ConductorContext;
  let endings = new Endings(context);
  const at = (time: number) => {
    now = time;
    endings.press();
    return asked.splice(0);
  };
  assertEquals(at(1000), []);
  // One step alone.
  applyEvent(progress, { event: "cancelling", at: 900, step: "here" });
  assertEquals([at(900), at(901)], [["local 0 false"], []]);
  endings = new Endings(context);
  applyEvent(progress, { event: "cancelling", at: 1000 });
  const table: [time: number, cancels: string[]][] = [
    [1000, ["local 0 false", "scheduled 1 false"]],
    [1001, []],
    [6000, []],
    [6001, ["local 0 true"]],
    [6002, []],
    [61_000, ["local 0 true"]],
    [61_001, ["scheduled 1 true"]],
  ];
  for (const [time, cancels] of table) assertEquals(at(time), cancels, String(time));
  orders.kill = true;
  assertEquals(at(61_002), ["local 0 true", "scheduled 1 true"]);
});
