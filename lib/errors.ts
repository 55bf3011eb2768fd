/**
 * Messages for users about errors. Every message is a function here, so that all wording can be read in one
 * place. What lint reports about a spec is in `problems.ts`. A message has three parts: what is wrong, where,
 * and what to do.
 */

import { shellWord } from "./shell_words.ts";
import { EXIT } from "./exits.ts";

export { EXIT };

/** Exit code if the command line cannot be read. It is Maestro's, though a failed study has the same code. */
export const BAD_COMMAND_LINE = 2;

/**
 * An error that the user can fix. Any other exception is a bug: it keeps its stack, and the program exits
 * with 70.
 */
export class UserError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: number;
  /** Where in a file the mistake is. */
  readonly place: Place | undefined;

  constructor(message: string, exitCode: number, hint?: string, place?: Place) {
    super(message);
    this.name = "UserError";
    this.hint = hint;
    this.exitCode = exitCode;
    this.place = place;
  }
}

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What programs read of an error. */
export function errorFields({ message, place, hint }: Pick<UserError, "message" | "place" | "hint">) {
  const { file, line, column } = place ?? {};
  return { message, place: place ? { file, line, column } : null, hint: hint ?? null };
}

/** An error as JSON, in one line. */
export function errorJson(message: string, hint?: string, place?: Place): string {
  return `${JSON.stringify({ version: 1, error: errorFields({ message, hint, place }) })}\n`;
}

/**
 * The system's word for an error of a file operation. The number and the path are removed, because the
 * message has them.
 */
export function systemWord(error: unknown): string {
  return (error as Error).message.replace(/ \(os error \d+\).*$/s, "");
}

/** Access to a file of another user's study was denied at `blocked`: the file, or a folder above it. */
export function noAccess(
  path: string,
  blocked: string,
  owner: string,
  root: string,
  mayLook: boolean,
): UserError {
  const whose = blocked === path ? "it" : blocked;
  const [what, mode, umask] = mayLook
    ? ["change the study, too", "g+rwX", "007"]
    : ["look at it", "g+rX", "027"];
  const secrets = ".maestro/submit.json meta/environment.yaml meta/run.yaml";
  return new UserError(
    `No access to ${path}: ${whose} belongs to ${owner}`,
    EXIT.noPermission,
    `${owner} can let the group ${what}: cd ${
      shellWord(root)
    } && chmod -R ${mode} . && chmod go= ${secrets}. With umask ${umask}, new studies get these modes.`,
  );
}

/** `maestro adapter ACTION FILE`. */
export function badAdapterAction(action: string): UserError {
  return new UserError(
    `Unknown action "${action}" of maestro adapter`,
    EXIT.usage,
    "Write `maestro adapter test FILE` or `maestro adapter check FILE`.",
  );
}

/** No adapter has the name, and there is no such file. */
export function noAdapter(named: string): UserError {
  return new UserError(
    `No such adapter: ${named}`,
    EXIT.noInput,
    "Name a JavaScript file, or a scheduler that `maestro template` lists.",
  );
}

/** The question of `run` before it loads a file that a spec names as its adapter. */
export function trustQuestion(file: string): string {
  return `The adapter of the spec is a program, which runs with your rights: ${file}\nLoad it? [y/N] `;
}

/** A function of an adapter's file threw, or returned what it may not. */
export class AdapterFault extends UserError {
  constructor(message: string) {
    super(message, EXIT.badSpec, "`maestro adapter test FILE` shows what is wrong.");
  }
}

/** The study's copy of its adapter was changed, or belongs to another user. */
export function adapterChanged(file: string, root: string, why?: string): UserError {
  const found = why ?? "it was changed, or belongs to another user";
  return new UserError(
    `The adapter of the study is not loaded: ${found}: ${file}`,
    EXIT.noPermission,
    `Read the file. \`maestro resume --trust-adapter ${shellWord(root)}\` uses it as it is now.`,
  );
}

/** A note of `run`: the scheduler prefers a variable to the script. */
export function environmentWins(name: string, value: string, key: string): string {
  return `Note: ${name}=${value} in the environment overrides "${key}" of the spec, as in a submission by hand.`;
}

export function heldByAnother(
  root: string,
  holder: { host: string; pid: number; user: string } | undefined,
): UserError {
  const who = holder ? `by process ${holder.pid} of ${holder.user} on ${holder.host}` : "by another process";
  return new UserError(
    `The study in ${root} is being conducted ${who}`,
    EXIT.tryAgain,
    `\`maestro status ${shellWord(root)}\` shows its progress.`,
  );
}

/** Whether an error only means that another process has the study. */
export const isHeld = (error: unknown) => error instanceof UserError && error.exitCode === EXIT.tryAgain;

/** For the log: `host` runs steps that this conductor cannot look at. */
export function hiddenSteps(host: string, root: string): string {
  return `Steps that were started on ${host} are not visible from here. Waiting for their exit codes.` +
    ` If they were killed, \`maestro cancel --step NAME ${shellWord(root)}\` ends the wait.`;
}

/** For the log: the last event of the journal is that much later than the time here. */
export function journalAhead(duration: string): string {
  return `The journal is ${duration} ahead of this host's clock. Times of the study continue from there.`;
}

export function noSuchStudy(directory: string, near?: string): UserError {
  return new UserError(
    `No study in ${directory}`,
    EXIT.noInput,
    near ?? "Name the folder that `maestro run` created. It contains status.csv.",
  );
}

export function madeByOriginal(root: string, spec: string): UserError {
  return new UserError(
    `LLNL's Maestro made the study in ${root}, and only LLNL's Maestro can continue it`,
    EXIT.noInput,
    "`status`, `list`, `logs`, `wait`, `cancel` and `update` work here. To run it with this program, start a new study: " +
      `\`maestro run -o NEW_FOLDER ${shellWord(`${root}/${spec}`)}\`.`,
  );
}

export function tooNew(directory: string, version: unknown): UserError {
  return new UserError(
    `The study in ${directory} was created by a later version of maestro (its format is ${version})`,
    EXIT.noInput,
    "Use that version, or a newer one.",
  );
}

export function specNotFound(file: string, near: string | undefined, isDirectory: boolean): UserError {
  if (isDirectory) {
    return new UserError(
      `${file} is a folder. A spec is a YAML file`,
      EXIT.noInput,
      "Name a file in that folder.",
    );
  }
  return new UserError(
    `No such file: ${file}`,
    EXIT.noInput,
    near === undefined ? undefined : `Did you mean "${near}"?`,
  );
}

export function noSuchScheduler(word: string, near: string | undefined, names: readonly string[]): UserError {
  return new UserError(
    `No scheduler "${word}"`,
    EXIT.usage,
    near === undefined ? `Schedulers are ${names.join(", ")}.` : `Did you mean "${near}"?`,
  );
}

export function missingCommands(scheduler: string, commands: readonly string[], step: string): UserError {
  return new UserError(
    `Commands of ${scheduler} are not on PATH: ${
      commands.join(", ")
    }. Step "${step}" needs them, and nothing was created`,
    EXIT.tryAgain,
    "Load the scheduler's module, or run this on a host that has it. --dry writes the scripts without a scheduler; " +
      "-n creates the study, and `maestro conduct` launches it later.",
  );
}

/** The last words of a conductor that leaves a study before its end. */
export function leftUnfinished(root: string): string {
  return `not ended yet; \`maestro resume ${shellWord(root)}\` continues it`;
}

/** In Maestro's words. */
export function ambiguousOption(given: string, names: readonly string[]): UserError {
  return new UserError(
    `ambiguous option: ${given} could match ${names.join(", ")}`,
    BAD_COMMAND_LINE,
    "Write the whole name.",
  );
}

export function badDebugLevel(given: string | undefined): UserError {
  return new UserError(
    `-d takes a number from 1 (debug) to 5 (critical), not "${given}"`,
    BAD_COMMAND_LINE,
  );
}

export const SEE_HELP = "`maestro --help` lists the commands, `maestro COMMAND --help` the options of one.";

export function missingArgument(name: string): UserError {
  return new UserError(`Missing argument ${name}`, BAD_COMMAND_LINE, SEE_HELP);
}

export function unexpectedArgument(word: string): UserError {
  return new UserError(`Unexpected argument "${word}"`, BAD_COMMAND_LINE, SEE_HELP);
}

/** Options of which a command line may have only one. */
export function contradiction(message: string): UserError {
  return new UserError(message, BAD_COMMAND_LINE);
}

export function badSetting(message: string): UserError {
  return new UserError(message, EXIT.usage);
}

export function outputExists(directory: string, isStudy: boolean): UserError {
  return new UserError(
    isStudy ? `${directory} contains a study` : `${directory} is not empty, and is not a study`,
    EXIT.cannotCreate,
    isStudy
      ? "-y replaces it. To keep it, choose another folder with -o."
      : "Its files are unchanged. Choose another folder with -o.",
  );
}

export function needsAnswer(question: string, hint: string): UserError {
  return new UserError(`No terminal for the question: ${question.trim()}`, EXIT.usage, hint);
}

/** `code`: the exit code of the conductor, if it has ended. */
export function conductorDied(
  root: string,
  output: string,
  said: string,
  code: number | undefined,
): UserError {
  return new UserError(
    `The conductor of ${root} ended before it started the study${said === "" ? "" : `:\n${said}`}`,
    code === EXIT.bug ? EXIT.bug : EXIT.tryAgain,
    `Its output is in ${output}. The study is complete on disk: \`maestro conduct ${
      shellWord(root)
    }\` launches it.`,
  );
}

export function cancelNotConfirmed(root: string): UserError {
  return new UserError(
    `The conductor of ${root} has not confirmed the cancellation yet`,
    EXIT.tryAgain,
    `The request remains. \`maestro status ${shellWord(root)}\` shows when it is done. ` +
      `\`maestro cancel --force ${shellWord(root)}\` gives up jobs of a scheduler that does not answer.`,
  );
}

export function noSuchStep(name: string, near: string | undefined): UserError {
  return new UserError(
    `No step "${name}" in this study`,
    EXIT.noInput,
    near === undefined ? "`maestro status` lists them." : `Did you mean "${near}"?`,
  );
}

export function notTaken(root: string): UserError {
  return new UserError(
    `The conductor of ${root} has not taken the request`,
    EXIT.tryAgain,
    "Nothing has changed. A busy or hung file system may be the reason: try again later.",
  );
}

export function cleanWhileConducted(root: string): UserError {
  return new UserError(
    `A conductor works on ${root}: nothing is deleted`,
    EXIT.tryAgain,
    `Wait for it: \`maestro wait ${shellWord(root)}\`.`,
  );
}

export function textTooLong(start: string, most: number): UserError {
  return new UserError(
    `A text becomes longer than ${
      most.toLocaleString("en")
    } characters when its names are replaced. It begins with "${start.slice(0, 40)}"`,
    EXIT.badSpec,
    "Look for names in `env` that contain each other several times, and for long values.",
  );
}

export function interrupted(signal: "SIGINT" | "SIGTERM"): UserError {
  return new UserError(
    "Interrupted: the request is taken back",
    signal === "SIGINT" ? EXIT.interrupted : EXIT.tryAgain,
    "Nothing has changed.",
  );
}

export function requestStays(file: string, why: string): UserError {
  return new UserError(
    `The request was not carried out, and could not be taken back: ${why}`,
    EXIT.tryAgain,
    `Delete ${file}, or the next conductor carries it out.`,
  );
}

export function noResults(directory: string): UserError {
  const hint = "The key `results` of a step selects them: results: {energy: {regex: 'energy = (.*)'}}";
  return new UserError(`No step of the study in ${directory} has results`, EXIT.noInput, hint);
}

export function tooManyEdges(step: string, most: number): UserError {
  const message = `Step "${step}" has more than ${most.toLocaleString("en")} dependencies in total`;
  return new UserError(
    message,
    EXIT.badSpec,
    'Add a step in between, or wait for all combinations with "step_*".',
  );
}

export function damagedPlan(path: string, why: string): UserError {
  return new UserError(
    `${path} cannot be read: ${why}`,
    EXIT.noInput,
    "The study's plan is damaged. Restore the file from a backup, or run the copy of the spec in that folder as a new study.",
  );
}

export function cannotMake(root: string, why: string): UserError {
  return new UserError(`Cannot create ${root}: ${why}`, EXIT.cannotCreate, "Choose another folder with -o.");
}

export function isBeingConducted(root: string): UserError {
  return new UserError(
    `${root} contains a study that is being conducted`,
    EXIT.tryAgain,
    `\`maestro cancel ${shellWord(root)}\` cancels it. Or choose another folder with -o.`,
  );
}

/** Another command was faster, or was killed before its study was complete. */
export function isBeingMade(root: string): UserError {
  return new UserError(
    `Another command makes a study in ${root}`,
    EXIT.tryAgain,
    "Choose another folder with -o. If that command was killed, delete the folder.",
  );
}

/** A number of things: `1 step`, `2 steps`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
