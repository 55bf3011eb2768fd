/**
 * Every key, kind of value, limit and name of a scheduler in `promised_words.json` keeps its meaning in
 * specs. The tables are tested against that file, not against themselves. `UPDATE=1` adds new words to the
 * file.
 */

import { ADAPTERS } from "../adapters/mod.ts";
import { LEVELS } from "../lib/spec/spec_keys.ts";
import { assertEquals } from "./assert.ts";

const FILE = new URL("promised_words.json", import.meta.url);

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Texts for people may change. */
const LEFT_OUT = ["doc", "example"];

function words(): Json {
  const schedulers = Object.values(ADAPTERS).map(({ name, otherNames = [], batchKeys, ignores }) => (
    { name, otherNames, batchKeys, ignores: Object.keys(ignores) }
  ));
  const text = JSON.stringify(
    { levels: LEVELS, schedulers },
    (key, value) => LEFT_OUT.includes(key) ? undefined : value,
  );
  return JSON.parse(text);
}

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Paths of what is promised and not there, or otherwise. Items of a list that have names are found by them. */
function broken(promised: Json, actual: Json | undefined, path: string): string[] {
  if (isObject(promised) && isObject(actual)) {
    return Object.entries(promised).flatMap(([key, value]) => broken(value, actual[key], `${path}.${key}`));
  }
  if (!Array.isArray(promised) || !Array.isArray(actual)) return promised === actual ? [] : [path];
  return promised.flatMap((item: Json) => {
    if (!isObject(item)) return actual.includes(item) ? [] : [`${path}: ${item}`];
    const named = actual.find((one: Json) => isObject(one) && one["name"] === item["name"]);
    return broken(item, named, `${path}.${item["name"]}`);
  });
}

Deno.test("specs may use all promised words", () => {
  if (Deno.env.get("UPDATE")) Deno.writeTextFileSync(FILE, `${JSON.stringify(words(), null, 2)}\n`);
  assertEquals(broken(JSON.parse(Deno.readTextFileSync(FILE)), words(), ""), []);
});

Deno.test("a broken promise is found", () => {
  const promised = { a: [{ name: "x", least: 1 }, { name: "y" }], b: ["u", "v"], c: true };
  const actual = { a: [{ name: "y" }, { name: "x", least: 2 }, { name: "z" }], b: ["w", "v"], d: 1 };
  assertEquals(broken(promised, actual, ""), [".a.x.least", ".b: u", ".c"]);
  assertEquals(broken(promised, promised, ""), []);
});
