import { resolveEnvironment } from "../lib/plan/environment.ts";
import { named } from "./make.ts";
import { assertEquals } from "./assert.ts";

const texts = (items: Record<string, string>) => Object.fromEntries(resolveEnvironment(named(items)).texts);

Deno.test("names refer to each other in any order", () => {
  const table: [Record<string, string>, Record<string, string>][] = [
    [{ A: "1", B: "$(A)/b" }, { A: "1", B: "1/b" }],
    [{ B: "$(A)/b", A: "1" }, { A: "1", B: "1/b" }],
    [{ C: "$(B)$(A)", B: "$(A)$(A)", A: "x" }, { A: "x", B: "xx", C: "xxx" }],
    // What is no name of env stays: parameters, workspaces, commands of the shell.
    [{ A: "$(P) $(date) $(s.workspace)", B: "$(A)" }, {
      A: "$(P) $(date) $(s.workspace)",
      B: "$(P) $(date) $(s.workspace)",
    }],
    [{ A: "", B: "<$(A)>" }, { A: "", B: "<>" }],
    [{ "a.b": "1", B: "$(a.b)" }, { "a.b": "1", B: "1" }],
    [{ constructor: "1", B: "$(constructor)$(toString)" }, { constructor: "1", B: "1$(toString)" }],
  ];
  for (const [items, wanted] of table) assertEquals(texts(items), wanted, JSON.stringify(items));
});

Deno.test("the first of two equal names wins", () => {
  const { texts } = resolveEnvironment([{ name: "A", text: "1" }, { name: "A", text: "2" }]);
  assertEquals([...texts], [["A", "1"]]);
});

Deno.test("circles are reported as paths, and their tokens stay", () => {
  const table: [Record<string, string>, string[][], Record<string, string>][] = [
    [{ A: "$(A)" }, [["A", "A"]], { A: "$(A)" }],
    [{ PATH: "/bin:$(PATH)" }, [["PATH", "PATH"]], { PATH: "/bin:$(PATH)" }],
    [{ A: "a$(B)", B: "b$(A)" }, [["A", "B", "A"]], { A: "ab$(A)", B: "b$(A)" }],
    [{ X: "$(A)", A: "$(B)", B: "$(C)", C: "$(A)" }, [["A", "B", "C", "A"]], {
      X: "$(A)",
      A: "$(A)",
      B: "$(A)",
      C: "$(A)",
    }],
    // Names that are not part of the circle are not on the path.
    [{ B: "$(A)$(B)", A: "1" }, [["B", "B"]], { B: "1$(B)", A: "1" }],
    [{ A: "1", B: "$(B)$(A)" }, [["B", "B"]], { A: "1", B: "$(B)1" }],
  ];
  for (const [items, circles, wanted] of table) {
    const found = resolveEnvironment(named(items));
    assertEquals(found.circles, circles, JSON.stringify(items));
    assertEquals(Object.fromEntries(found.texts), wanted, JSON.stringify(items));
  }
});

Deno.test("a long chain of names resolves", () => {
  const count = 1000;
  const items = Object.fromEntries(Array.from({ length: count }, (_, i) => [`V${i}`, `$(V${i + 1})`]));
  assertEquals(texts({ ...items, [`V${count}`]: "end" })["V0"], "end");
});
