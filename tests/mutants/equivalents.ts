/** Mutations that no test can find, because the program does the same with them. */

export interface Equivalent {
  /** Name of the file without its folders. */
  readonly file: string;
  readonly operator: string;
  /** The first changed line before and after, without the blanks around it. */
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: "python_text.ts",
    operator: "boundary",
    before: "if (written.length <= 16 && USUAL.test(written)) return written;",
    after: "if (written.length < 16 && USUAL.test(written)) return written;",
    reason: "A short cut: the code below gives the same text for up to 15 digits.",
  },
  {
    file: "yaml.ts",
    operator: "guard",
    before: 'if (typeof item === "number") return String(item);',
    after: ";",
    reason: "A short cut: `resolve` gives the same text, and takes longer.",
  },
];
