/** Comma-separated text after RFC 4180, with `\n` line ends as Maestro writes it. */

/** Rows as text. A field is quoted only if necessary, because Maestro's plain files have no quotes. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map(csvLine).join("");
}

/** One row, with its line end. */
export function csvLine(row: readonly string[]): string {
  return row.map(field).join(",") + "\n";
}

/**
 * Rows of a text. Reads both `\n` and `\r\n` line ends, and a last line without one. A quote that is never
 * closed extends to the end of the text, so a truncated file gives the rows that it has.
 */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quoted = text[at] === '"';
    const end = quoted ? endOfQuoted(text, at) : endOfPlain(text, at);
    row.push(quoted ? unquote(text.slice(at, end)) : text.slice(at, end));
    at = end;
    if (text[at] === ",") {
      at++;
      // After a comma at the very end, one empty field follows.
      if (at < text.length) continue;
      row.push("");
    }
    rows.push(row);
    row = [];
    at += text.startsWith("\r\n", at) ? 2 : 1;
  }
  return rows;
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Index after the closing quote of the field that opens at `start`, and after any stray text up to its comma.
 */
function endOfQuoted(text: string, start: number): number {
  let at = start + 1;
  while (true) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    if (text[quote + 1] !== '"') return endOfPlain(text, quote + 1);
    at = quote + 2;
  }
}

function endOfPlain(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== "," && text[at] !== "\n" && !text.startsWith("\r\n", at)) at++;
  return at;
}

function unquote(raw: string): string {
  const closed = raw.lastIndexOf('"');
  const inner = closed > 0 ? raw.slice(1, closed) + raw.slice(closed + 1) : raw.slice(1);
  return inner.replaceAll('""', '"');
}
