/**
 * A step's script: a header that the scheduler reads, a blank line, the command.
 *
 * A header is a template, a text that looks like what it makes. `@field@` is filled in; a line of which a field has no
 * value is dropped; lines that begin with `##` are notes to the template's reader and dropped. There is no other
 * logic: what must be computed is a field.
 */

import { EXIT, UserError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import type { Adapter, Batch, Fields, ScriptRequest } from "../types.ts";

const DEFAULT_SHELL = "/bin/bash";
const FIELD = /@([A-Za-z][A-Za-z0-9_]*)@/g;

/** Fills a template in. What is filled in is not read again, and never makes a second line. */
export function fillTemplate(template: string, fields: Fields): string {
  const lines = template.split(/\r?\n/).filter((line) => !line.startsWith("##"));
  return lines.flatMap((line) => fillLine(line, fields)).join("\n");
}

/** How a scheduled script is kept from running twice, and its exit code kept. Paths are absolute. */
export interface Guard {
  /** What the attempt is claimed by, and where its exit code goes. */
  readonly jobFile: string;
  /** The study's copy of `templates/guard.sh`. */
  readonly runner: string;
  /** The script itself, once it is written. */
  readonly script: string;
}

/**
 * The whole text of a script. `scheduled`: whether a scheduler will read its header; without one only the shell is
 * named. For a site's own template pass `{ ...adapter, template }`. `guard`: none where the shell is not one of
 * `isGuarded`.
 */
export function renderScript(
  adapter: Adapter,
  request: ScriptRequest,
  cmd: string,
  scheduled: boolean,
  guard?: Guard,
): string {
  const shell = shellOf(request.batch);
  const guarded = scheduled && guard !== undefined && isGuarded(request.batch);
  const header = scheduled
    ? fillTemplate(adapter.template, shellFields(adapter, request)).trimEnd()
    : `#!${shell}`;
  const lines = guarded ? guardLines(guard, adapter.scheduler?.jobIdVariable) : "";
  return `${header}\n\n${lines}${cmd}\n`;
}

/** All fields of a template. */
export function shellFields(adapter: Adapter, request: ScriptRequest): Fields {
  return { ...adapter.fields(request), shell: shellOf(request.batch) };
}

/** Whether scripts in the batch's shell are guarded: the guard is a line for shells like sh. */
export function isGuarded(batch: Batch): boolean {
  return /^(?:sh|bash|dash|ash|zsh|mksh|ksh(?:93)?)$/.test(shellName(batch));
}

/** The shell's own name, whatever its path and options, and whether `env` finds it. */
export function shellName(batch: Batch): string {
  const words = shellOf(batch).split(" ").map((word) => word.slice(word.lastIndexOf("/") + 1));
  const shell = words[0] === "env" ? words.slice(1).find((word) => !/^-|=/.test(word)) : words[0];
  return shell ?? "";
}

/** A line that starts the script anew under the study's runner, unless it is there already. */
function guardLines({ jobFile, runner, script }: Guard, jobIdVariable: string | undefined): string {
  const file = quote(jobFile);
  const id = jobIdVariable === undefined ? "" : ` "\${${jobIdVariable}-}"`;
  return "# maestro: runs once for an attempt, and leaves its exit code.\n" +
    `[ "\${MAESTRO_GUARD-}" = ${file} ] || exec env MAESTRO_GUARD=${file} /bin/sh ${quote(runner)} ${file} ${
      quote(script)
    }${id}\n\n`;
}

/** One word to the shell, whatever is in it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The name that a node's job has: the node's, without blanks (job names with blanks break what schedulers print). */
export function jobName(nodeName: string): string {
  return singleLine(nodeName).replaceAll(" ", "_");
}

/** Places of a template, counted from 1, at which a field stands that its adapter does not have. */
export function unknownFields(
  template: string,
  adapter: Adapter,
): { line: number; column: number; source: string; message: string; hint: string }[] {
  const known = [...Object.keys(adapter.fields(NOTHING)), "shell"];
  return template.split(/\r?\n/).flatMap((source, i) =>
    source.startsWith("##") ? [] : [...source.matchAll(FIELD)].filter(([, name]) => !known.includes(name!))
      .map(({ 1: name, index }) => {
        const { message, hint } = unknownField(name!, known);
        return { line: i + 1, column: index + 1, source, message, hint: hint! };
      })
  );
}

/** What a template's fields are asked of, to learn their names. */
const NOTHING: ScriptRequest = {
  ...{ jobName: "", description: "", resources: {}, batch: { type: "" }, out: "", err: "" },
};

/** The line, once for each value of a field that has several; none where a field has no value. */
function fillLine(line: string, fields: Fields): string[] {
  const several = [...line.matchAll(FIELD)].map(([, name]) => name!).find((name) =>
    Array.isArray(fields[name])
  );
  if (several !== undefined) {
    return (fields[several] as readonly string[]).flatMap((value) =>
      fillLine(line, { ...fields, [several]: value })
    );
  }
  let complete = true;
  const filled = line.replace(FIELD, (_, name: string) => {
    if (!Object.hasOwn(fields, name)) throw unknownField(name, Object.keys(fields));
    const value = fields[name] as string | undefined;
    complete &&= value !== undefined;
    return singleLine(value ?? "");
  });
  return complete ? [filled] : [];
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
