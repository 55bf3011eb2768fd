/**
 * `$(NAME)` tokens: found by exact name, left to right, in one pass over the text.
 *
 * Text that is put in is not read again: what a value may refer to is settled elsewhere (`environment.ts`,
 * `node_text.ts`). An unknown `$(...)` is left as it stands: to the shell it is a command.
 */

/** Longer than any name; keeps a text full of `$(` from being scanned again and again. */
const LONGEST_NAME = 1024;

/** The text in pieces: what `recognise` makes of each token it knows, and the text between as it stands. */
export function splitTokens<T>(text: string, recognise: (name: string) => T | undefined): (string | T)[] {
  const pieces: (string | T)[] = [];
  let copied = 0;
  let close = -1;
  let open = text.indexOf("$(");
  while (open >= 0) {
    if (close < open + 2) close = text.indexOf(")", open + 2);
    if (close < 0) break;
    const piece = close - open <= LONGEST_NAME ? recognise(text.slice(open + 2, close)) : undefined;
    if (piece === undefined) {
      // The next token may begin inside this one: $(ls $(DIR)).
      open = text.indexOf("$(", open + 2);
    } else {
      if (open > copied) pieces.push(text.slice(copied, open));
      pieces.push(piece);
      copied = close + 1;
      open = text.indexOf("$(", copied);
    }
  }
  if (copied < text.length) pieces.push(text.slice(copied));
  return pieces;
}

/** The text with every `$(name)` replaced by `lookup(name)`; undefined leaves the token standing. */
export function substitute(text: string, lookup: (name: string) => string | undefined): string {
  return text.includes("$(") ? splitTokens(text, lookup).join("") : text;
}

/** Calls `visit` with every text that stands between `$(` and the next `)`. */
export function eachToken(text: string, visit: (name: string) => void): void {
  splitTokens(text, (name) => {
    visit(name);
    return undefined;
  });
}
