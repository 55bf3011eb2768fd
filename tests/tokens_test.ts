import { eachToken, splitTokens, substitute } from "../lib/tokens.ts";
import { assertEquals } from "./assert.ts";

const NAMES: Readonly<Record<string, string>> = {
  "N": "1",
  "NP": "2",
  "N.label": "N.1",
  "a.workspace": "/out/a",
  "b.workspace": "/out/b",
  "my step.workspace": "/out/my_step",
  "pre(1).workspace": "/out/pre(1)",
  "DIR": "/data",
  "é": "accent",
  "EMPTY": "",
  "LOOP": "$(N)",
  "": "nothing",
};
const lookup = (name: string) => Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;

Deno.test("tokens are replaced by exact name, once", () => {
  const table: [string, string][] = [
    ["", ""],
    ["no token", "no token"],
    ["$(N)", "1"],
    ["$(NP)", "2"],
    ["$(N)$(NP)$(N)", "121"],
    ["$(N).$(N.label).$(N.nothing)", "1.N.1.$(N.nothing)"],
    ["$(a.workspace):$(b.workspace)", "/out/a:/out/b"],
    ["$(my step.workspace)/x", "/out/my_step/x"],
    ["$(é)", "accent"],
    ["<$(EMPTY)>", "<>"],
    ["$()", "nothing"],
    // What is put in is not read again.
    ["$(LOOP)", "$(N)"],
    // Names are exact: case, blanks and braces count.
    ["$(n) $( N ) $(N ) ${N} $N $[N]", "$(n) $( N ) $(N ) ${N} $N $[N]"],
    // Names that every object knows.
    ["$(constructor) $(__proto__) $(toString)", "$(constructor) $(__proto__) $(toString)"],
    // A name may contain brackets.
    ["$(pre(1).workspace):$(N)", "/out/pre(1):1"],
    ["$(ls $(pre(1).workspace) $(N))", "$(ls /out/pre(1) 1)"],
    ["$(f(x) $(N)) $(pre(1", "$(f(x) 1) $(pre(1"],
    // The shell's own forms around a token, or beside it.
    ["$(ls $(DIR))", "$(ls /data)"],
    ["$(ls $(DIR)/$(N) | wc)", "$(ls /data/1 | wc)"],
    ["$($(N))", "$(1)"],
    ["$(($(N) + $(NP)))", "$((1 + 2))"],
    ["$(( $(N) ))", "$(( 1 ))"],
    ["$$(N)", "$1"],
    ["\\$(N)", "\\1"],
    ["$(date)-$(N)", "$(date)-1"],
    // Never closed.
    ["$(N", "$(N"],
    ["$(N) $(", "1 $("],
    ["$(N $(NP", "$(N $(NP"],
    ["$(a\n$(N)", "$(a\n1"],
  ];
  for (const [text, wanted] of table) assertEquals(substitute(text, lookup), wanted, text);
});

Deno.test("splitTokens keeps the text between, and no empty pieces", () => {
  const upper = (name: string) => name === name.toUpperCase() ? { name } : undefined;
  assertEquals(splitTokens("$(A)x$(b)y$(C)$(D)", upper), [
    { name: "A" },
    "x$(b)y",
    { name: "C" },
    { name: "D" },
  ]);
  assertEquals(splitTokens("", upper), []);
  assertEquals(splitTokens("plain", upper), ["plain"]);
});

Deno.test("eachToken visits the text before the next bracket, nested ones too", () => {
  const seen: string[] = [];
  eachToken("$(a) $(ls $(b)) $(c", (name) => seen.push(name));
  assertEquals(seen, ["a", "ls $(b", "b"]);
});

Deno.test("a text full of openings costs one look at each", () => {
  const count = 20_000;
  let looks = 0;
  const text = "$(".repeat(count) + ")".repeat(count);
  const kept = substitute(text, () => {
    looks++;
    return undefined;
  });
  assertEquals(kept === text, true);
  // Only those close enough to a bracket to be a name are looked up.
  assertEquals(looks <= 512, true, `${looks} looks`);
  assertEquals(substitute("$(".repeat(count), () => "x").length, 2 * count);
  assertEquals(substitute("$(N) ".repeat(count), lookup), "1 ".repeat(count));
});
