import { distinctNames, fileBase, FIRST_NAMES, MAESTRO_NAMES, safeName, shortHash } from "../lib/names.ts";
import { assert, assertEquals, assertMatch } from "./assert.ts";

Deno.test("safeName keeps what Maestro keeps", () => {
  const table: [string, string][] = [
    ["plain-1_2.(x)", "plain-1_2.(x)"],
    ["two  blanks", "two__blanks"],
    ["a/b\\c:d;e", "abcde"],
    ["../../etc/passwd", "....etcpasswd"],
    ["$HOME `id` \"q\" 'q'", "HOME_id_q_q"],
    ["a\nb\tc", "abc"],
    ["é日本", ""],
    ["", ""],
  ];
  for (const [text, safe] of table) assertEquals(safeName(text), safe, text);
});

Deno.test("shortHash is FNV-1a of the text's bytes", () => {
  // The published test vectors.
  assertEquals(shortHash(""), "811c9dc5");
  assertEquals(shortHash("a"), "e40c292c");
  assertEquals(shortHash("foobar"), "bf9cf968");
  assertEquals(shortHash("é") === shortHash("\xc3\xa9"), false);
});

Deno.test("distinct names remain unchanged; those that would collide get a hash", () => {
  const hashed = (name: string, text: string) => `${name}-${shortHash(text)}`;
  const table: [texts: string[], names: string[]][] = [
    [["a", "b"], ["a", "b"]],
    [["a b"], ["a_b"]],
    // A text that is already safe keeps its name.
    [["a b", "a_b"], [hashed("a_b", "a b"), "a_b"]],
    [["x/y", "x:y", "xy"], [hashed("xy", "x/y"), hashed("xy", "x:y"), "xy"]],
    [["x/y", "x:y"], [hashed("xy", "x/y"), hashed("xy", "x:y")]],
    // Nothing left is the folder above, as in Maestro, for one; and so is a point.
    [["é"], [""]],
    [["é", "x"], ["", "x"]],
    [["é", "日"], [hashed("_", "é"), hashed("_", "日")]],
    [["é", ""], [hashed("_", "é"), ""]],
    [["", "."], ["", hashed(".", ".")]],
    [["/", "."], [hashed("_", "/"), hashed(".", ".")]],
    // The one above that is another's.
    [[".", "..", "..."], [".", hashed("..", ".."), "..."]],
  ];
  for (const [texts, names] of table) {
    assertEquals(distinctNames(texts), names, texts.join(" | "));
    // Not their order but their set decides.
    assertEquals(distinctNames(texts.toReversed()), names.toReversed(), texts.join(" | "));
  }
});

Deno.test("names in studies of version 0.1 are what they were", () => {
  const names = ["é", "..", "...", "x y"];
  assertEquals(distinctNames(names, [], FIRST_NAMES), [
    `_-${shortHash("é")}`,
    `..-${shortHash("..")}`,
    "...",
    "x_y",
  ]);
  assertEquals(distinctNames(["."], [], FIRST_NAMES), [`.-${shortHash(".")}`]);
  assertEquals(fileBase("é", FIRST_NAMES), `_-${shortHash("é")}`);
});

Deno.test("files are named as in Maestro, as far as their endings leave room", () => {
  const longest = "x".repeat(238);
  for (const name of ["a_A.1", "", "..", longest]) assertEquals(fileBase(name, MAESTRO_NAMES), name);
  assertEquals(fileBase("日本 x/y", MAESTRO_NAMES), "_xy");
  assertMatch(fileBase(`${longest}x`, MAESTRO_NAMES), /^x{229}-[0-9a-f]{8}$/);
});

Deno.test("texts with equal hashes have different names", () => {
  const [one, two] = ["\u82ab\u94c2\u690a", "\u628c\u6a0f\u7ed6"];
  assertEquals(shortHash(one), shortHash(two));
  assertEquals(distinctNames([one, two]), [`_-${shortHash(one)}`, `_-${shortHash(`${two}#2`)}`]);
  // A name that is another text is not used either.
  const spoken = `xy-${shortHash("x/y")}`;
  assertEquals(distinctNames(["x/y", "xy", spoken]), [`xy-${shortHash("x/y#2")}`, "xy", spoken]);
});

Deno.test("reserved names are not given away", () => {
  assertEquals(distinctNames(["meta", "x"], ["meta"]), [`meta-${shortHash("meta")}`, "x"]);
});

Deno.test("long names are cut, and differ by what was cut", () => {
  const long = "x".repeat(5000);
  const names = distinctNames([
    `${long}1`,
    `${long}2`,
    "x".repeat(255),
    "x".repeat(256),
  ]);
  assertEquals(new Set(names).size, 4);
  for (const name of names) assert(name.length <= 255, String(name.length));
  assertEquals(names[2], "x".repeat(255));
  assertMatch(names[0]!, /^x{246}-[0-9a-f]{8}$/);
  assertEquals(distinctNames(["x".repeat(201)], [], FIRST_NAMES)[0]!.length, 200);
  // Too long and not the only one of its kind.
  const twins = distinctNames([`${long}/`, long]);
  assertEquals(new Set(twins).size, 2);
  for (const name of twins) assert(name.length <= 255, String(name.length));
});

Deno.test("100,000 odd values have 100,000 names", () => {
  const texts = Array.from(
    { length: 100_000 },
    (_, i) => `${"/".repeat(i % 3)}v ${i >> 1}${i % 2 ? ":" : ";"}`,
  );
  assertEquals(new Set(texts).size, texts.length);
  assertEquals(new Set(distinctNames(texts)).size, texts.length);
});
