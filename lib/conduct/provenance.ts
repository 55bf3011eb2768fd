/** What a study keeps of where it came from: `meta/` and `batch.info`, as Maestro has them. */

import { paramsOf } from "../plan/node_text.ts";
import { shellWord } from "../errors.ts";
import type { Plan, Spec, YamlValue } from "../types.ts";
import { parseYaml, stringifyYaml } from "../spec/yaml.ts";

/** Names of environment variables whose values are not written down. */
const SECRET_NAME =
  /(^|_)(TOKEN|SECRET|SECRETS|PASS|PASSWD|PASSWORD|PASSPHRASE|PW|PAT|KEY|KEYS|APIKEY|CREDENTIAL|CREDENTIALS|AUTH|AUTHORIZATION|COOKIE|PRIVATE|SIGNATURE|SAS|DSN|PWD_HASH)(_|\d|$)|_PWD$/i;
const SECRET_WORD =
  /secret|passw|passphrase|passcode|token|credential|apikey|api_key|private_key|access_key|auth_/i;
/** A password in a URL, a bearer token, a private key, or a token of a well-known format. */
const SECRET_VALUE =
  /:\/\/[^/\s:@]*:[^/\s@]+@|\bBearer\s|-----BEGIN|\b((gh[pousr]|github_pat|npm|hf)_\w{16}|(glpat|xox[a-z]|sk)-[\w-]{16}|AKIA[A-Z0-9]{16}|eyJ[\w-]{16,}\.)/;
const HIDDEN = "(not written down: it may be a secret)";

/** Environment variables with what may be secret left out, in order of name. */
export function safeEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(env).sort();
  return Object.fromEntries(names.map((name) => {
    const secret = SECRET_NAME.test(name) || SECRET_WORD.test(name) || SECRET_VALUE.test(env[name]!);
    return [name, secret ? HIDDEN : env[name]!];
  }));
}

/** `batch.info`: the batch block, keys in order. */
export function batchInfo(spec: Spec): string {
  return stringifyYaml(spec.batch as YamlValue, { sortKeys: true });
}

/** `meta/parameters.yaml`: for each combination its labels and values. */
export function parametersYaml(spec: Spec): string {
  const { parameters } = spec;
  const count = parameters[0]?.values.length ?? 0;
  const combos: Record<string, YamlValue> = {};
  for (let combo = 0; combo < count; combo++) {
    const name = parameters.map((parameter) => parameter.labels[combo]!).join(".");
    combos[name] = {
      labels: Object.fromEntries(parameters.map(({ key, labels }) => [`$(${key}.label)`, labels[combo]!])),
      params: Object.fromEntries(parameters.map(({ key, values }) => [`$(${key})`, values[combo]!])),
    };
  }
  return stringifyYaml(combos);
}

/** `meta/metadata.yaml`: which step depends on what, uses which parameters, and where its combinations work. */
export function metadataYaml(plan: Plan): string {
  const { parameters } = plan.study;
  const steps = plan.steps.map((step) => ({ step, nodes: plan.nodes.slice(step.first, step.end) }));
  const table = <T>(value: (entry: typeof steps[number]) => T) =>
    Object.fromEntries(steps.map((entry) => [entry.step.name, value(entry)]));
  return stringifyYaml({
    dependencies: table(({ step }) => step.depends.map((i) => plan.steps[i]!.name)),
    hub_dependencies: table(({ step }) => step.funnels.map((i) => plan.steps[i]!.name)),
    used_parameters: table(({ step }) => step.uses.map((use) => parameters[use]!.key)),
    step_combinations: table(({ nodes }) =>
      Object.fromEntries(nodes.map((node) => [node.name, node.workspace]))
    ),
    parameters: table(({ step, nodes }) =>
      step.uses.length === 0 ? {} : Object.fromEntries(nodes.map((node) => [node.name, paramsOf(plan, node)]))
    ),
  });
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
  /** What it was told, by options and by the spec. */
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
  if (SECRET_VALUE.test(word)) return HIDDEN;
  if (name === undefined) return word;
  const { [name]: kept } = safeEnvironment({ [name]: value! });
  return kept === value ? word : `${option}${name}${value![0]}${HIDDEN}`;
}

/** Words as a line for a shell. */
export function commandLineText(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}
