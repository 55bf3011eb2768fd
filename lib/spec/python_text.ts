/**
 * The text that Maestro makes of a plain scalar: Python's YAML reads it by YAML 1.1, and Python's `str`
 * prints it.
 * `0.10` becomes `0.1`, `true` becomes `True`. Four forms keep their text, because their authors mean it:
 * `1:30` (90 in YAML 1.1), `012` (10), `yes` and similar words, and time stamps.
 */

/** A plain scalar that Python does not read as text. */
export class PlainScalar {
  constructor(
    readonly written: string,
    /** The text that `str` prints. */
    readonly text: string,
    readonly isNull = false,
  ) {}

  /** As the key of a mapping, it is the original text. */
  toString(): string {
    return this.written;
  }

  /** Without it, the parser mistakes an instance for a mapping. */
  get [Symbol.toStringTag](): string {
    return "PlainScalar";
  }
}

const NULLS: ReadonlySet<string> = new Set(["~", "null", "Null", "NULL"]);
const BOOLEANS: ReadonlyMap<string, string> = new Map([
  ...["true", "True", "TRUE"].map((word) => [word, "True"] as const),
  ...["false", "False", "FALSE"].map((word) => [word, "False"] as const),
]);

/** Most whole numbers: they print as they are written. */
const SHORT = /^(?:0|-?[1-9][0-9]{0,14})$/;
const DECIMAL = /^([-+]?)(0|[1-9][0-9_]*)$/;
const BASED = /^([-+]?)(0b[01_]+|0x[0-9a-fA-F_]+)$/;
const FLOAT = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/;
/** Most numbers with a point: they print as they are written. */
const USUAL = /^-?(?!0\.0000)(?:0|[1-9][0-9]*)\.(?:0|[0-9]*[1-9])$/;
const SPECIAL = /^(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** The first character of a plain scalar other than text: 1 for a number, 2 for a word. */
const FIRST = new Uint8Array(128);
for (const first of "0123456789+-.") FIRST[first.charCodeAt(0)] = 1;
for (const first of "~nNtTfF") FIRST[first.charCodeAt(0)] = 2;

/** The value of a plain scalar that Python does not read as text: a number, a truth value, nothing. */
export function readPlain(written: string): number | PlainScalar | undefined {
  const first = FIRST[written.charCodeAt(0)];
  if (first === 1) {
    if (SHORT.test(written)) return Number(written);
    const text = numberText(written);
    return text === undefined ? undefined : new PlainScalar(written, text);
  }
  if (first !== 2) return undefined;
  if (NULLS.has(written)) return new PlainScalar(written, "None", true);
  const text = BOOLEANS.get(written);
  return text === undefined ? undefined : new PlainScalar(written, text);
}

function numberText(written: string): string | undefined {
  // A number of up to 15 digits is the shortest text for its value.
  if (written.length <= 16 && USUAL.test(written)) return written;
  if (FLOAT.test(written)) {
    return floatText(Number(written.includes("_") ? written.replaceAll("_", "") : written));
  }
  const [, sign, digits] = DECIMAL.exec(written) ?? BASED.exec(written) ?? [];
  if (digits !== undefined) {
    const plain = digits.replaceAll("_", "");
    // "0x_" is not a number.
    if (plain.length === 2 && /^0[bx]$/.test(plain)) return undefined;
    const number = BigInt(plain);
    return sign === "-" ? String(-number) : String(number);
  }
  const special = SPECIAL.exec(written);
  if (special === null) return undefined;
  if (special[1] === undefined) return "nan";
  return special[1] === "-" ? "-inf" : "inf";
}

/** A floating-point number as Python prints it: the shortest text that reads as the same number. */
export function floatText(number: number): string {
  const size = Math.abs(number);
  if (size >= 1e-4 && size < 1e16) {
    const plain = String(number);
    return Number.isInteger(number) ? `${plain}.0` : plain;
  }
  if (Number.isNaN(number)) return "nan";
  if (!Number.isFinite(number)) return number < 0 ? "-inf" : "inf";
  if (number === 0) return Object.is(number, -0) ? "-0.0" : "0.0";
  const [mantissa, power] = number.toExponential().split("e") as [string, string];
  return `${mantissa}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

/** Whether a text is what `str` prints of a number, a truth value or nothing. */
export function isPrinted(text: string): boolean {
  return PRINTED.test(text);
}

const PRINTED = /^(?:-?\d+(?:\.\d+)?(?:e[-+]\d\d+)?|-?inf|nan|True|False|None)$/;

/** A value in a nested one, as the parser returns it. */
export type Raw = string | number | null | PlainScalar | Raw[] | { [key: string]: Raw };

/** Most parts of a nested value that are printed: with aliases, a small file can be endless. */
const MOST_PARTS = 1000;

/** A list or mapping as Python's `str` prints it. Undefined if it is too large. */
export function nestedText(value: Raw): string | undefined {
  const budget = { left: MOST_PARTS };
  const text = reprOf(value, budget);
  return budget.left < 0 ? undefined : text;
}

function reprOf(value: Raw, budget: { left: number }): string {
  if (--budget.left < 0) return "";
  if (value === null) return "None";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quotedText(value);
  if (value instanceof PlainScalar) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => reprOf(item, budget)).join(", ")}]`;
  const pairs = Object.entries(value).map(([key, item]) => {
    const plain = readPlain(key);
    const name = typeof plain === "object" ? plain.text : plain === undefined ? quotedText(key) : key;
    return `${name}: ${reprOf(item, budget)}`;
  });
  return `{${pairs.join(", ")}}`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
/** Characters that Python escapes: all but letters, digits, signs and plain blanks. */
const ESCAPED = /[\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

function quotedText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(ESCAPED, (character) => {
    const code = character.codePointAt(0)!;
    const hex = (letter: string, width: number) => `\\${letter}${code.toString(16).padStart(width, "0")}`;
    return ESCAPES[character] ?? (code < 0x100 ? hex("x", 2) : code < 0x10000 ? hex("u", 4) : hex("U", 8));
  });
  return quote + escaped.replaceAll(quote, `\\${quote}`) + quote;
}
