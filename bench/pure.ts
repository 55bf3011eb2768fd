/**
 * The pure functions that a large study calls most often, on chains of three steps. Evidence for docs/performance.md;
 * no peer, no target.
 *
 *   deno bench --allow-all bench/pure.ts
 */

import { slurm } from "../adapters/slurm/mod.ts";
import { intent, interpret, takeReady } from "../lib/conduct/decide.ts";
import { decodeJournal, encodeEvent, journalHead } from "../lib/study/journal/format.ts";
import { nodeScripts } from "../lib/plan/node_script.ts";
import { commandOf, paramsOf } from "../lib/plan/node_text.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import { statusCsv } from "../lib/view/render_csv.ts";
import { statusView } from "../lib/view/status.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { makePlan, SETTINGS } from "../tests/make.ts";

const CHAINS = 1000;
const NODES = 3 * CHAINS;

const resources = { nodes: "1", procs: "4", walltime: "10" };
const make = () =>
  makePlan({
    steps: [
      ["make", "echo $(N) > made", [], { resources }],
      ["change", "$(LAUNCHER) cat $(make.workspace)/made > changed", ["make"], { resources }],
      ["look", "wc $(change.workspace)/changed", ["change"], { resources }],
    ],
    parameters: { N: Array.from({ length: CHAINS }, (_, i) => String(i)) },
    more: { batch: { type: "slurm", host: "h", bank: "b", queue: "q" } },
  });

const plan = make();
const fresh = () => newProgress(plan, { ...SETTINGS, localJobs: NODES }, () => true);

/** All that happens to a study whose steps finish one after the other. */
function story(): StudyEvent[] {
  const progress = fresh();
  const events: StudyEvent[] = [];
  const note = (more: readonly StudyEvent[]) => {
    for (const event of more) applyEvent(progress, event);
    events.push(...more);
  };
  for (let at = 1; progress.unended > 0; at++) {
    for (const node of takeReady(progress, at).scheduled) {
      note([intent(progress, node, at)]);
      note(interpret(progress, { see: "accepted", node, at, jobId: String(1000 + node) }));
      note(interpret(progress, { see: "started", node, at }));
      note(interpret(progress, { see: "ended", node, at, end: { kind: "finished" } }));
    }
  }
  return events;
}

const events = story();
const text = journalHead("0", 0) + events.map(encodeEvent).join("");
const done = fresh();
for (const event of events) applyEvent(done, event);
const nobody = { alive: false };
const view = statusView(done, nobody, 0);

Deno.bench(`expand: ${NODES} nodes`, () => void make());
Deno.bench(`node_text: commands and parameters of ${NODES} nodes`, () => {
  for (const node of plan.nodes) {
    commandOf(plan, node);
    paramsOf(plan, node);
  }
});
Deno.bench(`node_script: ${NODES} batch scripts`, () => {
  for (const node of plan.nodes) nodeScripts(plan, node, slurm);
});
Deno.bench(`decide: takeReady, intent, interpret of ${events.length} events`, () => void story());
Deno.bench(`journal: encode ${events.length} events`, () => {
  for (const event of events) encodeEvent(event);
});
Deno.bench(`journal: decode ${events.length} events`, () => void decodeJournal(text));
Deno.bench(`records: a new state, and ${events.length} events laid over it`, () => {
  const progress = fresh();
  for (const event of events) applyEvent(progress, event);
});
Deno.bench(`status: view of ${NODES} nodes`, () => void statusView(done, nobody, 0));
Deno.bench(`status: ${NODES} rows of status.csv`, () => void [...statusCsv(view)]);
