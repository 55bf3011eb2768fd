/** The ledger: when what is known reaches the journal, and when it is waited for the disk. */

import { assert, assertEquals } from "./assert.ts";
import { decodeJournal } from "../lib/study/journal/format.ts";
import { openLedger } from "../lib/study/journal/writer.ts";
import { newProgress } from "../lib/study/state/fold.ts";
import type { System } from "../lib/system.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { makePlan } from "./make.ts";
import { SETTINGS } from "./world/studies.ts";

const intent = (step: string): StudyEvent => ({ event: "submitting", at: 1, step, attempt: 1 });
const started = (step: string): StudyEvent => ({ event: "started", at: 2, step });

Deno.test("ledger: one write for what is gathered, a sync only for intents that ask for it", () => {
  const done: string[] = [];
  const system = {
    facts: () => undefined,
    openAppend: () => ({
      append: (text: string) =>
        void done.push(decodeJournal(text).events.map((event) => (event as { step: string }).step).join(" ")),
      sync: () => void done.push("sync"),
      close() {},
    }),
  };
  const progress = newProgress(
    makePlan({ steps: [["a", ":"], ["b", ":"], ["c", ":"]] }),
    SETTINGS,
    () => false,
  );
  const ledger = openLedger(system as unknown as System, "journal", progress, { size: 0, torn: false });
  assert(ledger.intend([intent("a"), intent("b")], false));
  assertEquals(done.splice(0), ["a b"]);
  ledger.collect([started("a")]);
  ledger.collect([started("b")]);
  // It counts at once.
  assertEquals(progress.counts.RUNNING, 2);
  assertEquals(done, []);
  ledger.write();
  ledger.write();
  assertEquals(done.splice(0), ["a b"]);
  assert(ledger.intend([intent("c")], true));
  assertEquals(done.splice(0), ["c", "sync"]);
  // All is on disk.
  assert(ledger.flush());
  assertEquals(done, []);
  ledger.note([started("c")]);
  assert(ledger.flush());
  assertEquals(done, ["c", "sync"]);
});

Deno.test("ledger: another conductor's lines are not mistaken for ours, and ours are written again", () => {
  let journal = "head\n";
  let full = false;
  const bytes = () => new TextEncoder().encode(journal);
  const system = {
    facts: () => ({ size: bytes().length }),
    readBytes: (_path: string, from: number, most: number) => bytes().slice(from, from + most),
    openAppend: () => ({
      append(text: string) {
        if (full) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
        journal += text;
      },
      sync() {},
      close() {},
    }),
  };
  const plan = makePlan({ steps: [["a", ":"], ["b", ":"], ["c", ":"]] });
  const progress = newProgress(plan, SETTINGS, () => false);
  const ledger = openLedger(system as unknown as System, "journal", progress, { size: 5, torn: false });
  assert(ledger.intend([intent("a")], false));
  assertEquals([ledger.isWhole(), ledger.size], [true, bytes().length]);
  full = true;
  ledger.note([started("a")]);
  assertEquals(ledger.isWhole(), false);
  journal += '{"event":"taken","at":1,"host":"other","pid":1}\n';
  ledger.note([started("b")]);
  full = false;
  assert(ledger.flush());
  const { events } = decodeJournal(journal);
  assertEquals(
    events.map((event) => "step" in event ? `${event.event} ${event.step}` : event.event),
    ["submitting a", "taken", "started a", "started b"],
  );
  assertEquals(ledger.isWhole(), false);
});

Deno.test("ledger: intents that the disk does not take are withdrawn, in the state and in the journal", () => {
  let journal = "";
  let full = false;
  const fail = () => {
    if (full) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
  };
  const system = {
    facts: () => ({ size: journal.length }),
    readBytes: (_: string, from: number, most: number) =>
      new TextEncoder().encode(journal).slice(from, from + most),
    openAppend: () => ({
      append(text: string) {
        fail();
        journal += text;
      },
      sync() {},
      close() {},
    }),
  };
  const progress = newProgress(makePlan({ steps: [["a", ":"], ["b", ":"]] }), SETTINGS, () => false);
  const ledger = openLedger(system as unknown as System, "journal", progress, { size: 0, torn: false });
  full = true;
  const cancelling: StudyEvent = { event: "cancelling", at: 1, step: "b" };
  assertEquals(ledger.intend([intent("a"), cancelling], true), false);
  assertEquals([journal, progress.inFlight.local.size], ["", 0]);
  assert(ledger.trouble !== undefined);
  // While facts wait, nothing new is intended.
  assertEquals(ledger.intend([intent("b")], true), false);
  assertEquals([ledger.flush(), progress.inFlight.local.size], [false, 0]);
  full = false;
  assert(ledger.flush());
  assertEquals([ledger.trouble, ledger.isWhole()], [undefined, true]);
  const reason = "the journal cannot be written";
  assertEquals(decodeJournal(journal).events, [
    intent("a"),
    cancelling,
    { event: "withdrawn", at: 1, step: "a", reason },
  ]);
});

Deno.test("ledger: after a failed write, what cannot be read back is written again", () => {
  const lines = { first: "", again: "" };
  let readable = true;
  let tries = 0;
  const system = {
    facts: () => ({ size: lines.first.length + lines.again.length }),
    readBytes(_: string, from: number, most: number) {
      if (!readable) throw new Error("no such file");
      return new TextEncoder().encode(lines.first + lines.again).slice(from, from + most);
    },
    openAppend: () => ({
      append(text: string) {
        if (++tries > 1) return void (lines.again += text);
        // The first line and a piece of the second.
        lines.first = text.slice(0, text.indexOf("\n") + 9);
        throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      },
      sync() {},
      close() {},
    }),
  };
  const open = (known: boolean) => {
    Object.assign(lines, { first: "", again: "" });
    tries = 0;
    readable = known;
    const plan = makePlan({ steps: [["a", ":"], ["b", ":"]] });
    const ledger = openLedger(
      system as unknown as System,
      "journal",
      newProgress(plan, SETTINGS, () => false),
      {
        ...{ size: 0, torn: false },
      },
    );
    ledger.note([started("a"), started("b")]);
    assertEquals(ledger.isWhole(), false);
    assert(ledger.flush());
    const steps = decodeJournal(lines.first + lines.again).events.map((event) =>
      (event as { step: string }).step
    );
    return { steps: steps.join(" "), whole: ledger.isWhole() };
  };
  assertEquals(open(true), { steps: "a b", whole: true });
  // Nobody knows whose the bytes are.
  assertEquals(open(false), { steps: "a a b", whole: false });
});

Deno.test("ledger: if another has written since the journal was read, ours begins on a new line", () => {
  let journal = 'head\n{"event":"started","at":1,"st';
  const system = {
    facts: () => ({ size: journal.length }),
    openAppend: () => ({ append: (text: string) => void (journal += text), sync() {}, close() {} }),
  };
  const progress = newProgress(makePlan({ steps: [["a", ":"]] }), SETTINGS, () => false);
  const ledger = openLedger(system as unknown as System, "journal", progress, { size: 5, torn: false });
  assert(ledger.intend([intent("a")], false));
  assertEquals(decodeJournal(journal).events, [intent("a")]);
  assertEquals(ledger.isWhole(), false);
});
