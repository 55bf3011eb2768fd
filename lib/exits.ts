/** Exit codes of every command, with what each means: docs/cli.md and the man page have these words. */

const EXITS = {
  ok: {
    code: 0,
    meaning: "success; a study finished, or was started",
  },
  studyFailed: {
    code: 2,
    meaning:
      "the study finished with failed steps. As in Maestro, also a command line that cannot be read: " +
      "an unknown or ambiguous option, a missing number, a missing or unexpected argument",
  },
  studyCancelled: {
    code: 3,
    meaning: "the study was cancelled",
  },
  stillRunning: {
    code: 4,
    meaning: "the study has not ended: wait --timeout, status --exit-code, conduct --once, " +
      "a conductor that was stopped or whose time is up",
  },
  usage: {
    code: 64,
    meaning:
      "the command line asks for something impossible: a number out of range, a question without an answer",
  },
  badSpec: {
    code: 65,
    meaning: "the spec has errors, and nothing was created; or an adapter fails its suite",
  },
  noInput: {
    code: 66,
    meaning: "no such file, folder, study or step",
  },
  bug: {
    code: 70,
    meaning: "a bug in maestro",
  },
  cannotCreate: {
    code: 73,
    meaning: "something cannot be created, such as a folder that is in use",
  },
  tryAgain: {
    code: 75,
    meaning:
      "try again later: another conductor has the study, or ended at its start; another command makes a study " +
      "in that folder. Also: a request is not confirmed; the scheduler does not answer; an unsuitable host or " +
      "folder (doctor). Also a host without the scheduler's commands (run)",
  },
  noPermission: {
    code: 77,
    meaning: "no permission: the study belongs to another user, who does not allow this",
  },
  interrupted: {
    code: 130,
    meaning: "interrupted with Ctrl-C",
  },
} as const;

type ExitName = keyof typeof EXITS;

/** The codes by their names. */
export const EXIT = Object.fromEntries(Object.entries(EXITS).map(([name, { code }]) => [name, code])) as {
  readonly [NAME in ExitName]: (typeof EXITS)[NAME]["code"];
};

/** Each code with its meaning, from the lowest. */
export const EXIT_MEANINGS: readonly (readonly [code: number, meaning: string])[] = Object.values(EXITS)
  .map(({ code, meaning }): readonly [number, string] => [code, meaning])
  .toSorted(([a], [b]) => a - b);
