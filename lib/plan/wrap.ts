/** The text around a step's commands in its script: the batch's `pre` and `post`, and the step's exports. */

import { cshQuote, quote } from "../shell_words.ts";
import { familyOf, headOf, shellName } from "./script.ts";
import { noShellForEnv, noShellForPost, shellWithoutPath } from "../spec/step_problems.ts";
import type { Batch, NamedText, Problem, SpecStep, YamlValue } from "../spec/types.ts";

/**
 * The commands with all text around them. `post` runs however the commands end, including `exit` and `set
 * -e`, and their exit code is kept. Comments at the head of the commands remain at the head of the script:
 * schedulers read directives there.
 */
export function wrapCommands(cmd: string, batch: Batch, env: readonly NamedText[]): string {
  const [pre, post] = [commandsOf(batch, "pre"), commandsOf(batch, "post")];
  const [preHead, preRest] = headOf(pre);
  const exported = env.map((variable) => exportLine(variable, familyOf(batch))).join("");
  const inserted = preRest + (post === "" ? "" : postLines(post)) + exported;
  if (inserted === "") return preHead + cmd;
  const [head, rest] = headOf(cmd);
  const line = head === "" || head.endsWith("\n") ? head : `${head}\n`;
  return preHead + line + inserted + rest;
}

function commandsOf(batch: Batch, key: "pre" | "post"): string {
  const text = batch[key];
  return typeof text === "string" ? text.replace(/\n*$/, "\n") : "";
}

function postLines(post: string): string {
  return `maestro_post() {\n${post}}\n` +
    `trap 'maestro_code=$?; trap - EXIT; maestro_post || :; exit "$maestro_code"' EXIT\n`;
}

/** The shell receives the exact text, and expands nothing in it. */
function exportLine({ name, text }: NamedText, kind: "sh" | "csh" | undefined): string {
  return kind === "csh" ? `setenv ${name} ${cshQuote(text)}\n` : `export ${name}=${quote(text)}\n`;
}

/** A token may become a path. */
function lacksPath(shell: YamlValue | undefined): shell is string {
  return typeof shell === "string" && shell !== "" && !/^\s*(?:\/|\$\()/.test(shell);
}

/** Shells whose language cannot express the request. */
export function shellProblems(batch: Batch, steps: readonly SpecStep[]): Problem[] {
  const problems: Problem[] = [];
  if (lacksPath(batch.shell)) problems.push(shellWithoutPath('"batch"', ["batch", "shell"], batch.shell));
  const post = commandsOf(batch, "post") !== "";
  if (post && familyOf(batch) !== "sh") problems.push(noShellForPost(["batch", "post"], shellName(batch)));
  for (const { name, position, shell, env } of steps) {
    const own = shell === undefined ? batch : { ...batch, shell };
    const path = ["study", position, "run"];
    if (lacksPath(shell)) problems.push(shellWithoutPath(`step "${name}"`, [...path, "shell"], shell));
    if (env && familyOf(own) === undefined) {
      problems.push(noShellForEnv(`step "${name}"`, [...path, "env"], shellName(own)));
    }
    if (post && shell !== undefined && familyOf(own) !== "sh") {
      problems.push(noShellForPost([...path, "shell"], shellName(own)));
    }
  }
  return problems;
}
