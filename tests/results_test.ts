/** Results: what rules pick from texts, and the table of all combinations. */

import { pickResult, resultColumns, resultRows } from "../lib/view/results.ts";
import { checkSpec } from "../lib/spec/spec.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { assertEquals } from "./assert.ts";
import { makePlan } from "./make.ts";
import type { ResultRule } from "../lib/spec/types.ts";

/** The rules of a step, and their problems. */
function rules(results: string): { rules: readonly ResultRule[]; messages: string[] } {
  const text = `description: {name: n, description: d}
study: [{name: a, description: d, run: {cmd: x}, results: ${results}}]`;
  const { spec, problems } = checkSpec(parseYaml(text).value, [{ name: "local", batchKeys: [] }]);
  return { rules: spec!.steps[0]!.results ?? [], messages: problems.map(({ message }) => message) };
}

Deno.test("a rule picks from a text", () => {
  const log = "step 1: E = 1.50 eV\nstep 2: E = 1.250 eV\nend\n";
  const json = '{"a": {"b": [1.0, 2.50, {"c d": "x"}]}, "n": null, "t": true, "o": {"x": 1.0}, "": 5}';
  const table: [rule: string, text: string, value: string | undefined][] = [
    ["{regex: 'E = (\\S+)'}", log, "1.250"],
    ["{regex: 'E = (\\S+)', take: first}", log, "1.50"],
    ["{regex: 'E = \\S+'}", log, "E = 1.250"],
    ["{regex: '^end$'}", log, "end"],
    ["{regex: '(nothing)|(e)nd'}", log, "e"],
    ["{regex: 'F = (.*)'}", log, undefined],
    ["{regex: 'eV( *)'}", log, ""],
    ["{json: 'a.b[0]'}", json, "1.0"],
    ["{json: '$.a.b[-2]'}", json, "2.50"],
    ["{json: 'a.b[2][\"c d\"]'}", json, "x"],
    ["{json: t}", json, "true"],
    ["{json: o}", json, '{"x":1}'],
    ["{json: n}", json, undefined],
    ["{json: a.b.c}", json, undefined],
    ["{json: 'a.b[9]'}", json, undefined],
    ["{json: toString}", json, undefined],
    ["{json: '$[1]'}", "[1, 2]", "2"],
    ["{json: $}", "12345678901234567890", "12345678901234567890"],
    ["{json: a}", '{"a": 1', undefined],
  ];
  for (const [rule, text, value] of table) {
    const found = rules(`{r: ${rule}}`);
    assertEquals(found.messages, [], rule);
    assertEquals(pickResult(found.rules[0]!, text), value, rule);
  }
});

Deno.test("problems of rules are reported", () => {
  const table: [results: string, messages: string[]][] = [
    ["{r: {}}", [
      'Missing key "regex", "json" or "image" in result "r" of step "a"',
    ]],
    ["{r: {image: a.png}}", []],
    ["{r: {image: a.png, take: last, regex: x}}", [
      '"image" and "regex", "take" cannot both be in result "r" of step "a"',
    ]],
    ["{r: energy}", ['Result "r" of step "a" must be a mapping, but is "energy"']],
    ["{r: {regex: a, json: b}}", ['"regex" and "json" cannot both be in result "r" of step "a"']],
    ["{r: {regex: '(a'}}", [
      '"regex" of result "r" of step "a" is not a regular expression: Unterminated group',
    ]],
    ["{r: {json: 'a[b'}}", ['"json" of result "r" of step "a" is not a path: "a[b"']],
    ["{r: {regex: a, take: all}}", ['Unknown value "all" in "take" of result "r" of step "a"']],
    ["{r: {regexp: a}}", ['Unknown key "regexp" in result "r" of step "a"']],
    ["{r: {pattern: a}}", [
      'Unknown key "pattern" in result "r" of step "a"',
      'Missing key "regex", "json" or "image" in result "r" of step "a"',
    ]],
  ];
  for (const [results, messages] of table) assertEquals(rules(results).messages, messages, results);
});

Deno.test("one row for each combination of the parameters that steps with results use", () => {
  const rule = (name: string): ResultRule => ({
    name,
    file: "",
    pick: { kind: "regex", pattern: "x", take: "last" },
  });
  const plan = makePlan({
    steps: [
      ["run", "$(N) $(M)", [], { results: [rule("energy"), rule("time")] }],
      ["sum", "$(N)", ["run_*"], { results: [rule("energy")] }],
      ["all", "x", ["run_*"], { results: [rule("N")] }],
      ["other", "$(O)"],
    ],
    parameters: { N: ["1", "1", "2", "1"], O: ["a", "b", "c", "d"], M: ["3", "4", "3", "3"] },
  });
  const columns = resultColumns(plan)!;
  assertEquals(columns.parameters.map((i) => plan.study.parameters[i]!.key), ["N", "M"]);
  assertEquals(columns.results.map(({ name }) => name), ["run.energy", "time", "sum.energy", "all.N"]);
  const asked: string[] = [];
  const rows = [...resultRows(plan, columns, (node) => {
    asked.push(node.name);
    return node.step.results!.map(({ name }) => name === "time" ? undefined : `${node.name}!`);
  })];
  assertEquals(rows.map(({ params, values }) => [...params, ...values]), [
    ["1", "3", "run_M.3.N.1!", undefined, "sum_N.1!", "all!"],
    ["1", "4", "run_M.4.N.1!", undefined, "sum_N.1!", "all!"],
    ["2", "3", "run_M.3.N.2!", undefined, "sum_N.2!", "all!"],
  ]);
  // Files are read once, however many rows contain a step.
  assertEquals(asked.length, new Set(asked).size);
});

Deno.test("a study without parameters has one row, one without results no table", () => {
  const rule: ResultRule = { name: "r", file: "f", pick: { kind: "json", path: [] } };
  const plan = makePlan({ steps: [["a", "x", [], { results: [rule] }]] });
  assertEquals([...resultRows(plan, resultColumns(plan)!, () => ["1"])], [{
    params: [],
    values: ["1"],
    nodes: [0],
  }]);
  assertEquals(resultColumns(makePlan({ steps: [["a", "x"]] })), undefined);
});
