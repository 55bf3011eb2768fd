/**
 * Every key of a spec, level by level: one table of plain data. The checks in `spec_values.ts`, the schema
 * and the docs use it. Rules that the table cannot express (names are unique, lengths are equal) are in
 * `spec.ts`.
 */

import { type Key, type Level, type LevelName, needed, text } from "./key_types.ts";
import { SETTING_NAMES, SETTINGS } from "./settings.ts";
import { PARAMETER_LEVELS } from "./spec_keys_parameters.ts";
import { STEP_LEVELS } from "./spec_keys_steps.ts";

export type { Key, KeyType, Level, LevelName } from "./key_types.ts";

/** Words for `priority`, besides a number from 0 to 1. Flux uses "expedite", Maestro's schema "expedited". */
export const PRIORITIES = ["held", "minimal", "low", "medium", "high", "expedited", "expedite"] as const;

/** Names that no variable, label or dependency may have, because we set them. */
export const RESERVED_NAMES: Readonly<Record<string, string>> = { SPECROOT: "the folder of the spec" };

/** Every level. */
export const LEVELS: Readonly<Record<LevelName, Level>> = {
  ...STEP_LEVELS,
  ...PARAMETER_LEVELS,
  spec: {
    doc: "A study: its name, its environment, its steps and its parameters.",
    others: "warning",
    keys: [
      { name: "description", type: { map: "description" }, required: true, doc: "What the study is." },
      { name: "env", type: { map: "env" }, doc: "Names whose text replaces $(NAME) in the steps." },
      { name: "batch", type: { map: "batch" }, doc: "How jobs are submitted." },
      { name: "study", type: { list: "step" }, required: true, doc: "The steps." },
      { name: "global.parameters", type: { named: "parameter" }, doc: "The parameters to sweep." },
      {
        name: "global.combine",
        type: { map: "combine" },
        doc: "How parameters combine; by position when absent.",
      },
      {
        name: "conductor",
        type: { map: "conductor" },
        doc: "Settings of a run that options override.",
      },
    ],
  },
  description: {
    doc: "What the study is. Other keys are accepted as notes.",
    others: "accepted",
    keys: [
      needed("name", "Name of the study; its folder starts with it.", "my_study"),
      needed("description", "What the study does, in a sentence.", "A sweep over sizes."),
    ],
  },
  env: {
    doc: "Names whose text replaces $(NAME) in the steps.",
    others: "error",
    keys: [
      { name: "variables", type: "names", doc: "Plain names. OUTPUT_PATH is the folder for studies." },
      { name: "labels", type: "names", doc: "Names whose text may hold other names and parameters." },
      { name: "sources", type: "texts", doc: "Accepted for compatibility with Maestro." },
      {
        name: "dependencies",
        type: { map: "dependencies" },
        doc: "Files and repositories that the study needs.",
      },
    ],
  },
  dependencies: {
    doc: "Files and repositories that the study needs.",
    others: "warning",
    keys: [
      { name: "paths", type: { list: "path" }, doc: "Files and folders that must exist." },
      { name: "git", type: { list: "git" }, doc: "Repositories to clone." },
      { name: "spack", type: "any", doc: "Not supported, as in Maestro." },
    ],
  },
  path: {
    doc: "A file or folder that must exist; $(name) becomes its absolute path.",
    others: "error",
    keys: [needed("name", "Name of its token.", "DATA"), needed("path", "Its path.", "/path/to/data")],
  },
  git: {
    doc: "A repository to clone; $(name) becomes the path of the clone.",
    others: "warning",
    keys: [
      needed("name", "Name of the clone's folder, and of its token.", "CODE"),
      needed("path", "Folder in which the clone is made.", "$(OUTPUT_PATH)"),
      needed("url", "What to clone.", "https://example.org/code.git"),
      text("tag", "Tag to check out."),
      text("branch", "Branch to check out."),
      text("hash", "Commit to check out."),
    ],
  },
  batch: {
    doc: "How jobs are submitted. The scheduler determines which keys have an effect.",
    others: "warning",
    blanks: true,
    keys: [
      text("type", 'The scheduler; "local" when absent.'),
      text("host", "Name of the machine."),
      text("bank", "Account to charge."),
      text("queue", "Queue or partition."),
      text("nodes", "Nodes for steps that name none."),
      text("procs", "Tasks for steps that name none."),
      text("gpus", "No effect, as in Maestro: set it in the steps."),
      text("walltime", "No effect, as in Maestro: set it in the steps."),
      text("reservation", "Reservation to run in."),
      text("qos", "Quality of service."),
      text("shell", "First line of scripts; /bin/bash when absent."),
      text("pre", "Shell commands before those of every step."),
      text(
        "post",
        "Shell commands after those of every step, whatever their result. The exit code of the step's commands counts.",
      ),
      text("template", "A site's own batch script, relative to the spec."),
      text("version", "Version of Flux; for compatibility with Maestro."),
      text("uri", "Address of the Flux instance."),
      { name: "args", type: "any", doc: "Further options for the scheduler." },
    ],
  },
  conductor: {
    doc: "Settings of a run that options of `run` override.",
    others: "error",
    keys: [
      ...SETTING_NAMES.map((name): Key => {
        const { key, type, least, doc } = SETTINGS[name];
        return { name: key, type, least, doc };
      }),
      text("pgen", "Parameter generator, relative to the spec."),
      { name: "pargs", type: "names", doc: "Arguments of the parameter generator: names and texts." },
      { name: "on", type: { map: "hooks" }, doc: "Commands to run after an event." },
    ],
  },
  hooks: {
    doc: "Commands to run after an event. They receive the event as JSON on standard input.",
    others: "error",
    keys: [
      text("finished", "When the study has finished."),
      text("failed", "When the study has ended with failed steps."),
      text("step-failed", "When a step has failed, other than by a failed dependency."),
    ],
  },
};
