/** `results` of a step: what to extract from its output. */

import * as problem from "./problems.ts";
import { isMapping, readLevel, type Section, textOf, type Where } from "./spec_values.ts";
import { badJsonPath, badPattern, imageAlone, regexAndJson } from "./step_problems.ts";
import type { Problem, ResultRule, SpecPath, YamlValue } from "./types.ts";

/** Undefined if the step has none. */
export function readResults(
  value: { [key: string]: YamlValue },
  step: string,
  path: SpecPath,
  problems: Problem[],
): ResultRule[] | undefined {
  const entries = Object.entries(value);
  if (entries.length === 0) return undefined;
  return entries.flatMap(([name, item]) => {
    const place = [...path, name];
    if (isMapping(item)) {
      const where = { name: `result "${name}" of ${step}`, path: place };
      const section = readLevel(item, "result", where, problems);
      const image = textOf(section, "image");
      if (image !== "") return [readImage(name, image, section, where, problems)];
      const pick = readPick(section, where, problems);
      return pick ? [{ name, file: textOf(section, "file"), pick }] : [];
    }
    problems.push(problem.wrongThing(`Result "${name}" of ${step}`, place, "a mapping", item, HINT));
    return [];
  });
}

/** A picture is its own file: nothing else selects it. */
function readImage(
  name: string,
  file: string,
  section: Section,
  where: Where,
  problems: Problem[],
): ResultRule {
  const others = ["file", "regex", "json", "take"].filter((key) => textOf(section, key) !== "");
  if (others.length > 0) problems.push(imageAlone(others, where.name, where.path));
  return { name, file, pick: { kind: "image" } };
}

function readPick(
  section: Section,
  { name, path }: Where,
  problems: Problem[],
): ResultRule["pick"] | undefined {
  const [pattern, json, take] = [textOf(section, "regex"), textOf(section, "json"), textOf(section, "take")];
  if (pattern !== "" && json !== "") problems.push(regexAndJson(name, path));
  if (take !== "" && take !== "first" && take !== "last") {
    problems.push(problem.unknownWord(take, `"take" of ${name}`, [...path, "take"], ["first", "last"]));
  }
  if (json !== "") {
    const steps = jsonPath(json);
    if (steps) return { kind: "json", path: steps };
    problems.push(badJsonPath(name, [...path, "json"], json));
    return undefined;
  }
  const wrong = wrongPattern(pattern);
  if (wrong !== undefined) problems.push(badPattern(name, [...path, "regex"], wrong));
  if (pattern === "" || wrong !== undefined) return undefined;
  return { kind: "regex", pattern, take: take === "first" ? "first" : "last" };
}

const HINT = "Write {regex: 'energy = (.*)'}, {file: out.json, json: energy} or {image: plot.png}.";

/** As users of browsers and Python expect, ^ and $ match at the ends of lines. */
export const PATTERN_FLAGS = "gm";

function wrongPattern(pattern: string): string | undefined {
  try {
    new RegExp(pattern, PATTERN_FLAGS);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: \/.*\/\w*: /s, "");
  }
}

/** `a.b[0]["c d"]`, with an optional `$` or `$.` in front. Undefined if it is not a path. */
function jsonPath(text: string): (string | number)[] | undefined {
  const steps: (string | number)[] = [];
  let rest = text.trim().replace(/^\$\.?/, "");
  while (rest !== "") {
    const found = /^(?:\.?([^.[\]"]+)|\[(-?\d+)\]|\[(?:"([^"]*)"|'([^']*)')\])/.exec(rest);
    if (!found) return undefined;
    const [whole, name, index, double, single] = found;
    steps.push(index !== undefined ? Number(index) : name ?? double ?? single ?? "");
    rest = rest.slice(whole.length);
  }
  return steps;
}
