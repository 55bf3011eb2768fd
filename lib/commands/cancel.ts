/**
 * `maestro cancel`: asks the conductor, or cancels the study itself if there is none, and waits for the end.
 */

import { givenUp } from "../conduct/decide.ts";
import { newOrders } from "../conduct/context.ts";
import { resolve } from "@std/path";
import {
  cancelNotConfirmed,
  counted,
  errorFields,
  EXIT,
  madeByOriginal,
  needsAnswer,
  UserError,
} from "../errors.ts";
import { conductorView } from "../study/lease.ts";
import { patientLook } from "../patience.ts";
import { studyPaths } from "../paths.ts";
import { studyEnd } from "../study/state/outcome.ts";
import { readState } from "../study/journal/replay.ts";
import type { Progress } from "../study/state/progress.ts";
import { openStudyToRead, type Study } from "../study/folder.ts";
import { ask, findNodes } from "../app/ask.ts";
import { type Context, explained, guarded, isYes, report } from "../app/context.ts";
import { ATTEMPT_VARIABLE } from "../conduct/local/jobs.ts";
import type { System } from "../system.ts";
import { conductHere, unlessHeld } from "../app/launch.ts";

export interface CancelFlags {
  readonly autoyes?: boolean;
  readonly step?: readonly string[];
  readonly force?: boolean;
  readonly json?: boolean;
}

/** A conductor looks for requests every second, and gives steps five seconds to end. */
const CONFIRM_TIMEOUT_MS = 60_000;

export default guarded<CancelFlags, string[]>(async (context, flags, ...directories) => {
  const { system } = context;
  const outcomes = new Outcomes(context, flags.json ?? false);
  const studies: Study[] = [];
  let named = 0;
  for (const directory of directories) {
    const folder = resolve(system.cwd, directory);
    const missing = () => {
      if (!system.facts(folder)) {
        outcomes.say(`Attempted to cancel '${folder}' -- study directory not found.\n`);
      }
    };
    await outcomes.attempt(folder, async () => {
      const study = await openStudyToRead(system, directory);
      named++;
      const end = studyEnd(readState(system, study));
      // Steps of an ended study have another answer.
      if (end && !flags.step?.length) outcomes.add(study.root, `already ${end}`);
      else studies.push(study);
      outcomes.say(`Study in '${folder}' to be cancelled.\n`);
    }, missing);
  }
  if (named === 0) {
    outcomes.say("Cancellation aborted.\n");
    return outcomes.finish();
  }
  if (!flags.autoyes) {
    if (!await system.isAnswered()) throw needsAnswer("Are you sure?", "Answer beforehand with -y.");
    if (!isYes(await system.ask("Are you sure? [y|[n]]: "))) return outcomes.finish();
  }
  for (const study of studies) {
    await outcomes.attempt(study.root, async () => {
      const outcome = flags.step && flags.step.length > 0
        ? await cancelSteps(context, study, flags.step, flags.force)
        : await cancelStudy(context, study, flags.force);
      outcomes.add(study.root, outcome);
      await nameLeftovers(system, study);
    });
  }
  return outcomes.finish();
});

/** What became of each study: in lines for people, or in one object for programs. */
class Outcomes {
  private readonly studies: object[] = [];
  private exitCode: number = EXIT.ok;

  constructor(private readonly context: Context, private readonly json: boolean) {}

  /** In Maestro's words, and on the same stream. */
  say(text: string): void {
    if (!this.json) this.context.system.stdout.write(text);
  }

  add(directory: string, outcome: string): void {
    this.context.system.stderr.write(`${directory}: ${outcome}\n`);
    this.studies.push({ directory, outcome, error: null });
  }

  /** An error of one study does not keep the others. `before`: called before it is reported. */
  async attempt(directory: string, act: () => Promise<void>, before = () => {}): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      const error = await explained(this.context.system, thrown);
      if (!(error instanceof UserError)) throw thrown;
      before();
      if (this.json) this.studies.push({ directory, outcome: null, error: errorFields(error) });
      this.exitCode = this.json ? error.exitCode : report(this.context, error);
    }
  }

  finish(): number {
    const { system } = this.context;
    if (this.json) {
      system.stdout.write(`${JSON.stringify({ version: 1, studies: this.studies }, null, 2)}\n`);
    }
    return this.exitCode;
  }
}

/** A process that has just been signalled is gone within this time. */
const DYING_MS = 2000;

/** Names processes on this machine that ended steps have left behind: they left the group of their step. */
async function nameLeftovers(system: System, study: Study): Promise<void> {
  const jobs = `${study.root}/.maestro/jobs/`;
  const { records, plan } = readState(system, study);
  const find = () =>
    system.processesWith(`${ATTEMPT_VARIABLE}=${jobs}`).flatMap(({ pid, variable, command }) => {
      const node = Number(/(\d+)\.\d+$/.exec(variable)?.[1]);
      return records[node]?.over ? [`${pid} (${command}) of step ${plan.nodes[node]!.name}`] : [];
    });
  const deadline = system.now() + DYING_MS;
  let left = find();
  for (; left.length > 0 && system.now() < deadline; left = find()) await system.sleep(100);
  if (left.length === 0) return;
  system.stderr.write(
    `Processes that steps left behind still run: ${left.slice(0, MOST_NAMED).join(", ")}.\n`,
  );
}

/** Cancels some steps and their dependents. Returns when they have ended. */
async function cancelSteps(
  context: Context,
  study: Study,
  names: readonly string[],
  force = false,
): Promise<string> {
  const { system } = context;
  if (study.original) throw madeByOriginal(study.root, study.file.spec);
  const progress = readState(system, study);
  const nodes = findNodes(progress, names).filter((node) => !progress.records[node]!.over);
  if (nodes.length === 0) return "no step to cancel";
  const steps = nodes.map((node) => progress.plan.nodes[node]!.name);
  await ask(context, study, { ask: "cancel", steps, ...(force ? { force } : {}) });
  const deadline = system.now() + CONFIRM_TIMEOUT_MS;
  const patient = patientLook(system);
  for (;;) {
    const state = patient(() => readState(system, study));
    if (state && nodes.every((node) => state.records[node]!.over)) {
      return `${counted(nodes.length, "step")} cancelled${mayRun(state, nodes)}`;
    }
    if (system.now() > deadline) throw cancelNotConfirmed(study.root);
    await system.sleep(200);
  }
}

/** Cancels one study, and gives up what its scheduler cannot be asked to end. */
async function giveUpStudy(context: Context, study: Study): Promise<string> {
  const { system } = context;
  await ask(context, study, { ask: "cancel", force: true });
  const deadline = system.now() + CONFIRM_TIMEOUT_MS;
  const patient = patientLook(system);
  for (;;) {
    const state = patient(() => readState(system, study));
    const end = state && studyEnd(state);
    if (end) return `${end}${mayRun(state, state.plan.nodes.map(({ index }) => index))}`;
    if (system.now() > deadline) throw cancelNotConfirmed(study.root);
    await system.sleep(200);
  }
}

/** The given-up steps among some, of which a job may still run. */
function mayRun({ records, plan }: Progress, nodes: readonly number[]): string {
  const given = nodes.filter((node) => {
    const { state, reason, jobId } = records[node]!;
    return state === "CANCELLED" && reason === givenUp(jobId);
  });
  if (given.length === 0) return "";
  const names = given.slice(0, MOST_NAMED).map((node) => {
    const { jobId } = records[node]!;
    return jobId === undefined ? plan.nodes[node]!.name : `${plan.nodes[node]!.name} (job ${jobId})`;
  });
  const more = given.length > MOST_NAMED ? ` and ${given.length - MOST_NAMED} more` : "";
  return `; given up, and may still run: ${names.join(", ")}${more}`;
}

const MOST_NAMED = 20;

/** Cancels one study. Returns the outcome in a word or two. */
async function cancelStudy(context: Context, study: Study, force = false): Promise<string> {
  const { system } = context;
  const before = studyEnd(readState(system, study));
  if (before) return `already ${before}`;
  const { cancelRequest } = studyPaths(study.root);
  if (study.original) {
    // This is all that Maestro's own `cancel` does.
    system.createText(cancelRequest, "");
    return "asked the conductor of LLNL's Maestro to cancel it at its next poll";
  }
  if (force) return await giveUpStudy(context, study);
  system.createText(cancelRequest, "");
  const deadline = system.now() + CONFIRM_TIMEOUT_MS;
  const patient = patientLook(system);
  for (;;) {
    if (system.now() > deadline) throw cancelNotConfirmed(study.root);
    if (patient(() => conductorView(system, study.root).alive) !== false) {
      await system.sleep(100);
      continue;
    }
    const after = studyEnd(readState(system, study));
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
