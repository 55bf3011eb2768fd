/** What a table of keys is made of: the levels of a spec, the types of keys, and words for the usual kinds of row. */

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

/** What stands behind a key. */
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
  /** True or false, for the job; or a mapping with one for the job and one for the launcher. */
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
  /** Not looked into. */
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
  /** One line for its reader. */
  readonly doc: string;
  readonly required?: true;
  /** Required unless one of these stands beside it. */
  readonly unless?: readonly string[];
  /** Least value of an integer. */
  readonly least?: 0 | 1;
  /** A typed value may also be, or contain, a `$(TOKEN)`. Text always may. */
  readonly tokens?: true;
  /** What may stand behind a required key, for the hint when it is missing. */
  readonly example?: string;
  /** Maestro accepts it and does nothing with it; so do we, with a warning. */
  readonly unused?: true;
}

/** The keys of one mapping, and what becomes of others. */
export interface Level {
  readonly doc: string;
  /** Where Maestro ignores an unknown key it is a warning, where it refuses an error. */
  readonly others: "error" | "warning" | "accepted";
  /** A key with nothing or an empty text behind it is as good as absent. */
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
