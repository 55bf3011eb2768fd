/** The `env` section of random specs. */

import type { Draw } from "./random.ts";
import { MISREAD_SCALARS, ODD_SCALARS, quoted } from "./scalars.ts";
import { list, map, raw, type Tree } from "./spec_text.ts";

/** What steps may refer to. */
export interface Names {
  readonly parameters: readonly string[];
  readonly variables: readonly string[];
  /** Those of both whose values are whole numbers. */
  readonly numbers: readonly string[];
  readonly scheduler: string;
}

interface EnvDraw {
  readonly tree: Tree | undefined;
  /** Names that `$(NAME)` may use. */
  readonly names: readonly string[];
  readonly numbers: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

/** The section, the names it defines, and the files that its dependencies need. */
export function environment(draw: Draw, names: Names): EnvDraw {
  if (draw.chance(0.15)) return { tree: undefined, names: [], numbers: [], files: {} };
  const entries: [string, Tree][] = [];
  const defined: string[] = [];
  const numbers: string[] = [];
  const files: Record<string, string> = {};
  if (draw.feature("variables", 0.75)) entries.push(["variables", variables(draw, names, defined, numbers)]);
  if (draw.feature("env labels", 0.3)) entries.push(["labels", labels(draw, names, defined)]);
  if (draw.feature("sources", 0.17)) entries.push(["sources", list([raw("setup.sh")])]);
  const dependencies = dependenciesOf(draw, defined, files);
  if (dependencies) entries.push(["dependencies", dependencies]);
  if (entries.length === 0) return { tree: undefined, names: [], numbers: [], files };
  return {
    tree: map(draw.chance(0.2) ? draw.some(entries, entries.length) : entries),
    names: defined,
    numbers,
    files,
  };
}

const VARIABLES = ["V", "V2", "OUT", "CODE", "Dir", "MAX_IT"];

function variables(draw: Draw, { parameters }: Names, defined: string[], numbers: string[]): Tree {
  const entries: [string, Tree][] = [];
  const add = (name: string, value: Tree) => {
    entries.push([name, value]);
    defined.push(name);
  };
  if (draw.feature("OUTPUT_PATH", 0.4)) {
    entries.push(["OUTPUT_PATH", raw(draw.pick(["./out", "results", "./a b"]))]);
  }
  const taken = parameters.length > 0 && draw.feature("names that are taken", 0.2)
    ? [draw.pick(parameters)]
    : [];
  const chosen = [...draw.some(VARIABLES, draw.between(0, 3)), ...taken.filter((name) => /^\w+$/.test(name))];
  chosen.forEach((name) => {
    const kind = draw.next();
    if (kind < 0.25) {
      add(name, raw(String(draw.between(1, 8))));
      numbers.push(name);
    } else if (kind < 0.35) {
      draw.note("odd scalars");
      // The original refuses true, false and null here.
      add(name, raw(draw.pick(ODD_SCALARS.filter((text) => /[0-9]|inf|nan/i.test(text)))));
    } else if (kind < 0.42) {
      draw.note("misread scalars");
      add(
        name,
        raw(draw.pick(MISREAD_SCALARS.filter((text) => /^[0-9]/.test(text) && !text.startsWith("20")))),
      );
    } else if (kind < 0.55 && defined.length > 0) add(name, quoted(draw, `$(${draw.pick(defined)})/sub`));
    else if (kind < 0.62) add(name, quoted(draw, `$(${draw.pick(chosen)}x)`));
    else if (kind < 0.7 && parameters.length > 0) add(name, quoted(draw, `at-$(${draw.pick(parameters)})`));
    else if (kind < 0.76) add(name, quoted(draw, draw.pick(["$(SPECROOT)/in", "$(OUTPUT_PATH)/data"])));
    else {add(
        name,
        quoted(draw, draw.pick(["text", "two words", "a/b/c", "-O2 -g", "$HOME/x", "Größe", "x=1"])),
      );}
  });
  if (entries.length === 0) add("V", raw("1"));
  return map(entries);
}

function labels(draw: Draw, { parameters }: Names, defined: string[]): Tree {
  const known = [...defined];
  const entries = draw.some(["LBL", "TAG", "OUT_NAME"], draw.between(1, 2)).map((name): [string, Tree] => {
    const parts = [
      ...known.map((other) => `$(${other})`),
      ...parameters.flatMap((key) => [`$(${key})`, `$(${key}.label)`]),
      "fixed",
      "$(OUTPUT_PATH)",
    ];
    const text = draw.some(parts, draw.between(1, 3)).join(draw.pick(["_", ".", "/", " "]));
    defined.push(name);
    known.push(name);
    return [name, quoted(draw, text)];
  });
  return map(entries);
}

function dependenciesOf(draw: Draw, defined: string[], files: Record<string, string>): Tree | undefined {
  const entries: [string, Tree][] = [];
  if (draw.feature("path dependencies", 0.17)) {
    files["deps/data/readme"] = "data\n";
    entries.push([
      "paths",
      list([map([["name", raw("DATA")], ["path", raw(draw.pick(["deps/data", "./deps/data"]))]])]),
    ]);
    defined.push("DATA");
  }
  if (draw.feature("git dependencies", 0.15)) {
    // `compare.ts` makes the repository.
    files["repo.git"] = "";
    const more: [string, Tree][] = draw.chance(0.4) ? [["tag", raw("v1")]] : [];
    const path = raw(draw.pick(["$(OUTPUT_PATH)", "$(OUTPUT_PATH)/deps"]));
    const url = raw("@REPO@");
    entries.push(["git", list([map([["name", raw("TOOL")], ["path", path], ["url", url], ...more])])]);
    defined.push("TOOL");
  }
  return entries.length === 0 ? undefined : map(entries);
}
