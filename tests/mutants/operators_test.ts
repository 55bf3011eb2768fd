import ts from "npm:typescript@6.0.3";
import { assert, assertEquals } from "../assert.ts";
import { mutationsOf, OPERATORS } from "./operators.ts";
import { openSources } from "./sources.ts";

/** Mutations of a text by an operator, as whole texts. */
function mutants(operator: string, text: string): string[] {
  const folder = Deno.makeTempDirSync({ prefix: "maestro_mutants_" });
  try {
    Deno.writeTextFileSync(`${folder}/a.ts`, text);
    return openSources(folder, ["a.ts"]).mutations("a.ts").filter((one) => one.operator === operator)
      .map(({ start, end, text: other }) => text.slice(0, start) + other + text.slice(end));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const STATE = 'type S = "A" | "B" | "C"; declare const s: S;';

const TABLE: readonly (readonly [operator: string, text: string, mutants: readonly string[]])[] = [
  ["arithmetic", "a + b * c ** d;", ["a - b * c ** d;", "a + b / c ** d;", "a + b * c * d;"]],
  ["arithmetic", "a += 1;", ["a -= 1;"]],
  ["step", "i++;", ["i--;"]],
  ["rounding", "Math.ceil(a);", ["Math.floor(a);"]],
  ["extreme", "Math.max(a, b);", ["Math.min(a, b);"]],
  ["boundary", "a < b || a >= c;", ["a <= b || a >= c;", "a < b || a > c;"]],
  ["equality", "a === b;", ["a !== b;"]],
  ["logic", "a && b;", ["a || b;"]],
  ["default", "a ?? b;", ["(a);", "(b);"]],
  ["condition", "if (a) b();", ["if (!(a)) b();"]],
  ["condition", "a ? b : c;", ["!(a) ? b : c;"]],
  ["negation", "x = !a;", ["x = (a);"]],
  ["statement", "f(); g();", ["; g();", "f(); ;"]],
  ["guard", "for (;;) { if (a) continue; }", ["for (;;) { ; }"]],
  ["guard", "for (;;) { if (a) { b(); break; } }", []],
  ["element", 'x = ["a", "b"];', ['x = [...[], "b"];', 'x = ["a", ...[]];']],
  ["element", "x = [a, b];", []],
  ["entry", 'x = { a: 1, b: "2", c };', ['x = { ...{}, b: "2", c };', "x = { a: 1, ...{}, c };"]],
  ["word", `${STATE} s === "A";`, [`${STATE} s === "B";`]],
  ["word", `${STATE} const t: S = "C";`, [`${STATE} const t: S = "A";`]],
  ["word", 'f("A");', []],
  ["boolean", "x = true; y = false;", ["x = false; y = false;", "x = true; y = true;"]],
  ["constant", "x = 0; y = 0.5;", ["x = 1; y = 0.5;"]],
  ["constant", "x = 100; y = 5_000;", ["x = 101; y = 5_000;", "x = 100; y = 10000;"]],
  ["optional", "x = a?.b;", ["x = undefined;"]],
  ["return", "const f = () => { return a; };", ["const f = () => { return undefined; };"]],
];

for (const [operator, text, expected] of TABLE) {
  Deno.test(`${operator}: ${text}`, () => assertEquals(mutants(operator, text), expected));
}

Deno.test("every operator is in the table", () => {
  assertEquals([...new Set(TABLE.map(([operator]) => operator))].sort(), Object.keys(OPERATORS).sort());
});

Deno.test("types and imports have no mutations", () => {
  const text = 'import { a } from "./1.ts"; interface B { c: 1 | true } type D = "x" | 2;';
  const file = ts.createSourceFile("a.ts", text, ts.ScriptTarget.ESNext, true);
  assertEquals(mutationsOf(file, undefined as never), []);
});

Deno.test("a mutation that does not type-check is known", () => {
  const folder = Deno.makeTempDirSync({ prefix: "maestro_mutants_" });
  try {
    Deno.writeTextFileSync(`${folder}/a.ts`, "export const f = (a?: number): number => a ?? 1;");
    const sources = openSources(folder, ["a.ts"]);
    assertEquals(sources.typeChecks("a.ts", "export const f = (a?: number): number => (a);"), false);
    assert(sources.typeChecks("a.ts", "export const f = (a?: number): number => a ?? 2;"));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
