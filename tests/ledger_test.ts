/** The ledger: when what is known reaches the journal, and when it is waited for the disk. */

import { assert, assertEquals } from "./assert.ts";
import { decodeJournal } from "../lib/conduct/journal.ts";
import { openLedger } from "../lib/conduct/ledger.ts";
import { newProgress } from "../lib/conduct/records.ts";
import type { System } from "../lib/system.ts";
import type { StudyEvent } from "../lib/types.ts";
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
