/** Parts of shell commands that a shell does not expand: single quotes, comments, quoted here documents. */

/** A part of a text: from a place up to, but not including, another. */
type Part = readonly [from: number, to: number];

/** Whether a piece of a text occurs only in parts that a shell does not expand. */
export function isLiteral(text: string, piece: string): boolean {
  const parts = literalParts(text);
  for (let at = text.indexOf(piece); at >= 0; at = text.indexOf(piece, at + piece.length)) {
    if (!parts.some(([from, to]) => from <= at && at < to)) return false;
  }
  return true;
}

/** State of a scan: here documents begin after the line that announces them. */
interface Scan {
  readonly text: string;
  readonly parts: Part[];
  /** Whether the scan is inside double quotes; one entry for each open `$(`. */
  readonly quoted: boolean[];
  readonly documents: { readonly end: string; readonly literal: boolean }[];
}

function literalParts(text: string): Part[] {
  const scan: Scan = { text, parts: [], quoted: [false], documents: [] };
  for (let at = 0; at < text.length;) at = next(scan, at);
  return scan.parts;
}

/** `<<'EOF'`, `<<\\EOF`, `<<EOF`. */
const HERE = /^<<-?[ \t]*(?:(["'])([\w.-]+)\1|\\([\w.-]+)|([\w.-]+))/;

/** Reads one token, and returns the place after it. */
function next(scan: Scan, at: number): number {
  const { text, quoted } = scan;
  const character = text[at];
  const inQuotes = quoted[quoted.length - 1]!;
  if (character === "\\") return at + 2;
  if (character === '"') {
    quoted[quoted.length - 1] = !inQuotes;
    return at + 1;
  }
  if (text.startsWith("$(", at)) {
    quoted.push(false);
    return at + 2;
  }
  if (character === "\n" && scan.documents.length > 0) return documents(scan, at + 1);
  if (inQuotes) return at + 1;
  if (character === ")" && quoted.length > 1) {
    quoted.pop();
    return at + 1;
  }
  if (character === "'") return literal(scan, at, text.indexOf("'", at + 1) + 1);
  if (character === "#" && /(^|[\s;&|(])$/.test(text.slice(Math.max(0, at - 1), at))) {
    return literal(scan, at, text.indexOf("\n", at));
  }
  const document = HERE.exec(text.slice(at, at + 80));
  if (document === null || text[at - 1] === "<") return at + 1;
  const [whole, , inner, escaped, plain] = document;
  scan.documents.push({ end: (inner ?? escaped ?? plain)!, literal: plain === undefined });
  return at + whole.length;
}

/** `to` is 0 or below if there is no end. */
function literal({ text, parts }: Scan, from: number, to: number): number {
  const end = to <= 0 ? text.length : to;
  parts.push([from, end]);
  return end;
}

/** The here documents that the previous line announced, in order. */
function documents({ text, parts, documents }: Scan, start: number): number {
  let at = start;
  for (const { end, literal } of documents.splice(0)) {
    const from = at;
    while (at < text.length) {
      const line = text.slice(at, lineEnd(text, at));
      at += line.length + 1;
      if (line.replace(/^\t+/, "") === end) break;
    }
    if (literal) parts.push([from, at]);
  }
  return Math.min(at, text.length);
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}
