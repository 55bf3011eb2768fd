/**
 * The docs, and their code blocks with the marks before them. Tests run these blocks, write them to files, or
 * compare them.
 */

import { ROOT } from "./maestro.ts";

/** Documents whose content is tested, from the project's root. */
export const DOCS = [
  "README.md",
  "CONTRIBUTING.md",
  ...[...Deno.readDirSync(`${ROOT}/docs`)].map(({ name }) => `docs/${name}`).filter((name) =>
    name.endsWith(".md")
  ),
].sort();

/** A mark is a comment on a separate line: `<!-- key: value -->`. Several may come before a block. */
export interface Block {
  readonly language: string;
  readonly text: string;
  readonly marks: ReadonlyMap<string, string>;
  /** Whether nothing but blank lines is between it and the block before. */
  readonly adjoins: boolean;
  /** The line of Markdown in which its text begins, from 1. */
  readonly line: number;
}

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let marks = new Map<string, string>();
  let adjoins = false;
  const lines = markdown.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(\w*)$/.exec(lines[i]!);
    const mark = /^<!-- ([\w ]+): (.+) -->$/.exec(lines[i]!);
    if (mark) marks.set(mark[1]!, mark[2]!);
    if (fence) {
      const end = lines.indexOf("```", i + 1);
      if (end < 0) throw new Error(`A block has no end: line ${i + 1}`);
      const text = lines.slice(i + 1, end).map((line) => `${line}\n`).join("");
      blocks.push({ language: fence[1]!, text, marks, adjoins, line: i + 2 });
      i = end;
      adjoins = true;
    } else if (lines[i] !== "" && !mark) adjoins = false;
    if (!mark) marks = new Map();
  }
  return blocks;
}
