/** The keys of parameters and of their combination: part of the table in `spec_keys.ts`. */

import { type Level, needed, text } from "./key_types.ts";

/** Alternatives to `values`. */
export const GENERATORS = ["range", "linspace", "logspace", "random", "file"] as const;

export const PARAMETER_LEVELS = {
  parameter: {
    doc: "A parameter: one value for each combination.",
    others: "error",
    keys: [
      {
        name: "values",
        type: "values",
        unless: GENERATORS,
        doc: "One value for each combination.",
        example: "[1, 2]",
      },
      {
        name: "label",
        type: "labels",
        unless: GENERATORS,
        doc: "Names the combination; %% becomes the value.",
        example: "NAME.%%",
      },
      { name: "range", type: { map: "range" }, doc: "Numbers from one to another, by a step." },
      { name: "linspace", type: { map: "spaced" }, doc: "Numbers at equal distances." },
      { name: "logspace", type: { map: "spaced" }, doc: "Numbers at equal ratios." },
      { name: "random", type: { map: "random" }, doc: "Random numbers, the same ones every time." },
      { name: "file", type: { textOr: "file" }, doc: "Lines of a file, or a column of a CSV file." },
      text("name", "The text of $(KEY.name); the key when absent."),
    ],
  },
  range: {
    doc: "Numbers from one to another, by a step; the last is among them if a step hits it.",
    others: "error",
    keys: [
      { name: "from", type: "number", required: true, example: "0", doc: "The first number." },
      {
        name: "to",
        type: "number",
        required: true,
        example: "10",
        doc: "The upper limit; the lower limit if the step is negative.",
      },
      { name: "step", type: "number", doc: "The increment; default 1." },
    ],
  },
  spaced: {
    doc: "A number of values from one to another, including both.",
    others: "error",
    keys: [
      { name: "from", type: "number", required: true, example: "1", doc: "The first number." },
      { name: "to", type: "number", required: true, example: "100", doc: "The last number." },
      { name: "count", type: "integer", least: 1, required: true, example: "5", doc: "How many." },
    ],
  },
  random: {
    doc: "Random numbers, evenly spread; the same ones every time.",
    others: "error",
    keys: [
      { name: "from", type: "number", required: true, example: "0", doc: "The lower limit." },
      { name: "to", type: "number", required: true, example: "1", doc: "The upper limit." },
      { name: "count", type: "integer", least: 1, required: true, example: "10", doc: "How many." },
      text("seed", "Any text: another seed gives other numbers; default 0."),
      { name: "whole", type: "boolean", doc: "Whether they are whole numbers." },
    ],
  },
  file: {
    doc: "Values from a file.",
    others: "error",
    keys: [
      needed("path", "The file, relative to the spec.", "values.csv"),
      text("column", "Name in the first row of a CSV file; without it each line is a value."),
    ],
  },
  combine: {
    doc: "How parameters combine. An item of a group is a parameter or another group.",
    others: "error",
    keys: [
      { name: "zip", type: "group", doc: "By position: the first of each, the second of each." },
      { name: "product", type: "group", doc: "Cartesian product; the last one changes fastest." },
      { name: "exclude", type: "rows", doc: "Combinations to exclude: all that have these values." },
      { name: "include", type: "rows", doc: "Combinations to add: a value for every parameter." },
    ],
  },
} as const satisfies Record<string, Level>;
