/** The keys of a step: part of the table in `spec_keys.ts`. */

import { FAILURE_KINDS } from "./failure_kinds.ts";
import { count, flag, type Level, needed, text } from "./key_types.ts";

export const STEP_LEVELS = {
  step: {
    doc: "One step of the study.",
    others: "error",
    keys: [
      needed("name", "Name of the step; other steps depend on it by this name.", "compress"),
      needed("description", "What the step does.", "Compress the results."),
      { name: "run", type: { map: "run" }, required: true, doc: "Commands, dependencies and resources." },
      { name: "results", type: { named: "result" }, doc: "Values to extract from its output." },
      { name: "batch", type: { map: "batch" }, doc: "Settings that override the spec's batch." },
    ],
  },
  run: {
    doc: "Commands, dependencies and resources of a step.",
    others: "error",
    keys: [
      needed("cmd", "Shell commands.", "echo hello"),
      {
        name: "depends",
        type: { textsOr: "depends" },
        doc: "Steps to finish first; step_* is all of its combinations, step_*[P] those with this one's P.",
      },
      {
        name: "after",
        type: "texts",
        doc: "Steps that must end first, whatever the result; forms as in depends.",
      },
      {
        name: "allow-failure",
        type: "boolean",
        doc: "Whether its dependents run and the study can finish if it fails.",
      },
      text("shell", "First line of its scripts; overrides the batch's."),
      { name: "env", type: "names", doc: "Environment variables that its scripts export." },
      {
        name: "pre",
        type: "text",
        unused: true,
        doc: "Accepted for compatibility with Maestro; never used.",
      },
      {
        name: "post",
        type: "text",
        unused: true,
        doc: "Accepted for compatibility with Maestro; never used.",
      },
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
      text("mem", "Memory, in the scheduler's own words."),
      text("constraint", "What nodes must have, in the scheduler's own words."),
      text("gres", "Generic resources, in the scheduler's own words."),
      { name: "pack", type: "integer", least: 1, doc: "Most combinations that share one job." },
      {
        name: "pack at once",
        type: "integer",
        least: 1,
        doc: "Most combinations of a pack that run at a time; default all.",
      },
      { name: "args", type: "any", doc: "Further options for the scheduler." },
      { name: "batch", type: { map: "batch" }, doc: "Settings that override the spec's batch." },
      {
        name: "exclusive",
        type: "exclusive",
        tokens: true,
        doc: "Whether nodes are not shared; {allocation: true, launcher: true} for Flux's launcher as well.",
      },
      flag("nested", "Flux: whether the job is a nested instance."),
      flag("waitable", "Flux: whether the job can be waited for."),
      {
        name: "priority",
        type: "priority",
        tokens: true,
        doc: "Flux: a word from held to expedited, or 0 to 1.",
      },
    ],
  },
  depends: {
    doc: "Dependencies, and the results that they must have.",
    others: "error",
    keys: [
      {
        name: "steps",
        type: "texts",
        required: true,
        example: "[a, b_*]",
        doc: "Steps; forms as in a list.",
      },
      text("condition", "all-succeeded (default), or all-completed: finished or failed, but not cancelled."),
    ],
  },
  retry: {
    doc: "When and how often a step runs again after it failed.",
    others: "error",
    keys: [
      { name: "limit", type: "integer", least: 0, doc: "Number of runs after the first; default 1." },
      { name: "delay", type: "duration", doc: "Time before each: seconds, or 30s, 5m, 1h, HH:MM:SS." },
      {
        name: "on",
        type: "texts",
        doc: `Failures it is for: ${FAILURE_KINDS.join(", ")}, exit:N, any; default any.`,
      },
      { name: "scale", type: "names", doc: "Resources that grow with each run, and their factors." },
    ],
  },
  result: {
    doc: "A value to extract from the output of a step.",
    others: "error",
    keys: [
      text("file", "File in the workspace; the step's standard output when absent."),
      {
        name: "regex",
        type: "text",
        unless: ["json", "image"],
        doc: "Regular expression: its first group, or all it matches.",
      },
      { ...text("json", "Path into a JSON file: a.b[0]."), unless: ["regex", "image"] },
      {
        ...text("image", "A picture in the workspace, for the report: PNG, JPEG, GIF, WebP or SVG."),
        unless: ["regex", "json"],
      },
      text("take", "Which match counts: first or last; default last."),
    ],
  },
} as const satisfies Record<string, Level>;
