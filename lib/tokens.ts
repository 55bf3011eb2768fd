/**
 * `$(NAME)` tokens: found by exact name, left to right, in one scan of the text.
 *
 * Replacement text is not scanned again. `environment.ts` and `node_text.ts` decide what a value may refer
 * to. An unknown `$(...)` remains unchanged: for the shell it is a command.
 */

import { textTooLong } from "./errors.ts";

/** Longer than any name; keeps a text full of `$(` from being scanned again and again. */
const LONGEST_NAME = 1024;

/** The text in pieces: the result of `recognise` for each known token, and the unchanged text between. */
export function splitTokens<T>(text: string, recognise: (name: string) => T | undefined): (string | T)[] {
  const pieces: (string | T)[] = [];
  let copied = 0;
  let close = -1;
  let open = text.indexOf("$(");
  while (open >= 0) {
    if (close < open + 2) close = text.indexOf(")", open + 2);
    if (close < 0) break;
    let end = close;
    let piece = end - open <= LONGEST_NAME ? recognise(text.slice(open + 2, end)) : undefined;
    if (piece === undefined && hasBracket(text, open + 2, close)) {
      // A name may contain brackets: $(pre(1).workspace).
      end = matchingBracket(text, open + 1);
      piece = end > close ? recognise(text.slice(open + 2, end)) : undefined;
    }
    if (piece === undefined) {
      // The next token may begin inside this one: $(ls $(DIR)).
      open = text.indexOf("$(", open + 2);
    } else {
      if (open > copied) pieces.push(text.slice(copied, open));
      pieces.push(piece);
      copied = end + 1;
      open = text.indexOf("$(", copied);
    }
  }
  if (copied < text.length) pieces.push(text.slice(copied));
  return pieces;
}

/** Whether a name may continue after its first `)`: it has a bracket, and none that opens another token. */
function hasBracket(text: string, start: number, close: number): boolean {
  const bracket = text.indexOf("(", start);
  return bracket >= 0 && bracket < close && text[bracket - 1] !== "$" && close - start <= LONGEST_NAME;
}

/** Where the bracket at a place is closed; -1 if it is not closed within the length of a name. */
function matchingBracket(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length && at - open <= LONGEST_NAME; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth === 0) return at;
  }
  return -1;
}

/** Characters of a text with its names put in. Nothing reads a longer one: a script is read by a shell. */
const MOST_CHARACTERS = 1 << 24;

/** The text with every `$(name)` replaced by `lookup(name)`. Undefined keeps the token. */
export function substitute(text: string, lookup: (name: string) => string | undefined): string {
  return text.includes("$(") ? joined(splitTokens(text, lookup)) : text;
}

/** Pieces as one text. Throws where it would be longer than any script. */
export function joined(pieces: readonly string[]): string {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  if (length > MOST_CHARACTERS) {
    throw textTooLong(pieces.find((piece) => piece !== "") ?? "", MOST_CHARACTERS);
  }
  return pieces.join("");
}

/**
 * Calls `visit` with every text between `$(` and the next `)`. A text with a bracket continues to the end of
 * that bracket.
 */
export function eachToken(text: string, visit: (name: string) => void): void {
  splitTokens(text, (name) => {
    visit(name);
    return undefined;
  });
}
