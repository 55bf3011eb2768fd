import { encodeEvent, journalHead } from "../lib/study/journal/format.ts";
import { studyPaths } from "../lib/paths.ts";
import { isSameState } from "../lib/study/state/same.ts";
import { placeOfCopy, readStateCopy, writeStateCopy } from "../lib/study/state/copy.ts";
import { readState, replay } from "../lib/study/journal/replay.ts";
import type { Study } from "../lib/study/folder.ts";
import type { System } from "../lib/system.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { UserError } from "../lib/errors.ts";
import { assert, assertEquals, assertThrows } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";
import { makePlan, SETTINGS } from "./make.ts";
import { conductLean, leanStudy, leanWorld } from "./world/lean.ts";
import { seededRandom } from "./world/random.ts";
import { randomEvents } from "./world/random_events.ts";

const PLAN = makePlan({
  steps: [["a", "$(A)"], ["b", "x", ["a"]], ["all", "x", ["b_*"]]],
  parameters: { A: ["1", "2", "é"] },
});
const NAMES = PLAN.nodes.map(({ name }) => name);
const STUDY = {
  root: "/s",
  plan: PLAN,
  file: { id: "m1", settings: SETTINGS },
} as unknown as Study;
const { journal, stateCopy } = studyPaths(STUDY.root);
const HEAD = journalHead("1", 0);

/** Files in memory: all that readers and writers of copies ask for. */
function place() {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const system = {
    readBytes: (path: string, offset: number, most: number) =>
      (files.get(path) ?? new Uint8Array()).slice(offset, offset + most),
    replaceBytes(path: string, pieces: readonly Uint8Array[]) {
      files.set(path, Uint8Array.from(pieces.flatMap((piece) => [...piece])));
    },
    facts: (path: string) => files.has(path) ? { size: files.get(path)!.length } : undefined,
  } as unknown as System;
  const note = (events: readonly StudyEvent[], head = HEAD) => {
    files.set(journal, new TextEncoder().encode(head + events.map(encodeEvent).join("")));
  };
  const copy = () => {
    const { progress, read: { part, size: offset } } = replay(system, STUDY);
    writeStateCopy(system, STUDY, progress, { part, offset });
  };
  return { files, system, note, copy };
}

/** Whether a reader takes the copy, having made sure that it sees the same with it. */
function isTaken(system: System, part = 1): boolean {
  assert(isSameState(readState(system, STUDY), replay(system, STUDY).progress), "another state");
  return readStateCopy(system, STUDY, part) !== undefined;
}

Deno.test("a reader who begins with a copy sees the journal's state, whatever happened since", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const events = randomEvents(random, NAMES, 80);
    const cut = random.between(0, events.length);
    const { system, note, copy } = place();
    note(events.slice(0, cut));
    copy();
    assert(isTaken(system), `history ${seed}`);
    note(events);
    assert(isTaken(system), `history ${seed}, all of it`);
    // A copy of a state that was begun with a copy.
    writeStateCopy(system, STUDY, readState(system, STUDY), { part: 1, offset: journalSize(system) });
    assert(isTaken(system), `history ${seed}, copied again`);
  }
});

const journalSize = (system: System) => system.facts(journal)!.size;

Deno.test("a copy that does not belong to the journal, or is not whole, is as if there were none", () => {
  const events = randomEvents(seededRandom(3), NAMES, 80);
  const { files, system, note, copy } = place();
  note(events);
  copy();
  const bytes = files.get(stateCopy)!;
  assert(isTaken(system));
  // The journal lost its end, as in a power cut, and went on otherwise.
  note(events.slice(0, -1));
  assert(!isTaken(system));
  note([...events.slice(0, -1), { ...events.at(-1)!, at: 999_999 }, ...events]);
  assert(!isTaken(system));
  // It is the next part.
  note(events, journalHead("1", 0, { part: 2, kept: 100 }));
  assert(!isTaken(system, 2));
  note(events);
  assert(isTaken(system));
  // Another study's, whose folder was copied over this one.
  const other = { ...STUDY, file: { ...STUDY.file, id: "m2" } };
  assertEquals(readStateCopy(system, other, 1), undefined);
  for (let length = 0; length < bytes.length; length += 7) {
    files.set(stateCopy, bytes.slice(0, length));
    assert(!isTaken(system), `torn after ${length} bytes`);
  }
  const body = bytes.indexOf(10) + 1;
  // The last four bytes mean nothing.
  for (let at = body; at < bytes.length - 4; at++) {
    const damaged = bytes.slice();
    damaged[at]! ^= 1;
    files.set(stateCopy, damaged);
    assert(!isTaken(system), `damaged at ${at}`);
  }
  // Two changes of high bits do not make up for each other.
  const twice = bytes.slice();
  for (const at of [body + 3, body + 11]) twice[at]! ^= 0x80;
  files.set(stateCopy, twice);
  assert(!isTaken(system));
  files.set(stateCopy, bytes);
  assert(isTaken(system));
  // A plan with more nodes.
  assertEquals(readStateCopy(system, { ...STUDY, plan: makePlan({ steps: [["a", "x"]] }) }, 1), undefined);
  // A journal of a later format is refused with a copy as without.
  note(events, HEAD.replace('"journal":1', '"journal":2'));
  assertThrows(() => readState(system, STUDY), UserError, "2");
});

Deno.test("a copy that cannot be read stops nobody", () => {
  const { system, note, copy } = place();
  note(randomEvents(seededRandom(5), NAMES, 80));
  copy();
  const broken = {
    ...system,
    readBytes(path: string, offset: number, most: number) {
      if (path === stateCopy) throw Object.assign(new Error("stale"), { code: "ESTALE" });
      return system.readBytes(path, offset, most);
    },
  };
  assert(!isTaken(broken));
  assertEquals(placeOfCopy(broken, STUDY), undefined);
  assertEquals(placeOfCopy(system, STUDY)?.offset, journalSize(system));
});

Deno.test("texts and values as nobody should write them are the same with a copy", () => {
  const texts = ["\ufeffabc", "cut \ud83d", "", "\0", "\u2028", "é🎉"];
  const odd = NAMES.flatMap((step, i) => [
    { event: "submitting", at: 1, step, attempt: 1 },
    { event: "submitted", at: 2, step, jobId: texts[i % texts.length] },
    { event: "ended", at: 3, step, state: "FAILED", exitCode: null, reason: [null, 7, ...texts][i] },
  ]) as unknown as StudyEvent[];
  const { system, note, copy } = place();
  note([...odd, { event: "relapsed", at: 4, step: NAMES[0]!, state: "WEIRD" } as unknown as StudyEvent]);
  copy();
  assert(isTaken(system));
  const { records, counts } = readState(system, STUDY);
  assertEquals(records.map(({ reason }) => reason).slice(0, 3), [undefined, undefined, "\ufeffabc"]);
  assertEquals([records[0]!.exitCode, counts], [undefined, { FAILED: NAMES.length }]);
});

Deno.test("a conductor leaves a copy where the journal is long, while it works and at its end", async () => {
  for (const [chains, copies] of [[100, 0], [1000, 3]] as const) {
    await inFreshFolder(async (folder) => {
      const root = `${folder}/study`;
      const world = leanWorld(root);
      const study = leanStudy(world, root, chains, 200);
      const written: number[] = [];
      const system: System = {
        ...world.system,
        replaceBytes(path, pieces) {
          assertEquals(path, studyPaths(root).stateCopy);
          world.system.replaceBytes(path, pieces);
          assert(isSameState(readState(world.system, study), replay(world.system, study).progress));
          written.push(world.system.facts(studyPaths(root).journal)!.size);
        },
      };
      await conductLean({ ...world, system }, study);
      // Each after a quarter of a megabyte, and one of the end.
      assertEquals(written.length > copies, copies > 0, `${written}`);
      if (copies > 0) assertEquals(readStateCopy(system, study, 1)?.offset, written.at(-1));
    });
  }
});
