/** Lines and columns of problems in specs. */

import { placeProblems, readYaml } from "../lib/spec/source_positions.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import type { Problem, SpecPath } from "../lib/spec/types.ts";
import { assertEquals } from "./assert.ts";

const SPEC = `description: {name: n, 1: one}
base: &base
  cmd: x
  procs: 2
more: &more {gpus: 1, procs: 3}
study:
  - just text
  - name: a
    run: &run
      <<: [*base, *more]
      cmd: y
      empty:
  - *run
last: *base
`;

/** `line:column` of a path in a text. */
async function place(text: string, path: SpecPath, at: Problem["at"] = "value"): Promise<string> {
  const [placed] = await placeProblems("f", text, [{ level: "error", message: "m", path, at }]);
  assertEquals(placed!.source, text.split("\n")[placed!.line - 1]);
  return `${placed!.line}:${placed!.column}`;
}

Deno.test("a problem is at its value or key; a path that does not exist is at what exists of it", async () => {
  const table: [path: SpecPath, value: string, key: string][] = [
    [[], "1:1", "1:1"],
    [["description"], "1:14", "1:1"],
    [["description", "name"], "1:21", "1:15"],
    [["description", "1"], "1:27", "1:24"],
    // Not there: the mapping's own key, else the mapping or the text itself.
    [["description", "author"], "1:1", "1:1"],
    [["description", "name", "x"], "1:15", "1:15"],
    [["name"], "1:1", "1:1"],
    [["cmd"], "1:1", "1:1"],
    [["study", 0], "7:5", "7:5"],
    [["study", 0, "name"], "7:5", "7:5"],
    [["study", 1, "name"], "8:11", "8:5"],
    [["study", 1, "none"], "8:5", "8:5"],
    [["study", 9], "6:1", "6:1"],
    // Own keys win over merged ones, the first of several merged mappings over the next.
    [["study", 1, "run", "cmd"], "11:12", "11:7"],
    [["study", 1, "run", "procs"], "4:10", "4:3"],
    [["study", 1, "run", "gpus"], "5:20", "5:14"],
    // Without a value: the key.
    [["study", 1, "run", "empty"], "12:7", "12:7"],
    // Behind an alias: what it repeats.
    [["study", 2, "cmd"], "11:12", "11:7"],
    [["last", "procs"], "4:10", "4:3"],
  ];
  for (const [path, value, key] of table) {
    assertEquals([await place(SPEC, path), await place(SPEC, path, "key")], [value, key], path.join("."));
  }
});

Deno.test("problems are in the order of the file, each repeated key by itself", async () => {
  const text = "a: 1\nb: {c: 1, c: 2}\na: 2\nd: x\n";
  const { problems } = parseYaml(text);
  const more: Problem[] = ["d", "b"].map((key) => ({
    level: "error",
    message: key,
    path: [key],
    at: "value",
  }));
  const placed = await placeProblems("f", text, [...more, ...problems]);
  assertEquals(placed.map(({ line, column }) => `${line}:${column}`), ["2:4", "2:11", "3:1", "4:4"]);
  assertEquals(await placeProblems("f", text, []), []);
});

Deno.test("a text that is no YAML has its problems where it breaks; a tab that indents is one", async () => {
  const bad = "a: 1\nb: [1\nc: 2\n";
  const [first] = await placeProblems("f", bad, parseYaml(bad).problems);
  assertEquals([first!.line, first!.file], [3, "f"]);
  const tab = "a:\n  - 1\n\tb: 2\n";
  const read = await readYaml(tab);
  assertEquals([read.value, read.problems.length], [null, 1]);
  const [at] = await placeProblems("f", tab, read.problems);
  assertEquals([at!.line, at!.column, at!.source], [3, 1, "\tb: 2"]);
  // A tab in a block of text, and one behind text, are text.
  for (const good of ["a: |\n  x\n  \ty\n", "a: x\n", "a: x\ty\n"]) {
    assertEquals((await readYaml(good)).problems, [], good);
  }
});
