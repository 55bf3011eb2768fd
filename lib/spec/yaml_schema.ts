/**
 * A schema for the quick YAML parser that tells plain scalars from quoted text: `readPlain` reads them, as Python does.
 * The npm package has no way to pass a schema, so this file puts one into the parser's table of schemas. (On JSR,
 * `@std/yaml/unstable-parse` takes the same types as `extraTypes`.)
 */

// @ts-types="./std_yaml_schema.d.ts"
import { type ScalarType, type Schema, SCHEMA_MAP } from "@std/yaml/schema";
import { PlainScalar, readPlain } from "./python_text.ts";

/** The name by which `parse` finds the schema. */
export const PYTHON_SCALARS = "python" as const;

/** What `resolve` found last: the parser asks for it at once. */
let found: unknown;

const plain: ScalarType = {
  tag: "tag:yaml.org,2002:plain",
  kind: "scalar",
  resolve: (data) => data !== null && (found = readPlain(data)) !== undefined,
  construct: () => found,
};

/** `!!int "0x10"`: the tag says how to read it, quoted or not. What cannot be read so stays as it is. */
function tagged(name: string, read: (data: string) => unknown): ScalarType {
  return {
    tag: `tag:yaml.org,2002:${name}`,
    kind: "scalar",
    resolve: () => true,
    construct: (data) => data === null ? null : read(data),
  };
}

const asWritten = (data: string) => readPlain(data) ?? data;

function asFloat(data: string): unknown {
  const found = readPlain(data);
  return typeof found === "number" ? new PlainScalar(data, `${found}.0`) : found ?? data;
}

const { explicitTypes, typeMap } = SCHEMA_MAP.get("failsafe")!;
const typed = [
  tagged("int", asWritten),
  tagged("float", asFloat),
  tagged("bool", asWritten),
  tagged("null", (data) => new PlainScalar(data, "None", true)),
  tagged("timestamp", (data) => data),
];

const withTyped = (types: Schema["typeMap"]["scalar"]) =>
  new Map([...types, ...typed.map((type) => [type.tag, type] as const)]);

SCHEMA_MAP.set(PYTHON_SCALARS, {
  implicitTypes: [plain],
  explicitTypes: [...explicitTypes, ...typed],
  // "fallback" is for tags with nothing behind them.
  typeMap: { ...typeMap, scalar: withTyped(typeMap.scalar), fallback: withTyped(typeMap.fallback) },
});
