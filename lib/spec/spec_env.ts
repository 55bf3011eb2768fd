/** `env` of a spec: variables, labels, sources and dependencies. Checks that their names differ. */

import * as problem from "./problems.ts";
import { RESERVED_NAMES } from "./spec_keys.ts";
import { valueText } from "./spec_parameters.ts";
import { isMapping, isNothing, listOf, mappingOf, readLevel, type Section, textOf } from "./spec_values.ts";
import type { GitDependency, NamedText, Problem, SpecPath, YamlValue } from "./types.ts";

/** The parts of a `Spec` that come from `env`. */
export interface EnvSection {
  readonly variables: NamedText[];
  readonly labels: NamedText[];
  readonly sources: string[];
  readonly pathDependencies: NamedText[];
  readonly gitDependencies: GitDependency[];
}

/** Reads `env`, and reports what is wrong with it. */
export function readEnvironment(value: { [key: string]: YamlValue }, problems: Problem[]): EnvSection {
  const env = readLevel(value, "env", { name: '"env"', path: ["env"] }, problems);
  const at: SpecPath = ["env", "dependencies"];
  const where = { name: '"env.dependencies"', path: at };
  const dependencies = readLevel(mappingOf(env, "dependencies"), "dependencies", where, problems);
  if (!isNothing(dependencies.get("spack"))) problems.push(problem.spackDependency([...at, "spack"]));

  const names = new Map<string, string>();
  const claim = (name: string, kind: string, path: SpecPath, place: "key" | "value") => {
    const reserved = Object.hasOwn(RESERVED_NAMES, name) ? RESERVED_NAMES[name] : undefined;
    const taken = names.get(name);
    if (reserved !== undefined) problems.push(problem.nameReserved(name, path, place, reserved));
    else if (taken !== undefined) problems.push(problem.nameTaken(name, kind, path, place, taken));
    else names.set(name, kind);
  };
  return {
    variables: readNames(env, "variables", "variable", claim, problems),
    labels: readNames(env, "labels", "label", claim, problems),
    sources: readSources(listOf(env, "sources"), problems),
    pathDependencies: readPaths(listOf(dependencies, "paths"), claim, problems),
    gitDependencies: readGit(listOf(dependencies, "git"), claim, problems),
  };
}

type Claim = (name: string, kind: string, path: SpecPath, at: "key" | "value") => void;

function readNames(env: Section, key: string, kind: string, claim: Claim, problems: Problem[]): NamedText[] {
  return Object.entries(mappingOf(env, key)).flatMap(([name, text]) => {
    const path = ["env", key, name];
    if (name === "") problems.push(problem.emptyName(kind, path));
    else claim(name, kind, path, "key");
    // Maestro takes a list for a label, and prints it.
    const whole = kind === "label" && text !== null && typeof text === "object" ? valueText(text) : text;
    if (typeof whole === "string" && whole !== "") return [{ name, text: whole }];
    problems.push(problem.noValue(kind, name, path, text));
    return [];
  });
}

function readSources(items: readonly YamlValue[], problems: Problem[]): string[] {
  return items.flatMap((item, i) => {
    if (typeof item === "string" && item !== "") return [item];
    problems.push(problem.wrongThing(`Item ${i + 1} of "sources"`, ["env", "sources", i], "text", item));
    return [];
  });
}

function readPaths(items: readonly YamlValue[], claim: Claim, problems: Problem[]): NamedText[] {
  return readItems(items, "path", "paths", claim, problems)
    .map(({ item }) => ({ name: textOf(item, "name"), text: textOf(item, "path") }));
}

function readGit(items: readonly YamlValue[], claim: Claim, problems: Problem[]): GitDependency[] {
  return readItems(items, "git", "git", claim, problems).map(({ item, path }) => {
    const name = textOf(item, "name");
    const checkouts = ["tag", "branch", "hash"].filter((key) => textOf(item, key) !== "");
    if (new Set(checkouts.map((key) => textOf(item, key))).size > 1) {
      problems.push(problem.severalCheckouts(name, path));
    }
    for (const key of checkouts.filter((key) => isOption(textOf(item, key)))) {
      problems.push(problem.gitOption(key, textOf(item, key), [...path, key]));
    }
    if (isOption(textOf(item, "url"))) {
      problems.push(problem.gitOption("url", textOf(item, "url"), [...path, "url"]));
    }
    if (/[/\0]|^\.\.?$/.test(name)) problems.push(problem.gitFolder(name, [...path, "name"]));
    const chosen = Object.fromEntries(checkouts.map((key) => [key, textOf(item, key)]));
    return { name, path: textOf(item, "path"), url: textOf(item, "url"), ...chosen };
  });
}

/** Git would take it for one of its options. */
const isOption = (word: string) => word.startsWith("-");

/** The items of one kind of dependency that are mappings. */
function readItems(
  items: readonly YamlValue[],
  level: "path" | "git",
  key: string,
  claim: Claim,
  problems: Problem[],
): { item: Section; path: SpecPath }[] {
  const kind = `${level} dependency`;
  return items.flatMap((value, i) => {
    const path = ["env", "dependencies", key, i];
    if (!isMapping(value)) {
      problems.push(problem.wrongThing(`The ${kind} ${i + 1}`, path, "a mapping", value));
      return [];
    }
    const given = value["name"];
    const label = typeof given === "string" && given !== "" ? `"${given}"` : `${i + 1}`;
    const item = readLevel(value, level, { name: `${kind} ${label}`, path }, problems);
    const name = textOf(item, "name");
    if (name !== "") claim(name, kind, [...path, "name"], "value");
    return [{ item, path }];
  });
}
