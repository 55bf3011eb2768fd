/**
 * A step's script: a header that the scheduler reads, a blank line, the command.
 *
 * A header is a template, a text that looks like what it makes. `@field@` is filled in; a line of which a field has no
 * value is dropped; lines that begin with `##` are notes to the template's reader and dropped. There is no other
 * logic: what must be computed is a field.
 */

import { EXIT, UserError } from "./errors.ts";
import { didYouMean } from "./suggest.ts";
import type { Adapter, Batch, Fields, ScriptRequest } from "./types.ts";

const DEFAULT_SHELL = "/bin/bash";
const FIELD = /@([A-Za-z][A-Za-z0-9_]*)@/g;

/** Fills a template in. What is filled in is not read again, and never makes a second line. */
export function fillTemplate(template: string, fields: Fields): string {
  const lines = template.split(/\r?\n/).filter((line) => !line.startsWith("##"));
  return lines.flatMap((line) => fillLine(line, fields) ?? []).join("\n");
}

/**
 * The whole text of a script. `scheduled`: whether a scheduler will read its header; without one only the shell is
 * named. For a site's own template pass `{ ...adapter, template }`.
 */
export function renderScript(
  adapter: Adapter,
  request: ScriptRequest,
  cmd: string,
  scheduled: boolean,
  _guard?: { jobFile: string; runner: string; script: string },
): string {
  const shell = shellOf(request.batch);
  const header = scheduled
    ? fillTemplate(adapter.template, { ...adapter.fields(request), shell }).trimEnd()
    : `#!${shell}`;
  return `${header}\n\n${cmd}\n`;
}

/** The name that a node's job has: the node's, without blanks (job names with blanks break what schedulers print). */
export function jobName(nodeName: string): string {
  return singleLine(nodeName).replaceAll(" ", "_");
}

/** Undefined: the line is to be dropped. */
function fillLine(line: string, fields: Fields): string | undefined {
  let complete = true;
  const filled = line.replace(FIELD, (_, name: string) => {
    if (!Object.hasOwn(fields, name)) throw unknownField(name, Object.keys(fields));
    const value = fields[name];
    complete &&= value !== undefined;
    return singleLine(value ?? "");
  });
  return complete ? filled : undefined;
}

/** A line break in a value would turn its rest into commands of the script; other control characters help nobody. */
function singleLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

/** `batch.shell`, options included (`/bin/bash -l`). */
function shellOf(batch: Batch): string {
  const { shell } = batch;
  return (typeof shell === "string" && singleLine(shell).trim()) || DEFAULT_SHELL;
}

function unknownField(name: string, known: readonly string[]): UserError {
  const fields = [...known].sort().map((field) => `@${field}@`).join(", ");
  const guess = didYouMean(name, known);
  return new UserError(
    `Unknown field @${name}@ in a script template`,
    EXIT.badSpec,
    `${guess === undefined ? "" : `${guess} `}Known are ${fields}.`,
  );
}
