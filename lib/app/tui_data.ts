/** What `maestro tui` shows, read from studies. It reads on where it stopped, and writes nothing. */

import { noLogFile, notRunYet } from "../view_errors.ts";
import { workspaceOf } from "../plan/node_text.ts";
import { conductorView } from "../study/lease.ts";
import { openStudyToRead, type Study } from "../study/folder.ts";
import { stateFollower } from "../study/follow.ts";
import { findStudies, type Search } from "../study/search.ts";
import type { Progress } from "../study/state/progress.ts";
import { patientLook } from "../patience.ts";
import { studyPaths } from "../paths.ts";
import { codeOf, isTransient, type System } from "../system.ts";
import { EXIT, UserError } from "../errors.ts";
import { type LogTail, logTail } from "../view/tui/log_tail.ts";
import type { StudiesData, StudyData, StudyEntry, TextData, TextKind } from "../view/tui/types.ts";
import { STUDY_STATE } from "../study/states.ts";
import { statusView } from "../view/status.ts";
import type { StatusAttempt, StatusStep } from "../view/status_view.ts";
import { viewStudy } from "./look.ts";
import { logPath, scriptOf } from "./step_files.ts";

/** The words of an error that a user or the system caused. Throws all others. */
function problemOf(error: unknown): string {
  if (error instanceof UserError || codeOf(error) !== undefined) return (error as Error).message;
  throw error;
}

// ---------------------------------------------------------------- the list of studies

export function searchStudies(system: System, folder: string): StudiesData {
  const { studies, cut }: Search = findStudies(system, folder);
  const above = `${folder.replace(/\/$/, "")}/`;
  const entries = studies.map(({ directory, createdAt }): StudyEntry => ({
    directory,
    createdAt,
    name: directory.startsWith(above) ? directory.slice(above.length) : directory,
  }));
  return { folder, entries, cut };
}

/** The same study with its present state. */
export async function readEntry(system: System, entry: StudyEntry): Promise<StudyEntry> {
  const { directory, name, createdAt } = entry;
  try {
    const { state, counts, totals: { steps } } = await viewStudy(system, directory);
    return { directory, name, createdAt, summary: { state, counts: { ...counts }, steps } };
  } catch (error) {
    return { directory, name, createdAt, problem: problemOf(error) };
  }
}

/** Changes when a study in the list has to be read again. */
export function entryMark(system: System, { directory }: StudyEntry): string {
  const { journal, statusCsv } = studyPaths(directory);
  const facts = system.facts(journal) ?? system.facts(statusCsv);
  return `${facts?.size} ${facts?.changedAt}`;
}

// ---------------------------------------------------------------- one study

/** A study that is followed. */
export interface OpenStudy {
  readonly directory: string;
  /** Its folder has gone, or has another study by now. */
  isReplaced(): boolean;
  /** Its present state, and whether a step has changed since the last call. */
  look(): { readonly data: StudyData; readonly hasChanged: boolean };
  /** Opens a log or a script. Attempt 0 is the latest. */
  text(step: StatusStep, kind: TextKind, attempt: number): OpenText;
}

export async function openForTui(system: System, directory: string): Promise<OpenStudy> {
  const study = await openStudyToRead(system, directory);
  const follow = stateFollower(system, study);
  const patient = patientLook(system);
  let progress: Progress | undefined;
  let shown: StudyData | undefined;
  // The plan of a study never changes. LLNL's Maestro writes none.
  const planMark = () => {
    const facts = system.facts(study.original ? study.root : studyPaths(study.root).plan);
    return study.original ? facts !== undefined : facts?.changedAt;
  };
  const mark = planMark();
  return {
    directory,
    isReplaced: () => (patient(() => ({ mark: planMark() })) ?? { mark }).mark !== mark,
    look() {
      let problem: string | undefined;
      let changed: Progress | undefined;
      try {
        changed = patient(follow);
      } catch (error) {
        if (progress === undefined) throw error;
        problem = problemOf(error);
      }
      progress = changed ?? progress;
      if (progress === undefined) throw new UserError(`${directory} cannot be read now`, EXIT.tryAgain);
      const hasChanged = changed !== undefined;
      // Nothing in a study that has ended depends on the time.
      const isSound = shown?.problem === undefined && problem === undefined;
      if (shown && isSound && !hasChanged && STUDY_STATE[shown.view.state].ended) {
        return { data: shown, hasChanged };
      }
      const view = statusView(progress, conductorView(system, study.root), system.now());
      const data = { directory, view, settings: progress.settings };
      shown = problem === undefined ? data : { ...data, problem };
      return { data: shown, hasChanged };
    },
    text: (step, kind, attempt) => openText(system, study, step, kind, attempt),
  };
}

// ---------------------------------------------------------------- logs and scripts

export interface OpenText {
  /** Undefined if nothing has changed. `step`: its present state. */
  look(step: StatusStep): TextData | undefined;
}

function openText(system: System, study: Study, first: StatusStep, kind: TextKind, number: number): OpenText {
  return kind === "script" ? scriptText(system, study, first, number) : logText(system, study, kind, number);
}

const chosenAttempt = ({ attempts }: StatusStep, number: number): StatusAttempt | undefined =>
  number === 0 ? attempts.at(-1) : attempts.find((attempt) => attempt.number === number);

const noText = (title: string, problem: string): TextData => ({ title, lines: [], cut: false, problem });

function scriptText(system: System, study: Study, step: StatusStep, number: number): OpenText {
  let text: TextData | undefined = textOf();
  function textOf(): TextData {
    const attempt = chosenAttempt(step, number);
    const node = study.plan.nodes[step.node]!;
    try {
      const { file, text } = scriptOf(system, study, node, attempt);
      const lines = text.replace(/\n$/, "").split("\n");
      return { title: `${workspaceOf(study.plan, node)}/${file}`, lines, cut: false };
    } catch (error) {
      return noText(`script of ${step.name}`, problemOf(error));
    }
  }
  return {
    look() {
      const shown = text;
      text = undefined;
      return shown;
    },
  };
}

function logText(system: System, study: Study, kind: "out" | "err", number: number): OpenText {
  let tail: LogTail | undefined;
  let path: string | undefined;
  let said: string | undefined;
  const without = (title: string, problem: string) => {
    if (said === problem) return undefined;
    said = problem;
    return noText(title, problem);
  };
  return {
    look(step) {
      const node = study.plan.nodes[step.node]!;
      const attempt = chosenAttempt(step, number);
      const title = `${kind === "out" ? "standard output" : "standard error"} of ${step.name}`;
      if (!attempt) return without(title, notRunYet(step.name).message);
      try {
        const found = logPath(system, study, node, attempt, kind);
        if (found === undefined) {
          return without(title, noLogFile(step.name, workspaceOf(study.plan, node)).message);
        }
        const isNew = found !== path;
        if (isNew) tail = logTail(system, found);
        path = found;
        const hasMore = tail!.read();
        if (!hasMore && !isNew) return undefined;
        said = undefined;
        const { lines, cut } = tail!;
        return { title: cut ? `${found} (only its end)` : found, lines, cut };
      } catch (error) {
        if (isTransient(error)) return undefined;
        return without(title, problemOf(error));
      }
    },
  };
}
