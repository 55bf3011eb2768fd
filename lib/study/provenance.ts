/** What a study keeps of where it came from: `meta/` and `batch.info`, as Maestro has them. */

import { shellWord } from "../shell_words.ts";
import { type Typed, type TypedMap, typedRaw, typedText, typedYaml } from "../spec/typed_yaml.ts";
import { HIDDEN, hider, safeEnvironment } from "./secrets.ts";
import type { Plan, PlanStep } from "../plan/types.ts";
import type { Spec } from "../spec/types.ts";
import { parseYaml, rawOf, stringifyYaml } from "../spec/yaml.ts";

/** `batch.info`: the batch block, with its types. */
export function batchInfo(spec: Spec): string {
  const { batch } = spec;
  return typedYaml(typedRaw(rawOf(batch) ?? batch) as TypedMap);
}

/** `meta/parameters.yaml`: for each combination its labels, and its values with their types. */
export function parametersYaml(spec: Spec): string {
  const { parameters } = spec;
  const count = parameters[0]?.values.length ?? 0;
  const combos = new Map<string, Typed>();
  for (let combo = 0; combo < count; combo++) {
    const name = parameters.map((parameter) => parameter.labels[combo]!).join(".");
    const labels = parameters.map(({ key, labels }) => [`$(${key}.label)`, labels[combo]!] as const);
    const params = parameters.map(({ key, values, raws }) =>
      [`$(${key})`, typedText(values[combo]!, raws)] as const
    );
    combos.set(name, new Map<string, Typed>([["labels", new Map(labels)], ["params", new Map(params)]]));
  }
  return typedYaml(combos);
}

/** Maestro's step before all steps. */
const SOURCE = "_source";

/** `meta/metadata.yaml`: which step depends on what, uses which parameters, and where its combinations work. */
export function metadataYaml({ study: { parameters, root }, steps, nodes }: Plan): string {
  const source = (value: Typed) => [SOURCE, value] as const;
  const names = (indices: readonly number[]) => new Set(indices.map((i) => steps[i]!.name));
  const sets = (of: (step: PlanStep) => ReadonlySet<string>) =>
    new Map([...steps.map((step) => [step.name, of(step)] as const), source(new Set())]);
  const workspaces = nodes.map(({ name, workspace }) => [name, workspace] as const);
  const combinations = steps.map(({ name, first, end }) =>
    [name, new Map(workspaces.slice(first, end))] as const
  );
  return typedYaml(
    new Map<string, Typed>([
      ["dependencies", sets(({ depends }) => names(depends))],
      ["hub_dependencies", sets(({ funnels }) => names(funnels))],
      ["step_combinations", new Map<string, Typed>([...combinations, source(root)])],
      ["used_parameters", sets(({ uses }) => new Set(uses.map((use) => parameters[use]!.key)))],
      ["workspaces", new Map([...workspaces, source(root)])],
    ]),
  );
}

/** How a study was asked for. */
export interface Origin {
  readonly maestro: string;
  /** The words behind `maestro`, if there was a command line. */
  readonly words?: readonly string[];
  readonly folder: string;
  readonly host: string;
  readonly user: string;
  /** `--define`, name to text. */
  readonly define: Readonly<Record<string, string>>;
  /** The parameter generator as it was named, by an option or by the spec. */
  readonly pgen?: string;
  /** Its arguments, from options and from the spec. */
  readonly pargs: Readonly<Record<string, string>>;
}

/** `meta/run.yaml`: the command line that made the study, and what it set. */
export function runYaml({ maestro, words, folder, host, user, define, pgen, pargs }: Origin): string {
  return stringifyYaml({
    maestro,
    ...(words ? { command: commandLineText(["maestro", ...words.map(safeWord)]) } : {}),
    folder,
    host,
    user,
    define: safeEnvironment(define),
    ...(pgen === undefined ? {} : { pgen, pargs: safeEnvironment(pargs) }),
  });
}

/** The texts of `meta/run.yaml`: what there is of `runYaml`'s; studies of earlier versions have none. */
export function readRunYaml(text: string): Readonly<Partial<Record<string, string>>> {
  const { value } = parseYaml(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** A word of a command line without the value that it may give to something secret. */
function safeWord(word: string): string {
  const [, option = "", name, value] = /^(--?[a-z-]+=)?(\w+)([=:].*)$/s.exec(word) ?? [];
  const hidden = hider(new Set())(word);
  if (hidden !== word) return hidden;
  if (name === undefined) return word;
  const { [name]: kept } = safeEnvironment({ [name]: value! });
  return kept === value ? word : `${option}${name}${value![0]}${HIDDEN}`;
}

/** Words as a line for a shell. */
export function commandLineText(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}
