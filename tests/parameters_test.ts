/** Values by rule and from files, and how parameters combine. */

import { defineNames } from "../lib/spec/set_variables.ts";
import { UserError } from "../lib/errors.ts";
import { linspace, logspace, randomValues, rangeOf, rangeValues } from "../lib/spec/sequences.ts";
import { checkSpec } from "../lib/spec/spec.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { assert, assertEquals, assertThrows } from "./assert.ts";
import { assertLinear } from "./linear.ts";

const FILES = new Map([
  ["lines.txt", "a\r\n\r\nb c\n"],
  ["table.csv", 'N, name\n1,"x, y"\n2,z\n'],
  ["empty.txt", "\n"],
]);

function check(parameters: string, combine = "") {
  const text = `description: {name: n, description: d}
study: [{name: a, description: d, run: {cmd: x}}]
global.parameters: ${parameters}
${combine === "" ? "" : `global.combine: ${combine}`}`;
  const { value, problems } = parseYaml(text);
  assertEquals(problems, [], text);
  const checked = checkSpec(value, [{ name: "local", batchKeys: [] }], FILES);
  const messages = checked.problems.map(({ level, message, path }) =>
    `${level}: ${message} @ ${path.join(".")}`
  );
  return { parameters: checked.spec!.parameters, messages };
}

/** The combinations, each as its values with blanks between them. */
function rows(parameters: string, combine: string): string[] {
  const { parameters: found, messages } = check(parameters, combine);
  assertEquals(messages, []);
  return found[0]!.values.map((_, i) => found.map(({ values }) => values[i]).join(" "));
}

Deno.test("numbers by rule, in their shortest form", () => {
  const range = (from: string, to: string, step: string) => rangeValues(rangeOf(from, to, step)).join(" ");
  const table: [found: string, wanted: string][] = [
    [range("0", "3", "1"), "0 1 2 3"],
    [range("0.1", "0.5", "0.1"), "0.1 0.2 0.3 0.4 0.5"],
    [range("1", "2", "0.25"), "1 1.25 1.5 1.75 2"],
    [range("1", "2", "0.3"), "1 1.3 1.6 1.9"],
    [range("3", "-1", "-1.5"), "3 1.5 0"],
    [range("5", "5", "1"), "5"],
    [range("-.5", "+.5", "5e-1"), "-0.5 0 0.5"],
    [range("1e3", "3e3", "1_000"), "1000 2000 3000"],
    [range("0", "2e-25", "1e-25"), "0 1e-25 2e-25"],
    [range("0.00001", "0.0002", "0.0001"), "1e-05 0.00011"],
    [
      range("100000000000000000000", "100000000000000000002", "1"),
      "100000000000000000000 100000000000000000001 100000000000000000002",
    ],
    [linspace(0, 1, 5).join(" "), "0 0.25 0.5 0.75 1"],
    [linspace(0, 1, 4).join(" "), "0 0.333333333333 0.666666666667 1"],
    [linspace(0.1, 0.3, 3).join(" "), "0.1 0.2 0.3"],
    [linspace(-1, 1, 3).join(" "), "-1 0 1"],
    [linspace(7, 9, 1).join(" "), "7"],
    [logspace(1, 1000, 4).join(" "), "1 10 100 1000"],
    [logspace(1e-3, 1e-7, 3).join(" "), "0.001 1e-05 1e-07"],
    [logspace(2, 32, 5).join(" "), "2 4 8 16 32"],
  ];
  for (const [found, wanted] of table) assertEquals(found, wanted);
});

Deno.test("random numbers are the same in every release", () => {
  const words = { from: 0, to: 1, count: 3, seed: "0", whole: false };
  assertEquals(randomValues("A", words), RANDOM_A);
  assertEquals(randomValues("A", { ...words, count: 2 }), RANDOM_A.slice(0, 2));
  assert(randomValues("B", words)[0] !== RANDOM_A[0]);
  assert(randomValues("A", { ...words, seed: "1" })[0] !== RANDOM_A[0]);
  assertEquals(randomValues("DICE", { ...words, from: 1, to: 6, count: 8, whole: true }).join(" "), DICE);
  const many = randomValues("X", { from: -2, to: 2, count: 10_000, seed: "s", whole: false }).map(Number);
  assert(many.every((value) => value >= -2 && value < 2));
  assert(Math.abs(many.reduce((sum, value) => sum + value, 0) / many.length) < 0.05);
  const whole = randomValues("X", { from: 1, to: 3, count: 300, seed: "s", whole: true });
  assertEquals([...new Set(whole)].sort(), ["1", "2", "3"]);
});

const RANDOM_A = ["0.123384521891", "0.508973000527", "0.218134752182"];
const DICE = "4 5 3 4 1 2 6 3";

Deno.test("generators in a spec: values, labels, names", () => {
  const { parameters, messages } = check(`
  A: {range: {from: 1, to: 2}}
  B: {linspace: {from: 0, to: 1, count: 2}, label: b%%}
  C: {file: lines.txt, label: [x, y], name: see}
  D: {file: {path: table.csv, column: name}}`);
  assertEquals(messages, []);
  assertEquals(parameters.map(({ key, name, values, labels }) => [key, name, ...values, ...labels]), [
    ["A", "A", "1", "2", "A.1", "A.2"],
    ["B", "B", "0", "1", "b0", "b1"],
    ["C", "see", "a", "b c", "x", "y"],
    ["D", "D", "x, y", "z", "D.x, y", "D.z"],
  ]);
});

const ABC =
  "{A: {values: [1, 2], label: a%%}, B: {values: [x, y], label: b%%}, C: {values: [7, 8], label: [p, q]}}";

Deno.test("combinations", () => {
  const table: [combine: string, rows: string[]][] = [
    ["{zip: [A, B, C]}", ["1 x 7", "2 y 8"]],
    ["{}", ["1 x 7", "2 y 8"]],
    ["{product: [A, {zip: [B, C]}]}", ["1 x 7", "1 y 8", "2 x 7", "2 y 8"]],
    ["{product: [{zip: [B, C]}, A]}", ["1 x 7", "2 x 7", "1 y 8", "2 y 8"]],
    ["{zip: [{product: [A, B, C]}]}", "1 x 7,1 x 8,1 y 7,1 y 8,2 x 7,2 x 8,2 y 7,2 y 8".split(",")],
    ["{product: [A, B, C], exclude: [{A: 1.0}, {B: [x, y], C: 8}]}", ["2 x 7", "2 y 7"]],
    ["{zip: [A, B, C], include: [{A: 5, B: z, C: 7}]}", ["1 x 7", "2 y 8", "5 z 7"]],
    ["{exclude: [{A: 2}]}", ["1 x 7"]],
    ["{exclude: [{A: [1, 2]}], include: [{A: 5, B: z, C: 8}]}", ["5 z 8"]],
  ];
  for (const [combine, wanted] of table) assertEquals(rows(ABC, combine), wanted, combine);
  // Labels go with their values.
  const { parameters } = check(ABC, "{product: [A, {zip: [B, C]}], include: [{A: 5, B: z, C: 7}]}");
  assertEquals(parameters.map(({ labels }) => labels.join(" ")), [
    "a1 a1 a2 a2 a5",
    "bx by bx by bz",
    "p q p q p",
  ]);
});

Deno.test("problems of generators and combinations are reported with their places", () => {
  const A = "A: {values: [1, 2], label: a}";
  const table: [parameters: string, combine: string, messages: string[]][] = [
    ["{A: {label: a}}", "", ['error: Missing key "values" in parameter "A" @ global.parameters.A']],
    ["{A: {values: [1], range: {from: 1, to: 2}}}", "", [
      'error: Parameter "A" has "values" and "range" @ global.parameters.A',
    ]],
    ["{A: {range: {from: 1, to: 5, step: 0}}}", "", [
      'error: The range of parameter "A" has a step of 0 @ global.parameters.A.range.step',
    ]],
    ["{A: {range: {from: 1, to: 5, step: -1}}}", "", [
      'error: The range of parameter "A" is empty @ global.parameters.A.range',
    ]],
    ["{A: {range: {from: a, to: 5}}}", "", [
      'error: Key "from" in "range" of parameter "A" must be a number, but is "a" @ global.parameters.A.range.from',
    ]],
    ["{A: {range: {from: 1}}}", "", [
      'error: Missing key "to" in "range" of parameter "A" @ global.parameters.A.range',
    ]],
    ["{A: {range: {from: 1, to: 1e7}}}", "", [
      'error: Parameter "A" has 10,000,000 values; the limit is 2,000,000 @ global.parameters.A.range',
    ]],
    ["{A: {logspace: {from: 0, to: 5, count: 2}}}", "", [
      'error: "from" and "to" in "logspace" of parameter "A" must be above 0 @ global.parameters.A.logspace',
    ]],
    ["{A: {linspace: {from: 0, to: 5, count: 0}}}", "", [
      'error: Key "count" in "linspace" of parameter "A" must be a whole number of at least 1, but is "0"' +
      " @ global.parameters.A.linspace.count",
    ]],
    ["{A: {random: {from: 0.1, to: 0.9, count: 2, whole: yes}}}", "", [
      'error: "random" of parameter "A" has no whole number between "from" and "to" @ global.parameters.A.random',
    ]],
    ["{A: {file: nothing.txt}}", "", ["error: No such file: nothing.txt @ global.parameters.A.file"]],
    ["{A: {file: empty.txt}}", "", ["error: empty.txt contains no values @ global.parameters.A.file"]],
    ["{A: {file: {path: table.csv, column: M}}}", "", [
      'error: table.csv has no column "M" @ global.parameters.A.file.column',
    ]],
    [`{${A}, B: {range: {from: 1, to: 3}}}`, "", [
      'error: Parameter "B" has 3 values, but "A" has 2 @ global.parameters.B.values',
    ]],
    [ABC, "{zip: [A], product: [B, C]}", [
      'error: "zip" and "product" cannot be in the same mapping @ global.combine',
    ]],
    [ABC, "{product: [A, B]}", [
      'error: Parameter "C" is not combined with the others @ global.combine.product',
    ]],
    [ABC, "{product: [A, B, C, A]}", [
      'error: Parameter "A" occurs twice in the combination @ global.combine.product.3',
    ]],
    [ABC, "{product: [A, B, c]}", ['error: There is no parameter "c" @ global.combine.product.2']],
    [ABC, "{product: [A, [B, C]]}", [
      "error: An item of a group must be a parameter or another group @ global.combine.product.1",
    ]],
    [ABC, "{product: [A, {zip: [B], product: [C]}]}", [
      "error: An item of a group must be a parameter or another group @ global.combine.product.1",
    ]],
    [ABC, "{zip: [A, {product: [B, C]}]}", [
      'error: In "zip", {product: B, C} has 4 and A has 2 @ global.combine.zip.1',
    ]],
    [ABC, "{products: [A, B, C]}", [
      'error: Unknown key "products" in "global.combine" @ global.combine.products',
    ]],
    [ABC, "{exclude: [{A: 3}, {Q: 1}, A, {A: 1, B: y}]}", [
      'error: There is no parameter "Q" @ global.combine.exclude.1.Q',
      'error: Row 3 of "exclude" must be a mapping of parameters to values, but is "A" @ global.combine.exclude.2',
      'warning: Parameter "A" has no value "3" @ global.combine.exclude.0.A',
      "warning: This row excludes no combination @ global.combine.exclude.3",
    ]],
    [ABC, "{exclude: [{A: [1, 2]}]}", ["error: No combination of the parameters is left @ global.combine"]],
    [ABC, "{include: [{A: 1, B: x}, {A: 1, B: x, C: 7}, {A: 1, B: x, C: 9}]}", [
      'error: The row to include has no value for "C" @ global.combine.include.0',
      "warning: The combination to include already exists @ global.combine.include.1",
      'error: Parameter "C" has a list of labels, and none for "9" @ global.combine.include.2',
    ]],
    ["{A: {range: {from: 1, to: 2000}}, B: {range: {from: 1, to: 2000}}}", "{product: [A, B]}", [
      "error: The parameters have 4,000,000 combinations; the limit is 2,000,000 @ global.combine.product",
    ]],
  ];
  for (const [parameters, combine, messages] of table) {
    assertEquals(check(parameters, combine).messages, messages, `${parameters} ${combine}`);
  }
});

Deno.test("a million combinations are made in linear time", () =>
  assertLinear(1000, (count) => {
    const { parameters } = check(
      `{A: {range: {from: 1, to: ${count}}}, B: {range: {from: 1, to: 1000}}}`,
      "{product: [A, B], exclude: [{A: 1}]}",
    );
    assertEquals(parameters[0]!.values.length, (count - 1) * 1000);
  }));

Deno.test("defined names replace the texts of variables and labels, and no others", () => {
  const spec = { env: { variables: { A: "1", B: "2", SIZE: "3" }, labels: { L: "$(A)" } } };
  assertEquals(defineNames(spec, ["A=5=6", "L=", "B=x"]), {
    env: { variables: { A: "5=6", B: "x", SIZE: "3" }, labels: { L: "" } },
  });
  assertEquals(spec.env.variables.A, "1");
  const table: [define: string, message: string, hint: string | undefined][] = [
    ["SIZ=1", 'The spec has no variable "SIZ"', 'Did you mean "SIZE"?'],
    // All words of one letter are alike.
    [
      "C=1",
      'The spec has no variable "C"',
      "--define sets variables and labels of the spec.",
    ],
    [
      "LONGER=1",
      'The spec has no variable "LONGER"',
      "--define sets variables and labels of the spec.",
    ],
    ["A", '--define takes NAME=VALUE, not "A"', undefined],
    ["=1", '--define takes NAME=VALUE, not "=1"', undefined],
  ];
  for (const [define, message, hint] of table) {
    const error = assertThrows(() => defineNames(spec, [define]), UserError);
    assertEquals([error.message, error.hint, error.exitCode], [message, hint, 64]);
  }
});
