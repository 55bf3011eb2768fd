/**
 * Which events of a journal its state rests on: what is left out changes nothing. Not all that could be left out is: an
 * attempt that ran counts for something, and of the life of a step since it was last reset nearly everything stays.
 */

import { nodeNamed } from "../../plan/plan_nodes.ts";
import type { Plan } from "../../plan/types.ts";
import type { StudyEvent } from "../events.ts";

/** Sees a journal's events in order. */
export interface Sieve {
  see(event: StudyEvent): void;
  /** For each event seen: 1 where it is kept. Undefined where there is nothing to be gained: a dry run. */
  kept(): Uint8Array | undefined;
}

/** Of one step: numbers of events, by what they belong to. */
interface Tale {
  /** Of the life before, as long as there is no attempt since: it counts the attempts. */
  before: number[];
  reset: number[];
  /** Since the last reset, but for the last attempt. */
  life: number[];
  attempt: number[];
  missing: number[];
  stuck: number[];
  /** Attempts since the last reset. */
  attempts: number;
  /** The last one's number. */
  number: number;
  inFlight: boolean;
  over: boolean;
  /** Whether the last attempt leaves nothing behind if it is withdrawn and another one follows. */
  leavesNothing: boolean;
  withdrawn: boolean;
}

/** Of the study itself. */
interface Whole {
  taken: number[];
  readonly updated: { readonly index: number; readonly keys: readonly string[] }[];
  /** `closed` and `cancelling` since a step was last reset. */
  ends: number[];
}

export function sieveOf(plan: Plan): Sieve {
  const tales: Tale[] = [];
  const whole: Whole = { taken: [], updated: [], ends: [] };
  /** Events that mean nothing to this version. */
  const others: number[] = [];
  let count = 0;
  let dry = false;
  return {
    see(event) {
      const index = count++;
      if (event.event === "written") dry = true;
      if ("step" in event && event.step !== undefined) {
        const node = nodeNamed(plan, event.step);
        const tell = TELL[event.event as keyof typeof TELL] as Tell<StudyEvent["event"]> | undefined;
        if (node === undefined || tell === undefined) others.push(index);
        else tell(tales[node] ??= newTale(), index, event, whole);
      } else if (!seeWhole(whole, index, event)) others.push(index);
    },
    kept() {
      if (dry || count === 0) return undefined;
      const kept = new Uint8Array(count);
      const keep = (indexes: readonly number[]) => indexes.forEach((index) => kept[index] = 1);
      for (
        const { before, reset, life, attempt, missing, stuck } of tales.filter((tale) => tale !== undefined)
      ) {
        for (const part of [before, reset, life, attempt, missing, stuck]) keep(part);
      }
      // Whoever waits for the end of a study reads the last line alone.
      for (const part of [whole.taken, whole.ends, lastUpdates(whole), others, [count - 1]]) keep(part);
      return kept;
    },
  };
}

function seeWhole(whole: Whole, index: number, event: StudyEvent): boolean {
  if (event.event === "taken") whole.taken = [index];
  else if (event.event === "closed" || event.event === "cancelling") whole.ends.push(index);
  else if (event.event === "updated") whole.updated.push({ index, keys: Object.keys(event.settings) });
  else return false;
  return true;
}

/** Those with a setting that none behind them has. */
function lastUpdates({ updated }: Whole): number[] {
  const seen = new Set<string>();
  return updated.toReversed().filter(({ keys }) => {
    const counts = keys.some((key) => !seen.has(key));
    for (const key of keys) seen.add(key);
    return counts;
  }).map(({ index }) => index);
}

function newTale(): Tale {
  return {
    before: [],
    reset: [],
    life: [],
    attempt: [],
    missing: [],
    stuck: [],
    attempts: 0,
    number: 0,
    inFlight: false,
    over: false,
    leavesNothing: false,
    withdrawn: false,
  };
}

type Tell<NAME> = (tale: Tale, index: number, event: StudyEvent & { event: NAME }, whole: Whole) => void;
type OfStep = Exclude<StudyEvent["event"], "taken" | "updated" | "written" | "closed">;

/** By event, as `step_events.ts` lays them over a record: what changes nothing there is left out here. */
const TELL: { readonly [NAME in OfStep]: Tell<NAME> } = {
  submitting(tale, index, event) {
    if (tale.over || event.attempt <= tale.number) return;
    // What came of an earlier life's attempts since the reset is wiped out by the next one.
    const wiped = tale.attempts === 0 && tale.number > 0;
    if (!wiped && !(tale.withdrawn && tale.leavesNothing)) tale.life.push(...tale.attempt);
    tale.before = [];
    tale.attempt = [index];
    tale.missing = [];
    tale.stuck = [];
    // The first attempt tells when the step was first submitted.
    tale.leavesNothing = tale.attempts > 0 && !tale.inFlight;
    tale.withdrawn = false;
    tale.attempts++;
    tale.number = event.attempt;
    tale.inFlight = true;
  },
  submitted: (tale, index) => void tale.attempt.push(index),
  started(tale, index) {
    if (!tale.inFlight) return;
    tale.attempt.push(index);
    tale.stuck = [];
    tale.leavesNothing = false;
  },
  missing(tale, index) {
    if (tale.inFlight) tale.missing.push(index);
  },
  stuck(tale, index) {
    if (tale.inFlight) tale.stuck = [index];
  },
  found: (tale) => void (tale.missing = []),
  withdrawn(tale, index) {
    if (!tale.inFlight) return;
    tale.attempt.push(index);
    tale.missing = [];
    tale.withdrawn = true;
    tale.inFlight = false;
    tale.stuck = [];
  },
  relapsed(tale, index) {
    if (!tale.inFlight) return;
    tale.attempt.push(index);
    tale.inFlight = false;
    tale.stuck = [];
  },
  ended(tale, index) {
    if (tale.over) return;
    tale.attempt.push(index);
    tale.over = true;
    tale.inFlight = false;
    tale.stuck = [];
  },
  cancelling: (tale, index) => void tale.life.push(index),
  held: (tale, index) => void tale.life.push(index),
  released: (tale, index) => void tale.life.push(index),
  reset(tale, index, _event, whole) {
    if (tale.inFlight) return;
    if (tale.attempts > 0) tale.before = [...tale.reset, ...tale.life, ...tale.attempt];
    Object.assign(tale, { reset: [index], life: [], attempt: [], missing: [], stuck: [], attempts: 0 });
    Object.assign(tale, { over: false, leavesNothing: false, withdrawn: false });
    // Where one step is to run again, the study has not ended.
    whole.ends = [];
  },
};
