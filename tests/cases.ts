/**
 * Tests of texts: a file has cases, each with a title, a text, and what is made of it.
 *
 *     === title
 *     text
 *     ---
 *     what is made of it
 */

import { assertEquals } from "./assert.ts";

const UPDATE = Deno.env.get("UPDATE") === "1";

/** Registers a test for each case of a file. `deno task update` writes what is made of each into the file. */
export function readCases(
  file: URL,
  make: (title: string, text: string) => Promise<string>,
  ignored: (title: string) => boolean = () => false,
): void {
  const cases = Deno.readTextFileSync(file).split(/^=== /m).slice(1).map((part) => {
    const [, title, text, expected] = /^(.*)\n([\s\S]*?)^---\n([\s\S]*)$/m.exec(part)!;
    return { title: title!, text: text!, expected: expected!.trim() };
  });
  const name = file.pathname.split("/").at(-1)!;
  for (const one of cases) {
    Deno.test({
      name: `${name}: ${one.title}`,
      ignore: ignored(one.title),
      async fn() {
        const made = await make(one.title, one.text);
        if (UPDATE) one.expected = made.trim();
        assertEquals(made.trim(), one.expected);
      },
    });
  }
  if (!UPDATE) return;
  Deno.test(`${name} is written`, () => {
    const parts = cases.map(({ title, text, expected }) => `=== ${title}\n${text}---\n${expected}\n`);
    Deno.writeTextFileSync(file, parts.join("\n"));
  });
}
