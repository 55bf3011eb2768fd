/** Events of a study in any order, possible or not: what is made of them must be the same by every way. */

import type { EndState } from "../../lib/study/states.ts";
import type { StudyEvent } from "../../lib/study/events.ts";
import type { Random } from "./random.ts";

/** Up to so many events about steps of these names. */
export function randomEvents(random: Random, names: readonly string[], most: number): StudyEvent[] {
  const next = new Map<string, number>();
  return Array.from({ length: random.between(0, most) }, (_, at) => randomEvent(random, at + 1, next, names));
}

/** Anything may happen, whether or not it can. `next`: numbers of attempts, by step. */
function randomEvent(
  random: Random,
  at: number,
  next: Map<string, number>,
  names: readonly string[],
): StudyEvent {
  const step = random.pick(names);
  const state = random.pick<EndState>(["FINISHED", "FAILED", "TIMEDOUT", "CANCELLED"]);
  const again = random.pick(["retry", "restart"] as const);
  const reason = random.chance(0.5) ? { reason: `r${at}`, exitCode: at } : {};
  const submitting = (): StudyEvent => {
    const attempt = (next.get(step) ?? 0) + random.pick([1, 1, 1, 1, 0, 2]);
    next.set(step, attempt);
    return { event: "submitting", at, step, attempt, ...(random.chance(0.3) ? { again } : {}) };
  };
  const began = random.chance(0.3) ? { startedAt: at - 3 } : {};
  const skipped = random.chance(0.2) ? { skipped: true as const } : {};
  const kinds: (() => StudyEvent)[] = [
    submitting,
    submitting,
    submitting,
    () => ({ event: "submitted", at, step, jobId: `${at}`, ...(random.chance(0.5) ? { host: "h" } : {}) }),
    () => ({ event: "started", at, step }),
    () => ({ event: random.pick(["missing", "missing", "found"] as const), at, step }),
    () => ({ event: "stuck", at, step, ...(random.chance(0.6) ? { reason: `s${at}` } : {}) }),
    () => ({ event: "withdrawn", at, step, reason: "no slot" }),
    () => ({ event: "withdrawn", at, step, reason: "no slot" }),
    () => ({ event: "relapsed", at, step, state, again, ...reason, ...began, notBefore: at + 5 }),
    () => ({ event: "ended", at, step, state, ...reason, ...began, ...skipped }),
    () => ({ event: "reset", at, step }),
    () => ({ event: random.pick(["held", "released"] as const), at, step }),
    () => ({ event: "cancelling", at, ...(random.chance(0.7) ? { step } : {}) }),
    () => ({ event: "taken", at, host: "h", pid: at }),
    () => ({
      event: "updated",
      at,
      settings: random.chance(0.5) ? { sleep: at } : { throttle: at, sleep: 1 },
    }),
    () => ({ event: "closed", at, state: random.pick(["finished", "failed", "cancelled"] as const) }),
    () => ({ event: "started", at, step: "nobody" }),
    () => ({ event: "reset", at, step: "nobody" }),
    () => ({ event: "unheard of", at, step }) as unknown as StudyEvent,
  ];
  return random.pick(kinds)();
}
