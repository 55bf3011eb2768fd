/** `maestro update`: changes how a study is conducted while it is. Words and questions as Maestro's. */

import { badSetting, EXIT, needsAnswer, UserError } from "../errors.ts";
import { openStudy } from "../conduct/study_folder.ts";
import type { System } from "../system.ts";
import type { Settings } from "../types.ts";
import { ask } from "./ask.ts";
import { explained, guarded, report } from "./context.ts";

export interface UpdateFlags {
  readonly throttle?: readonly number[];
  readonly rlimit?: readonly number[];
  readonly sleep?: readonly number[];
  readonly "local-jobs"?: readonly number[];
}

type Change = Partial<Pick<Settings, "throttle" | "rlimit" | "sleep" | "localJobs">>;

export default guarded<UpdateFlags, string[]>(async (context, flags, ...directories) => {
  const { system } = context;
  const changes = directories.map((_, i): Change => ({
    ...valueFor("throttle", flags.throttle, directories, i),
    ...valueFor("rlimit", flags.rlimit, directories, i),
    ...valueFor("sleep", flags.sleep, directories, i),
    ...valueFor("localJobs", flags["local-jobs"], directories, i),
  }));
  let exitCode: number = EXIT.ok;
  for (const [i, directory] of directories.entries()) {
    try {
      const study = await openStudy(system, directory);
      system.stderr.write(`Updating study at '${study.root}'\n`);
      const change = Object.keys(changes[i]!).length > 0 ? changes[i]! : await interview(system, study.root);
      if (Object.keys(change).length > 0) await ask(context, study, { ask: "update", settings: change });
    } catch (thrown) {
      const error = await explained(context.system, thrown);
      if (!(error instanceof UserError)) throw thrown;
      exitCode = report(context, error);
    }
  }
  return exitCode;
});

/** One value for all studies, or one for each. */
function valueFor(
  key: keyof Change,
  values: readonly number[] | undefined,
  directories: readonly string[],
  i: number,
): Change {
  if (values === undefined || values.length === 0) return {};
  if (values.length !== 1 && values.length !== directories.length) {
    throw badSetting(
      `${key} is incompatible with directory: ${key} must have either 1 value (same value for all directories) ` +
        "or the same number of values as study directories.",
    );
  }
  const value = values[values.length === 1 ? 0 : i]!;
  const least = key === "localJobs" ? 1 : 0;
  if (!(value >= least) || (key !== "sleep" && !Number.isInteger(value))) {
    throw badSetting(`${key} must be a whole number from ${least}, not ${value}`);
  }
  return { [key]: value };
}

const QUESTIONS = {
  rlimit: "Enter new restart limit [Integer, 0 = unlimited] ",
  throttle: "Enter new throttle limit [Integer, 0 = no throttling] ",
  sleep: "Enter new sleep duration for Conductor [Integer, seconds] ",
} as const;

/** Asks on the terminal what to change, until the user is done. */
async function interview(system: System, root: string): Promise<Change> {
  if (!await system.isAnswered()) {
    throw needsAnswer("What is to be updated?", "Give --throttle, --rlimit, --sleep or --local-jobs.");
  }
  const change: Record<string, number> = {};
  for (;;) {
    const choice = (await system.ask(
      "Choose study configuration to update, or done/quit to finish/abort\n [rlimit/throttle/sleep/done/quit]\n> ",
    ))?.trim();
    if (choice === "done") {
      if (Object.keys(change).length === 0) {
        system.stderr.write(`No new study config settings provided, skipping update of study at '${root}'\n`);
      }
      return change;
    }
    if (choice === "quit" || choice === undefined) {
      system.stderr.write(`Discarding updates to study at '${root}'\n`);
      return {};
    }
    if (choice !== "rlimit" && choice !== "throttle" && choice !== "sleep") {
      system.stderr.write("Please select one of the available options\n");
      continue;
    }
    const text = (await system.ask(QUESTIONS[choice]))?.trim() ?? "";
    if (/^\d+$/.test(text)) change[choice] = Number(text);
    else system.stderr.write("Please enter a valid integer number\n");
  }
}
