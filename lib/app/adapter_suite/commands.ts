/** Cases about a scheduler's commands: what they are, and what the adapter makes of answers that any command can give. */

import { quote } from "../../shell_words.ts";
import type { Adapter, CommandResult, SchedulerAdapter } from "../../../adapters/adapter.ts";
import { expect, expectSame } from "./expect.ts";
import { answer, CONTEXT, EVERYTHING, ODD, request, TOKEN } from "./samples.ts";
import type { SuiteCase } from "./cases.ts";

export function commandCases(adapter: Adapter): SuiteCase[] {
  const { scheduler } = adapter;
  if (scheduler === undefined) return [];
  return [
    {
      name: "commands: a submission names the script and the token",
      run: () => submitCase(adapter, scheduler),
    },
    { name: "commands: queries and cancellations name the jobs", run: () => idsCase(scheduler) },
    { name: "commands: the version, and variables that are kept", run: () => versionCase(scheduler) },
    {
      name: "answers: a submission is accepted or refused only by plain words",
      run: () => answerCase(scheduler),
    },
    { name: "answers: silence is no answer to a query", run: () => silenceCase(scheduler) },
    {
      name: "answers: a failed cancellation does not show that jobs are gone",
      run: () => cancelCase(scheduler),
    },
    { name: "environment: queries lose what a job has, and no more", run: () => environmentCase(scheduler) },
  ];
}

function submitCase(adapter: Adapter, scheduler: SchedulerAdapter): void {
  const made = request(adapter, EVERYTHING, ODD, "x");
  const argv = scheduler.submit(made);
  const words = argv.every((word) => typeof word === "string" && !/\bundefined\b/.test(word));
  expect(words, "submit: every word is a text, and none holds `undefined`", argv);
  // Words may be joined to a line for a shell.
  const named = argv.some((word) => word.includes(made.script) || word.includes(quote(made.script)));
  expect(named, "submit: the path of the script is in a word, whatever its characters", argv);
  expect(argv.some((word) => word.includes(TOKEN)), "submit: the token is in a word", argv);
  // A script in Python reads its arguments itself, and knows none of ours.
  const plain = scheduler.submit({ ...made, unguarded: true });
  expect(!plain.includes(TOKEN), "submit: with `unguarded` the token is no argument of the script", plain);
  expect(
    plain.some((word) => word.includes(TOKEN)),
    "submit: with `unguarded` the token is still in a word",
    plain,
  );
  const names = scheduler.jobNameVariables ?? [];
  expect(
    names.length > 0 || argv.includes(TOKEN),
    "submit: the script gets the token as its argument, unless jobNameVariables hold it",
    argv,
  );
}

/** Whether a word of a command is an id, or a list with it. */
const names = (argv: readonly string[], id: string) =>
  argv.some((word) => word.split(/[^\w.]+/).includes(id));

function idsCase(scheduler: SchedulerAdapter): void {
  const ids = ["12", "345"];
  for (const query of scheduler.queries) {
    const argv = query.argv(ids.slice(0, query.most ?? ids.length), CONTEXT);
    expectSame(
      names(argv, "12"),
      query.most !== undefined,
      `queries: \`most\` is given if ids are named: ${argv.join(" ")}`,
    );
  }
  expect(scheduler.queries.length > 0, "queries: at least one");
  expect(scheduler.find(TOKEN).argv([], CONTEXT).length > 0, "find: a command");
  const argv = scheduler.cancel(ids);
  expect(ids.every((id) => names(argv, id)), "cancel: all ids are in its words", argv);
}

const VARIABLE = /^[A-Z_][A-Z0-9_]+\*?$/;

function versionCase({ version, environment }: SchedulerAdapter): void {
  expect(/^[\w.+-]+$/.test(version.program), "version.program: the name of a command", version.program);
  expect(version.argv.length > 0, "version.argv: a command that prints the version");
  for (const name of environment) {
    expect(/^[A-Z_][A-Z0-9_]+$/.test(name), "environment: names of variables", name);
    expect(!/JWT|TOKEN|SECRET|PASSW|CRED/.test(name), "environment: no secret is kept", name);
  }
}

function answerCase(scheduler: SchedulerAdapter): void {
  const is = (result: CommandResult, kind: string, what: string) =>
    expectSame(scheduler.parseSubmit(result).kind, kind, `parseSubmit: ${what}`);
  is(answer(0, "12\n", "", true), "unclear", "no answer in time, whatever was printed");
  is(answer(0, ""), "unclear", "nothing was printed");
  is(answer(0, "Welcome to the cluster!\n"), "unclear", "no id was printed");
  for (const code of [1, 124, 137, 143]) {
    is(answer(code, ""), "unclear", `exit code ${code}, nothing was printed`);
  }
  is(answer(137, "", "error: something"), "unclear", "the command was killed");
  is(answer(1, "", "error: Connection timed out"), "unclear", "the connection broke");
  const missing = scheduler.parseSubmit(answer(127, "", "command not found"));
  expect(
    missing.kind === "refused" && missing.again,
    "parseSubmit: no such command is refused, and tried again",
    missing,
  );
}

function silenceCase(scheduler: SchedulerAdapter): void {
  const is = (result: CommandResult, what: string) => {
    for (const query of [...scheduler.queries, scheduler.find(TOKEN)]) {
      const jobs = query.parse(result, ["12"]);
      expect(
        jobs === undefined,
        `parse of ${query.argv(["12"], CONTEXT)[0]}: ${what} is \`undefined\`, could not be asked`,
        jobs,
      );
    }
  };
  for (const code of [1, 2, 127, 137, 255]) is(answer(code, ""), `exit code ${code} without a word`);
  is(answer(1, "", "error: Connection refused"), "a broken connection");
  is(answer(0, "", "", true), "no answer in time");
}

function cancelCase({ cancelMeansGone }: SchedulerAdapter): void {
  for (const said of ["", "error: Connection timed out", "Permission denied"]) {
    expect(
      !cancelMeansGone(answer(1, "", said)),
      `cancelMeansGone: "${said}" does not show that jobs are gone`,
    );
  }
}

function environmentCase(scheduler: SchedulerAdapter): void {
  const cleared = (name: string) =>
    scheduler.clearedEnv.some((entry) =>
      entry.endsWith("*") ? name.startsWith(entry.slice(0, -1)) : entry === name
    );
  for (const entry of [...scheduler.clearedEnv, ...scheduler.notSubmitted, ...scheduler.ofJobs]) {
    expect(VARIABLE.test(entry), "clearedEnv, notSubmitted, ofJobs: names, or prefixes that end in *", entry);
  }
  for (const name of scheduler.jobIdVariables) {
    expect(cleared(name), `clearedEnv: ${name}, in which a job finds its id, must not reach queries`);
  }
  for (const name of ["PATH", "HOME", "USER", "LANG", ...scheduler.environment]) {
    expect(!cleared(name), `clearedEnv: ${name} must reach queries`);
  }
}
