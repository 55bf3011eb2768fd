/** Text in the cells of a terminal: its width, its padding, and the places where it may be broken. */

/** Wide by Unicode's East Asian Width, as ranges; emoji that show as pictures are added by their property. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18df2}\u{1aff0}-\u{1b2fb}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Marks that combine with the letter before them, and characters that only control the display. */
const ZERO = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7fb]/u;

/** Half a flag. Both halves together take two cells, though each half has the picture property. */
const FLAG_HALF = /[\u{1f1e6}-\u{1f1ff}]/u;

/** Characters that move the cursor, end the line, change the direction of text, or are not characters. */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu;

/** Any character that may take more or less than one cell. */
const UNUSUAL = /[^\x20-\x7e]/;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const JOINER = "\u200d";

/**
 * Printable text: control characters, newlines and changes of direction become escapes that bash can read.
 */
export function visible(text: string): string {
  if (!UNUSUAL.test(text)) return text;
  return text.replace(UNSAFE, (char) => {
    const code = char.charCodeAt(0);
    const hex = code.toString(16);
    return SHORT_ESCAPES[char] ?? (code < 0x80 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`);
  });
}

/** Breaks of lines, tabs, styles: what a text of several lines needs. */
// deno-lint-ignore no-control-regex
const NEEDED = /(\n|\t|\x1b\[[0-9;]*m)/;
/** A line that is overwritten begins and ends with this. */
const OVERWRITTEN = /^(\r*)([^]*?)(\r*)$/;

/**
 * The same for a text of several lines, which may have styles. Of other control characters, a terminal receives only a
 * carriage return at its beginning or end.
 */
export function visibleLines(text: string): string {
  if (!UNUSUAL.test(text)) return text;
  const [, before, inner, after] = OVERWRITTEN.exec(text)!;
  return before + inner!.split(NEEDED).map((part, i) => i % 2 === 1 ? part : visible(part)).join("") + after;
}

/** Cells that a text takes, without its style. */
export function cellWidth(text: string): number {
  // Nearly all names are ASCII, and a study may have tens of thousands of them.
  if (!UNUSUAL.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** The text in at most `width` cells. One that is cut ends with the sign, which takes one cell. */
export function cutTo(text: string, width: number, sign = "~"): string {
  if (cellWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const char of text) {
    const next = cellWidth(char);
    if (used + next > width - 1) break;
    kept += char;
    used += next;
  }
  return kept + sign;
}

/** The text with blanks after it (or before it), up to `width` cells. */
export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, width - cellWidth(text)));
  return align === "left" ? text + blanks : blanks + text;
}

/** The text in the middle of `width` cells, without blanks after it. An odd blank comes after the text. */
export function centre(text: string, width: number): string {
  return " ".repeat(Math.max(0, Math.floor((width - cellWidth(text)) / 2))) + text;
}

/**
 * Lines of at most `width` cells. Names here are words joined by `.`, `_` and `/`. A line ends after one of
 * these or a blank if possible; only a word that is too long for a line is cut.
 */
export function fold(text: string, width: number): string[] {
  if (cellWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = "";
  let lineWidth = 0;
  for (const piece of pieces(text, width)) {
    const pieceWidth = cellWidth(piece);
    if (line !== "" && lineWidth + pieceWidth > width) {
      lines.push(line);
      [line, lineWidth] = ["", 0];
    }
    line += piece;
    lineWidth += pieceWidth;
  }
  lines.push(line);
  return lines;
}

/**
 * Unbreakable parts: words with the separator that ends them, and pieces of a word that is too long for a line.
 */
function* pieces(text: string, width: number): Generator<string> {
  for (const word of text.match(/[^._/ ]*[._/ ]|[^._/ ]+$/g) ?? []) {
    if (cellWidth(word) <= width) yield word;
    else yield* cut(word, width);
  }
}

function* cut(word: string, width: number): Generator<string> {
  let part = "";
  let partWidth = 0;
  for (const char of word) {
    const charCells = charWidth(char);
    // A mark stays with its letter, and a joined emoji stays in one piece.
    const joined = charCells === 0 || part.endsWith(JOINER);
    if (part !== "" && !joined && partWidth + charCells > width) {
      yield part;
      [part, partWidth] = ["", 0];
    }
    part += char;
    partWidth += charCells;
  }
  yield part;
}

function charWidth(char: string): number {
  if (char < "\u0300") return char === "\u00ad" ? 0 : 1;
  if (ZERO.test(char)) return 0;
  return WIDE.test(char) && !FLAG_HALF.test(char) ? 2 : 1;
}
