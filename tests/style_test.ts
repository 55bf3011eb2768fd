/** docs/style.md, as far as a machine can check it: comments, docs, help, messages, names of tests. */

import { STEP_STATES } from "../lib/study/states.ts";
import { assert, assertEquals } from "./assert.ts";
import { DOCS } from "./docs_blocks.ts";
import { projectFiles, ROOT } from "./project_files.ts";
import { BANNED, faultsOf, passagesOf, WORDS } from "./style.ts";

/** Files, or beginnings of their paths, that still break the rules. This list only gets shorter. */
const TO_DO: readonly string[] = [];

/** Texts of others: recordings, Maestro's own files; and the guard, whose text only changes together with its number. */
const OTHERS = [
  "templates/guard.sh",
  "tests/golden/",
  "tests/originals/",
  "tests/logs/",
  "tests/guard-0.1.sh",
  "tests/cli/run-odd-names/",
];

const faultsBelow = (path: string, text: string) => faultsOf(passagesOf(path, text));

const found = projectFiles().filter((path) => !OTHERS.some((other) => path.startsWith(other))).flatMap((
  path,
) =>
  faultsBelow(path, Deno.readTextFileSync(new URL(encodeURI(path), ROOT))).map((fault) => ({
    path,
    ...fault,
  }))
);
const isToDo = (path: string) => TO_DO.some((start) => path.startsWith(start));

Deno.test("style: words and sentences are those of docs/style.md", () => {
  assertEquals(
    found.filter(({ path }) => !isToDo(path)).map(({ path, line, rule, sentence }) =>
      `${path}:${line}: ${rule}: ${sentence}`
    ),
    [],
  );
});

Deno.test("style: a file without faults is off the list of those to do", () => {
  assertEquals(TO_DO.filter((start) => !found.some(({ path }) => path.startsWith(start))), []);
});

const LONG = `${"word ".repeat(WORDS - 1)}end.`;

Deno.test("style: faults in prose of every kind are found, with their lines", () => {
  const planted: [path: string, text: string, lines: number[]][] = [
    ["a.ts", "const a = 1;\n// It tells\n// all.\n", [2]],
    ["a.ts", "/**\n * Fine.\n *\n * Whoever reads.\n */\n", [4]],
    ["a.ts", "const a = `${b} says ${c} of it`; // fine\n", [1]],
    ["a.ts", 'const a = "it stands here";\n', [1]],
    ["a.ts", `/** ${LONG} */\n`, [1]],
    ["tests/a_test.ts", 'Deno.test("a step says why", () => {});\n', [1]],
    ["lib/a.ts", `const a = "${LONG}";\n`, [1]],
    ["a.css", "a { }\n/* It stands. */\n", [2]],
    ["a.sh", "echo 1\ntrue # it says so\n", [2]],
    ["a.yaml", `# ${LONG}\nkey: value\n`, [1]],
    ["a.md", "Fine.\n\n| a | it tells |\n", [3]],
    ["a.md", `Fine. Really\n${LONG}\n`, [1]],
    ["a.md", "```yaml\na: 1 # it stands here\n```\n", [2]],
    ["tests/cli/help/stdout", "Fine\nTells all\n", [2]],
  ];
  for (const [path, text, lines] of planted) {
    assertEquals(faultsBelow(path, text).map(({ line }) => line), lines, `${path}: ${text}`);
  }
  for (const [pattern] of BANNED) assert(!pattern.flags.includes("g"));
});

Deno.test("style: code, addresses and texts of tests are not prose", () => {
  const fine: [path: string, text: string][] = [
    ["a.ts", 'const says = "// it_tells";\nconst a = /says who/;\n'],
    ["a.ts", "/** Calls `tell` at https://example.org/says/it. */\n"],
    ["tests/a_test.ts", 'assertEquals(message, "it says so");\n'],
    ["a.md", "Write `fix`, never `mend`.\n\n```text\nit says so\n```\n"],
    ["a.sh", 'echo "$#" ${a#says who}\n'],
    ["a.bin", "it says so"],
  ];
  for (const [path, text] of fine) assertEquals(faultsBelow(path, text), [], `${path}: ${text}`);
});

/** Abbreviations that need no definition: names of products, units, signals, files, and words that a reader replaces. */
const COMMON = new Set([
  ...["AMD", "EPYC", "GNU", "UTF", "IBM", "ISO", "JUBE", "MIT", "RHEL", "SHA", "SLES", "HTML"],
  ...["KB", "MB", "GB", "INT", "SIGHUP", "SIGKILL", "SIGTERM", "TERM"],
  ...["CHANGELOG", "CHROMIUM", "CITATION", "LICENSE", "PATH", "README", "SIZE", "STEP", "SEED"],
  ...[
    "COMMAND",
    "DIR",
    "FILE",
    "KEY",
    "KIND",
    "LAYOUT",
    "NAME",
    "SEC",
    "SPEC",
    "STATE",
    "TEXT",
    "TIME",
    "VALUE",
  ],
  ...STEP_STATES,
]);

Deno.test("style: every abbreviation in the docs is in the glossary", () => {
  const read = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));
  const defined = new Set(
    [...read("docs/glossary.md").matchAll(/^\| \*\*([^*]+)\*\* /gm)].map(([, word]) => word!),
  );
  const unknown = DOCS.flatMap((path) =>
    passagesOf(path, read(path)).flatMap(({ line, text }) =>
      [...text.matchAll(/\b[A-Z](?:[A-Z0-9-]*[A-Z])(?=s?\b)(?!-?[A-Za-z])/g)].map(([word]) => word)
        .filter((word) => !["CODE", "LINK"].includes(word) && !COMMON.has(word) && !defined.has(word))
        .map((word) => `${path}:${line}: ${word}`)
    )
  );
  assertEquals(unknown, []);
  assert(defined.has("PID") && !defined.has("XYZ"));
});

Deno.test("style: every term that the docs introduce in italics is in the glossary", () => {
  const read = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));
  const defined = new Set(
    [...read("docs/glossary.md").matchAll(/^\| \*\*([^*]+)\*\* /gm)].map(([, word]) => word!),
  );
  const terms = DOCS.flatMap((path) =>
    [...read(path).replaceAll("**", "").matchAll(/(?<![*\w])\*([a-z][a-z -]*)\*(?![*\w])/g)]
      .map(([, term]) => ({ path, term: term! }))
  );
  assertEquals(terms.filter(({ term }) => !defined.has(term)), []);
  assert(terms.length > 5);
});
