/** Cases about recordings: what the adapter makes of what the real scheduler printed. */

import type {
  Adapter,
  JobSighting,
  Query,
  SchedulerAdapter,
  SubmitRequest,
} from "../../../adapters/adapter.ts";
import type { System } from "../../system.ts";
import { expectSame, Failure } from "./expect.ts";
import { CONTEXT } from "./samples.ts";
import type { SuiteCase, SuiteOptions, Transcript } from "./cases.ts";

/** Exit code of timeout(1) when it ended the command. */
const TIMED_OUT = 124;
const EXPECTED = "expected.txt";

/** The folders with recordings in a folder, one for each version of the scheduler. */
export function recordingsIn(system: System, folder: string): string[] {
  return system.facts(folder)?.isDirectory ? system.listFolders(folder).sort() : [];
}

export function recordedCases(adapter: Adapter, options: SuiteOptions): SuiteCase[] {
  const { system, recorded } = options;
  if (recorded === undefined || adapter.scheduler === undefined) return [];
  return recordingsIn(system, recorded).map((name) => ({
    name: `recorded: what ${name} printed is understood`,
    run: () => recordedCase(adapter, `${recorded}/${name}`, options),
  }));
}

function recordedCase(adapter: Adapter, folder: string, options: SuiteOptions): void {
  const { system, prepare = (transcript) => transcript, update } = options;
  const names = system.listFiles(folder).filter((name) => name !== EXPECTED && name.endsWith(".txt")).sort();
  const lines = names.map((name) => {
    const bytes = system.readBytes(`${folder}/${name}`, 0, Infinity);
    return `${name.replace(".txt", "")}: ${
      explain(adapter.scheduler!, prepare(readTranscript(bytes, name)))
    }`;
  });
  if (update) system.writeText(`${folder}/${EXPECTED}`, `${lines.join("\n")}\n`);
  const expected = system.readTextIfAny(`${folder}/${EXPECTED}`);
  if (expected === undefined) {
    throw new Failure(
      `${folder}/${EXPECTED} is missing. This is what the adapter makes of the recordings; check it, and write it:\n${
        lines.join("\n")
      }`,
    );
  }
  const said = expected.trimEnd().split("\n");
  expectSame(lines.filter((line) => !said.includes(line)), [], `Not in ${folder}/${EXPECTED}`);
  expectSame(said.filter((line) => !lines.includes(line)), [], `Only in ${folder}/${EXPECTED}`);
}

/**
 * A transcript: the command, `# exit: N`, then `# stdout: N bytes` and `# stderr: N bytes` with the text behind each. A
 * text without a line break at its end is followed by one.
 */
export function readTranscript(bytes: Uint8Array, name: string): Transcript {
  const decoder = new TextDecoder();
  let at = 0;
  const line = () => {
    const end = bytes.indexOf(10, at);
    if (end < 0) throw new Failure(`${name} is no transcript: it ends before "# stderr: N bytes"`);
    const text = decoder.decode(bytes.subarray(at, end));
    at = end + 1;
    return text;
  };
  const block = (length: number) => {
    const text = decoder.decode(bytes.subarray(at, at + length));
    at += length;
    if (length > 0 && !text.endsWith("\n")) at++;
    return text;
  };
  const command = line();
  let [code, stdout] = [0, ""];
  for (;;) {
    const head = line();
    const [, key, value = ""] = /^# (\w+): (.*)$/.exec(head) ?? [];
    if (key === undefined) throw new Failure(`${name} is no transcript: "${head}" is no "# exit: N"`);
    if (key === "exit") code = Number(value);
    if (key === "stdout") stdout = block(parseInt(value));
    if (key !== "stderr") continue;
    return {
      command,
      result: { code, stdout, stderr: block(parseInt(value)), timedOut: code === TIMED_OUT },
    };
  }
}

/** What the part of an adapter that a command belongs to makes of its answer, on one line. */
export function explain(scheduler: SchedulerAdapter, { command, result }: Transcript): string {
  const words = wordsOf(command);
  if (isUsage(scheduler, words)) return usages(scheduler, result);
  const part = partOf(scheduler, words);
  if (part === "submit") return submission(scheduler, result);
  if (part === "uptime") {
    const ms = scheduler.uptime!.parse(result);
    return ms === undefined ? "how long it has run is not known" : `has run ${ms / 1000} s`;
  }
  if (part !== "cancel") return sightings(part.parse(result, idsIn(result.stdout)));
  const { code } = result;
  return code === 0 ? "cancelled" : scheduler.cancelMeansGone(result) ? "gone" : `exit ${code}, not gone`;
}

/** Whether the recorded command is the one for accounting, and not also a query. */
function isUsage({ usage, queries }: SchedulerAdapter, words: readonly string[]): boolean {
  const has = (argv: readonly string[]) => argv.every((word) => word === "1" || words.includes(word));
  return usage !== undefined && has(usage.argv(["1"], CONTEXT)) &&
    !queries.some((query) => has(query.argv(["1"], CONTEXT)));
}

/** What jobs used, each on one line. */
function usages({ usage }: SchedulerAdapter, result: Transcript["result"]): string {
  const jobs = usage!.parse(result, idsIn(result.stdout));
  if (jobs === undefined) return "could not be asked";
  if (jobs === "off") return "no accounting";
  return [...jobs].map(([id, used]) => `${id} used ${JSON.stringify(used)}`).join("; ") || "no record";
}

/** The words of a command that comes after `timeout 20`, `cd /tmp;` or the like. */
function wordsOf(command: string): string[] {
  return command.replace(/^(?:timeout \d+ |sleep \d+; |cd \S+; |unset \w+; |\w+=\S* )+/, "").split(/\s+/);
}

type Part = "submit" | "cancel" | "uptime" | Query;

/**
 * The part whose command is most like one that was recorded. Where a program has verbs, the verb
 * decides, and what has a verb that no part has was a submission.
 */
function partOf(scheduler: SchedulerAdapter, words: readonly string[]): Part {
  const { queries } = scheduler;
  const parts: readonly (readonly [Part, readonly string[]])[] = [
    ["cancel", scheduler.cancel(["1"])],
    ...queries.map((query) => [query, query.argv(["1"], CONTEXT)] as const),
    ["submit", scheduler.submit(SUBMISSION)],
    ...(scheduler.uptime ? [["uptime", scheduler.uptime.argv(CONTEXT)] as const] : []),
  ];
  const alike = parts.filter(([, argv]) => argv.some((word) => word.split(/\s+/).includes(words[0]!)));
  const sameVerb = alike.find(([, argv]) => ` ${argv.join(" ")} `.includes(` ${words[0]} ${words[1]} `));
  if (sameVerb) return sameVerb[0];
  const kinds = new Set(alike.map(([part]) => typeof part === "string" ? part : "query"));
  return kinds.size === 1 ? alike[0]![0] : "submit";
}

/** A submission whose words are no names of programs. */
const SUBMISSION: SubmitRequest = {
  ...{ script: "/s", workspace: "/w", jobName: "x", token: "t", out: "o", err: "e" },
  ...{ resources: {}, batch: { type: "x" } },
};

/** All that looks like an id, as what was asked about. */
function idsIn(stdout: string): string[] {
  return [...new Set(stdout.match(/\bƒ?\d[\w[\].]*/g) ?? [])].map((id) => id.replace(/\.$/, ""));
}

function submission(scheduler: SchedulerAdapter, result: Transcript["result"]): string {
  const answer = scheduler.parseSubmit(result);
  if (answer.kind === "accepted") {
    return `accepted ${answer.jobId}${answer.cluster ? ` on ${answer.cluster}` : ""}`;
  }
  if (answer.kind === "unclear") return `unclear: ${answer.reason}`;
  return `refused ${answer.again ? "for now" : "for good"}: ${answer.reason}`;
}

/** In UTC, to the second. */
function timesShown({ startedAt, endedAt, expectedStartAt }: Partial<JobSighting>): string[] {
  const known = [["began", startedAt], ["ended", endedAt], ["should begin", expectedStartAt]] as const;
  return known.flatMap(([word, at]) =>
    at === undefined ? [] : [`${word} ${new Date(at).toISOString().slice(0, 19)}`]
  );
}

/** Some jobs, each with all that is known of it. */
export function sightings(jobs: ReturnType<Query["parse"]>): string {
  if (jobs === undefined) return "could not be asked";
  if (jobs.length === 0) return "not there";
  const shown = jobs.map(({ jobId, phase, word, exitCode, reason, token, paused, ...times }: JobSighting) =>
    [
      `${jobId} ${phase} ${word}`,
      ...(exitCode === undefined ? [] : [`exit ${exitCode}`]),
      ...(token === undefined ? [] : [`token ${token}`]),
      ...(reason === undefined ? [] : [`(${reason})`]),
      ...(paused === undefined ? [] : [`paused: ${paused}`]),
      ...timesShown(times),
    ].join(" ")
  );
  return shown.length > 3
    ? `${shown.slice(0, 3).join("; ")}; and ${shown.length - 3} more`
    : shown.join("; ");
}
