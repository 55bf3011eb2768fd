/** The prose of the project, as passages, and what docs/style.md forbids in them. */

import { blankOut } from "./source.ts";

/** Some text without its marks of code or Markdown, and the line of the file where it begins, from 1. */
export interface Passage {
  readonly line: number;
  readonly text: string;
  /** Words in a line of output or of a tool: a banned word counts, the length of a sentence does not. */
  readonly fragment?: boolean;
}

export interface Fault {
  readonly line: number;
  readonly rule: string;
  readonly sentence: string;
}

/** Sentences have fewer words. */
export const WORDS = 25;

/** Words and phrases that make a reader stop, and plain ones for them. */
export const BANNED: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\b(?:stands?|stood|standing)\b/, "is, appears, means"],
  [/\b(?:tells?|told|telling)\b/, "shows, reports"],
  [/\b(?:says?|said|saying)\b/, "shows, states, prints"],
  [/\bmend(?:s|ed|ing)?\b/, "fix"],
  [/\b(?:is|are|was|were) to be\b/, "must, should, will"],
  [/\bso it\b/, "a second sentence"],
  [/\bwhoever\b/, "the user, the process"],
  [/\bof (?:its|their|one's|your|his|our|my) own\b/, "its own X, separate"],
  [/\ball the same\b/, "anyway, still"],
  [/\bcan(?:not)? be had\b|\bis to be had\b/, "is (not) available"],
  [/\btaken for\b/, "considered, assumed to be"],
  [/\btrying on\b/, "trying again"],
  [/\bleaving it\b/, "without changing it"],
  [/\b(?:is|are|was|were|be) passed over\b/, "skip, ignore"],
  [/\b(?:left|leaves?|leaving) alone\b/, "is unchanged"],
  [/\bas (?:it is|they are)(?=[.,;:!?)]|$)/, "unchanged"],
  [/\bfor ever\b/, "forever, without end"],
  [/\bas good as\b/, "counts as"],
  [/\bfinds? out\b/, "detect, learn"],
  [/\blooked? after\b/, "watch"],
  [/\bwhat (?:it|they) (?:is|are|was|were) to\b/, "what it must"],
  [/\b(?:is|are) (?:not )?to (?!be\b)[a-z]+(?:[.,;]|$)/, "must, should"],
  [/\bmakes? (?:\w+ )?of it\b/, "turns it into"],
  [/\bno longer than it\b|\bnot any more\b/, "no longer"],
  [/\b(?:thereof|therein|whence|hence|thereby|wherein|whereby)\b/, "a plain word"],
  [/\b(?:shall|ought)\b/, "must, should"],
];

/** Technical uses of banned words, and texts that are not ours. */
export const ALLOWED: readonly RegExp[] = [
  /\bfind out more\b/,
];

/** Passages of a file by its kind; none of a file that holds no prose. */
export function passagesOf(path: string, text: string): Passage[] {
  if (path.endsWith(".md")) return ofMarkdown(text);
  if (/\.(?:ts|js)$/.test(path)) return ofCode(path, text);
  if (path.endsWith(".css")) return ofBlockComments(text);
  if (/\.(?:ya?ml|sh|py|awk|cfg|conf)$/.test(path) || text.startsWith("#!")) return ofHashComments(text);
  if (/^tests\/cli\/.*\/std(?:out|err)$/.test(path)) return ofOutput(text);
  return [];
}

export function faultsOf(passages: readonly Passage[]): Fault[] {
  return passages.flatMap(({ line, text, fragment }) =>
    sentencesOf(text).flatMap((sentence) => {
      const faults: Fault[] = [];
      const rest = ALLOWED.reduce(
        (left, allowed) => left.replaceAll(new RegExp(allowed, "gi"), ""),
        sentence,
      );
      for (const [pattern, instead] of BANNED) {
        const found = new RegExp(pattern, "i").exec(rest);
        if (found) faults.push({ line, rule: `"${found[0]}": write ${instead}`, sentence });
      }
      const count = wordsOf(sentence);
      if (!fragment && count >= WORDS) faults.push({ line, rule: `${count} words`, sentence });
      return faults;
    })
  );
}

/** A full stop ends a sentence before a blank, unless it is that of an abbreviation. */
export function sentencesOf(text: string): string[] {
  return text.replaceAll(/\b(e\.g|i\.e|etc|vs|cf|Dr|No)\. /g, "$1 ").split(/(?<=[.!?]["')\]]*)\s+/).filter((
    one,
  ) => one !== "");
}

function wordsOf(sentence: string): number {
  return sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** Code and addresses count as one word, and no word in them is ours. */
function plain(text: string): string {
  return text.replaceAll(/``.+?``|`[^`]*`|\$\{\}/g, "CODE").replaceAll(/https?:\/\/[^\s)>]+/g, "LINK")
    .replaceAll(/\{@link ([^}]*)\}/g, "CODE").replaceAll(/\s+/g, " ").trim();
}

/** From a place in a text to its line, from 1. */
function lineCounter(text: string): (place: number) => number {
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index);
  return (place) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

/** Comments, and texts for people: messages of the program, names of tests. */
function ofCode(path: string, text: string): Passage[] {
  const { strings, templates, comments } = blankOut(text);
  const lineOf = lineCounter(text);
  const blocks: { line: number; lines: string[]; next: number }[] = [];
  for (const [place, comment] of comments) {
    const line = lineOf(place);
    const alone = text.slice(text.lastIndexOf("\n", place) + 1, place).trim() === "";
    const last = blocks.at(-1);
    if (comment.startsWith("//")) {
      if (/^\/\/ ?(?:deno-|@ts-)/.test(comment)) continue;
      if (alone && last?.next === line) {
        last.lines.push(comment.slice(2));
        last.next++;
      } else blocks.push({ line, lines: [comment.slice(2)], next: alone ? line + 1 : -1 });
    } else blocks.push({ line, lines: ofBlock(comment), next: -1 });
  }
  const passages = blocks.flatMap(({ line, lines }) => paragraphs(lines, line));
  const isTest = path.startsWith("tests/") || path.startsWith("bench/");
  for (const [place, string] of [...strings, ...templates]) {
    if (!/[a-z]{2,} ([a-z]+|\$\{\})/i.test(string)) continue;
    if (
      isTest && !/(?:\btest|\bstep|\.test|\bname:)\(?\s*$/.test(text.slice(Math.max(0, place - 40), place))
    ) {
      continue;
    }
    passages.push(
      ...string.split(/\n|\\n/).map((part, i) => ({
        line: lineOf(place) + i,
        text: plain(part),
        // Texts of the programs that a person reads: help, messages, lines of the log.
        fragment: !isTest && !path.startsWith("lib/"),
      })),
    );
  }
  return passages;
}

function ofBlock(comment: string): string[] {
  return comment.replace(/^\/\*+/, "").replace(/\*\/$/, "").split("\n").map((line) =>
    line.replace(/^\s*\* ?/, "")
  );
}

/** Blank lines, items of lists and tags end a paragraph; indented code is none. */
function paragraphs(lines: readonly string[], first: number): Passage[] {
  const found: { line: number; text: string }[] = [];
  let open = false;
  let fenced = false;
  for (const [i, line] of lines.entries()) {
    if (/^\s*```/.test(line)) fenced = !fenced;
    if (fenced || /^\s*(?:```.*)?$/.test(line) || /^ {3,}\S/.test(line)) {
      open = false;
      continue;
    }
    const item = /^\s*(?:[-*+]|\d+\.|@\w+)\s/.test(line);
    if (open && !item) found.at(-1)!.text += ` ${line}`;
    else found.push({ line: first + i, text: line.replace(/^\s*(?:[-*+]|\d+\.|@\w+)\s/, "") });
    open = true;
  }
  return found.map(({ line, text }) => ({ line, text: plain(text) }));
}

function ofBlockComments(text: string): Passage[] {
  const lineOf = lineCounter(text);
  return [...text.matchAll(/\/\*[\s\S]*?\*\//g)].flatMap(({ 0: comment, index }) =>
    paragraphs(ofBlock(comment), lineOf(index))
  );
}

/** Comments of YAML and of shells, from the start of a line or after blanks. */
function ofHashComments(text: string): Passage[] {
  const blocks: { line: number; lines: string[] }[] = [];
  let last = -2;
  for (const [i, line] of text.split("\n").entries()) {
    const found = /^(.*?)(?:^|\s)#(?![!@$#{}\w])(.*)$/.exec(line);
    if (!found) continue;
    if (found[1]!.trim() === "" && last === i - 1) blocks.at(-1)!.lines.push(found[2]!);
    else blocks.push({ line: i + 1, lines: [found[2]!] });
    last = found[1]!.trim() === "" ? i : -2;
  }
  return blocks.flatMap(({ line, lines }) => paragraphs(lines, line));
}

/** Prose, headings, items, cells of tables, and the comments in blocks of code. */
function ofMarkdown(text: string): Passage[] {
  const passages: Passage[] = [];
  const prose: string[] = [];
  const lines = text.replaceAll(/<!--[\s\S]*?-->/g, (all) => all.replaceAll(/[^\n]/g, "")).split("\n");
  let block: { line: number; lines: string[] } | undefined;
  for (const [i, line] of lines.entries()) {
    const fence = /^\s*```/.test(line);
    const shown = line.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/\*\*|__/g, "");
    if (fence && block) {
      passages.push(
        ...ofHashComments(block.lines.join("\n")).map((one) => ({ ...one, line: one.line + block!.line })),
      );
      block = undefined;
    } else if (fence) block = { line: i + 1, lines: [] };
    else if (block) block.lines.push(line);
    if (fence || block || /^\s*\|?[-:| ]+\|?$/.test(line)) prose.push("");
    else if (line.startsWith("|")) {
      prose.push("");
      for (const cell of shown.replaceAll("\\|", " ").split("|")) {
        if (cell.trim() !== "") passages.push({ line: i + 1, text: plain(cell) });
      }
    } else if (/^#+ /.test(line)) {
      prose.push("");
      passages.push({ line: i + 1, text: plain(shown.replace(/^#+ /, "")) });
    } else prose.push(shown.replace(/^ {3,}(?=\S)/, "  "));
  }
  return [...passages, ...paragraphs(prose, 1)];
}

/** What a command printed, line by line. */
function ofOutput(text: string): Passage[] {
  return text.split("\n").map((line, i) => ({ line: i + 1, text: plain(line), fragment: true }));
}
