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
  const began = random.chance(0.3) ? { startedAt: at - 3, host: `n${at}` } : {};
  const skipped = random.chance(0.2) ? { skipped: true as const } : {};
  const used = random.chance(0.3) ? { used: { cpuMs: at, readBytes: 7 } } : {};
  // Several ways make an event more frequent.
  const ways: { readonly [NAME in StudyEvent["event"]]: readonly (() => StudyEvent)[] } = {
    submitting: [submitting, submitting, submitting],
    submitted: [
      () => ({ event: "submitted", at, step, jobId: `${at}`, ...(random.chance(0.5) ? { host: "h" } : {}) }),
    ],
    started: [() => ({ event: "started", at, step }), () => ({ event: "started", at, step: "nobody" })],
    requeued: [() => ({ event: "requeued", at, step }), () => ({ event: "requeued", at, step: "nobody" })],
    unclear: [() => ({ event: "unclear", at, step, reason: `u${at}` })],
    missing: [() => ({ event: "missing", at, step })],
    found: [() => ({ event: random.pick(["missing", "found"] as const), at, step })],
    stuck: [() => ({ event: "stuck", at, step, ...(random.chance(0.6) ? { reason: `s${at}` } : {}) })],
    withdrawn: [
      () => ({ event: "withdrawn", at, step, reason: "no slot" }),
      () => ({
        ...{ event: "withdrawn", at, step, reason: "no slot" },
        ...(random.chance(0.5) ? { notBefore: at + 5 } : {}),
        ...(random.chance(0.5)
          ? { why: random.pick(["refused", "unclear", "blocked", "later"] as const) }
          : {}),
      }),
    ],
    relapsed: [
      () => ({ event: "relapsed", at, step, state, again, ...reason, ...began, ...used, notBefore: at + 5 }),
    ],
    ended: [() => ({ event: "ended", at, step, state, ...reason, ...began, ...used, ...skipped })],
    used: [() => ({
      ...{ event: "used", at, step, attempt: (next.get(step) ?? 1) - random.pick([0, 0, 0, 1]) },
      used: { maxRssBytes: at, ...(random.chance(0.5) ? { cpus: 2 } : {}) },
    })],
    reset: [() => ({ event: "reset", at, step }), () => ({ event: "reset", at, step: "nobody" })],
    held: [() => ({ event: "held", at, step })],
    released: [() => ({ event: "released", at, step })],
    cancelling: [() => ({ event: "cancelling", at, ...(random.chance(0.7) ? { step } : {}) })],
    taken: [() => ({ event: "taken", at, host: "h", pid: at })],
    updated: [() => ({
      event: "updated",
      at,
      settings: random.pick([{ sleep: at }, { throttle: at, sleep: 1 }, { stopAfter: at }]),
    })],
    stopped: [() => ({ event: "stopped", at })],
    // Alone it makes a journal that is not made shorter.
    written: [],
    closed: [
      () => ({ event: "closed", at, state: random.pick(["finished", "failed", "cancelled"] as const) }),
    ],
  };
  const unheard = () => ({ event: "unheard of", at, step }) as unknown as StudyEvent;
  return random.pick([...Object.values(ways).flat(), unheard])();
}
