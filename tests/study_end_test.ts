/** Every reader of a study agrees on whether and how it has ended, whatever its journal holds. */

import type { Context } from "../lib/app/context.ts";
import cancel from "../lib/commands/cancel.ts";
import events from "../lib/commands/events.ts";
import list from "../lib/commands/list.ts";
import resume from "../lib/commands/resume.ts";
import status from "../lib/commands/status.ts";
import update from "../lib/commands/update.ts";
import wait from "../lib/commands/wait.ts";
import { hookOf } from "../lib/conduct/hooks.ts";
import { studyPaths } from "../lib/paths.ts";
import { openStudy } from "../lib/study/folder.ts";
import { encodeEvent, journalHead } from "../lib/study/journal/format.ts";
import { STUDY_STATE, type StudyEnd } from "../lib/study/states.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { realSystem, type System, type Terminal } from "../lib/system.ts";
import { assert, assertEquals } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";
import { chain, layOut } from "./real_study.ts";
import { type Random, seededRandom } from "./world/random.ts";
import { randomEvents } from "./world/random_events.ts";

const JOURNALS = 200;
const ENDS: readonly StudyEnd[] = ["finished", "failed", "cancelled"];

/** A random journal. Of three, one has ended, one has also recorded it, and both go on with events that start nothing. */
function randomJournal(random: Random, names: readonly string[]): StudyEvent[] {
  const all = randomEvents(random, names, 40);
  const kind = random.pick(["any", "ended", "closed"] as const);
  const step = random.pick(names);
  if (kind !== "any") {
    for (const step of names) {
      all.push({ event: "ended", at: 50, step, state: random.pick(["FINISHED", "FAILED", "CANCELLED"]) });
    }
  }
  if (kind === "closed") all.push({ event: "closed", at: 60, state: random.pick(ENDS) });
  const harmless: readonly StudyEvent[] = [
    { event: "updated", at: 70, settings: { throttle: 3 } },
    { event: "taken", at: 70, host: "h", pid: 1 },
    { event: "held", at: 70, step },
    { event: "started", at: 70, step },
    { event: "cancelling", at: 70, step },
  ];
  for (let left = random.between(0, 3); left > 0; left--) all.push(random.pick(harmless));
  return all;
}

class StillGoing extends Error {}

/** Runs a command. `undefined`: it would wait. */
async function run(command: (context: Context) => Promise<void>) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = (to: string[]): Terminal => ({
    write: (text) => void to.push(String(text)),
    say: (text) => void to.push(text),
    ...{ isTerminal: false, columns: () => 80, rows: () => 24 },
  });
  let asleep = false;
  const system: System = {
    ...realSystem([]),
    sleep() {
      asleep = true;
      return Promise.reject(new StillGoing());
    },
    isAnswered: () => Promise.resolve(false),
    ...{ stdout: terminal(out), stderr: terminal(err) },
  };
  const context = { system, version: "0", globals: {}, exitCode: -1 } as unknown as Context;
  await command(context);
  return { code: asleep ? undefined : context.exitCode, out: out.join(""), err: err.join("") };
}

/** What each reader makes of the end: a state, or undefined while the study goes on. */
async function readers(root: string): Promise<Record<string, string | undefined>> {
  const ended = (code: number | undefined) => ENDS.find((end) => STUDY_STATE[end].exit === code);
  const folder = root.slice(0, root.lastIndexOf("/"));
  const seen = {
    status: await run((context) => status.call(context, { "exit-code": true, json: true }, root)),
    watch: await run((context) => status.call(context, { "exit-code": true, watch: true }, root)),
    wait: await run((context) => wait.call(context, {}, root)),
    list: await run((context) => list.call(context, { json: true }, folder)),
    events: await run((context) => events.call(context, { follow: true, json: true }, root)),
    update: await run((context) => update.call(context, {}, root)),
    cancel: await run((context) => cancel.call(context, {}, root)),
  };
  const word = JSON.parse(seen.list.out).studies[0].state;
  const shown = JSON.parse(seen.status.out).state;
  const isEnd = (state: string): boolean => (ENDS as readonly string[]).includes(state);
  return {
    status: ended(seen.status.code),
    shown: isEnd(shown) ? shown : undefined,
    watch: ended(seen.watch.code),
    wait: ended(seen.wait.code),
    list: isEnd(word) ? word : undefined,
    follow: seen.events.code === 0 ? shown : undefined,
    update: /ended \((\w+)\)/.exec(seen.update.err)?.[1],
    cancel: /already (\w+)/.exec(seen.cancel.err)?.[1],
  };
}

Deno.test("all readers agree on the end of a study, over random journals", () =>
  inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("true"));
    const { plan } = await openStudy(realSystem([]), root);
    const names = plan.nodes.map(({ name }) => name);
    const found = new Map<string, number>();
    for (let seed = 1; seed <= JOURNALS; seed++) {
      const journal = randomJournal(seededRandom(seed), names);
      Deno.writeTextFileSync(
        studyPaths(root).journal,
        journalHead("1", 0) + journal.map(encodeEvent).join(""),
      );
      const seen = await readers(root);
      const { status } = seen;
      for (const [reader, end] of Object.entries(seen)) {
        assertEquals(end, status, `journal ${seed}: ${reader}`);
      }
      found.set(String(status), (found.get(String(status)) ?? 0) + 1);
      if (status === undefined) continue;
      const hook = hookOf({ event: "closed", at: 1, state: status as StudyEnd });
      assertEquals(hook, status === "cancelled" ? undefined : status);
    }
    for (const end of [...ENDS, "undefined"]) assert((found.get(end) ?? 0) > 5, `${end}: ${found.get(end)}`);
  }));

Deno.test("resume of a study with a recorded end: with -fg, the exit code is the study's", () =>
  inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("true"));
    for (const end of ENDS) {
      const closed = encodeEvent({ event: "closed", at: 1, state: end });
      Deno.writeTextFileSync(studyPaths(root).journal, journalHead("1", 0) + closed);
      for (const fg of [true, false]) {
        const { code, err } = await run((context) => resume.call(context, { fg }, root));
        assertEquals([code, err.includes(`is ${end}: nothing to do`)], [
          fg ? STUDY_STATE[end].exit : 0,
          true,
        ]);
      }
    }
  }));
