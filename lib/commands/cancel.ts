/**
 * `maestro cancel`: asks the conductor, or cancels the study itself if there is none, and waits for the end.
 */

import { newOrders } from "../conduct/context.ts";
import { resolve } from "@std/path";
import { cancelNotConfirmed, counted, EXIT, madeByOriginal, needsAnswer, UserError } from "../errors.ts";
import { conductorView } from "../study/lease.ts";
import { patientLook } from "../patience.ts";
import { studyPaths } from "../paths.ts";
import { readState } from "../study/journal/replay.ts";
import { openStudyToRead, type Study } from "../study/folder.ts";
import { ask, findNodes } from "../app/ask.ts";
import { type Context, explained, guarded, isYes, report } from "../app/context.ts";
import { conductHere, unlessHeld } from "../app/launch.ts";

export interface CancelFlags {
  readonly autoyes?: boolean;
  readonly step?: readonly string[];
}

/** A conductor looks for requests every second, and gives steps five seconds to end. */
const CONFIRM_TIMEOUT_MS = 60_000;

export default guarded<CancelFlags, string[]>(async (context, flags, ...directories) => {
  const { system } = context;
  let exitCode: number = EXIT.ok;
  const studies: Study[] = [];
  for (const directory of directories) {
    try {
      const study = await openStudyToRead(system, directory);
      studies.push(study);
      system.stdout.write(`Study in '${resolve(system.cwd, directory)}' to be cancelled.\n`);
    } catch (thrown) {
      const error = await explained(context.system, thrown);
      if (!(error instanceof UserError)) throw thrown;
      const folder = resolve(system.cwd, directory);
      if (!system.facts(folder)) {
        system.stdout.write(`Attempted to cancel '${folder}' -- study directory not found.\n`);
      }
      exitCode = report(context, error);
    }
  }
  if (studies.length === 0) {
    system.stdout.write("Cancellation aborted.\n");
    return exitCode;
  }
  if (!flags.autoyes) {
    if (!await system.isAnswered()) throw needsAnswer("Are you sure?", "Answer beforehand with -y.");
    if (!isYes(await system.ask("Are you sure? [y|[n]]: "))) return exitCode;
  }
  for (const study of studies) {
    try {
      system.stderr.write(
        `${study.root}: ${
          flags.step && flags.step.length > 0
            ? await cancelSteps(context, study, flags.step)
            : await cancelStudy(context, study)
        }\n`,
      );
    } catch (thrown) {
      const error = await explained(context.system, thrown);
      if (!(error instanceof UserError)) throw thrown;
      exitCode = report(context, error);
    }
  }
  return exitCode;
});

/** Cancels some steps and their dependents. Returns when they have ended. */
async function cancelSteps(context: Context, study: Study, names: readonly string[]): Promise<string> {
  const { system } = context;
  if (study.original) throw madeByOriginal(study.root, study.file.spec);
  const progress = readState(system, study);
  const nodes = findNodes(progress, names).filter((node) => !progress.records[node]!.over);
  if (nodes.length === 0) return "no step to cancel";
  await ask(context, study, { ask: "cancel", steps: nodes.map((node) => progress.plan.nodes[node]!.name) });
  const deadline = system.now() + CONFIRM_TIMEOUT_MS;
  const patient = patientLook(system);
  for (;;) {
    const state = patient(() => readState(system, study));
    if (state && nodes.every((node) => state.records[node]!.over)) {
      return `${counted(nodes.length, "step")} cancelled`;
    }
    if (system.now() > deadline) throw cancelNotConfirmed(study.root);
    await system.sleep(200);
  }
}

/** Cancels one study. Returns the outcome in a word or two. */
async function cancelStudy(context: Context, study: Study): Promise<string> {
  const { system } = context;
  const before = readState(system, study).closed;
  if (before) return `already ${before}`;
  const { cancelRequest } = studyPaths(study.root);
  if (study.original) {
    // This is all that Maestro's own `cancel` does.
    system.createText(cancelRequest, "");
    return "asked the conductor of LLNL's Maestro to cancel it at its next poll";
  }
  system.createText(cancelRequest, "");
  const deadline = system.now() + CONFIRM_TIMEOUT_MS;
  const patient = patientLook(system);
  for (;;) {
    if (system.now() > deadline) throw cancelNotConfirmed(study.root);
    if (patient(() => conductorView(system, study.root).alive) !== false) {
      await system.sleep(100);
      continue;
    }
    const after = readState(system, study).closed;
    if (after) {
      system.removeFile(cancelRequest);
      return after;
    }
    const orders = newOrders();
    orders.cancel = true;
    const end = await unlessHeld(conductHere(context, study, { orders, mode: "requests" }));
    if (end === "unfinished" || end === "unreachable") throw cancelNotConfirmed(study.root);
    if (end !== undefined) return end;
    await system.sleep(100);
  }
}
