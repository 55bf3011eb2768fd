/**
 * What adapters make of a job, and of their schedulers' answers. `tests/answers/SCHEDULER.txt` has cases:
 *
 *     === job: title                   what a step asks for, as JSON -> header, submission, launcher
 *     === submission exit 1: title     an answer; lines with `2> ` are of standard error
 *     === query 0 (ids 1 2): title     an answer to the first query; also `find TOKEN`, `cancel`
 *     === environment: title           names of variables -> which do not reach a command
 *     ---
 *     what the adapter makes of it
 *
 * `deno task update` writes what is below `---`. Answers of real schedulers are in `adapters/NAME/recorded`; here is each word
 * of their manuals, and what no one could record.
 */

import { quote } from "../lib/shell_words.ts";
import type { Adapter, CommandResult, JobSighting, SubmitRequest } from "../adapters/adapter.ts";
import type { Batch } from "../lib/spec/types.ts";
import { findAdapter } from "../adapters/mod.ts";
import { fillTemplate, shellFields } from "../lib/plan/script.ts";
import { readCases } from "./cases.ts";

const FOLDER = new URL("./answers/", import.meta.url);
const CONTEXT = { user: "alice", since: Date.UTC(2026, 10, 22, 12) };

const line = (argv: readonly string[]) =>
  argv.map((word) => /^[\w.,:+=@%/{}$-]+$/.test(word) ? word : quote(word)).join(" ");

/** What a step asks for, and the reports about its job. */
interface Asked extends Omit<Partial<SubmitRequest>, "batch"> {
  /** What the installed version does not have. */
  readonly old?: readonly string[];
  readonly batch?: Partial<Batch>;
}

function job(adapter: Adapter, text: string): string {
  const { old = [], batch = {}, resources = {}, ...more }: Asked = JSON.parse(text);
  const name = more.jobName ?? "s_A.1";
  const lacks = new Set(old);
  const request: SubmitRequest & { description: string } = {
    ...{ script: "/out/s/A.1/s.sh", workspace: "/out/s/A.1", jobName: name, token: "k3x9-17-1" },
    ...{ description: "Does it.", out: adapter.logName(name, "out"), err: adapter.logName(name, "err") },
    ...{ resources, lacks, ...more, batch: { ...batch, type: adapter.name } },
  };
  const { nodes, procs } = resources;
  const launched = adapter.launcher({ nodes, procs, resources, batch: request.batch, lacks });
  return [
    fillTemplate(adapter.template, shellFields(adapter, request)).trim(),
    `$ ${line(adapter.scheduler?.submit(request, lacks) ?? [])}`,
    `launcher: ${line(launched)}`,
  ].join("\n");
}

function answer(title: string, text: string): CommandResult {
  const [out, err] = [/^(?!2> )/, /^2> /].map((start) =>
    text.split(/(?<=\n)/).filter((one) => start.test(one)).map((one) => one.replace(/^2> /, "")).join("")
  );
  const code = Number(/ exit (\d+)/.exec(title)?.[1] ?? 0);
  return { code, stdout: out!, stderr: err!, timedOut: title.includes("(timed out)") };
}

function sightings(jobs: readonly JobSighting[] | undefined): string {
  if (jobs === undefined) return "could not be asked";
  return jobs.length === 0
    ? "not there"
    : jobs.map(({ jobId, phase, word, ...more }) =>
      [`${jobId} ${phase} ${word}`, ...Object.entries(more).map(([key, value]) => `${key}: ${value}`)].join(
        "  ",
      )
    ).join("\n");
}

function show(adapter: Adapter, title: string, text: string): string {
  const scheduler = adapter.scheduler!;
  const [kind, word] = title.split(/[ :]/);
  const given = / \(ids (.*?)\)/.exec(title)?.[1]?.split(" ");
  const ids = given ?? Array.from({ length: 99 }, (_, i) => String(i + 1));
  const lacks = new Set(/ \(without (.*?)\)/.exec(title)?.[1]?.split(", "));
  const cluster = / \(cluster (.*?)\)/.exec(title)?.[1];
  const context = { ...CONTEXT, lacks, ...(cluster === undefined ? {} : { cluster }) };
  if (kind === "job") return job(adapter, text);
  const result = answer(title, text);
  switch (kind) {
    case "submission": {
      const lacking = scheduler.lacking?.(result);
      const { kind, ...more } = scheduler.parseSubmit(result);
      const known = Object.entries(more).map(([key, value]) => `${key}: ${value}`);
      return [kind, ...known, ...(lacking === undefined ? [] : [`lacks: ${lacking}`])].join("  ");
    }
    case "query": {
      const query = scheduler.queries[Number(word)]!;
      const lacking = scheduler.lacking?.(result);
      const asked = `$ ${line(query.argv(ids.slice(0, given ? query.most : 1), context))}`;
      return [
        asked,
        sightings(query.parse(result, ids)),
        ...(lacking === undefined ? [] : [`lacks: ${lacking}`]),
      ]
        .join("\n");
    }
    case "find": {
      const query = scheduler.find(word!);
      return [`$ ${line(query.argv([], context))}`, sightings(query.parse(result, []))].join("\n");
    }
    case "cancel":
      return [
        `$ ${line(scheduler.cancel(["7", "8"], context))}`,
        scheduler.cancelMeansGone(result) ? "gone" : "not gone",
      ]
        .join("\n");
    case "environment": {
      const names = text.trim().split(/\s+/);
      const dropped = (entries: readonly string[]) =>
        names.filter((name) =>
          entries.some((one) => one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one)
        )
          .join(" ");
      const { clearedEnv, notSubmitted, ofJobs, beforeHeader = {} } = scheduler;
      const headers = names.filter((name) => name in beforeHeader).map((name) =>
        `${name} goes before ${beforeHeader[name]}`
      );
      return [
        `queries: ${dropped(clearedEnv)}`,
        `submissions: ${dropped(notSubmitted)}`,
        `other jobs: ${dropped(ofJobs)}`,
        ...headers,
      ].join("\n");
    }
  }
  throw new Error(`not a case: ${title}`);
}

for (const { name } of [...Deno.readDirSync(FOLDER)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  const adapter = findAdapter(name.replace(".txt", ""))!;
  readCases(new URL(name, FOLDER), (title, text) => Promise.resolve(show(adapter, title, text)));
}
