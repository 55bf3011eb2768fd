/** Lines of styled text on a screen of cells, and the bytes that change one screen into another. */

import { cellWidth, cutTo, visible } from "../../cells.ts";
import type { Style } from "../terminal.ts";

/** A piece of a line. The text may hold anything: what is not printable is shown as an escape. */
export type Span = readonly [text: string, style?: Style];
export type Line = readonly Span[];

/** What the terminal can show. */
export interface Ability {
  readonly unicode: boolean;
  readonly colors: boolean;
}

/** A screen, cell by cell. The second half of a wide character is an empty text. */
export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly chars: readonly (readonly string[])[];
  readonly styles: readonly (readonly Style[])[];
}

/** A text without line breaks that takes at most `width` cells. A mark ends one that is cut. */
export function clip(text: string, width: number): string {
  const shown = cutTo(visible(text), width, "…");
  return width <= 0 ? "" : shown;
}

/** The same with blanks up to the width. */
export function cell(text: string, width: number, align: "left" | "right" = "left"): string {
  const shown = clip(text, width);
  const blanks = " ".repeat(Math.max(0, width - cellWidth(shown)));
  return align === "left" ? shown + blanks : blanks + shown;
}

/** A line that takes at most `width` cells; a mark ends one that is cut. */
export function clipLine(line: Line, width: number): Line {
  const total = line.reduce((sum, [text]) => sum + cellWidth(visible(text)), 0);
  if (total <= width) return line;
  const kept: Span[] = [];
  let room = width;
  for (const [text, style = ""] of line) {
    const cells = cellWidth(visible(text));
    if (cells < room) kept.push([text, style]);
    else {
      // The mark takes the last cell, even if this piece would fit exactly.
      kept.push([clip(`${text} `, room), style]);
      break;
    }
    room -= cells;
  }
  return kept;
}

/** The cells of some lines: what does not fit is cut. */
export function screenOf(lines: readonly Line[], width: number, height: number, ability: Ability): Screen {
  const chars: string[][] = [];
  const styles: Style[][] = [];
  for (let row = 0; row < height; row++) {
    const rowChars: string[] = [];
    const rowStyles: Style[] = [];
    for (const [text, style = ""] of lines[row] ?? []) {
      const shown = ability.colors ? style : withoutColors(style);
      putText(rowChars, rowStyles, shownText(text, ability), shown, width);
    }
    while (rowChars.length < width) {
      rowChars.push(" ");
      rowStyles.push("");
    }
    chars.push(rowChars);
    styles.push(rowStyles);
  }
  return { width, height, chars, styles };
}

/** Bold, dim and reverse need no colour. */
function withoutColors(style: Style): Style {
  return style.split(";").filter((code) => code.length === 1).join(";");
}

/** What replaces a character in a terminal that shows only ASCII. */
const ASCII: Readonly<Record<string, string>> = {
  "…": "~",
  "─": "-",
  "│": "|",
  "▸": "+",
  "▾": "-",
  "·": ".",
  "█": "#",
  "▓": "x",
  "▒": "-",
  "░": ">",
};

function shownText(text: string, { unicode }: Ability): string {
  const shown = visible(text);
  if (unicode) return shown;
  return shown.replace(/[^\x20-\x7e]/gu, (char) => ASCII[char] ?? "?".repeat(cellWidth(char)));
}

function putText(chars: string[], styles: Style[], text: string, style: Style, width: number): void {
  for (const char of text) {
    const cells = cellWidth(char);
    if (cells === 0) {
      // A mark belongs to the character before it.
      const at = chars.findLastIndex((before) => before !== "");
      if (at >= 0 && chars[at]!.length < MOST_MARKS) chars[at] += char;
      continue;
    }
    if (chars.length + cells > width) return;
    chars.push(char);
    styles.push(style);
    if (cells === 2) {
      chars.push("");
      styles.push(style);
    }
  }
}

/** Code units of a cell. Text with many marks on a letter would make a line of any length. */
const MOST_MARKS = 16;

/** Equal cells between two changed ones that are written again: moving the cursor takes as many bytes. */
const GAP = 8;

/** The bytes that change the first screen into the second. Without a first one, all of it is drawn. */
export function difference(before: Screen | undefined, after: Screen): string {
  const isSameSize = before?.width === after.width && before.height === after.height;
  const known = isSameSize ? before : undefined;
  let out = "";
  for (let row = 0; row < after.height; row++) out += rowDifference(known, after, row);
  if (out === "" && known) return "";
  return `\x1b[?2026h${known ? "" : "\x1b[0m\x1b[2J"}${out}\x1b[?2026l`;
}

function rowDifference(before: Screen | undefined, after: Screen, row: number): string {
  const chars = after.chars[row]!;
  const styles = after.styles[row]!;
  const oldChars = before?.chars[row];
  const oldStyles = before?.styles[row];
  const isSame = (x: number) =>
    oldChars === undefined
      ? chars[x] === " " && styles[x] === ""
      : oldChars[x] === chars[x] && oldStyles![x] === styles[x];
  const end = filledUntil(chars, styles);
  let out = "";
  for (let x = 0; x < end;) {
    if (isSame(x)) {
      x++;
      continue;
    }
    let until = x + 1;
    for (let at = until; at < end && at - until < GAP; at++) if (!isSame(at)) until = at + 1;
    // Half of a wide character cannot be written.
    while (chars[x] === "") x--;
    while (chars[until] === "") until++;
    out += `\x1b[${row + 1};${x + 1}H${styled(chars, styles, x, until)}`;
    x = until;
  }
  const hasRest = oldChars !== undefined && filledUntil(oldChars, oldStyles!) > end;
  return hasRest ? `${out}\x1b[${row + 1};${end + 1}H\x1b[K` : out;
}

/** From this column on a row is blank. */
function filledUntil(chars: readonly string[], styles: readonly Style[]): number {
  let end = chars.length;
  while (end > 0 && chars[end - 1] === " " && styles[end - 1] === "") end--;
  return end;
}

/** Cells with their styles; none is in effect afterwards. */
function styled(chars: readonly string[], styles: readonly Style[], from: number, until: number): string {
  let out = "";
  let style = "";
  for (let x = from; x < until; x++) {
    if (styles[x] !== style) {
      style = styles[x]!;
      out += style === "" ? "\x1b[0m" : `\x1b[0;${style}m`;
    }
    out += chars[x];
  }
  return style === "" ? out : `${out}\x1b[0m`;
}

/** The text of a screen: lines without blanks at their ends. */
export function textOf({ chars }: Screen): string[] {
  return chars.map((row) => row.join("").trimEnd());
}
