/** The JSON Schema of specs: it takes what the checks take, and is made from the same table. */

import { parse } from "yaml";
import { type Schema, specSchema } from "../lib/spec/schema.ts";
import { LEVELS } from "../lib/spec/spec_keys.ts";
import { checkSpec } from "../lib/spec/spec.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { assert, assertEquals } from "./assert.ts";
import { ROOT } from "./maestro.ts";

const SCHEMA = specSchema();

/** The keywords of JSON Schema that ours uses; any other is an error in a test. */
const KEYWORDS: Readonly<Record<string, (value: unknown, schema: Schema, path: string) => string[]>> = {
  $schema: () => [],
  title: () => [],
  $defs: () => [],
  description: () => [],
  deprecated: () => [],
  $ref: (value, { $ref }, path) => {
    const found = (SCHEMA["$defs"] as Schema)[($ref as string).replace("#/$defs/", "")];
    return found === undefined ? [`${path}: no definition ${$ref}`] : validate(value, found as Schema, path);
  },
  type: (value, { type }, path) => {
    const is = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
    const fits = type === is || (type === "integer" && Number.isInteger(value));
    return fits ? [] : [`${path} is ${is}, not ${type}`];
  },
  properties: (value, { properties }, path) =>
    entries(value).flatMap(([key, item]) =>
      Object.hasOwn(properties as Schema, key)
        ? validate(item, (properties as Schema)[key] as Schema, `${path}.${key}`)
        : []
    ),
  additionalProperties: (value, { additionalProperties: more, properties = {} }, path) =>
    entries(value).filter(([key]) => !Object.hasOwn(properties as Schema, key)).flatMap(([key, item]) =>
      more === false ? [`${path} has ${key}`] : validate(item, more as Schema, `${path}.${key}`)
    ),
  required: (value, { required }, path) =>
    typeof value !== "object" || value === null
      ? []
      : (required as string[]).filter((key) => !Object.hasOwn(value!, key)).map((key) =>
        `${path} has no ${key}`
      ),
  items: (value, { items }, path) =>
    Array.isArray(value) ? value.flatMap((item, i) => validate(item, items as Schema, `${path}[${i}]`)) : [],
  anyOf: (value, { anyOf }, path) => {
    const found = (anyOf as Schema[]).map((schema) => validate(value, schema, path));
    return found.some((errors) => errors.length === 0) ? [] : found.flat();
  },
  allOf: (value, { allOf }, path) => (allOf as Schema[]).flatMap((schema) => validate(value, schema, path)),
  const: (value, { const: only }, path) => value === only ? [] : [`${path} is not ${JSON.stringify(only)}`],
  pattern: (value, { pattern }, path) =>
    typeof value !== "string" || new RegExp(pattern as string, "u").test(value)
      ? []
      : [`${path} does not match`],
  minimum: (value, { minimum }, path) =>
    typeof value !== "number" || value >= (minimum as number) ? [] : [`${path} is too small`],
  maximum: (value, { maximum }, path) =>
    typeof value !== "number" || value <= (maximum as number) ? [] : [`${path} is too great`],
  minLength: (value, _, path) => value === "" ? [`${path} is empty`] : [],
  minItems: (value, _, path) => Array.isArray(value) && value.length === 0 ? [`${path} is empty`] : [],
  minProperties: (value, { minProperties }, path) =>
    entries(value).length >= (minProperties as number) ? [] : [`${path} has too few keys`],
  maxProperties: (value, { maxProperties }, path) =>
    entries(value).length <= (maxProperties as number) ? [] : [`${path} has too many keys`],
};

function entries(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function validate(value: unknown, schema: Schema, path = "spec"): string[] {
  return Object.keys(schema).flatMap((keyword) => {
    const check = KEYWORDS[keyword];
    return check ? check(value, schema, path) : [`unknown keyword ${keyword}`];
  });
}

/** What an editor makes of a spec: typed values. */
function typed(text: string): unknown {
  return parse(text, { merge: true, logLevel: "silent", uniqueKeys: false });
}

const folders = [...Deno.readDirSync(`${ROOT}/tests/golden`)].filter(({ isDirectory }) => isDirectory);

Deno.test("the schema takes every golden spec that the checks take", () => {
  let taken = 0;
  for (const { name } of folders) {
    const text = Deno.readTextFileSync(`${ROOT}/tests/golden/${name}/spec.yaml`);
    const { value, problems } = parseYaml(text);
    if (problems.length > 0) continue;
    const adapters = ["local", "slurm", "flux", "lsf", "pbs"].map((name) => ({ name, batchKeys: [] }));
    if (checkSpec(value, adapters).problems.some(({ level }) => level === "error")) continue;
    taken++;
    assertEquals(validate(typed(text), SCHEMA), [], name);
  }
  assert(taken > 150);
});

Deno.test("the schema takes every sample", () => {
  for (const { name } of Deno.readDirSync(`${ROOT}/samples`)) {
    if (!name.endsWith(".yaml")) continue;
    assertEquals(validate(typed(Deno.readTextFileSync(`${ROOT}/samples/${name}`)), SCHEMA), [], name);
  }
});

const STEP = "description: {name: n, description: d}\nstudy:\n  - name: a\n    description: d\n";

Deno.test("the schema refuses what an editor should underline", () => {
  const table: readonly string[] = [
    "study: []",
    `${STEP}    run: {}`,
    `${STEP}    run: {cmd: ""}`,
    `${STEP}    run: {cmd: x, dependds: [a]}`,
    `${STEP}    run: {cmd: x, depends: a}`,
    `${STEP}    run: {cmd: x, nodes: 0}`,
    `${STEP}    run: {cmd: x, nodes: many}`,
    `${STEP}    run: {cmd: x, exclusive: perhaps}`,
    `${STEP}    run: {cmd: x, priority: urgent}`,
    `${STEP}    run: {cmd: x, qos: ""}`,
    `${STEP}    run: {cmd: x}\nbatch: {queue: [a]}`,
    `${STEP}    run: {cmd: x}\nglobal.parameters: {A: {label: x}}`,
    `${STEP}    run: {cmd: x}\nglobal.parameters: {A: {values: [1]}}`,
    `${STEP}    run: {cmd: x}\nglobal.parameters: {A: {range: {from: 1}}}`,
    `${STEP}    run: {cmd: x}\nglobal.combine: {product: [A, {zap: [B]}]}`,
    `${STEP}    run: {cmd: x}\nglobal.combine: {product: [A, {zip: [B], product: [C]}]}`,
    `${STEP}    run: {cmd: x}\nconductor: {throttle: -1}`,
    `${STEP}    run: {cmd: x}\n    results: {r: {file: f}}`,
  ];
  for (const text of table) assert(validate(typed(text), SCHEMA).length > 0, text);
  const fine =
    `${STEP}    run: {cmd: x, env: {A: "", B: , C: 1}, nodes: $(N), priority: High, walltime: 5, exclusive: yes, retry: {limit: 2}}\n` +
    "global.parameters: {A: {range: {from: 1, to: 2}}, B: {values: [1], label: b}}\n" +
    "global.combine: {product: [A, {zip: [B]}], exclude: [{A: 1}], include: []}\n" +
    "conductor: {sleep: 0.5, pargs: {A: 1}}\nenv:\n";
  assertEquals(validate(typed(fine), SCHEMA), []);
});

Deno.test("in batch an empty key counts as absent, for the schema and for the checks", () => {
  for (const nothing of ['""', "", "null", "~"]) {
    const own = `batch: {queue: ${nothing}}`;
    const text =
      `${STEP}    run: {cmd: x, ${own}}\nbatch: {type: slurm, queue: ${nothing}, nodes: ${nothing}, args: }`;
    assertEquals(validate(typed(text), SCHEMA), [], text);
    const { spec, problems } = checkSpec(parseYaml(text).value, [{ name: "slurm", batchKeys: [] }]);
    assertEquals([spec?.batch, spec?.steps[0]?.batch, problems], [{ type: "slurm" }, undefined, []], text);
  }
});

Deno.test("the schema has every level and key of the table, with its line of documentation", () => {
  const defs = SCHEMA["$defs"] as Schema;
  for (const [name, { keys, others }] of Object.entries(LEVELS)) {
    const { properties, additionalProperties } = defs[name] as Schema;
    assertEquals(Object.keys(properties as Schema), keys.map((key) => key.name));
    assertEquals(additionalProperties, others === "error" ? false : undefined, name);
    for (const key of keys) {
      assertEquals(((properties as Schema)[key.name] as Schema)["description"], key.doc);
    }
  }
});
