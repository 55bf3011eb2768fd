/** Reads the transcripts in tests/recorded, and shows what an adapter makes of them. */

import type { Adapter, CommandResult, JobSighting, SchedulerAdapter } from "../adapters/adapter.ts";

/** A command that was run on a real scheduler. */
export interface Transcript {
  readonly command: string;
  readonly result: CommandResult;
}

/** Exit code of timeout(1) when it ended the command. */
const TIMED_OUT = 124;

/** Streams are given by their length in bytes, and end in a line break of the file's own where they had none. */
export function readTranscript(bytes: Uint8Array): Transcript {
  const decoder = new TextDecoder();
  let at = 0;
  const line = () => {
    const end = bytes.indexOf(10, at);
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
    const [, key, value] = /^# (\w+): (.*)$/.exec(line())!;
    if (key === "exit") code = Number(value);
    if (key === "stdout") stdout = block(parseInt(value!));
    if (key !== "stderr") continue;
    return {
      command,
      result: { code, stdout, stderr: block(parseInt(value!)), timedOut: code === TIMED_OUT },
    };
  }
}

/** The part of an adapter that a command belongs to, with what it makes of the answer, on one line. */
export function explain(adapter: Adapter, { command, result }: Transcript): string {
  const scheduler = adapter.scheduler!;
  const program = programOf(command);
  const { code } = result;
  if (program === programOf(scheduler.cancel(["1"]).join(" "))) {
    return code === 0 ? "cancelled" : scheduler.cancelMeansGone(result) ? "gone" : `exit ${code}, not gone`;
  }
  const query = scheduler.queries.find((query) =>
    programOf(query.argv(["1"], CONTEXT).join(" ")) === program
  );
  if (query === undefined) return submission(scheduler, result);
  const ids = idsIn(result.stdout);
  const parse = /^qacct/.test(command) ? query.parse : queryFor(scheduler, command).parse;
  return sightings(parse(columns(command, result), ids));
}

const CONTEXT = { user: "alice", since: Date.UTC(2026, 10, 22) };

/** The first two words, of commands that stand behind `timeout 20`, `cd /tmp;` or the like. */
function programOf(command: string): string {
  const words = command.replace(/^(?:timeout \d+ |sleep \d+; |cd \S+; |unset \w+; |\w+=\S* )+/, "").split(
    /\s+/,
  );
  return words[0] === "flux" ? words.slice(0, 2).join(" ") : words[0]!;
}

/** Where one program serves several queries, the one in whose words the transcript is. */
function queryFor(scheduler: SchedulerAdapter, command: string) {
  const queries = scheduler.queries.filter((query) =>
    programOf(query.argv(["1"], CONTEXT).join(" ")) === programOf(command)
  );
  return (/ -w\b/.test(command) ? queries.at(-1) : queries[0])!;
}

/** All that looks like an id, to be asked about. */
function idsIn(stdout: string): string[] {
  return [...new Set(stdout.match(/\bƒ?\d[\w[\].]*/g) ?? [])].map((id) => id.replace(/\.$/, ""));
}

/** sacct's answer with other columns than ours, brought to ours. */
function columns(command: string, result: CommandResult): CommandResult {
  const format = /^.*sacct .*-o (\S+)/.exec(command)?.[1]?.split(",");
  if (format === undefined) return result;
  const place = ["JobID", "State", "ExitCode"].map((name) =>
    format.indexOf(name) < 0 ? format.indexOf("JobIDRaw") : format.indexOf(name)
  );
  const lines = result.stdout.split("\n").filter((line) => line !== "" && !line.startsWith("JobID|"));
  return {
    ...result,
    stdout: lines.map((line) => place.map((i) => line.split("|")[i] ?? "").join("|") + "|").join("\n"),
  };
}

function submission(scheduler: SchedulerAdapter, result: CommandResult): string {
  const answer = scheduler.parseSubmit(result);
  if (answer.kind === "accepted") {
    return `accepted ${answer.jobId}${answer.cluster ? ` on ${answer.cluster}` : ""}`;
  }
  if (answer.kind === "unclear") return `unclear: ${answer.reason}`;
  return `refused ${answer.again ? "for now" : "for good"}: ${answer.reason}`;
}

/** Some jobs, each with all that is known of it. */
export function sightings(jobs: readonly JobSighting[] | undefined): string {
  if (jobs === undefined) return "could not be asked";
  if (jobs.length === 0) return "not there";
  const shown = jobs.map(({ jobId, phase, word, exitCode, reason, token }) =>
    [
      `${jobId} ${phase} ${word}`,
      ...(exitCode === undefined ? [] : [`exit ${exitCode}`]),
      ...(token === undefined ? [] : [`token ${token}`]),
      ...(reason === undefined ? [] : [`(${reason})`]),
    ].join(" ")
  );
  return shown.length > 3
    ? `${shown.slice(0, 3).join("; ")}; and ${shown.length - 3} more`
    : shown.join("; ");
}
