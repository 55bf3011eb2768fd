/**
 * A step's script: a header for the scheduler, a blank line, and the command.
 *
 * A header is a template, a text that looks like its result. `@field@` is replaced. A line with a field
 * without a value is removed. Lines that begin with `##` are notes for readers of the template and are removed, too. There is no other logic: a computed value is a field.
 */

import { cshQuote, quote } from "../shell_words.ts";
import { EXIT, UserError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import type { Adapter, Fields, SchedulerAdapter, ScriptRequest } from "../../adapters/adapter.ts";
import type { Batch } from "../spec/types.ts";

const DEFAULT_SHELL = "/bin/bash";
const FIELD = /@([A-Za-z][A-Za-z0-9_]*)@/g;

/** Fills a template in. Replacement text is not scanned again, and never starts a new line. */
export function fillTemplate(template: string, fields: Fields): string {
  const lines = template.split(/\r?\n/).filter((line) => !line.startsWith("##"));
  return lines.flatMap((line) => fillLine(line, fields)).join("\n");
}

/** Facts for a script's guard. Paths are absolute. */
export interface Guard {
  /** The file that claims the attempt, and receives its exit code. */
  readonly jobFile: string;
  /** The study's copy of `templates/guard.sh`. */
  readonly runner: string;
  /** The script itself, after it is written. */
  readonly script: string;
  /** The step's workspace. */
  readonly folder: string;
  /** The submission that arms the guard. */
  readonly token: string;
}

/**
 * The whole text of a script. `scheduled`: whether a scheduler will read its header. Otherwise only the shell
 * is named. For a site's own template, pass `{ ...adapter, template }`. There is no `guard` if the shell is
 * not one of `isGuarded`.
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

/** Splits a text after its leading comments and blank lines: schedulers read directives there. */
export function headOf(text: string): [head: string, rest: string] {
  const lines = text.split(/(?<=\n)/);
  let end = lines.findIndex((line) => !/^[ \t]*(?:#.*)?\r?\n?$/.test(line));
  if (end < 0) end = lines.length;
  return [lines.slice(0, end).join(""), lines.slice(end).join("")];
}

/**
 * An adapter with a site's own template. A template of an earlier version lacks lines that were then options
 * of the submission. They are added after its head.
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

/** Whether scripts in the batch's shell are guarded: the guard is a line in the shell's language. */
export function isGuarded(batch: Batch): boolean {
  return familyOf(batch) !== undefined;
}

/**
 * The dialect of a shell. Scripts may be in any language; our lines around their commands need a known one.
 */
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
 * Lines that start the script again under the study's runner. Only this submission arms them, by the script's
 * argument or by the job's name. The runner removes the mark, and starts the script without the
 * argument, so a step and its children never see it. A shell that traces its commands (`#!/bin/bash -x`) does
 * not show them.
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
  // Variables that a profile or BASH_ENV has set are set again when the script starts again: from where the
  // job began.
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

/** The words of a `case` that matches only this submission. */
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

/** Places of a template, counted from 1, with a field that its adapter does not have. */
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

/** A request from which the names of a template's fields are learned. */
const NOTHING: ScriptRequest = {
  ...{ jobName: "", description: "", resources: {}, batch: { type: "" }, out: "", err: "" },
};

/** The line, once for each value of a field with several values. No line if a field has no value. */
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

/**
 * A line break in a value would turn the rest of the value into commands of the script. Other control
 * characters are never useful.
 */
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
