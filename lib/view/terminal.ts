/** ANSI styles. The only place that writes escape codes. */

import { type StateColor, STEP_STATE, type StepState } from "../study/states.ts";

/** Codes of a style, the part between `ESC[` and `m`; empty for no style. */
export type Style = string;

/** The styles in use here. */
export const STYLE = { none: "", bold: "1", dim: "2", italic: "3" } as const;

/** What catches the eye in a table of states. Blue is left out: it cannot be read on many a black terminal. */
const COLOR_STYLES: Readonly<Record<StateColor, Style>> = {
  grey: STYLE.dim,
  slate: STYLE.none,
  white: STYLE.none,
  blue: "36",
  green: "32",
  red: "31",
  amber: "33",
};

/** How a state is shown. */
export function stateStyle(state: StepState): Style {
  return COLOR_STYLES[STEP_STATE[state].color];
}

/** The text in a style. Blanks around it stay outside, and nothing is written where there is no text or no style. */
export function paint(text: string, style: Style): string {
  const inner = text.trim();
  if (style === STYLE.none || inner === "") return text;
  const start = text.indexOf(inner);
  return `${text.slice(0, start)}\x1b[${style}m${inner}\x1b[0m${text.slice(start + inner.length)}`;
}

/** Whether styles may be written to a stream: a terminal that knows them, and a user who wants them (no-color.org). */
export function wantsColor(isTerminal: boolean, env: Readonly<Record<string, string>>): boolean {
  return isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

/** Terminals that draw ASCII only. */
const PLAIN_TERMINALS = /^(dumb|ansi|cons25|sun|vt\d+)/;

/**
 * Whether pictures may use characters beyond ASCII: by the character set of the locale, and by the terminal. Without a
 * locale they may, as in Python, and so in Maestro.
 */
export function wantsUnicode(isTerminal: boolean, env: Readonly<Record<string, string>>): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"];
  if (locale && !/utf-?8/i.test(locale)) return false;
  return !isTerminal || !PLAIN_TERMINALS.test(env["TERM"] ?? "");
}

/** The words that head a message, in the colours of their weight. */
export function headWord(word: "error" | "warning" | "note" | "hint", styled: boolean): string {
  const style = { error: "1;31", warning: "1;33", note: "1;36", hint: "36" }[word];
  return styled ? `\x1b[${style}m${word}:\x1b[0m` : `${word}:`;
}

/** The whole screen for a while. `leave` restores the previous content. */
export const SCREEN = {
  /** The other screen, no cursor, lines cut at the edge. */
  enter: "\x1b[?1049h\x1b[?25l\x1b[?7l",
  leave: "\x1b[?7h\x1b[?25h\x1b[?1049l",
} as const;

/** The whole screen for a program with keys: pasted text is marked, the mouse is not reported. */
export const KEY_SCREEN = {
  enter: `${SCREEN.enter}\x1b[?2004h`,
  leave: `\x1b[0m\x1b[?1006l\x1b[?1000l\x1b[?2004l${SCREEN.leave}`,
  mouse: (on: boolean) => `\x1b[?1000${on ? "h" : "l"}\x1b[?1006${on ? "h" : "l"}`,
} as const;

/** Overwrites the screen line by line, in one write, so that nothing flickers. */
export function frame(lines: readonly string[]): string {
  const text = lines.map((line) => `${line}\x1b[0m\x1b[K`).join("\r\n");
  return `\x1b[?2026h\x1b[H${text}\x1b[J\x1b[?2026l`;
}
