/** The message about a command that does not exist: what the user probably meant, and what that does to a study. */

import { BAD_COMMAND_LINE, UserError } from "../errors.ts";
import { nearest } from "../suggest.ts";

/** Words of other programs for our commands. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  ...{ check: "lint", validate: "lint", verify: "lint", syntax: "lint" },
  ...{ expand: "plan", preview: "plan", "dry-run": "plan", dryrun: "plan", show: "status" },
  ...{ start: "run", launch: "run", submit: "run", exec: "run", execute: "run" },
  ...{ ps: "status", state: "status", stat: "status", progress: "status", info: "status", queue: "status" },
  ...{ watch: "status --watch", monitor: "status --watch", top: "status --watch" },
  ...{ ls: "list", studies: "list", find: "list" },
  ...{
    log: "logs",
    output: "logs",
    cat: "logs",
    tail: "logs --follow",
    history: "events",
    journal: "events",
  },
  ...{ dag: "graph", dot: "graph", draw: "graph", plot: "graph", picture: "graph", svg: "graph" },
  ...{ table: "results", csv: "results --csv", html: "report", archive: "export", crate: "export" },
  ...{ publish: "export", join: "wait", kill: "cancel", stop: "cancel", abort: "cancel", quit: "cancel" },
  ...{
    pause: "hold",
    suspend: "hold",
    unhold: "release",
    unpause: "release",
    set: "update",
    config: "update",
  },
  ...{
    modify: "update",
    continue: "resume",
    recover: "resume",
    retry: "rerun",
    redo: "rerun",
    repeat: "rerun",
  },
  ...{ conductor: "conduct", diagnose: "doctor", env: "doctor", test: "doctor", completion: "completions" },
  ...{ manual: "man", usage: "help", version: "--version", init: "schema" },
};

/** Words for which no single command is right. */
const EXPLAINED: Readonly<Record<string, string>> = {
  restart: "`maestro resume DIR` continues a study whose conductor is gone. " +
    "`maestro rerun DIR` changes a study: it runs failed steps again.",
  ...Object.fromEntries(["delete", "remove", "rm", "purge"].map((word) => [
    word,
    "maestro deletes no studies. Cancel the study if it runs, then delete its folder with rm -r. " +
    "`maestro clean DIR` deletes only what a study no longer needs.",
  ])),
  new: "`maestro run SPEC` creates a study from a YAML file. docs/tutorial.md shows how to write one.",
};

/** What the commands that change a study do to it. */
const CHANGES: Readonly<Record<string, string>> = {
  run: "creates a study and starts it",
  conduct: "starts the steps of a study",
  resume: "starts the remaining steps of a study",
  rerun: "runs steps of a study again",
  cancel: "ends a study and its jobs",
  hold: "keeps steps of a study from starting",
  release: "lets held steps of a study start",
  update: "changes the settings of a study",
  clean: "deletes files of a study that it no longer needs",
};

export function unknownCommand(word: string, known: readonly string[]): UserError {
  return new UserError(`Unknown command "${word}"`, BAD_COMMAND_LINE, hintFor(word.toLowerCase(), known));
}

function hintFor(word: string, known: readonly string[]): string {
  if (Object.hasOwn(EXPLAINED, word)) return EXPLAINED[word]!;
  const near = known.includes(word) ? word : nearest(word, [...known, ...Object.keys(OTHER_WORDS)]);
  const meant = near !== undefined && Object.hasOwn(OTHER_WORDS, near) ? OTHER_WORDS[near] : near;
  if (meant === undefined) return "`maestro help` lists the commands.";
  const change = CHANGES[meant.split(" ")[0]!];
  return `Did you mean "${meant}"?${change === undefined ? "" : ` It ${change}.`}`;
}
