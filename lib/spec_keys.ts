/**
 * Every key of a spec, level by level: one table of plain data, read by the checks in `spec_values.ts` and by whatever
 * describes the format (schema, docs). What the table cannot say (names are unique, lengths agree) is in `spec.ts`.
 */

export type LevelName =
  | "spec"
  | "description"
  | "env"
  | "dependencies"
  | "path"
  | "git"
  | "batch"
  | "step"
  | "run"
  | "retry"
  | "parameter";

/** What stands behind a key. */
export type KeyType =
  | "text"
  | "integer"
  | "boolean"
  | "walltime"
  | "priority"
  /** A list of texts. */
  | "texts"
  /** A mapping of names to texts. */
  | "names"
  /** A list of anything, each item kept as text. */
  | "values"
  /** One text, or a list of them. */
  | "labels"
  /** Not looked into. */
  | "any"
  /** A mapping of that level. */
  | { readonly map: LevelName }
  /** A list of mappings of that level. */
  | { readonly list: LevelName }
  /** A mapping of names to mappings of that level. */
  | { readonly named: LevelName };

/** One key of a level. */
export interface Key {
  readonly name: string;
  readonly type: KeyType;
  /** One line for its reader. */
  readonly doc: string;
  readonly required?: true;
  /** Least value of an integer. */
  readonly least?: 0 | 1;
  /** A typed value may also be, or contain, a `$(TOKEN)`. Text always may. */
  readonly tokens?: true;
  /** What may stand behind a required key, for the hint when it is missing. */
  readonly example?: string;
  /** Maestro accepts it and does nothing with it; so do we, with a warning. */
  readonly unused?: true;
}

/** The keys of one mapping, and what becomes of others. */
export interface Level {
  readonly doc: string;
  /** Where Maestro ignores an unknown key it is a warning, where it refuses an error. */
  readonly others: "error" | "warning" | "accepted";
  readonly keys: readonly Key[];
}

const count = (name: string, least: 0 | 1, doc: string): Key => ({
  name,
  type: "integer",
  least,
  tokens: true,
  doc,
});
const text = (name: string, doc: string): Key => ({ name, type: "text", doc });
const needed = (name: string, doc: string, example: string): Key => ({
  name,
  type: "text",
  required: true,
  doc,
  example,
});
const flag = (name: string, doc: string): Key => ({ name, type: "boolean", tokens: true, doc });

/** Words that `priority` may be, beside a number from 0 to 1. Flux says "expedite", Maestro's schema "expedited". */
export const PRIORITIES = ["held", "minimal", "low", "medium", "high", "expedited", "expedite"] as const;

/** Names that no variable, label or dependency may have: we set them. */
export const RESERVED_NAMES: Readonly<Record<string, string>> = { SPECROOT: "the folder of the spec" };

export const LEVELS: Readonly<Record<LevelName, Level>> = {
  spec: {
    doc: "A study: what it is called, what it needs, its steps and its parameters.",
    others: "warning",
    keys: [
      { name: "description", type: { map: "description" }, required: true, doc: "What the study is." },
      { name: "env", type: { map: "env" }, doc: "Names whose text replaces $(NAME) in the steps." },
      { name: "batch", type: { map: "batch" }, doc: "How jobs are submitted." },
      { name: "study", type: { list: "step" }, required: true, doc: "The steps." },
      { name: "global.parameters", type: { named: "parameter" }, doc: "The parameters to sweep." },
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
      { name: "variables", type: "names", doc: "Plain names. OUTPUT_PATH is where studies are put." },
      { name: "labels", type: "names", doc: "Names whose text may hold other names and parameters." },
      { name: "sources", type: "texts", doc: "Accepted for Maestro's sake." },
      {
        name: "dependencies",
        type: { map: "dependencies" },
        doc: "What must be there before the study starts.",
      },
    ],
  },
  dependencies: {
    doc: "What must be there before the study starts.",
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
    keys: [needed("name", "Name of its token.", "DATA"), needed("path", "Where it is.", "/path/to/data")],
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
    doc: "How jobs are submitted. Which keys have an effect is the scheduler's matter.",
    others: "warning",
    keys: [
      text("type", 'The scheduler; "local" when absent.'),
      text("host", "Name of the machine."),
      text("bank", "Account to charge."),
      text("queue", "Queue or partition."),
      text("nodes", "Nodes for steps that name none."),
      text("procs", "Tasks for steps that name none."),
      text("gpus", "GPUs for steps that name none."),
      text("walltime", "Time limit for steps that name none."),
      text("reservation", "Reservation to run in."),
      text("qos", "Quality of service."),
      text("shell", "First line of scripts; /bin/bash when absent."),
      text("template", "A site's own batch script, relative to the spec."),
      text("version", "Version of Flux, for Maestro's sake."),
      text("uri", "Address of the Flux instance."),
      { name: "args", type: "any", doc: "Further options for the scheduler." },
    ],
  },
  step: {
    doc: "One step of the study.",
    others: "error",
    keys: [
      needed("name", "Name of the step; other steps depend on it by this name.", "compress"),
      needed("description", "What the step does.", "Compress the results."),
      { name: "run", type: { map: "run" }, required: true, doc: "What to run, after what, and with what." },
    ],
  },
  run: {
    doc: "What a step runs, after what, and with what.",
    others: "error",
    keys: [
      needed("cmd", "Shell commands.", "echo hello"),
      {
        name: "depends",
        type: "texts",
        doc: "Steps to finish first; step_* waits for all of its combinations.",
      },
      { name: "pre", type: "text", unused: true, doc: "Accepted for Maestro's sake; never run." },
      { name: "post", type: "text", unused: true, doc: "Accepted for Maestro's sake; never run." },
      text("restart", "Shell commands instead of cmd after a timeout."),
      { name: "retry", type: { map: "retry" }, doc: "When and how often it runs again after it failed." },
      count("nodes", 1, "Nodes. A step with nodes or procs is a scheduler's job."),
      count("procs", 1, "Tasks. A step with nodes or procs is a scheduler's job."),
      count("gpus", 0, "GPUs."),
      count("cores per task", 1, "Cores of each task."),
      count("tasks per rs", 1, "LSF: tasks of each resource set."),
      count("rs per node", 1, "LSF: resource sets on each node."),
      count("cpus per rs", 1, "LSF: cores of each resource set."),
      text("bind", "LSF: binding of tasks."),
      text("bind gpus", "LSF: binding of GPUs."),
      { name: "walltime", type: "walltime", tokens: true, doc: "Time limit: minutes, or HH:MM:SS." },
      text("reservation", "Reservation to run in."),
      text("qos", "Quality of service."),
      flag("exclusive", "Whether nodes are not shared."),
      flag("nested", "Flux: whether the job is an instance of its own."),
      flag("waitable", "Flux: whether the job can be waited for."),
      {
        name: "priority",
        type: "priority",
        tokens: true,
        doc: "Flux: a word from held to expedited, or 0 to 1.",
      },
    ],
  },
  retry: {
    doc: "When and how often a step runs again after it failed.",
    others: "error",
    keys: [
      { name: "limit", type: "integer", least: 0, doc: "Runs after the first; default 1." },
      text("delay", "Time before each: seconds, or 30s, 5m, 1h."),
      {
        name: "on",
        type: "texts",
        doc: "Failures it is for: timeout, hwfailure, preempted, oom, lost, exit, exit:N, any; default any.",
      },
      { name: "scale", type: "names", doc: "Resources that grow with each run, and their factors." },
    ],
  },
  parameter: {
    doc: "A parameter: one value for each combination.",
    others: "error",
    keys: [
      {
        name: "values",
        type: "values",
        required: true,
        doc: "One value for each combination.",
        example: "[1, 2]",
      },
      {
        name: "label",
        type: "labels",
        required: true,
        doc: "Names the combination; %% becomes the value.",
        example: "NAME.%%",
      },
      text("name", "What $(KEY.name) becomes; the key when absent."),
    ],
  },
};
