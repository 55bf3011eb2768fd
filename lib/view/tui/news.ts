/** New data, sizes and times for the model. */

import {
  type Message,
  type Model,
  shownStudies,
  type StudiesData,
  type StudyData,
  type StudyEntry,
  type TextData,
} from "./types.ts";
import { settled, withRows } from "./update.ts";

export function resized(model: Model, width: number, height: number): Model {
  return settled({ ...model, width, height });
}

export const atTime = (model: Model, now: number): Model => ({ ...model, now });

export function withStudies(model: Model, studies: StudiesData): Model {
  const at = shownStudies({ ...model, studies }).findIndex(({ directory }) =>
    directory === chosenStudy(model)
  );
  const { studies: cursor } = model.cursors;
  const cursors = { ...model.cursors, studies: at < 0 ? cursor : { ...cursor, at } };
  return settled({ ...model, studies, cursors });
}

const chosenStudy = (model: Model) => shownStudies(model)[model.cursors.studies.at]?.directory;

/** One study of the list was read. */
export function withEntry(model: Model, entry: StudyEntry): Model {
  const { studies } = model;
  if (!studies) return model;
  const entries = studies.entries.map((known) => known.directory === entry.directory ? entry : known);
  return settled({ ...model, studies: { ...studies, entries } });
}

/** The state of the open study. `hasChanged`: a step has another state, so the rows may be others. */
export function withStudy(model: Model, study: StudyData, hasChanged: boolean): Model {
  const isNew = model.study?.directory !== study.directory;
  const next = { ...model, study };
  return settled(isNew || hasChanged ? withRows(next) : next);
}

export function withText(model: Model, text: TextData): Model {
  return settled({ ...model, text });
}

export function withMessage(model: Model, message: Message): Model {
  return settled({ ...model, message });
}

/** A command runs, or none. */
export function withBusy(model: Model, command: string | undefined): Model {
  const { busy: _, ...rest } = model;
  return settled(command === undefined ? rest : { ...rest, busy: command });
}
