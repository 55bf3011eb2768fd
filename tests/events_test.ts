/**
 * What events mean: `tests/events/*.txt` has cases, a study and what happens to it, line by line, as YAML:
 *
 *     steps: {a: {}, b: {depends: [a], job: true}}
 *     events: [submitting a attempt=1, submitted a jobId=7, ended a state=FAILED reason=bad, ready, kept]
 *
 * Below `---` is the line of `maestro events` for each, and the record of its step then. Further acts:
 *
 *     ready, ready 1               takes what may start
 *     study                        shows the record of the study
 *     kept                         which events a shorter journal keeps
 *     see ended a kind=exit        what a conductor concludes from a sighting
 *     ask hold a b                 what a request does
 *     rerun-set a, rerun-set only a    which steps run again
 *     overdue, tried-again         what a new conductor notes first
 */

import { interpret, overdue, takeReady, triedAgain } from "../lib/conduct/decide.ts";
import { requestEvents, rerunSet } from "../lib/conduct/requested.ts";
import type { Sighting } from "../lib/conduct/runner.ts";
import { bindStudy } from "../lib/plan/bind.ts";
import { expand } from "../lib/plan/plan.ts";
import { checkSpec } from "../lib/spec/spec.ts";
import type { YamlValue } from "../lib/spec/types.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { isStepEvent, type StudyEvent } from "../lib/study/events.ts";
import { compactionOf } from "../lib/study/journal/compaction.ts";
import { decodeJournal, encodeEvent } from "../lib/study/journal/format.ts";
import type { Plan } from "../lib/plan/types.ts";
import type { StudyRequest } from "../lib/study/requests.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import { outcome } from "../lib/study/state/outcome.ts";
import { nodeNamed } from "../lib/plan/plan_nodes.ts";
import type { Progress } from "../lib/study/state/progress.ts";
import { eventLine } from "../lib/view/render_events.ts";
import { isScheduledStep } from "./world/studies.ts";
import { assertEquals } from "./assert.ts";
import { readCases } from "./cases.ts";
import { OPTIONS, SETTINGS } from "./make.ts";

type Words = { [key: string]: YamlValue };

Deno.env.set("TZ", "UTC");

const CASES = new URL("./events/", import.meta.url);
/** 2026-01-01. */
const DAWN = 1_767_225_600_000;

function planOf({ steps, parameters }: Words) {
  const study = Object.entries(steps as Words).map(([name, words]) => {
    const { job, ...run } = words as Words;
    return { name, description: "d", run: { cmd: "true", ...run, ...(job ? { procs: "1" } : {}) } };
  });
  const value = {
    description: { name: "n", description: "d" },
    study,
    ...(parameters ? { "global.parameters": parameters } : {}),
  };
  const { spec, problems } = checkSpec(value as YamlValue, [{ name: "local", batchKeys: [] }]);
  const bound = spec && bindStudy(spec, OPTIONS).study;
  if (!bound || problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n"));
  return expand({ ...bound, batch: { type: "fake" } }, () => "");
}

/** `submitting a attempt=1`: numbers are numbers, `@5` is five seconds after dawn, `_` a blank. */
function eventOf(text: string, at: number): StudyEvent {
  const [event, ...words] = text.split(" ");
  const step = words[0]?.includes("=") ? undefined : words.shift();
  const fields = Object.fromEntries(words.map((word) => {
    const [, name, value] = /^(.*?)=(.*)$/.exec(word)!;
    const read = /^@/.test(value!)
      ? DAWN + Number(value!.slice(1)) * 1000
      : /^\d+$/.test(value!) && name !== "jobId"
      ? Number(value)
      : value === "true"
      ? true
      : value!.startsWith("{")
      ? JSON.parse(value!)
      : value!.replaceAll("_", " ");
    return [name, read];
  }));
  return { event, at, ...(step === undefined ? {} : { step }), ...fields } as StudyEvent;
}

const times = (text: string) => text.replace(/\b17672\d{8}\b/g, (time) => `@${(Number(time) - DAWN) / 1000}`);
/** What is known, without what is as at the beginning. */
const known = (record: object) =>
  times(JSON.stringify(Object.fromEntries(
    Object.entries(JSON.parse(JSON.stringify(record))).filter(([, value]) =>
      value !== 0 && value !== false && value !== undefined && !(Array.isArray(value) && value.length === 0)
    ),
  )));

function study(progress: Progress): string {
  const { counts, unended, forgiven, inFlight, unwanted, cancelling, settings, taken, closed, stoppedAt } =
    progress;
  const names = (nodes: Iterable<number>) => [...nodes].map((node) => progress.plan.nodes[node]!.name);
  const flight = {
    local: names(inFlight.local),
    scheduled: names(inFlight.scheduled),
    unwanted: names(unwanted),
  };
  return times(
    JSON.stringify({
      counts,
      unended,
      forgiven,
      ...flight,
      cancelling,
      throttle: settings.throttle,
      rlimit: settings.rlimit,
      taken,
      closed,
      stoppedAt,
      outcome: outcome(progress),
    }),
  );
}

function tell(_: string, text: string): Promise<string> {
  const words = parseYaml(text).value as Words;
  const plan = planOf(words);
  const isScheduled = (node: number) => isScheduledStep(plan.nodes[node]!.step);
  const settings = {
    ...SETTINGS,
    localJobs: 9,
    ...Object.fromEntries(
      Object.entries(words["settings"] as Words | undefined ?? {}).map((
        [key, value],
      ) => [key, Number(value)]),
    ),
  };
  const progress = newProgress(plan, settings, isScheduled);
  const compaction = compactionOf(plan);
  const events: StudyEvent[] = [];
  const lines = (words["events"] as string[]).flatMap((line, i) => {
    const at = DAWN + i * 1000;
    if (line === "study") return [study(progress)];
    if (line.startsWith("ready")) {
      const most = Number(line.split(" ")[1] ?? Infinity);
      const { local, scheduled } = takeReady(progress, at, most);
      const names = (nodes: readonly number[]) => nodes.map((node) => plan.nodes[node]!.name).join(" ");
      return [`ready: ${names(local)} | ${names(scheduled)}`];
    }
    if (line === "kept") {
      const kept = compaction.kept();
      return [
        `kept: ${
          kept === undefined
            ? "all"
            : events.flatMap((event, i) =>
              kept[i] ? [`${event.event} ${(event as { step?: string }).step ?? ""}`.trim()] : []
            ).join(", ")
        }`,
      ];
    }
    const [word, ...rest] = line.split(" ");
    const names = (nodes: readonly number[]) => nodes.map((node) => plan.nodes[node]!.name).join(" ");
    const nodes = (words: readonly string[]) => words.map((word) => nodeNamed(plan, word)!);
    if (word === "rerun-set") {
      const only = rest[0] === "only";
      return [`${line}: ${names(rerunSet(progress, nodes(only ? rest.slice(1) : rest), !only))}`];
    }
    if (word === "see") {
      return [`${line}:`, ...interpret(progress, sightingOf(plan, rest.join(" "), at)).flatMap(note)];
    }
    if (word === "ask") {
      const [ask, ...steps] = rest;
      const request = { ask, ...(steps.length > 0 ? { steps } : {}) } as StudyRequest;
      return [`${line}:`, ...requestEvents(progress, request, at).flatMap(note)];
    }
    if (line === "overdue") return [`${line}:`, ...overdue(progress, at).flatMap(note)];
    if (line === "tried-again") return [`${line}:`, ...triedAgain(progress, at).flatMap(note)];
    return note(eventOf(line, at));
  });
  return Promise.resolve(lines.join("\n"));

  function note(event: StudyEvent): string[] {
    // As a line of the journal it is the same.
    assertEquals(decodeJournal(`{"version":1}\n${encodeEvent(event)}`).events, [event]);
    events.push(event);
    compaction.see(event);
    applyEvent(progress, event);
    const node = isStepEvent(event) ? nodeNamed(plan, event.step) : undefined;
    return [eventLine(event), ...node === undefined ? [] : [`    ${known(progress.records[node]!)}`]];
  }
}

/** `ended a kind=exit exitCode=3`: what is seen of a step. */
function sightingOf(plan: Plan, text: string, at: number): Sighting {
  const { event: see, step, at: _, ...fields } = eventOf(text, at) as StudyEvent & { step: string };
  const { startedAt, ...end } = fields as { startedAt?: number };
  const more = see as string === "ended"
    ? { end, ...(startedAt === undefined ? {} : { startedAt }) }
    : fields;
  return { see, node: nodeNamed(plan, step)!, at, ...more } as unknown as Sighting;
}

for (const { name } of [...Deno.readDirSync(CASES)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  readCases(new URL(name, CASES), tell);
}
