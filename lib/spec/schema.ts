/**
 * A JSON Schema (draft 2020-12) of specs, made from the table in `spec_keys.ts`, for editors that check and
 * complete.
 */

import { type Key, type KeyType, type Level, type LevelName, LEVELS, PRIORITIES } from "./spec_keys.ts";

export type Schema = {
  readonly [key: string]: Schema | Schema[] | string | number | boolean | readonly string[];
};

/** What `maestro schema` prints. */
export function specSchema(): Schema {
  const levels = Object.entries(LEVELS) as [LevelName, Level][];
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Specification of a maestro study",
    $ref: "#/$defs/spec",
    $defs: { ...Object.fromEntries(levels.map(([name, level]) => [name, levelSchema(level)])), ...SHARED },
  };
}

function levelSchema({ doc, others, blanks, keys }: Level): Schema {
  const required = keys.filter((key) => key.required).map(({ name }) => name);
  const either = keys.filter((key) => key.unless).map(({ name, unless }) => ({
    anyOf: [name, ...unless!].map((other): Schema => ({ required: [other] })),
  }));
  return {
    type: "object",
    description: doc,
    properties: Object.fromEntries(keys.map((key) => [key.name, keySchema(key, blanks)])),
    ...(required.length > 0 ? { required } : {}),
    ...(either.length > 0 ? { allOf: either } : {}),
    ...(others === "error" ? { additionalProperties: false } : {}),
  };
}

function keySchema(key: Key, blanks?: true): Schema {
  const { doc, unused } = key;
  const schema = nullable(key, valueSchema(key));
  return {
    description: doc,
    ...(unused ? { deprecated: true } : {}),
    ...(blanks ? { anyOf: [schema, { const: "" }, { type: "null" }] } : schema),
  };
}

/** An empty value means an empty collection, if the key is optional. */
function nullable(key: Key, schema: Schema): Schema {
  const collection = typeof key.type === "object" || ["texts", "names", "rows", "any"].includes(key.type);
  return collection && !key.required ? { anyOf: [schema, { type: "null" }] } : schema;
}

function valueSchema(key: Key): Schema {
  const { type } = key;
  if (typeof type === "object") return nestedSchema(type);
  if (type === "integer") return numeric("integer", key);
  if (type === "number") return numeric("number", key);
  if (type === "exclusive") return { anyOf: [ref("boolean"), ref("token"), ref("exclusive")] };
  if (type === "boolean") return key.tokens ? { anyOf: [ref("boolean"), ref("token")] } : ref("boolean");
  return VALUES[type];
}

function nestedSchema(type: KeyType & object): Schema {
  if ("map" in type) return ref(type.map);
  if ("list" in type) return { type: "array", items: ref(type.list) };
  if ("named" in type) return { type: "object", additionalProperties: ref(type.named) };
  if ("textsOr" in type) return { anyOf: [LIST_OF_TEXTS, ref(type.textsOr)] };
  return { anyOf: [ref("text"), ref(type.textOr)] };
}

function numeric(type: "integer" | "number", { least, tokens }: Key): Schema {
  const number = { type, ...(least === undefined ? {} : { minimum: least }) };
  const digits = {
    type: "string",
    pattern: type === "integer" ? "^\\+?[0-9][0-9_]*(\\.0*)?$" : "^[-+.0-9eE_]+$",
  };
  return { anyOf: [number, digits, ...(tokens ? [ref("tokens")] : [])] };
}

const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

const LIST_OF_TEXTS: Schema = { type: "array", items: ref("text") };

const VALUES: Readonly<
  Record<Exclude<KeyType, object | "integer" | "number" | "boolean" | "exclusive">, Schema>
> = {
  text: ref("text"),
  walltime: ref("text"),
  duration: {
    anyOf: [
      { type: "number", minimum: 0 },
      {
        type: "string",
        pattern:
          "^(([0-9]+\\.?[0-9]*|\\.[0-9]+)[smhdSMHD]?|[0-9]+-[0-9]+(:[0-9]+){0,2}|[0-9]+(:[0-9]+){1,3})$",
      },
    ],
  },
  priority: {
    anyOf: [
      { type: "number", minimum: 0, maximum: 1 },
      { type: "string", pattern: `^${anyCase(PRIORITIES.join("|"))}$` },
      { type: "string", pattern: "^\\+?[.0-9]+([eE][-+]?[0-9]+)?$" },
      ref("token"),
    ],
  },
  texts: LIST_OF_TEXTS,
  // An exported variable may be empty.
  names: {
    type: "object",
    additionalProperties: { anyOf: [ref("text"), { type: "string" }, { type: "null" }] },
  },
  values: { type: "array", minItems: 1 },
  labels: { anyOf: [ref("text"), LIST_OF_TEXTS] },
  group: ref("group"),
  rows: {
    type: "array",
    items: { type: "object", additionalProperties: { anyOf: [ref("text"), LIST_OF_TEXTS] } },
  },
  any: {},
};

/** The words in upper or lower case: schemas have no flag for that. */
function anyCase(words: string): string {
  return `(${words.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)})`;
}

/**
 * Definitions that are not a level of the table. Every scalar is text for us, whatever type YAML gives it.
 */
const SHARED: Readonly<Record<string, Schema>> = {
  text: { anyOf: [{ type: "string", minLength: 1 }, { type: "number" }, { type: "boolean" }] },
  boolean: {
    anyOf: [{ type: "boolean" }, { type: "string", pattern: `^${anyCase("true|false|yes|no|on|off|y|n")}$` }],
  },
  exclusive: {
    type: "object",
    properties: {
      allocation: { anyOf: [ref("boolean"), ref("token")] },
      launcher: { anyOf: [ref("boolean"), ref("token")] },
    },
    additionalProperties: false,
  },
  token: { type: "string", pattern: "^(\\$\\([^()\\s]+\\))+$" },
  tokens: { type: "string", pattern: "\\$\\([^()\\s]+\\)" },
  group: {
    type: "array",
    items: {
      anyOf: [
        ref("text"),
        {
          type: "object",
          properties: { zip: ref("group"), product: ref("group") },
          additionalProperties: false,
          minProperties: 1,
          maxProperties: 1,
        },
      ],
    },
  },
};
