/**
 * The building blocks of a table of keys: the levels of a spec, the types of keys, and texts for the usual
 * rows.
 */

export type LevelName =
  | "spec"
  | "description"
  | "env"
  | "dependencies"
  | "path"
  | "git"
  | "batch"
  | "conductor"
  | "hooks"
  | "step"
  | "run"
  | "depends"
  | "retry"
  | "result"
  | "parameter"
  | "range"
  | "spaced"
  | "random"
  | "file"
  | "combine";

/** The value of a key. */
export type KeyType =
  | "text"
  | "integer"
  /** A decimal number. */
  | "number"
  | "boolean"
  | "walltime"
  /** A length of time; a bare number is seconds. */
  | "duration"
  | "priority"
  /** True or false for the job, or a mapping with one value for the job and one for the launcher. */
  | "exclusive"
  /** A list of texts. */
  | "texts"
  /** A mapping of names to texts. */
  | "names"
  /** A list of anything, each item kept as text. */
  | "values"
  /** One text, or a list of them. */
  | "labels"
  /** Parameters by name, and groups of them: `{zip: [...]}`, `{product: [...]}`. */
  | "group"
  /** A list of mappings of parameters to values. */
  | "rows"
  /** Not checked. */
  | "any"
  /** A list of texts, or a mapping of that level. */
  | { readonly textsOr: LevelName }
  /** A mapping of that level. */
  | { readonly map: LevelName }
  /** One text, or a mapping of that level. */
  | { readonly textOr: LevelName }
  /** A list of mappings of that level. */
  | { readonly list: LevelName }
  /** A mapping of names to mappings of that level. */
  | { readonly named: LevelName };

/** One key of a level. */
export interface Key {
  readonly name: string;
  readonly type: KeyType;
  /** One line of description. */
  readonly doc: string;
  readonly required?: true;
  /** Required unless one of these keys is present. */
  readonly unless?: readonly string[];
  /** Least value of an integer. */
  readonly least?: 0 | 1;
  /** A typed value may also be, or contain, a `$(TOKEN)`. Text always may. */
  readonly tokens?: true;
  /** An example value of a required key, for the hint when it is missing. */
  readonly example?: string;
  /** Maestro accepts it and ignores it; so do we, with a warning. */
  readonly unused?: true;
}

/** The keys of one mapping, and the treatment of unknown ones. */
export interface Level {
  readonly doc: string;
  /** An unknown key is a warning if Maestro ignores it, and an error if Maestro refuses it. */
  readonly others: "error" | "warning" | "accepted";
  /** A key without a value, or with an empty text, counts as absent. */
  readonly blanks?: true;
  readonly keys: readonly Key[];
}

export const count = (name: string, least: 0 | 1, doc: string): Key => ({
  name,
  type: "integer",
  least,
  tokens: true,
  doc,
});
export const text = (name: string, doc: string): Key => ({ name, type: "text", doc });
export const needed = (name: string, doc: string, example: string): Key => ({
  name,
  type: "text",
  required: true,
  doc,
  example,
});
export const flag = (name: string, doc: string): Key => ({ name, type: "boolean", tokens: true, doc });
