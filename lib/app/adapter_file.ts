/**
 * An adapter in one JavaScript file, without imports: `export default (kit) => ({ name: ..., ... })`. The file is a
 * program, which this process runs: who may load one is in `own_adapter.ts`.
 */

import { kit } from "../../adapters/kit.ts";
import type { Adapter, SchedulerAdapter } from "../../adapters/adapter.ts";
import type { PlacedProblem } from "../spec/types.ts";
import { didYouMean } from "../suggest.ts";
import type { System } from "../system.ts";

/** What a field has to be. */
type Kind = "text" | "texts" | "mapping" | "function" | "queries" | "flag";

interface FieldRule {
  readonly kind: Kind;
  readonly optional?: true;
}

const need = (kind: Kind): FieldRule => ({ kind });
const may = (kind: Kind): FieldRule => ({ kind, optional: true });

/** Fields of the description. `logName` is not among them: readers of a study name its logs without this program. */
const DESCRIPTION: Readonly<Record<string, FieldRule>> = {
  name: need("text"),
  template: need("text"),
  batchKeys: need("texts"),
  fields: need("function"),
  launcher: need("function"),
  scheduler: need("mapping"),
  infix: may("text"),
  ignores: may("mapping"),
  jobIdSign: may("text"),
  otherNames: may("texts"),
  own: may("mapping"),
  launcherArgs: may("flag"),
  laterLines: may("texts"),
};

const SCHEDULER: Readonly<Record<string, FieldRule>> = {
  version: need("mapping"),
  submit: need("function"),
  parseSubmit: need("function"),
  queries: need("queries"),
  find: need("function"),
  cancel: need("function"),
  cancelMeansGone: need("function"),
  environment: may("texts"),
  clearedEnv: may("texts"),
  notSubmitted: may("texts"),
  ofJobs: may("texts"),
  jobIdVariables: may("texts"),
  jobNameVariables: may("texts"),
  beforeHeader: may("mapping"),
  commandMark: may("text"),
  bulk: may("mapping"),
  lacking: may("function"),
  noHistory: may("text"),
  seconds: may("function"),
  checks: may("queries"),
  pack: may("mapping"),
};

const WORDS: Readonly<Record<Kind, string>> = {
  text: "a text",
  texts: "a list of texts",
  mapping: "an object",
  function: "a function",
  queries: "a list of objects",
  flag: "true",
};

export type AdapterFile = { readonly adapter: Adapter; readonly problems: readonly [] } | {
  readonly adapter?: undefined;
  readonly problems: readonly PlacedProblem[];
};

/** Runs the text of a file, and makes an adapter of what it exports; or all that is wrong with it. */
export async function adapterFrom(system: System, file: string, text: string): Promise<AdapterFile> {
  const wrong = (message: string, hint: string, at: Place = { line: 1, column: 1 }): PlacedProblem => ({
    ...{ level: "error", message, path: [], at: "value", file, hint },
    ...at,
    source: text.split("\n")[at.line - 1] ?? "",
  });
  const imported = importIn(text);
  if (imported) {
    const hint = "The file gets its helpers as the argument of the function that it exports.";
    return { problems: [wrong("An adapter's file imports nothing", hint, imported)] };
  }
  let made: unknown;
  try {
    const { default: exported } = await system.loadModule(text) as { default?: unknown };
    made = typeof exported === "function" ? exported(kit) : exported;
  } catch (error) {
    const { message, at } = explained(error);
    return { problems: [wrong(`The adapter cannot be loaded: ${message}`, "Correct the file.", at)] };
  }
  if (!isObject(made)) {
    const hint = "Write export default (kit) => ({ name: ..., ... })";
    return { problems: [wrong("The file exports no adapter", hint, placeOf(text, "export"))] };
  }
  const problems = problemsOf(made).map(({ message, field }) =>
    wrong(message, "docs/add-a-scheduler.md shows all fields.", placeOf(text, field))
  );
  return problems.length > 0 ? { problems } : { adapter: adapterOf(made), problems: [] };
}

interface Place {
  readonly line: number;
  readonly column: number;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The first import in a text; comments may speak of one. */
function importIn(text: string): Place | undefined {
  const lines = text.split("\n");
  const line = lines.findIndex((source) =>
    /^\s*import\b[^(]*["'{*\w]|^\s*export\b.*\bfrom\s*["']/.test(source)
  );
  return line < 0 ? undefined : { line: line + 1, column: lines[line]!.search(/\S/) + 1 };
}

/** The place of a field in the text. For a field that is missing, the place of the export. */
function placeOf(text: string, field: string): Place {
  const name = field.replace(/[^\w]/g, "");
  const found = text.search(
    new RegExp(`(?<![\\w."'])["']?${name}["']?\\s*[:(,}\\n]|(?<!\\w)${name}\\b(?= default)`),
  );
  const index = found >= 0 ? found : Math.max(0, text.indexOf("export default"));
  const before = text.slice(0, index).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** An error of the runtime in its own words, and its place in the file: it names a data URL. */
export function explained(error: unknown): { message: string; at: Place | undefined } {
  // deno-lint-ignore no-control-regex
  const plain = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, "");
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  const place = /data:text\/javascript\S*?:(\d+):(\d+)(?!\d)/.exec(plain(`${message}\n${stack}`));
  const first = plain(message).split("\n")[0]!.replace(/ at data:.*$/, "").replace(/^SyntaxError: /, "");
  return { message: first, at: place ? { line: Number(place[1]), column: Number(place[2]) } : undefined };
}

/** All that is missing or wrong. */
function problemsOf(made: Record<string, unknown>): { message: string; field: string }[] {
  const problems = lackOf(made, DESCRIPTION, "");
  if (isObject(made["scheduler"])) problems.push(...lackOf(made["scheduler"], SCHEDULER, "scheduler."));
  const name = made["name"];
  if (typeof name === "string" && !/^[a-z][a-z0-9_]*$/.test(name)) {
    problems.push({
      message: `"name" is letters, digits and _, in lower case, not ${JSON.stringify(name)}`,
      field: "name",
    });
  }
  return problems;
}

function lackOf(
  made: Record<string, unknown>,
  rules: Readonly<Record<string, FieldRule>>,
  prefix: string,
): { message: string; field: string }[] {
  const unknown = Object.keys(made).filter((field) => !Object.hasOwn(rules, field)).map((field) => {
    const guess = didYouMean(field, Object.keys(rules));
    return { message: `Unknown field "${prefix}${field}"${guess === undefined ? "" : `. ${guess}`}`, field };
  });
  const wrong = Object.entries(rules).flatMap(([field, { kind, optional }]) => {
    const value = made[field];
    if (value === undefined) {
      return optional
        ? []
        : [{ message: `Missing field "${prefix}${field}": ${WORDS[kind]}`, field: "export" }];
    }
    if (isOf(kind, value)) return [];
    return [{
      message: `"${prefix}${field}" is ${WORDS[kind]}, not ${JSON.stringify(value) ?? typeof value}`,
      field,
    }];
  });
  return [...unknown, ...wrong];
}

function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string" && value !== "";
    case "texts":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "mapping":
      return isObject(value);
    case "function":
      return typeof value === "function";
    case "queries":
      return Array.isArray(value) && value.every(isObject);
    case "flag":
      return value === true;
  }
}

/** The adapter, with what its file leaves out. */
function adapterOf(made: Record<string, unknown>): Adapter {
  const given = made as unknown as Omit<Adapter, "scheduler" | "logName"> & {
    readonly scheduler: SchedulerAdapter;
  };
  const infix = given.infix ?? given.name;
  return {
    ...{ ignores: {} },
    ...given,
    infix,
    logName: logNameOf(given.jobIdSign),
    scheduler: {
      ...{ environment: [], clearedEnv: [], notSubmitted: [], ofJobs: [], jobIdVariables: [] },
      ...given.scheduler,
    },
  };
}

/** How logs of adapters in files are named: what readers of a study know, too. */
export function logNameOf(jobIdSign: string | undefined): Adapter["logName"] {
  const sign = jobIdSign === undefined ? "" : `.${jobIdSign}`;
  return (jobName, stream) => `${kit.plainName(jobName)}${sign}.${stream}`;
}
