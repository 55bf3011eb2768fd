import { decodeJournal, encodeEvent } from "../lib/study/journal/format.ts";
import { journalReader, readHead } from "../lib/study/journal/reader.ts";
import { journalPiece, studyPaths } from "../lib/paths.ts";
import { isSameState } from "../lib/study/state/same.ts";
import { replay, replayWithEvents } from "../lib/study/journal/replay.ts";
import type { Study } from "../lib/study/folder.ts";
import { shortenJournal } from "../lib/study/journal/swap.ts";
import type { System } from "../lib/system.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { assert, assertEquals } from "./assert.ts";
import { runIn } from "./hosted.ts";
import { chain, hasEvent, inStudyFolder, journalLines, layOut, textOf } from "./real_study.ts";
import { seededRandom } from "./world/random.ts";
import { layOutScenario, randomScenario } from "./world/studies.ts";
import { type Doom, Killed, newSystem } from "./world/system.ts";
import { newTruth } from "./world/truth.ts";
import { newWorld } from "./world/world.ts";

interface Place {
  readonly study: Study;
  /** A separate process. */
  spawn(doom?: Omit<Doom, "calls">): { system: System; doom: Doom };
}

/** A study in a separate world, in which a step was withdrawn again and again. */
function place(seed: number, torn = ""): Place {
  const scenario = randomScenario(seededRandom(7), false);
  const world = newWorld(seededRandom(seed), newTruth(scenario.fates));
  const host = world.host("login1");
  const spawn = (given: Omit<Doom, "calls"> = {}) => {
    const doom = { ...given, calls: 0 };
    return { system: newSystem(world, world.spawn(host, ["maestro"]), doom), doom };
  };
  const { system } = spawn();
  const study = layOutScenario(system, scenario);
  append(system, study, rounds(study, 1));
  const file = system.openAppend(studyPaths(study.root).journal);
  file.append(torn);
  file.sync();
  return { study, spawn };
}

function rounds({ plan }: Study, from: number): StudyEvent[] {
  const step = plan.nodes[0]!.name;
  const at = from;
  return Array.from({ length: 10 }, (_, i): StudyEvent[] => [
    { event: "taken", at, host: "login1", pid: 1 },
    { event: "submitting", at, step, attempt: from + i },
    { event: "withdrawn", at, step, reason: "no slot" },
  ]).flat();
}

function append(system: System, { root }: Study, events: readonly StudyEvent[]): void {
  const file = system.openAppend(studyPaths(root).journal);
  file.append(events.map(encodeEvent).join(""));
  file.sync();
  file.close();
}

function shorten(system: System, study: Study) {
  const { progress } = replay(system, study);
  return shortenJournal({ system, study, progress, isOurs: () => true, room: 0 });
}

Deno.test("a journal is made shorter; what it was stays beside it, byte for byte", () => {
  const { study, spawn } = place(1, '{"event":"started","at":5,"st');
  const { system } = spawn();
  const { journal } = studyPaths(study.root);
  const old = system.readText(journal);
  const before = replayWithEvents(system, study);
  assertEquals(shorten(system, study), "swapped");
  assertEquals(system.readText(journalPiece(study.root, 1)), old);
  const text = system.readText(journal);
  const head = readHead(system, journal);
  assertEquals([head.part, head.length + head.kept], [2, text.length]);
  // The first attempt, the last one, and who took it last.
  assertEquals(decodeJournal(text).events.length, 5);
  const after = replayWithEvents(system, study);
  assert(isSameState(before.progress, after.progress), "another state");
  assertEquals(after.events, before.events);
  assertEquals([before.read.torn, replay(system, study).read.torn], [true, false]);
  // It is short now.
  assertEquals(shorten(system, study), "short");
  append(system, study, rounds(study, 11));
  assertEquals(shorten(system, study), "swapped");
  assertEquals(readHead(system, journal).part, 3);
  assertEquals(replayWithEvents(system, study).events, [...before.events, ...rounds(study, 11)]);
  // Deleting the pieces loses the history, but no state.
  system.removeFile(journalPiece(study.root, 1));
  assertEquals(replayWithEvents(system, study).events.length, 5 + 30);
  system.removeFile(journalPiece(study.root, 2));
  assertEquals(replayWithEvents(system, study).events, decodeJournal(system.readText(journal)).events);
});

Deno.test("a death during the swap, at any call and of the whole machine, loses nothing", () => {
  let deaths = 0;
  for (let seed = 1; seed <= 6; seed++) {
    for (let atCall = 1;; atCall++) {
      const { study, spawn } = place(seed);
      const reader = spawn().system;
      const before = replayWithEvents(reader, study);
      const { system, doom } = spawn({ atCall, ...(seed % 2 === 0 ? { losesPower: true as const } : {}) });
      let died = false;
      try {
        shorten(system, study);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        died = true;
      }
      const next = spawn().system;
      const where = `call ${atCall} of ${doom.calls}, world ${seed}`;
      for (let again = 0; again < 2; again++) {
        const after = replayWithEvents(next, study);
        assert(isSameState(before.progress, replay(next, study).progress), `another state: ${where}`);
        assertEquals(after.events, before.events, where);
        // The next conductor may do the same.
        shorten(next, study);
      }
      if (!died) break;
      deaths++;
    }
  }
  assert(deaths > 60, `only ${deaths} deaths`);
});

Deno.test("an unwritable journal, or another conductor's, remains unchanged", () => {
  const { study, spawn } = place(1);
  const { system } = spawn();
  const old = system.readText(studyPaths(study.root).journal);
  const { progress } = replay(system, study);
  const swap = { system, study, progress, isOurs: () => true, room: 0 };
  const full = () => {
    throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  };
  assertEquals(shortenJournal({ ...swap, system: { ...system, openAppend: full } }), {
    trouble: "No space left on device",
  });
  assertEquals(shortenJournal({ ...swap, isOurs: () => false }), {
    trouble: "another conductor has taken the study",
  });
  assertEquals(shortenJournal({ ...swap, system: { ...system, host: "login2" } }), "short");
  assertEquals(shortenJournal({ ...swap, room: undefined }), "short");
  const other = { ...progress, unended: progress.unended + 1 };
  assertEquals(shortenJournal({ ...swap, progress: other }), {
    trouble: "a shorter one would not give the same state",
  });
  assertEquals(system.readText(studyPaths(study.root).journal), old);
});

Deno.test("who follows a journal misses nothing and hears nothing twice, whenever it is swapped", () => {
  let swaps = 0;
  for (let first = 1;; first++) {
    const { study, spawn } = place(first);
    const { system } = spawn();
    let reads = 0;
    let swapped = false;
    // Another process swaps it between two reads of the follower.
    const watched: System = {
      ...system,
      readBytes(path, offset, most) {
        if (++reads % first === 0 && swaps < 1000 && !swapped) {
          const other = spawn().system;
          append(other, study, rounds(study, 11));
          assertEquals(shorten(other, study), "swapped");
          append(other, study, rounds(study, 21));
          swapped = true;
          swaps++;
        }
        return system.readBytes(path, offset, most);
      },
    };
    const read = journalReader(watched, study.root);
    let text = read();
    text += read();
    text += read();
    if (!swapped) break;
    const expected = [1, 11, 21].flatMap((from) => rounds(study, from));
    assertEquals(decodeJournal(text).events, expected, `swapped at read ${first}`);
    // And who reads the state has one of those that there were.
    assertEquals(replay(system, study).progress.records[0]!.attempt, 30);
  }
  assert(swaps > 8, `only ${swaps} swaps`);
});

Deno.test("who reads a journal while it is swapped reads one of the two, whole", () => {
  for (let atRead = 1;; atRead++) {
    const { study, spawn } = place(1);
    const { system } = spawn();
    const expected = replayWithEvents(system, study);
    let reads = 0;
    // Whole lines in small pieces, so that it may happen between two of them.
    const small: System = {
      ...system,
      readBytes(path, offset, most) {
        if (++reads === atRead) assertEquals(shorten(spawn().system, study), "swapped");
        const bytes = system.readBytes(path, offset, Math.min(most, 200));
        return bytes.subarray(0, bytes.lastIndexOf(10) + 1);
      },
    };
    const { progress } = replay(small, study);
    assert(isSameState(expected.progress, progress), `another state, swapped at read ${atRead}`);
    assertEquals(replayWithEvents(small, study).events, expected.events, `swapped at read ${atRead}`);
    if (reads >= atRead) continue;
    assert(atRead > 20, `only ${atRead} reads`);
    return;
  }
});

Deno.test("a study that was resumed for years is conducted, shown and followed as before", async () => {
  await inStudyFolder(async (folder) => {
    const root = await layOut(folder, chain("echo one >>../../ledger"));
    const line = (at: number) => encodeEvent({ event: "taken", at, host: Deno.hostname(), pid: 7 });
    const journal = `${root}/.maestro/journal.jsonl`;
    const many = Array.from({ length: 25_000 }, (_, i) => line(i + 1)).join("");
    Deno.writeTextFileSync(journal, many, { append: true });
    const old = textOf(journal);
    assertEquals((await runIn(folder, ["maestro", "conduct", root])).code, 0);
    assertEquals(textOf(`${folder}/ledger`), "one\n");
    assertEquals(textOf(`${root}/.maestro/journal.1.jsonl`), old);
    assert(journalLines(root).length < 12, `${journalLines(root).length} lines`);
    assert(hasEvent(root, "closed"), "it was not closed");
    const events = await runIn(folder, ["maestro", "events", "--json", root]);
    assert(events.stdout.startsWith(old), "events shows other beginnings");
    // What was kept of it, its last line, does not come a second time.
    const since = decodeJournal(events.stdout.slice(old.length)).events;
    assertEquals(since, decodeJournal(textOf(journal)).events.slice(1));
    assertEquals((await runIn(folder, ["maestro", "wait", root])).code, 0);
    const exported = await runIn(folder, ["maestro", "export", root]);
    assertEquals(exported.code, 0, exported.stderr);
  });
});

Deno.test("a journal has room for what each step may write, and more of many steps", () => {
  for (const [steps, bytes, result] of [[1, 1_100_000, "swapped"], [300, 1_100_000, "short"]] as const) {
    const { study, spawn } = place(1);
    const { system } = spawn();
    const file = system.openAppend(studyPaths(study.root).journal);
    file.append(`${"x".repeat(bytes)}\n`);
    file.close();
    const { progress } = replay(system, study);
    const plan = { ...study.plan, nodes: { length: steps } } as unknown as Study["plan"];
    const swap = { system, study: { ...study, plan }, progress, isOurs: () => true };
    assertEquals(shortenJournal(swap), result, `${steps}`);
  }
});
