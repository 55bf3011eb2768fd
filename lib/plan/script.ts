/**
 * A step's script: a header that the scheduler reads, a blank line, the command.
 *
 * A header is a template, a text that looks like what it makes. `@field@` is filled in; a line of which a field has no
 * value is dropped; lines that begin with `##` are notes to the template's reader and dropped. There is no other
 * logic: what must be computed is a field.
 */

import { cshQuote, quote } from "../shell_words.ts";
import { EXIT, UserError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import type { Adapter, Fields, SchedulerAdapter, ScriptRequest } from "../../adapters/adapter.ts";
import type { Batch } from "../spec/types.ts";

const DEFAULT_SHELL = "/bin/bash";
const FIELD = /@([A-Za-z][A-Za-z0-9_]*)@/g;

/** Fills a template in. What is filled in is not read again, and never makes a second line. */
export function fillTemplate(template: string, fields: Fields): string {
  const lines = template.split(/\r?\n/).filter((line) => !line.startsWith("##"));
  return lines.flatMap((line) => fillLine(line, fields)).join("\n");
}

/** What a script's guard has to know. Paths are absolute. */
export interface Guard {
  /** What the attempt is claimed by, and where its exit code goes. */
  readonly jobFile: string;
  /** The study's copy of `templates/guard.sh`. */
  readonly runner: string;
  /** The script itself, once it is written. */
  readonly script: string;
  /** The step's workspace. */
  readonly folder: string;
  /** The submission that arms the guard. */
  readonly token: string;
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
  if (!scheduled) return `#!${shellOf(request.batch)}\n\n${cmd}\n`;
  const header = fillTemplate(adapter.template, shellFields(adapter, request)).trimEnd();
  const text = `${header}\n\n${cmd}\n`;
  if (guard === undefined || !adapter.scheduler || !isGuarded(request.batch)) return text;
  const [head, rest] = headOf(text);
  // To a scheduler with a mark, a comment that ends in a backslash goes on in the next line.
  const continued = adapter.scheduler.commandMark === undefined ? "" : /(?:[^\n]*\\\r?\n)*$/.exec(head)![0];
  const before = head.slice(0, head.length - continued.length);
  return `${before}${guardLines(guard, adapter.scheduler, request.batch)}${continued}${rest}`;
}

/** Splits a text behind its leading comments and blank lines: schedulers read directives there. */
export function headOf(text: string): [head: string, rest: string] {
  const lines = text.split(/(?<=\n)/);
  let end = lines.findIndex((line) => !/^[ \t]*(?:#.*)?\r?\n?$/.test(line));
  if (end < 0) end = lines.length;
  return [lines.slice(0, end).join(""), lines.slice(end).join("")];
}

/**
 * An adapter with a site's own template. A template of an earlier version lacks lines that a submission's command line
 * stood for then: they are put behind its head.
 */
export function withOwnTemplate(adapter: Adapter, template: string): Adapter {
  const lacking = (adapter.laterLines ?? []).filter((line) =>
    ![...line.matchAll(FIELD)].every(([field]) => template.includes(field))
  );
  if (lacking.length === 0) return { ...adapter, template };
  const [head, rest] = headOf(template);
  const lines = lacking.map((line) => `${line}\n`).join("");
  const blank = /\n*$/.exec(head)![0].slice(1);
  return { ...adapter, template: `${head.trimEnd()}\n${lines}${blank}${rest}` };
}

/** All fields of a template. */
export function shellFields(adapter: Adapter, request: ScriptRequest): Fields {
  return { ...adapter.fields(request), shell: shellOf(request.batch) };
}

/** Whether scripts in the batch's shell are guarded: the guard is a line in the shell's own words. */
export function isGuarded(batch: Batch): boolean {
  return familyOf(batch) !== undefined;
}

/** How a shell is spoken to. Scripts may be in any language; what is put around their commands is not. */
export function familyOf(batch: Batch): "sh" | "csh" | undefined {
  const name = shellName(batch);
  if (/^(?:sh|bash|dash|ash|zsh|mksh|ksh(?:93)?)$/.test(name)) return "sh";
  return /^t?csh$/.test(name) ? "csh" : undefined;
}

/** The shell's own name, whatever its path and options, and whether `env` finds it. */
export function shellName(batch: Batch): string {
  const words = shellOf(batch).split(" ").map((word) => word.slice(word.lastIndexOf("/") + 1));
  const shell = words[0] === "env" ? words.slice(1).find((word) => !/^-|=/.test(word)) : words[0];
  return shell ?? "";
}

const GUARD_NOTE =
  `# maestro: where the study's conductor submitted this script, a guard runs it once. By hand it is just a script.`;

/**
 * Lines that start the script anew under the study's runner, if this very submission arms them: by the script's argument,
 * or by the job's name. The runner takes the mark off, and starts the script without the argument: nothing that a step
 * starts finds it. A shell that traces its commands (`#!/bin/bash -x`) does not show them.
 */
function guardLines(guard: Guard, scheduler: SchedulerAdapter, batch: Batch): string {
  const { jobFile, runner, script, folder, token } = guard;
  const { jobNameVariables: names = [], jobIdVariables } = scheduler;
  const last = `${quote(jobIdVariables.join(" "))} ${quote(names.join(" "))}`;
  if (familyOf(batch) === "csh") {
    const words = [runner, jobFile, script, folder].map(cshQuote).join(" ");
    return `${GUARD_NOTE}\n${cshLines(`exec /bin/sh ${words} ${last}`, token, names[0])}\n`;
  }
  const mark = scheduler.commandMark ?? "";
  const start = `BASH_ENV= exec "\${BASH:-/bin/sh}" "$@" 2>&9 9>&-`;
  // What a profile or BASH_ENV has set is set once more when the script starts anew: from where the job began.
  const bash = shellName(batch) === "bash";
  const afresh = bash
    ? 'mapfile -td "" maestro_env </proc/$$/environ && exec env -i "${maestro_env[@]}" BASH_ENV= "$BASH" "$@" 2>&9 9>&-; '
    : "";
  const login = bash ? ' "$(shopt -q login_shell && echo login)"' : "";
  const words = [runner, jobFile, script, folder].map(quote).join(" ");
  return `${GUARD_NOTE}\n${mark}{ case ${
    armedBy(scheduler, token)
  } set -- ${words} ${last} "\${BASH_ENV-}"${login}; ` +
    `${afresh}${start} ;; esac; } 9>&2 2>/dev/null\n\n`;
}

/** The words of a `case` that holds for this very submission. */
export function armedBy({ jobNameVariables = [] }: SchedulerAdapter, token: string): string {
  const [name] = jobNameVariables;
  return name === undefined ? `"\${1-}" in ${token})` : `"\${${name}-}" in *+${token})`;
}

function cshLines(start: string, token: string, name: string | undefined): string {
  if (name === undefined) return `if ( "x$1" == x${token} ) ${start}\n`;
  return `if ( $?${name} ) then\n  if ( "$${name}" =~ *+${token} ) ${start}\nendif\n`;
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
