/** Questions before anything changes, each with the command that carries it out. */

import { CHANGEABLE, SETTINGS, type Settings } from "../../spec/settings.ts";
import { FAILURES, isUnderWay, STUDY_STATE } from "../../study/states.ts";
import { counted } from "../../errors.ts";
import { visible } from "../../cells.ts";
import type { StatusView } from "../status_view.ts";
import type { Row } from "./rows.ts";
import type { Answer, Prompt, StudyData, Words } from "./types.ts";

/** Changes of one row, or of the whole study. */
export type Change = "rerun" | "cancel" | "hold" | "release";

const NO: Answer = { key: "n", label: "no" };

function question(text: string, command: Words, more: readonly Answer[] = []): Prompt {
  const yes: Answer = { key: "y", label: "yes", then: { run: command } };
  return { kind: "question", text, command, answers: [yes, ...more, NO] };
}

/** A row as the user names it to a command, and in words. */
function named(row: Row, view: StatusView): { name: string; words: string } {
  if (row.kind === "step") return { name: row.step.name, words: `${row.step.name} (${row.step.state})` };
  const { total } = view.totals.ofStep[row.index]!;
  return { name: row.name, words: `all ${total} combinations of ${row.name}` };
}

/** The question before a change of one row. */
export function changeRow(change: Change, row: Row, { directory, view }: StudyData): Prompt {
  const { name, words } = named(row, view);
  const step = `--step=${name}`;
  switch (change) {
    case "rerun": {
      const only: Answer = {
        key: "o",
        label: "only this, no dependents",
        then: { run: ["rerun", step, "--only", directory] },
      };
      return question(`Rerun ${words} and its dependents?`, ["rerun", step, directory], [only]);
    }
    case "cancel":
      return question(`Cancel ${words} and its dependents?`, ["cancel", "--autoyes", step, directory]);
    case "hold":
      return question(`Hold ${words}? It will not start until it is released.`, ["hold", step, directory]);
    case "release":
      return question(`Release ${words}?`, ["release", step, directory]);
  }
}

/** The question before a change of the whole study; a text if there is nothing to change. */
export function changeStudy(
  change: Change,
  directory: string,
  view: StatusView | undefined,
): Prompt | string {
  const name = visible(directory.split("/").at(-1)!);
  const counts = (states: readonly (keyof StatusView["counts"])[]) =>
    states.reduce((sum, state) => sum + (view?.counts[state] ?? 0), 0);
  switch (change) {
    case "rerun": {
      const failed = counts([...FAILURES, "CANCELLED"]);
      if (view && failed === 0) return "No step failed or was cancelled.";
      return question(`Rerun all ${view ? `${failed} ` : ""}steps of ${name} that ended without finishing?`, [
        "rerun",
        directory,
      ]);
    }
    case "cancel": {
      if (view && STUDY_STATE[view.state].ended) return `The study has already ended: ${view.state}.`;
      const running = view ? view.steps.filter(({ state }) => isUnderWay(state)).length : 0;
      const jobs = running > 0 ? ` Submitted or running: ${counted(running, "step")}.` : "";
      return question(`Cancel the whole study ${name}?${jobs}`, ["cancel", "--autoyes", directory]);
    }
    case "hold":
      return question(`Hold all steps of ${name} that have not started?`, ["hold", directory]);
    case "release":
      return question(`Release all held steps of ${name}?`, ["release", directory]);
  }
}

/** Asks which setting to change. */
export function changeSetting(directory: string, settings: Settings | undefined): Prompt {
  const answers = CHANGEABLE.map((name, i): Answer => {
    const { change } = SETTINGS[name];
    const now = settings === undefined ? "" : ` (now ${settings[name]})`;
    const label = `New value of ${change!.option}${now}`;
    const ask: Prompt = { kind: "input", label, text: "", setting: { option: change!.option, directory } };
    return {
      key: String(i + 1),
      label: `${change!.option}${settings === undefined ? "" : ` ${settings[name]}`}`,
      then: { ask },
    };
  });
  return {
    kind: "question",
    text: `Which setting of ${directory.split("/").at(-1)}?`,
    answers: [...answers, { key: "n", label: "none" }],
  };
}

/** The question before a setting changes. */
export function setSetting(option: string, value: string, directory: string): Prompt {
  return question(`Set ${option} to ${value}?`, ["update", `--${option}=${value}`, directory]);
}
