/**
 * A schema for the quick YAML parser that distinguishes plain scalars from quoted text: `readPlain` reads
 * them as Python does. The npm package cannot take a schema as an argument, so this file adds one to the
 * parser's table of schemas. (On JSR, `@std/yaml/unstable-parse` takes the same types as `extraTypes`.)
 */

// @ts-types="./std_yaml_schema.d.ts"
import { type ScalarType, type Schema, SCHEMA_MAP } from "@std/yaml/schema";
import { PlainScalar, readPlain } from "./python_text.ts";

/** The name of the schema for `parse`. */
export const PYTHON_SCALARS = "python" as const;

/** The last result of `resolve`: the parser asks for it immediately. */
let found: unknown;

const plain: ScalarType = {
  tag: "tag:yaml.org,2002:plain",
  kind: "scalar",
  resolve: (data) => data !== null && (found = readPlain(data)) !== undefined,
  construct: () => found,
};

/**
 * `!!int "0x10"`: the tag decides the type, quoted or not. A text that does not fit the type remains
 * unchanged.
 */
function tagged(name: string, read: (data: string) => unknown): ScalarType {
  return {
    tag: `tag:yaml.org,2002:${name}`,
    kind: "scalar",
    resolve: () => true,
    construct: (data) => data === null ? null : read(data),
  };
}

/** `!!int 012` means YAML 1.1's octal number, and `!!int 1:30` its number to the base of 60. */
function asInteger(data: string): unknown {
  const [, sign = "", digits] = /^([-+]?)0([0-7_]+)$/.exec(data) ?? [];
  const parts = /^[-+]?\d[\d_]*(?::[0-5]?\d)+$/.test(data) ? data.replace(/^[-+]|_/g, "").split(":") : [];
  const number = digits !== undefined
    ? parseInt(digits.replaceAll("_", ""), 8)
    : parts.reduce((sum, part) => sum * 60 + Number(part), 0);
  if (digits === undefined && parts.length === 0) return readPlain(data) ?? data;
  return new PlainScalar(data, String((sign || data[0]) === "-" ? -number : number));
}

function asBoolean(data: string): unknown {
  if (/^(?:yes|Yes|YES|on|On|ON)$/.test(data)) return new PlainScalar(data, "True");
  if (/^(?:no|No|NO|off|Off|OFF)$/.test(data)) return new PlainScalar(data, "False");
  return readPlain(data) ?? data;
}

function asFloat(data: string): unknown {
  const found = readPlain(data);
  return typeof found === "number" ? new PlainScalar(data, `${found}.0`) : found ?? data;
}

const { explicitTypes, typeMap } = SCHEMA_MAP.get("failsafe")!;
const typed = [
  tagged("int", asInteger),
  tagged("float", asFloat),
  tagged("bool", asBoolean),
  tagged("null", (data) => new PlainScalar(data, "None", true)),
  tagged("timestamp", (data) => data),
];

const withTyped = (types: Schema["typeMap"]["scalar"]) =>
  new Map([...types, ...typed.map((type) => [type.tag, type] as const)]);

SCHEMA_MAP.set(PYTHON_SCALARS, {
  implicitTypes: [plain],
  explicitTypes: [...explicitTypes, ...typed],
  // "fallback" is for tags without a value.
  typeMap: { ...typeMap, scalar: withTyped(typeMap.scalar), fallback: withTyped(typeMap.fallback) },
});
