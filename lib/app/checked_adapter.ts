/**
 * An adapter from a file, as conductors use it. Its functions may throw, or return anything. Then they gave no answer:
 * a job that may exist stays one that may exist.
 */

import type {
  Adapter,
  JobPhase,
  JobSighting,
  Query,
  SchedulerAdapter,
  Submission,
} from "../../adapters/adapter.ts";
import { AdapterFault } from "../errors.ts";

const PHASES: Readonly<Record<JobPhase, true>> = {
  pending: true,
  running: true,
  finished: true,
  failed: true,
  timedout: true,
  hwfailure: true,
  preempted: true,
  oom: true,
  cancelled: true,
  unknown: true,
};

type Fits = (value: unknown) => boolean;

const isText: Fits = (value) => typeof value === "string";
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const isCommand: Fits = (value) => Array.isArray(value) && value.length > 0 && value.every(isText);
const isQuery: Fits = (value) =>
  isObject(value) && typeof value["argv"] === "function" && typeof value["parse"] === "function";
const isSighting: Fits = (value) =>
  isObject(value) && isText(value["jobId"]) && isText(value["word"]) &&
  Object.hasOwn(PHASES, String(value["phase"]));
const areSightings: Fits = (value) =>
  value === undefined || (Array.isArray(value) && value.every(isSighting));

function isSubmission(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { kind, jobId, reason } = value;
  return kind === "accepted"
    ? isText(jobId) && jobId !== ""
    : (kind === "refused" || kind === "unclear") && isText(reason);
}

/** Calls a function of the adapter. */
function answer<T>(name: string, call: () => T, fits: Fits): T {
  let value: T;
  try {
    value = call();
  } catch (error) {
    throw new AdapterFault(
      `${name} of the adapter throws: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (fits(value)) return value;
  throw new AdapterFault(
    `${name} of the adapter returns what it may not: ${JSON.stringify(value)?.slice(0, 200)}`,
  );
}

function checkedQuery(name: string, query: Query): Query {
  return {
    ...query,
    argv: (...all) => answer(`${name}.argv`, () => query.argv(...all), isCommand),
    parse: (...all): JobSighting[] | undefined =>
      answer(`${name}.parse`, () => query.parse(...all), areSightings),
  };
}

export function checkedAdapter(adapter: Adapter): Adapter {
  const given = adapter.scheduler!;
  const { bulk } = given;
  const scheduler: SchedulerAdapter = {
    ...given,
    submit: (...all) => answer("submit", () => given.submit(...all), isCommand),
    parseSubmit(result): Submission {
      try {
        return answer("parseSubmit", () => given.parseSubmit(result), isSubmission);
      } catch (error) {
        return { kind: "unclear", reason: (error as Error).message };
      }
    },
    ...(bulk && {
      bulk: {
        ...bulk,
        input: (all) => answer("bulk.input", () => bulk.input(all), isText),
        parse(result, count) {
          const isList: Fits = (value) => value === undefined || Array.isArray(value);
          try {
            return answer("bulk.parse", () => bulk.parse(result, count), isList);
          } catch {
            // It may have submitted any of them.
            return Array.from({ length: count }, () => undefined);
          }
        },
      },
    }),
    queries: given.queries.map((query, i) => checkedQuery(`queries[${i}]`, query)),
    find: (token) => checkedQuery("find", answer("find", () => given.find(token), isQuery)),
    cancel: (...all) => answer("cancel", () => given.cancel(...all), isCommand),
    cancelMeansGone: (result) =>
      answer("cancelMeansGone", () => given.cancelMeansGone(result), (value) => typeof value === "boolean"),
  };
  return { ...adapter, scheduler };
}
