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

export const EQUIVALENTS: readonly Equivalent[] = [];
