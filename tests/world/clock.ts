/** Time of a world: it stops while anyone works, and jumps to the next appointment when everyone sleeps. */

export interface Clock {
  now(): number;
  /** Calls `action` at a time, or as soon as the world gets there. */
  at(time: number, action: () => void): void;
  after(ms: number, action: () => void): void;
  /** Lets time pass until `done` settles. Throws when nothing will ever happen again, or past `limit`. */
  run<T>(done: Promise<T>, limit: number): Promise<T>;
}

interface Appointment {
  readonly time: number;
  readonly order: number;
  readonly action: () => void;
}

/** Promises settle others: this many rounds let a conductor finish what one appointment set off. */
const ROUNDS = 48;

export function newClock(start: number): Clock {
  let time = start;
  let order = 0;
  const heap: Appointment[] = [];
  const before = (a: Appointment, b: Appointment) =>
    a.time < b.time || (a.time === b.time && a.order < b.order);
  const push = (appointment: Appointment) => {
    let i = heap.push(appointment) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(appointment, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = appointment;
  };
  const pop = (): Appointment | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  };
  const at = (when: number, action: () => void) => push({ time: when, order: order++, action });
  return {
    now: () => time,
    at,
    after: (ms, action) => at(time + ms, action),
    async run(done, limit) {
      let settled = false;
      const mark = () => settled = true;
      done.then(mark, mark);
      for (;;) {
        for (let round = 0; round < ROUNDS && !settled; round++) await null;
        if (settled) return done;
        const next = pop();
        if (next === undefined) throw new Error("everything sleeps, and nothing will ever wake it");
        if (next.time > limit) {
          throw new Error(`not over after ${Math.round((limit - start) / 3_600_000)} hours`);
        }
        if (next.time > time) time = next.time;
        next.action();
      }
    },
  };
}
