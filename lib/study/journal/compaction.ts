/**
 * The events of a journal that its state depends on: dropping the others changes nothing. Some unnecessary
 * events are kept. An attempt that ran counts, and of a step's life since its last reset nearly everything is
 * kept. The rule of each event is beside the event.
 */

import { nodeNamed } from "../../plan/plan_nodes.ts";
import { stepEvent } from "../state/step_events.ts";
import { type WholeEvent, wholeEvent } from "../study_facts.ts";
import { keptOf, newHistory, type StepHistory } from "./step_history.ts";
import type { Plan } from "../../plan/types.ts";
import { isStepEvent, type StudyEvent } from "../events.ts";

/** Sees a journal's events in order. */
export interface Compaction {
  see(event: StudyEvent): void;
  /** For each event seen: 1 where it is kept. Undefined where there is nothing to be gained: a dry run. */
  kept(): Uint8Array | undefined;
}

export function compactionOf(plan: Plan): Compaction {
  const histories: StepHistory[] = [];
  const study = newStudyHistory();
  const reopen = () => void (study.sinceReset = []);
  /** Events that mean nothing to this version. */
  const others: number[] = [];
  let count = 0;
  return {
    see(event) {
      const index = count++;
      if (isStepEvent(event)) {
        const node = nodeNamed(plan, event.step);
        const row = stepEvent(event);
        if (node === undefined || row === undefined) others.push(index);
        else row.keep(histories[node] ??= newHistory(), index, event, reopen);
      } else if (!seeWhole(study, index, event)) others.push(index);
    },
    kept() {
      if (study.all || count === 0) return undefined;
      const kept = new Uint8Array(count);
      const keep = (indexes: readonly number[]) => indexes.forEach((index) => kept[index] = 1);
      for (const history of histories.filter((history) => history !== undefined)) keep(keptOf(history));
      // Version 0.1 reads the end of a study from the last line alone.
      for (
        const part of [[...study.last.values()], study.sinceReset, lastUpdates(study), others, [count - 1]]
      ) {
        keep(part);
      }
      return kept;
    },
  };
}

/** Numbers of events, by the rule by which they are kept. */
interface StudyHistory {
  readonly last: Map<string, number>;
  readonly updated: { readonly index: number; readonly keys: readonly string[] }[];
  sinceReset: number[];
  all: boolean;
}

const newStudyHistory = (): StudyHistory => ({ last: new Map(), updated: [], sinceReset: [], all: false });

/** False for an event of a later version. */
function seeWhole(study: StudyHistory, index: number, event: WholeEvent): boolean {
  const keep = wholeEvent(event)?.keep;
  switch (keep) {
    case undefined:
      return false;
    case "last":
      study.last.set(event.event, index);
      return true;
    case "since a reset":
      study.sinceReset.push(index);
      return true;
    case "last of each setting":
      study.updated.push({ index, keys: "settings" in event ? Object.keys(event.settings) : [] });
      return true;
    case "all":
      study.all = true;
      return true;
  }
}

/** Those with a setting that none behind them has. */
function lastUpdates({ updated }: StudyHistory): number[] {
  const seen = new Set<string>();
  return updated.toReversed().filter(({ keys }) => {
    const counts = keys.some((key) => !seen.has(key));
    for (const key of keys) seen.add(key);
    return counts;
  }).map(({ index }) => index);
}
