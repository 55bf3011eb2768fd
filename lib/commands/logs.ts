/** `maestro logs`: the output of a step, or its script. */

import type { Attempt } from "../study/attempt.ts";
import { attemptsOf } from "../study/state/attempts.ts";
import { visible } from "../cells.ts";
import { EXIT } from "../errors.ts";
import { firstFailure } from "../view/failures.ts";
import { meantNode } from "../view/find_step.ts";
import { studyFollower } from "../study/follow.ts";
import { workspaceOf } from "../plan/node_text.ts";
import { statusView } from "../view/status.ts";
import { patientLook } from "../patience.ts";
import { openStudyToRead, type Study } from "../study/folder.ts";
import type { Progress } from "../study/state/progress.ts";
import type { System } from "../system.ts";
import { logTail, type Tail } from "../view/tail.ts";
import type { PlanNode } from "../plan/types.ts";
import { badCount, noLogFile, noSuchAttempt, nothingFailed, notRunYet, notTogether } from "../view_errors.ts";
import { guarded } from "../app/context.ts";
import { logPath, type LogStream, scriptOf } from "../app/step_files.ts";

export interface LogsFlags {
  readonly out?: boolean;
  readonly err?: boolean;
  readonly script?: boolean;
  readonly attempt?: number;
  readonly lines?: number;
  readonly follow?: boolean;
}

/** Pause between reads of a growing file. */
const LOOK_MS = 250;

export default guarded<LogsFlags, string[]>(async ({ system }, flags, directory, ...words) => {
  checkFlags(flags);
  const study = await openStudyToRead(system, directory!);
  const look = studyFollower(system, study);
  const { progress } = look();
  const ran = ({ index }: PlanNode) => attemptsOf(progress.columns, index).length > 0;
  const node = words.length === 0
    ? failedNode(system, progress)
    // Of those that a few words mean, one that never ran has no output.
    : meantNode(study.plan, words, flags.script ? undefined : ran);
  const attempt = chosen(progress, node, flags.attempt);
  if (flags.script) {
    writeOutput(system, scriptOf(system, study, node, attempt).text);
    return EXIT.ok;
  }
  if (!attempt && !flags.follow) throw notRunYet(node.name);
  await show({ system, study, node, flags, progress, look: () => look().progress });
  return EXIT.ok;
});

/**
 * What a program printed, unchanged. On a terminal, only styles, tabs and ends of lines keep their effect. Progress bars
 * overwrite their line.
 */
function writeOutput({ stdout }: System, text: string): void {
  const pieces = stdout.isTerminal ? text.split(/(?<=\r)/) : [text];
  for (const piece of pieces) stdout.write(piece);
}

function checkFlags(flags: LogsFlags): void {
  const asked = (["out", "err", "script"] as const).filter((name) => flags[name]);
  if (asked.length > 1 && flags.script) throw notTogether(...asked);
  if (flags.attempt !== undefined && flags.follow) throw notTogether("attempt", "follow");
  for (const name of ["attempt", "lines"] as const) {
    const value = flags[name] ?? 0;
    if (!(Number.isInteger(value) && value >= 0)) throw badCount(name);
  }
}

/** Without a step: the one that most users look for. */
function failedNode(system: System, progress: Progress): PlanNode {
  const failed = firstFailure(statusView(progress, { alive: false }, system.now()));
  if (!failed) throw nothingFailed();
  return progress.plan.nodes[failed.node]!;
}

function chosen({ columns }: Progress, node: PlanNode, number?: number): Attempt | undefined {
  const attempts = attemptsOf(columns, node.index);
  if (number === undefined) return attempts.at(-1);
  const found = attempts.find((attempt) => attempt.number === number);
  if (!found) throw noSuchAttempt(node.name, number, attempts.length);
  return found;
}

interface Showing {
  readonly system: System;
  readonly study: Study;
  readonly node: PlanNode;
  readonly flags: LogsFlags;
  readonly progress: Progress;
  /** What is known by now. */
  readonly look: () => Progress;
}

/** Prints the existing part of each stream. With `follow`, continues until the step has ended. */
async function show(showing: Showing): Promise<void> {
  const { system, study, node, flags, look } = showing;
  let { progress } = showing;
  const both = !flags.out === !flags.err;
  const streams: LogStream[] = (["out", "err"] as const).filter((stream) => both || flags[stream]);
  const tails = new Map<string, Tail>();
  let shown: string | undefined;
  const patient = patientLook(system);
  for (;;) {
    const attempt = chosen(progress, node, flags.attempt);
    const over = progress.columns.over.get(node.index);
    if (over && !attempt) throw notRunYet(node.name);
    for (const stream of attempt ? streams : []) {
      const path = logPath(system, study, node, attempt!, stream);
      if (path === undefined) continue;
      if (!tails.has(path)) tails.set(path, logTail(system, path, flags.lines));
      tails.get(path)!((text) => {
        if (both && shown !== path) {
          system.stdout.write(`${shown === undefined ? "" : "\n"}==> ${visible(path)} <==\n`);
        }
        shown = path;
        writeOutput(system, text);
      });
    }
    if (tails.size === 0 && (over || !flags.follow)) {
      throw noLogFile(node.name, workspaceOf(study.plan, node));
    }
    if (!flags.follow || over) return;
    await system.sleep(LOOK_MS);
    progress = patient(look) ?? progress;
  }
}
