/** Time that no change of a clock moves: neither while a program runs, nor from one conductor of a study to the next. */

/** Clocks of this machine, in milliseconds. */
export interface Clocks {
  /** Since 1970. Somebody may set it. */
  wall(): number;
  /** Since some moment. Nobody sets it, and it may pause while the machine sleeps. */
  monotonic(): number;
  /** How long the machine has slept since some moment. Undefined if that is not known. */
  asleep(): number | undefined;
}

/** A smaller difference is not looked into. */
const LEAST_STEP_MS = 1000;

/**
 * The time since 1970 as the wall clock shows it at first, and from then on by the monotonic clock. Sleep of the machine
 * counts. Where sleep and a step of the clock look the same, a step forward counts as sleep.
 */
export function steadyClock({ wall, monotonic, asleep }: Clocks): () => number {
  let offset: number | undefined;
  let seen = 0;
  let slept: number | undefined;
  return () => {
    const ticks = monotonic();
    const gap = wall() - ticks;
    if (offset === undefined) {
      offset = seen = gap;
      slept = asleep();
    } else if (Math.abs(gap - seen) > LEAST_STEP_MS) {
      const more = slept === undefined ? gap - seen : asleep()! - slept;
      seen = gap;
      if (more > LEAST_STEP_MS) {
        offset += more;
        if (slept !== undefined) slept += more;
      }
    }
    return Math.round(offset + ticks);
  };
}

/**
 * A system whose time is not before `last`, which the journal of a study has from a conductor with another clock. Its
 * run times and pauses stay right: time goes on from there.
 */
export function notBefore<S extends { now(): number }>(system: S, last: number): S {
  const behind = last - system.now();
  return behind > 0 ? Object.assign(Object.create(system), { now: () => system.now() + behind }) : system;
}
