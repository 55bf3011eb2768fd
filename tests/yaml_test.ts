import { placeProblems, readYaml } from "../lib/spec/source_positions.ts";
import type { Problem, SpecPath } from "../lib/spec/types.ts";
import { parseYaml, stringifyYaml, syntaxErrorPlace } from "../lib/spec/yaml.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";

/** The value of a text that has nothing wrong with it. */
function value(text: string): unknown {
  const { value, problems } = parseYaml(text);
  assertEquals(problems, []);
  return value;
}

/** The only message about a text. */
function message(text: string): string {
  const { problems } = parseYaml(text);
  assertEquals(problems.length, 1, JSON.stringify(problems));
  return problems[0]!.message;
}

/** `line:column` of a problem at a path. */
async function place(text: string, path: SpecPath, at: "key" | "value" = "value"): Promise<string> {
  const problem: Problem = { level: "error", message: "m", path, at };
  const [placed] = await placeProblems("f.yaml", text, [problem]);
  return `${placed!.line}:${placed!.column}`;
}

Deno.test("parseYaml prints plain scalars as Python does, and keeps the others", () => {
  const text = "[1.0, 0.10, 1e-5, 10:00, yes, ~, null, =, 2001-01-01, 'a', \"b\\n\", !!str 1, 0o7]";
  const items = [
    "1.0",
    "0.1",
    "1e-5",
    "10:00",
    "yes",
    null,
    null,
    "=",
    "2001-01-01",
    "a",
    "b\n",
    "1",
    "0o7",
  ];
  assertEquals(value(text), items);
  assertEquals(value("a:\nb: ''\n"), { a: null, b: "" });
  assertEquals(value("a: |\n  x\n  y\nb: >-\n  x\n  y\n"), { a: "x\ny\n", b: "x y" });
});

/** Plain scalars, and what `str` of Python prints of what PyYAML 6 made of them. */
const PRINTED: Readonly<Record<string, string>> = {
  "0": "0",
  "-0": "0",
  "+1": "1",
  "1_000": "1000",
  "1_": "1",
  "0x1F": "31",
  "-0x10": "-16",
  "0b11": "3",
  "12345678901234567890123": "12345678901234567890123",
  "0.10": "0.1",
  ".999": "0.999",
  "10.": "10.0",
  "1_0.5": "10.5",
  "00.5": "0.5",
  "-0.0": "-0.0",
  "1.0e-05": "1e-05",
  "0.0001": "0.0001",
  "1.0E+05": "100000.0",
  "1234567890123456.0": "1234567890123456.0",
  "1.0e+16": "1e+16",
  "99999999999999990.0": "9.999999999999998e+16",
  "5.0e-324": "5e-324",
  "1.0e+400": "inf",
  ".inf": "inf",
  "-.INF": "-inf",
  ".NaN": "nan",
  "true": "True",
  "FALSE": "False",
  // Text to YAML 1.1.
  "1e5": "1e5",
  "1e-5": "1e-5",
  "-.5": "-.5",
  "0o14": "0o14",
  "08": "08",
  "y": "y",
  "1.2.3": "1.2.3",
  "0x": "0x",
  // Something else to YAML 1.1 than was meant: as written.
  "012": "012",
  "000": "000",
  "1:30": "1:30",
  "16:00:00": "16:00:00",
  "yes": "yes",
  "Off": "Off",
  "2024-01-31": "2024-01-31",
  "2024-01-31T10:00:00Z": "2024-01-31T10:00:00Z",
};

Deno.test("parseYaml prints every kind of plain scalar as Python does, once", () => {
  for (const [written, printed] of Object.entries(PRINTED)) {
    assertEquals(value(`[${written}]`), [printed], written);
    assertEquals(value(`['${written}']`), [written], "quoted");
  }
});

Deno.test("parseYaml reports which scalars print differently, but not those that keep their spelling", () => {
  const { value, reprinted } = parseYaml(
    "{a: 0.10, b: [1, true, '0.10'], conductor: {pargs: {x: 0.10}}, 0.10: ~, c: {1_0: k}}",
  );
  assertEquals(value, {
    a: "0.1",
    b: ["1", "True", "0.10"],
    conductor: { pargs: { x: "0.10" } },
    "0.10": null,
    c: { "1_0": "k" },
  });
  assertEquals(reprinted, [
    { path: ["a"], written: "0.10", text: "0.1" },
    { path: ["b", 1], written: "true", text: "True" },
    { path: ["0.10"], written: "~", text: "None" },
  ]);
});

Deno.test("parseYaml follows tags", () => {
  const text =
    "[!!int 5, !!int '0x10', !!float 5, !!float 1.50, !!bool yes, '!!int', !!str 1.50, !!null x, !!null ]";
  assertEquals(value(text), ["5", "16", "5.0", "1.5", "True", "!!int", "1.50", null, null]);
  // The tag asks for YAML's reading.
  assertEquals(value("[!!int 012, !!int -1:30, !!int 08, !!bool Off, !!bool true, !!bool x, !!bool 'no']"), [
    ...["10", "-90", "08", "False", "True", "x", "False"],
  ]);
  assertEquals(value("{a: !!timestamp 2001-01-01, b: !!int x}"), { a: "2001-01-01", b: "x" });
  assertEquals(parseYaml("\uFEFFa: !!int 1\na: !!int 2").value, { a: "2" });
});

Deno.test("parseYaml takes byte order marks, tabs, other line ends and nothing at all", () => {
  assertEquals(value("\uFEFFa:\t1\r\nb: x\ty\r\n"), { a: "1", b: "x\ty" });
  assertEquals(value(""), null);
  assertEquals(value("# only a comment"), null);
});

Deno.test("parseYaml applies merges: own keys win, then the first of a list", () => {
  assertEquals(value("a: &a {x: 1, y: 1}\nb: {y: 2, <<: *a}"), {
    a: { x: "1", y: "1" },
    b: { x: "1", y: "2" },
  });
  const list = "a: &a {x: a}\nb: &b {x: b, y: b}\nc: {<<: [*a, *b]}";
  assertEquals((value(list) as { c: unknown }).c, { x: "a", y: "b" });
  const chain = "a: &a {x: a}\nb: &b {<<: *a, y: b}\nc: {<<: *b, z: c}";
  assertEquals((value(chain) as { c: unknown }).c, { x: "a", y: "b", z: "c" });
});

Deno.test("parseYaml puts merged keys first, as Python does", () => {
  const { b } = value("a: &a {x: 1, y: 1}\nb: {z: 1, <<: *a}") as { b: Record<string, string> };
  assertEquals(Object.keys(b), ["x", "y", "z"]);
});

Deno.test("parseYaml refuses to merge what is no mapping", () => {
  const { problems } = parseYaml("a: {<<: text}\nb: {<<: [{x: 1}, text]}");
  assertEquals(problems.map((p) => p.path), [["a", "<<"], ["b", "<<"]]);
});

Deno.test("parseYaml handles a shared alias once", () => {
  const lines = ["a0: &a0 [x]"];
  for (let i = 1; i < 60; i++) lines.push(`a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`);
  for (let i = 0; i < 60; i++) {
    lines.push(i === 0 ? "m0: &m0 {x: 1}" : `m${i}: &m${i} {<<: [*m${i - 1}, *m${i - 1}]}`);
  }
  assertEquals((value(lines.join("\n")) as { m59: unknown }).m59, { x: "1" });
});

Deno.test("parseYaml survives an alias inside its own anchor", () => {
  assertEquals(message("a: &x [*x]"), "An alias is inside the value that it refers to");
  const { problems } = parseYaml("a: &x {<<: *x}");
  assertEquals(problems[0]!.message, "An alias is inside the value that it refers to");
});

Deno.test("parseYaml treats __proto__ as a key like any other", () => {
  const merged = value("a: &a {__proto__: x}\nb: {<<: *a}") as { b: object };
  assertEquals(Object.entries(merged.b), [["__proto__", "x"]]);
});

Deno.test("parseYaml reports what is wrong with text that is not YAML", () => {
  const table: [string, string][] = [
    ["study: [\n", "The file is not YAML: a bracket is not closed"],
    ["a: b: c", 'The file is not YAML: the line contains a second ": "'],
    ["a: *b", 'The file is not YAML: unknown alias "b"'],
    ["a: !foo 1", 'The file is not YAML: unknown tag "foo"'],
    ["a: !!set {x}", 'The file is not YAML: unknown tag "set"'],
    ["a: 'x", "The file is not YAML: a single quote is not closed"],
    ["a: 1\n  b: 2", "The file is not YAML: the indentation does not match the previous lines"],
    ["a: 1\n---\nb: 2", "The file is not YAML: it contains more than one document"],
    ["a: @x", "The file is not YAML: a key or the end of the text is expected here"],
    ["a: {{x}}", "A mapping cannot be a key"],
    ["[".repeat(100_000), "The file is not YAML: lists or mappings are nested too deeply"],
  ];
  for (const [text, expected] of table) assertEquals(message(text), expected, text.slice(0, 20));
});

Deno.test("parseYaml lets the last of a repeated key win, with a warning for each", async () => {
  const text = "a: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n";
  const { value, problems } = parseYaml(text);
  assertEquals(value, { a: "4", b: { c: "2" } });
  assertEquals(problems.map((p) => p.level), ["warning"]);
  const placed = await placeProblems("f.yaml", text, problems);
  assertEquals(placed.map((p) => [p.line, p.column]), [[2, 11], [3, 1], [4, 1]]);
  assertStringIncludes(placed[0]!.message, 'Duplicate key "c"');
});

Deno.test("stringifyYaml quotes text that other readers would not read as text", () => {
  const data = {
    a: "1.0",
    b: "yes",
    c: "10:00",
    d: "2001-01-01",
    e: "",
    f: "~",
    g: "x\ny\n",
    h: "a b",
    i: "010",
  };
  const text = stringifyYaml(data);
  assertEquals(
    text,
    "a: '1.0'\nb: 'yes'\nc: '10:00'\nd: '2001-01-01'\ne: ''\nf: '~'\ng: |\n  x\n  y\nh: a b\ni: '010'\n",
  );
  assertEquals(value(text), data);
});

Deno.test("stringifyYaml folds no long line and makes no anchors", () => {
  const shared = ["x ".repeat(100) + "y"];
  const text = stringifyYaml({ b: shared, a: shared }, { sortKeys: true });
  assertEquals(text, `a:\n  - ${shared[0]}\nb:\n  - ${shared[0]}\n`);
});

const SPEC = `description:
  name: x
env: &env
  variables: {A: 1,
    B: 2}
other:
  <<: *env
  own: 1
study:
- name: a
  run:
    depends: [x,
      y]
    nodes:
- *env
`;

Deno.test("placeProblems points at keys and values", async () => {
  assertEquals(await place(SPEC, ["description", "name"]), "2:9");
  assertEquals(await place(SPEC, ["description", "name"], "key"), "2:3");
  assertEquals(await place(SPEC, ["env", "variables", "B"]), "5:8");
  assertEquals(await place(SPEC, ["study", 0, "run", "depends", 1]), "13:7");
  assertEquals(await place(SPEC, ["study", 0]), "10:3");
});

Deno.test("placeProblems points at the key where the value is empty", async () => {
  assertEquals(await place(SPEC, ["study", 0, "run", "nodes"]), "14:5");
});

Deno.test("placeProblems follows aliases and merges", async () => {
  assertEquals(await place(SPEC, ["other", "variables", "A"]), "4:18");
  assertEquals(await place(SPEC, ["other", "own"]), "8:8");
  assertEquals(await place(SPEC, ["study", 1, "variables", "A"]), "4:18");
});

Deno.test("placeProblems takes the nearest ancestor of what does not exist", async () => {
  assertEquals(await place(SPEC, ["description", "nope", "deeper"]), "1:1");
  assertEquals(await place(SPEC, ["study", 0, "nope"]), "10:3");
  assertEquals(await place(SPEC, ["study", 9]), "9:1");
  assertEquals(await place("", ["x"]), "1:1");
  assertEquals(await place("text", ["x", 0]), "1:1");
});

Deno.test("placeProblems points at where the text stops being YAML", async () => {
  const table: [string, string, string][] = [
    ["a: 1\nb: [1\nc", "3:1", "c"],
    ["a: 1\nb: !foo\n  c: 1\n  d: 1\n", "2:4", "b: !foo"],
    ["a: !!int 5\nb: !!set {x}\n", "2:4", "b: !!set {x}"],
    ["study: [\n", "2:1", ""],
  ];
  for (const [text, expected, source] of table) {
    const [placed] = await placeProblems("f.yaml", text, parseYaml(text).problems);
    assertEquals(`${placed!.line}:${placed!.column}`, expected, text);
    assertEquals(placed!.source, source);
  }
});

Deno.test("placeProblems sorts by place", async () => {
  const problems: Problem[] = ["b", "a"].map((key) => ({
    level: "error",
    message: key,
    path: [key],
    at: "key",
  }));
  const placed = await placeProblems("f.yaml", "a: 1\nb: 2", problems);
  assertEquals(placed.map((p) => p.message), ["a", "b"]);
  assertEquals(placed[0], { ...problems[1]!, file: "f.yaml", line: 1, column: 1, source: "a: 1" });
});

Deno.test("placeProblems is not quadratic", async () => {
  const count = 20_000;
  const text = "all:\n" + Array.from({ length: count }, (_, i) => `  key${i}: x\n`).join("");
  const problems: Problem[] = Array.from({ length: count }, (_, i) => ({
    level: "error",
    message: "m",
    path: ["all", `key${i}`],
    at: "key",
  }));
  const placed = await placeProblems("f.yaml", text, problems);
  assertEquals(placed.at(-1)!.line, count + 1);
  assert(placed.every((p, i) => p.line === i + 2));
});

Deno.test("tabs that indent are found, and no others", async () => {
  const head = "a:\n  - b: 1\n";
  const table: [text: string, line: number | undefined][] = [
    [`${head}\t- b: 2\n`, 3],
    [`${head}  \tc: 2\n`, 3],
    // As PyYAML: what would go on with a text is no less indented by it.
    ["a: x\n\ty\n", 2],
    ["a:\n  b: |\n\tx\n", 3],
    ["\uFEFFa:\n\tb: 1\n", 2],
    ["a:\tb\n", undefined],
    ["a: |\n  \tb: c\n  d\n", undefined],
    ["a: 1\n\t# a comment\nb: 2\n", undefined],
    ['{\n\t"a": 1\n}\n', undefined],
    ['a: "x\n\tb: c"\n', undefined],
  ];
  for (const [text, line] of table) {
    const { problems } = await readYaml(text);
    const placed = await placeProblems("it", text, problems);
    assertEquals(
      placed.map((p) => p.message),
      line ? ["The file is not YAML: a line is indented with a tab"] : [],
      text,
    );
    assertEquals(placed[0]?.line, line, text);
  }
});

Deno.test("NUL characters are errors, written out or not", () => {
  assertEquals(parseYaml("a: x\0y\n").problems.map((p) => p.message), [
    "The file is not YAML: it contains a NUL character",
  ]);
  assertEquals(syntaxErrorPlace("a: 1\nb: x\0y\n"), { line: 2, column: 5 });
  assertEquals(parseYaml('a: ["x\\0y"]\n').problems.map((p) => [p.message, p.path]), [
    ["The text contains a NUL character", ["a", 0]],
  ]);
});

Deno.test("yaml: options of batch print as Maestro prints them, at any depth", () => {
  const text = 'batch: {args: {a: 0.10, b: 0x10, c: "0.10"}, launcher_args: {setopt: {d: 1_000, e: [0.50]}}}';
  assertEquals(parseYaml(text).value, {
    batch: { args: { a: "0.1", b: "16", c: "0.10" }, launcher_args: { setopt: { d: "1000", e: ["0.5"] } } },
  });
});
