/**
 * What jobs of Slurm used: sacct(1), "Job Accounting Fields". A job has one line, and one more for each of its steps: the
 * batch script, and each `srun`. CPU time and limits are the job's, memory and transfers are the steps'.
 */

import { usageOf } from "../../lib/study/usage.ts";
import type { Usage } from "../../lib/study/usage.ts";
import type { CommandResult, UsageQuery } from "../adapter.ts";
import { lines } from "../answers.ts";
import { bytesIn } from "../../lib/units.ts";
import { inSeconds, millisecondsIn, numberIn } from "../usage.ts";

const FIELDS = [
  ...["JobID", "State", "ElapsedRaw", "TotalCPU", "MaxRSS", "NTasks", "NNodes", "AllocCPUS"],
  ...["AllocTRES", "TimelimitRaw", "TRESUsageInTot", "TRESUsageOutTot", "Start", "End"],
] as const;
type Line = Readonly<Record<typeof FIELDS[number], string>>;

const MOST_IDS = 1000;

export const slurmUsage: UsageQuery = {
  most: MOST_IDS,
  argv: (ids, { cluster }) => [
    ...["sacct", "-n", "-P", "--noconvert", ...(cluster === undefined ? [] : ["-M", cluster])],
    ...["-o", FIELDS.join(), "-j", ids.join(",")],
  ],
  parse: parseUsage,
};

function parseUsage({ code, stdout, stderr, timedOut }: CommandResult, ids: readonly string[]) {
  if (timedOut) return undefined;
  if (code !== 0) return /accounting storage is disabled/i.test(stderr) ? "off" : undefined;
  const records = new Map<string, { readonly job: Line; readonly steps: Line[] }>();
  for (const text of lines(stdout)) {
    const values = text.split("|");
    if (values.length !== FIELDS.length) continue;
    const line = Object.fromEntries(FIELDS.map((field, i) => [field, values[i]!])) as Line;
    const id = line.JobID.split(".")[0]!;
    if (id === line.JobID) records.set(id, { job: line, steps: [] });
    else records.get(id)?.steps.push(line);
  }
  const jobs = new Map<string, Usage>();
  for (const id of ids) {
    const record = records.get(id);
    if (record && isComplete(record.job, record.steps)) jobs.set(id, usageOfJob(record.job, record.steps));
  }
  return jobs;
}

/** The figures of a step come with its end. The record of a job that never began has no steps. */
function isComplete(job: Line, steps: readonly Line[]): boolean {
  return [job, ...steps].every(({ State, End }) =>
    /^\d{4}-/.test(End) && !/^(?:RUNNING|PENDING)/.test(State)
  );
}

function usageOfJob(job: Line, steps: readonly Line[]): Usage {
  const cpuMs = millisecondsIn(job.TotalCPU);
  const rss = steps.flatMap(({ MaxRSS }) => bytesIn(MaxRSS) ?? []);
  // Where nothing is gathered, all figures are 0.
  const isGathered = rss.length > 0 || (cpuMs ?? 0) > 0;
  const memory = bytesIn(partOf(job.AllocTRES, "mem"));
  const nodes = numberIn(job.NNodes);
  const minutes = numberIn(job.TimelimitRaw);
  return usageOf({
    cpuMs: isGathered ? cpuMs : undefined,
    maxRssBytes: rss.length === 0 ? undefined : Math.max(...rss),
    readBytes: total(steps.map((step) => bytesIn(partOf(step.TRESUsageInTot, "fs/disk")))),
    writtenBytes: total(steps.map((step) => bytesIn(partOf(step.TRESUsageOutTot, "fs/disk")))),
    nodePeakBytes: rss.length === 0 ? undefined : peakOfNode(steps),
    cpus: numberIn(job.AllocCPUS),
    nodes,
    nodeMemoryBytes: memory !== undefined && nodes ? Math.round(memory / nodes) : undefined,
    limitSeconds: minutes === undefined ? undefined : minutes * 60,
    wallSeconds: inSeconds(millisecondsIn(job.ElapsedRaw)),
  });
}

/** The most memory of one node. MaxRSS is that of one task. A node may have several tasks, and steps run side by side. */
function peakOfNode(steps: readonly Line[]): number {
  const spans = steps.map(({ MaxRSS, NTasks, NNodes, Start, End }) => ({
    bytes: (bytesIn(MaxRSS) ?? 0) * Math.ceil((numberIn(NTasks) ?? 1) / (numberIn(NNodes) || 1)),
    from: Start,
    to: End,
  }));
  // Times of one form sort as texts. A step that ends as another one begins counts with it: times are whole seconds.
  const atStart = spans.map(({ from }) =>
    spans.filter((other) => other.from <= from && from <= other.to).reduce((sum, { bytes }) => sum + bytes, 0)
  );
  return Math.max(...atStart);
}

/** Of `cpu=1,mem=1000M,node=1`. */
function partOf(list: string, name: string): string | undefined {
  return list.split(",").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
}

function total(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}
