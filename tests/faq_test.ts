/** docs/faq.md in the program's own words: what it quotes can be printed, and every message for users is in it. */

import * as errors from "../lib/errors.ts";
import * as inputErrors from "../lib/input_errors.ts";
import * as viewErrors from "../lib/view_errors.ts";
import { assert, assertEquals } from "./assert.ts";
import { ROOT } from "./maestro.ts";

/** Represents a text that only a run of the program knows. */
const ANY = "\u0000";

/** An argument that behaves as any value would: text, number, list or object. */
const anything: unknown = new Proxy(() => {}, {
  apply: () => anything,
  get(_, name) {
    if (name === Symbol.toPrimitive || name === "toString") return () => ANY;
    if (name === Symbol.iterator) return Array.prototype.values.bind([]);
    return anything;
  },
});

const ARGUMENTS = [anything, undefined, ""];

/** All messages that a function can return, with any arguments. */
function wordings(make: (...args: unknown[]) => unknown): string[] {
  const messages = new Set<string>();
  // At least two: of arguments with `...` a function counts none.
  const count = Math.max(make.length, 2);
  for (let choice = 0; choice < ARGUMENTS.length ** count; choice++) {
    const args = Array.from(
      { length: count },
      (_, i) => ARGUMENTS[Math.floor(choice / ARGUMENTS.length ** i) % ARGUMENTS.length],
    );
    try {
      const made = make(...args);
      if (made instanceof errors.UserError) messages.add(made.message);
    } catch {
      // Not every function can do without every argument.
    }
  }
  return [...messages].filter((message) => /[a-z]/i.test(message));
}

function pattern(message: string): RegExp {
  const parts = message.split(ANY).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

/** Texts in the program's sources: strings, and templates with something for each `${}`. */
function textsOf(source: string): string[] {
  const texts: string[] = [];
  for (const [, text] of source.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)) texts.push(text!);
  for (let i = source.indexOf("`"); i >= 0; i = source.indexOf("`", i + 1)) {
    let text = "";
    for (i++; i < source.length && source[i] !== "`"; i++) {
      if (source[i] === "\\") text += source[++i];
      else if (source.startsWith("${", i)) {
        i = endOfHole(source, i + 2);
        text += ANY;
      } else text += source[i];
    }
    texts.push(text);
  }
  return texts;
}

/** The place of the brace that ends `${}`. Templates may be inside. */
function endOfHole(source: string, from: number): number {
  for (let i = from, depth = 1; i < source.length; i++) {
    if (source[i] === "{") depth++;
    if (source[i] === "}" && --depth === 0) return i;
  }
  return source.length;
}

function sources(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? sources(`${folder}/${name}`)
      : name.endsWith(".ts")
      ? [Deno.readTextFileSync(`${folder}/${name}`)]
      : []
  );
}

const faq = Deno.readTextFileSync(`${ROOT}/docs/faq.md`);
const quotes = faq.split("\n").filter((line) => /^\| `/.test(line)).map((line) =>
  /^\| `(.*?)` \|/.exec(line)![1]!
);
const makers = Object.values({ ...errors, ...inputErrors, ...viewErrors }).filter((value) =>
  typeof value === "function" && value !== errors.UserError
) as ((...args: unknown[]) => unknown)[];

Deno.test("faq: every message for users is in it", () => {
  assert(makers.length > 40);
  const missing = makers.map((make) => ({ name: make.name, said: wordings(make) })).filter(({ said }) =>
    said.length > 0 && !said.some((message) => quotes.some((quote) => pattern(message).test(quote)))
  );
  assertEquals(missing.map(({ name, said }) => `${name}: ${said[0]!.replaceAll(ANY, "...")}`), []);
});

Deno.test("faq: what it quotes is what the program prints", () => {
  // Two words at least, or one and a colon: less would fit anything.
  const texts = sources(`${ROOT}/lib`).flatMap(textsOf).filter((text) =>
    (text.match(/[a-z]+/gi) ?? []).length > 1 || /^[a-z]+: \0$/.test(text)
  );
  const known = [...makers.flatMap(wordings), ...texts].map(pattern);
  assert(quotes.length > 100);
  assertEquals(quotes.filter((quote) => !known.some((one) => one.test(quote))), []);
});
