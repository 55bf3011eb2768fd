/** Which faults a run tries: drawn evenly over scenes and their calls, error numbers and durations. */

import { errnoName } from "../../lib/errno.ts";
import type { Random } from "../world/random.ts";
import type { Call } from "./library.ts";

/** For how long calls fail. */
export const DURATIONS = ["once", "two seconds", "until resume"] as const;
export type Duration = typeof DURATIONS[number];

export interface Point {
  readonly scene: string;
  readonly call: Call;
  /** The first call that fails, from 1. */
  readonly first: number;
  readonly errno: number;
  readonly duration: Duration;
}

/** A call of a scene, and how often a run without faults makes it. */
export interface Place {
  readonly scene: string;
  readonly call: Call;
  readonly calls: number;
}

/** All numbers of errno.h that have a name. */
export const ERRNOS = Array.from({ length: 133 }, (_, i) => i + 1)
  .filter((number) => !/^E\d/.test(errnoName(number, "linux")));

const EINTR = 4;

/** This many points, each class equally often. A call that is interrupted without end does not count. */
export function drawPoints(places: readonly Place[], count: number, random: Random): Point[] {
  const of = <T>(items: readonly T[]) => evenly(items, count, random);
  const [where, errnos, durations] = [of(places), of(ERRNOS), of(DURATIONS)];
  return where.map(({ scene, call, calls }, i) => {
    const errno = errnos[i]!;
    const duration = errno === EINTR ? "once" : durations[i]!;
    return { scene, call, first: random.between(1, calls), errno, duration };
  });
}

function evenly<T>(items: readonly T[], count: number, random: Random): T[] {
  const drawn: T[] = [];
  while (drawn.length < count) drawn.push(...shuffled(items, random));
  return drawn.slice(0, count);
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.between(0, left.length - 1), 1)[0]!);
}

export function pointName({ scene, call, first, errno, duration }: Point): string {
  return `${scene}: ${errnoName(errno, "linux")} at ${call} ${first}, ${duration}`;
}
