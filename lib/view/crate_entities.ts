/** What an RO-Crate's metadata is made of: entities that name each other. */

/** A reference to another entity of the crate. */
export interface Reference {
  readonly "@id": string;
}

export type Property = string | Reference | readonly (string | Reference)[] | undefined;

/** Every property is a term of the two contexts that the metadata names; what is undefined is not written. */
export interface Entity {
  readonly "@id": string;
  readonly "@type": string | readonly string[];
  readonly [property: string]: Property;
}

/** A file of the crate. */
export interface CrateFile {
  /** From the crate's root. */
  readonly path: string;
  readonly bytes: number;
}

export const refer = (id: string): Reference => ({ "@id": id });

/** References, or nothing: a list without members has no meaning. */
export const referAll = (ids: readonly string[]): readonly Reference[] | undefined =>
  ids.length === 0 ? undefined : ids.map(refer);

/** One part of an id, with safe characters only. */
export const idPart = (text: string) => encodeURIComponent(text.toWellFormed());

/** The id of a file or a folder (with a slash at its end): its path, as a URI has it. */
export const pathId = (path: string) => path.split("/").map(idPart).join("/");

/** ISO 8601 in UTC, the offset written out. */
export const crateTime = (ms: number) => new Date(ms).toISOString().replace("Z", "+00:00");

/** Media types by the ending of a file's name. */
const FORMATS: Readonly<Record<string, string>> = {
  csv: "text/csv",
  err: "text/plain",
  json: "application/json",
  jsonl: "application/jsonl",
  info: "application/yaml",
  log: "text/plain",
  md: "text/markdown",
  out: "text/plain",
  py: "text/x-python",
  sh: "text/x-shellscript",
  txt: "text/plain",
  yaml: "application/yaml",
  yml: "application/yaml",
};

/** The facts about every file; `more` describes its purpose. */
export function fileEntity(
  { path, bytes }: CrateFile,
  more: Readonly<Record<string, Property>> = {},
): Entity {
  return {
    "@id": pathId(path),
    "@type": "File",
    name: path.slice(path.lastIndexOf("/") + 1),
    contentSize: String(bytes),
    encodingFormat: FORMATS[path.slice(path.lastIndexOf(".") + 1)],
    ...more,
  };
}

/** How an action ended, in schema.org's words; one that goes on is neither completed nor failed. */
export type ActionStatus = "Completed" | "Failed" | "Active";

export function actionStatus(status: ActionStatus, error?: string): Readonly<Record<string, Property>> {
  return {
    actionStatus: `http://schema.org/${status}ActionStatus`,
    error: status === "Failed" ? error : undefined,
  };
}
