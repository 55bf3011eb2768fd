/**
 * An adapter in one JavaScript file, without imports: `export default (kit) => ({ name: ..., ... })`. The file is a
 * program, which this process runs: who may load one is in `own_adapter.ts`.
 */

import { kit } from "../../adapters/kit.ts";
import type { Adapter, Query, SchedulerAdapter } from "../../adapters/adapter.ts";
import type { PlacedProblem } from "../spec/types.ts";
import { didYouMean } from "../suggest.ts";
import type { System } from "../system.ts";

/** What a field has to be. */
type Kind = "text" | "texts" | "mapping" | "function" | "list" | "flag" | "number";

interface FieldRule {
  readonly kind: Kind;
  readonly optional?: true;
  /** The fields of an object, or of each item of a list. */
  readonly fields?: Rules | undefined;
}
type Rules = Readonly<Record<string, FieldRule>>;
/** A rule for each field of an interface: the compiler names a new one. */
type RulesOf<T> = { readonly [FIELD in keyof Required<T>]: FieldRule };

const need = (kind: Kind, fields?: Rules): FieldRule => ({ kind, fields });
const may = (kind: Kind, fields?: Rules): FieldRule => ({ kind, fields, optional: true });

/** Fields of the description. `logName` is not among them: readers of a study name its logs without this program. */
const DESCRIPTION: RulesOf<Omit<Adapter, "logName">> = {
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

const COMMAND: Rules = { argv: need("function"), parse: need("function") };
const QUERY: RulesOf<Query> = { ...COMMAND, most: may("number") } as RulesOf<Query>;

const SCHEDULER: RulesOf<SchedulerAdapter> = {
  version: need("mapping", { program: need("text"), argv: need("texts") }),
  submit: need("function"),
  parseSubmit: need("function"),
  queries: need("list", QUERY),
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
  bulk: may("mapping", {
    most: need("number"),
    argv: need("texts"),
    input: need("function"),
    parse: need("function"),
  }),
  lacking: may("function"),
  noHistory: may("text"),
  seconds: may("function"),
  checks: may("list"),
  pack: may("mapping", { folders: may("texts"), names: may("texts"), set: may("mapping") }),
  uptime: may("mapping", COMMAND),
  usage: may("mapping"),
};

const WORDS: Readonly<Record<Kind, string>> = {
  text: "a text",
  texts: "a list of texts",
  mapping: "an object",
  function: "a function",
  list: "a list of objects",
  flag: "true",
  number: "a number above 0",
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
  try {
    const { default: exported } = await system.loadModule(text) as { default?: unknown };
    const made = typeof exported === "function" ? exported(kit) : exported;
    if (!isObject(made) || made instanceof Promise) {
      const what = made instanceof Promise ? "The function returns a promise" : "The file exports no adapter";
      const hint = "Write export default (kit) => ({ name: ..., ... })";
      return { problems: [wrong(what, hint, placeOf(text, "export"))] };
    }
    const problems = problemsOf(made).map(({ message, field }) =>
      wrong(message, "docs/add-a-scheduler.md shows all fields.", placeOf(text, field))
    );
    return problems.length > 0 ? { problems } : { adapter: adapterOf(made), problems: [] };
  } catch (error) {
    const { message, at } = explained(error);
    return { problems: [wrong(`The adapter cannot be loaded: ${message}`, "Correct the file.", at)] };
  }
}

interface Place {
  readonly line: number;
  readonly column: number;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Comments and texts, in which the words of an import mean nothing. A text that begins in a pattern ends with its line. */
const NO_CODE = /\/\*[\s\S]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g;
/** Not `import.meta`, a field, or a word like `reimport`. */
const IMPORT = /(?<![\w$.])import\b(?!\s*[.:,}=])|(?<![\w$.])export\b[^;()=]*?\bfrom\s*""/;

/** The first import in a text. */
function importIn(text: string): Place | undefined {
  const code = text.replace(NO_CODE, (part) => {
    const blank = part.replace(/[^\n]/g, " ");
    return /^["']/.test(part) ? `""${blank.slice(2)}` : blank;
  });
  const found = IMPORT.exec(code);
  return found ? placeAt(text, found.index) : undefined;
}

function placeAt(text: string, index: number): Place {
  const before = text.slice(0, index).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** The place of a field in the text. For a field that is missing, the place of the export. */
function placeOf(text: string, field: string): Place {
  const name = field.replace(/[^\w]/g, "");
  const found = text.search(
    new RegExp(`(?<![\\w."'])["']?${name}["']?\\s*[:(,}\\n]|(?<!\\w)${name}\\b(?= default)`),
  );
  const index = found >= 0 ? found : Math.max(0, text.indexOf("export default"));
  return placeAt(text, index);
}

/** An error of the runtime in its own words, and its place in the file: it names a data URL. */
export function explained(error: unknown): { message: string; at: Place | undefined } {
  // deno-lint-ignore no-control-regex
  const plain = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, "");
  const { message, stack = "" } = error instanceof Error ? error : new Error(wordsOf(error));
  const place = /data:text\/javascript\S*?:(\d+):(\d+)(?!\d)/.exec(plain(`${message}\n${stack}`));
  const first = plain(message).split("\n")[0]!.replace(/ at data:.*$/, "").replace(/^SyntaxError: /, "");
  return { message: first, at: place ? { line: Number(place[1]), column: Number(place[2]) } : undefined };
}

/** Anything can be thrown, even what has no words. */
function wordsOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "what it throws has no words";
  }
}

/** All that is missing or wrong. */
function problemsOf(made: Record<string, unknown>): { message: string; field: string }[] {
  const problems = lackOf(made, DESCRIPTION, "");
  if (isObject(made["scheduler"])) problems.push(...lackOf(made["scheduler"], SCHEDULER, "scheduler."));
  for (const [field, rule, words] of FORMS) {
    const value = made[field];
    if (typeof value === "string" && value !== "" && !rule.test(value)) {
      problems.push({ message: `"${field}" is ${words}, not ${JSON.stringify(value)}`, field });
    }
  }
  return problems;
}

/** Texts that become parts of names. */
const FORMS: readonly (readonly [field: string, rule: RegExp, words: string])[] = [
  ["name", /^(?!local$)[a-z][a-z0-9_]*$/, "letters, digits and _, in lower case, and not local"],
  ["infix", /^\w[\w.-]*$/, "letters, digits, _, - and ."],
  ["jobIdSign", /^[^\s/\\]+$/, "a word without / and \\"],
];

function lackOf(
  made: Record<string, unknown>,
  rules: Rules,
  prefix: string,
): { message: string; field: string }[] {
  const unknown = Object.keys(made).filter((field) => !Object.hasOwn(rules, field)).map((field) => {
    const guess = didYouMean(field, Object.keys(rules));
    return { message: `Unknown field "${prefix}${field}"${guess === undefined ? "" : `. ${guess}`}`, field };
  });
  const wrong = Object.entries(rules).flatMap(([field, { kind, optional, fields }]) => {
    const value = made[field];
    const name = `${prefix}${field}`;
    if (value === undefined) {
      return optional ? [] : [{ message: `Missing field "${name}": ${WORDS[kind]}`, field: "export" }];
    }
    if (!isOf(kind, value)) {
      return [{ message: `"${name}" is ${WORDS[kind]}, not ${shown(value)}`, field }];
    }
    if (fields === undefined) return [];
    return isObject(value)
      ? lackOf(value, fields, `${name}.`)
      : (value as Record<string, unknown>[]).flatMap((item, i) => lackOf(item, fields, `${name}[${i}].`));
  });
  return [...unknown, ...wrong];
}

function shown(value: unknown): string {
  return (typeof value === "object" ? JSON.stringify(value) : String(value)).slice(0, 200);
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
    case "list":
      return Array.isArray(value) && value.length > 0 && value.every(isObject);
    case "flag":
      return value === true;
    case "number":
      return typeof value === "number" && value > 0;
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
