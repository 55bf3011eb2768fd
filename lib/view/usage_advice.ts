/** What steps used beside what they asked for, and what would do. */

import { bytesText, isMeasured, type Usage } from "../study/usage.ts";
import { bytesIn, clockText, walltimeSeconds } from "../units.ts";
import { resourceTexts } from "../plan/node_text.ts";
import { nodeOf } from "../plan/plan_nodes.ts";
import type { Plan, PlanStep } from "../plan/types.ts";
import type { StatusStep, StatusView } from "./status_view.ts";

/** Advice needs so many combinations that have finished: one may have been lucky. */
const FEWEST = 3;
/** What is asked for may be so many times what is advised. */
const TOO_MUCH = 2;
/** Room above the most that was seen. */
const MORE_TIME = 1.5;
const MORE_MEMORY = 1.25;
/** CPUs are not judged by shorter runs. */
const FEWEST_SECONDS = 60;

/** A step of the spec with the figures of its combinations that have finished. */
export interface StepUsage {
  readonly name: string;
  readonly finished: number;
  readonly advice: readonly string[];
}

/** Seconds that an attempt took, by its scheduler's clock or by ours. */
export function secondsOf({ used, runTime }: Pick<StatusStep, "used" | "runTime">): number | undefined {
  return used?.wallSeconds ?? runTime;
}

/** The part of its CPUs that an attempt kept busy. For a step on this machine, 1 is one CPU. */
export function cpuShare(step: Pick<StatusStep, "used" | "runTime">): number | undefined {
  const { cpuMs, cpus = 1 } = step.used ?? {};
  const seconds = secondsOf(step);
  return cpuMs === undefined || !seconds ? undefined : cpuMs / 1000 / (seconds * cpus);
}

/** The steps for which there is advice. */
export function usageAdvice(plan: Plan, { steps }: Pick<StatusView, "steps">): StepUsage[] {
  return plan.steps.flatMap((step): StepUsage[] => {
    const finished: StatusStep[] = [];
    for (let node = step.first; node < step.end; node++) {
      const row = steps[node]!;
      if (row.state === "FINISHED" && row.used !== undefined && isMeasured(row.used)) finished.push(row);
    }
    if (finished.length < FEWEST) return [];
    const asked = askedBy(plan, step);
    const used = finished.map(({ used }) => used!);
    const advice = [
      timeAdvice(asked, used, finished),
      // All of a node's memory and CPUs are the job's, however few it needs.
      ...(asked.exclusive ? [] : [memoryAdvice(asked, used), cpuAdvice(finished)]),
    ].filter((line) => line !== undefined);
    return advice.length === 0 ? [] : [{ name: step.name, finished: finished.length, advice }];
  });
}

/** Advice as lines for people. */
export function adviceLines(advice: readonly StepUsage[]): string[] {
  return advice.map(({ name, finished, advice }) => `${name} (${finished} finished): ${advice.join("; ")}`);
}

interface Asked {
  readonly walltime: string | undefined;
  readonly mem: string | undefined;
  readonly exclusive: boolean;
}

/** Of the first combination: combinations rarely differ in this. */
function askedBy(plan: Plan, step: PlanStep): Asked {
  const texts = resourceTexts(plan, nodeOf(step, step.first));
  const batch: Readonly<Record<string, unknown>> = { ...plan.study.batch, ...step.batch };
  const mem = texts["mem"] ?? batch["mem"];
  return {
    walltime: texts["walltime"] || undefined,
    mem: typeof mem === "string" || typeof mem === "number" ? String(mem) : undefined,
    exclusive: /^(?:true|yes|on|1)$/i.test(texts["exclusive"] ?? String(batch["exclusive"] ?? "")),
  };
}

function timeAdvice(
  { walltime }: Asked,
  used: readonly Usage[],
  steps: readonly StatusStep[],
): string | undefined {
  const given = most(used.map(({ limitSeconds }) => limitSeconds));
  const longest = most(steps.map(secondsOf));
  const asked = walltime === undefined ? undefined : walltimeSeconds(walltime);
  if (given === undefined || longest === undefined || asked === undefined || asked === Infinity) {
    return undefined;
  }
  const enough = TIMES.find((seconds) => seconds >= longest * MORE_TIME) ?? Infinity;
  if (enough * TOO_MUCH > given) return undefined;
  const words = `walltime ${clockText(given)}, longest ${clockText(longest)}`;
  return `${words}: \`walltime: "${clockText(enough)}"\` would do`;
}

function memoryAdvice({ mem }: Asked, used: readonly Usage[]): string | undefined {
  const given = most(used.map(({ nodeMemoryBytes }) => nodeMemoryBytes));
  const peak = most(used.map(({ nodePeakBytes, maxRssBytes }) => nodePeakBytes ?? maxRssBytes));
  // `mem: 0` is all of a node.
  if (mem === undefined || /^0\D*$/.test(mem) || !given || peak === undefined) return undefined;
  const enough = niceBytes(peak * MORE_MEMORY);
  if (enough * TOO_MUCH > given) return undefined;
  // Some schedulers take the memory of a slot, and give a node as many slots as it needs.
  const slots = /[a-z]/i.test(mem) ? Math.max(1, Math.round(given / (bytesIn(mem) ?? given))) : 1;
  const words = `mem ${mem}${slots > 1 ? ` for each of ${slots} slots` : ""}, most ${
    bytesText(peak / slots)
  }`;
  return `${words}: \`mem: ${memoryText(niceBytes(enough / slots))}\` would do`;
}

function cpuAdvice(steps: readonly StatusStep[]): string | undefined {
  const known = steps.filter(({ used }) => used?.cpuMs !== undefined && used.cpus !== undefined);
  const seconds = sum(known.map((step) => secondsOf(step) ?? 0));
  const given = sum(known.map((step) => (secondsOf(step) ?? 0) * step.used!.cpus!));
  const share = sum(known.map(({ used }) => used!.cpuMs! / 1000)) / given;
  const cpus = given / seconds;
  if (!(seconds >= FEWEST_SECONDS) || cpus < 2 || share * TOO_MUCH > 1) return undefined;
  return `${Math.round(cpus * 10) / 10} CPUs, ${Math.round(share * cpus * 10) / 10} busy on average`;
}

function most(values: readonly (number | undefined)[]): number | undefined {
  let most: number | undefined;
  for (const value of values) if (value !== undefined && !(value <= most!)) most = value;
  return most;
}

const sum = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

const HOUR = 3600;
/** Times that people write. */
const TIMES = [
  ...[1, 2, 5, 10, 15, 20, 30, 45, 60, 90].map((minutes) => minutes * 60),
  ...[2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 168, 240, 336].map((hours) => hours * HOUR),
];

const MEGABYTE = 1024 ** 2;

/** At least so many bytes: 64M, 128M, 256M, then steps of half a power of two. */
function niceBytes(bytes: number): number {
  let size = 64 * MEGABYTE;
  while (size < bytes) size = size >= 256 * MEGABYTE && size * 1.5 >= bytes ? size * 1.5 : size * 2;
  return size;
}

/** `2G`, `1536M`: schedulers take whole numbers. */
function memoryText(bytes: number): string {
  const megabytes = bytes / MEGABYTE;
  return megabytes % 1024 === 0 ? `${megabytes / 1024}G` : `${megabytes}M`;
}
