/** The man page as roff, in the macros of man(7). */

import { EXIT_MEANINGS } from "../exits.ts";

export interface ManCommand {
  readonly name: string;
  /** The heading under which help lists it. */
  readonly group: string;
  readonly brief: string;
  readonly description: string;
  readonly flags: readonly ManFlag[];
  readonly arguments: readonly {
    readonly placeholder: string;
    readonly brief: string;
    readonly many: boolean;
    readonly optional: boolean;
  }[];
}

export interface ManFlag {
  readonly name: string;
  readonly short?: string;
  readonly placeholder?: string;
  readonly values: readonly string[];
  readonly brief: string;
  /** The value without the option. */
  readonly preset?: string;
  /** The heading under which help lists it. */
  readonly group?: string;
}

const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ["NO_COLOR", "If it is not empty, there are no colours."],
  ["COLUMNS", "Width of tables if standard output is not a terminal."],
  ["MANPAGER, PAGER, LESS", "The pager of a status that is longer than the terminal."],
];

const FILES: readonly (readonly [name: string, meaning: string])[] = [
  ["DIR/status.csv", "The state of each step, for people and programs."],
  ["DIR/logs/", "The log of the conductor."],
  ["DIR/.maestro/plan.json", "Steps and parameters of the study."],
  ["DIR/.maestro/journal.jsonl", "All events, one JSON object a line."],
];

/** The date of the page's form. Its content depends on the version that prints it. */
const DATE = "2026-11-22";

/** The whole page. */
export function manPage(
  version: string,
  commands: readonly ManCommand[],
  common: readonly ManFlag[],
): string {
  const lines = [
    `.TH MAESTRO 1 "${DATE}" "maestro ${roff(version)}" "User Commands"`,
    ".SH NAME",
    "maestro \\- runs studies of many steps, on this machine or on a cluster",
    ".SH SYNOPSIS",
    ".B maestro",
    "\\fICOMMAND\\fR [\\fIOPTIONS\\fR] \\fIARGUMENTS\\fR",
    ".SH DESCRIPTION",
    ...text(
      "maestro reads a study from a YAML file: its steps, their order, and the parameters to sweep. It creates a " +
        "folder and a script for each step and combination. It runs the scripts on this machine or submits them " +
        "to a scheduler, watches and records them, and reports progress at any time.",
    ),
    ".SH COMMANDS",
    ...commands.flatMap(commandLines),
    ".SH OPTIONS OF ALL COMMANDS",
    ...common.flatMap(flagLines),
    ".SH EXIT STATUS",
    ...EXIT_MEANINGS.flatMap(([code, meaning]) =>
      item(`\\fB${code}\\fR`, roff(`${meaning[0]!.toUpperCase()}${meaning.slice(1)}.`))
    ),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.flatMap(([name, meaning]) => item(`\\fB${roff(name)}\\fR`, meaning)),
    ".SH FILES",
    ...FILES.flatMap(([name, meaning]) => item(`\\fI${roff(name)}\\fR`, meaning)),
  ];
  return lines.join("\n") + "\n";
}

function commandLines(command: ManCommand): string[] {
  const { name, brief, description, flags } = command;
  const words = command.arguments.map(({ placeholder, many, optional }) => {
    const word = `\\fI${roff(placeholder)}\\fR${many ? "..." : ""}`;
    return optional ? `[${word}]` : word;
  });
  const { about, examples } = splitDescription(description);
  return [
    `.SS ${roff(name)}`,
    `\\fBmaestro ${roff(name)}\\fR${flags.length > 0 ? " [\\fIOPTIONS\\fR]" : ""} ${words.join(" ")}`
      .trimEnd(),
    ".PP",
    ...text(`${brief}.`),
    ...about.flatMap((paragraph) => [".PP", ...text(paragraph)]),
    ...flags.flatMap(flagLines),
    ...examples.length === 0 ? [] : [
      ".PP",
      "Examples:",
      ".PP",
      ".nf",
      ...examples.map((line) => guarded(roff(line))),
      ".fi",
    ],
  ];
}

function flagLines(flag: ManFlag): string[] {
  const { name, short, placeholder, values } = flag;
  const value = values.length > 0
    ? ` ${values.map((word) => `\\fB${roff(word)}\\fR`).join("|")}`
    : placeholder === undefined
    ? ""
    : ` \\fI${roff(placeholder)}\\fR`;
  const letters = short === undefined ? "" : `\\fB\\-${short}\\fR, `;
  return item(`${letters}\\fB\\-\\-${roff(name)}\\fR${value}`, `${aboutFlag(flag)}.`);
}

/** The description of an option, with its default. */
export function aboutFlag({ brief, preset }: ManFlag): string {
  return preset === undefined ? brief : `${brief} (default: ${preset})`;
}

/** Paragraphs, and examples line by line. */
export function splitDescription(description: string): { about: string[]; examples: string[] } {
  const [about, examples] = description.split(/^Examples:\n/m);
  return {
    about: about!.split("\n\n").map((paragraph) => paragraph.trim()).filter((paragraph) => paragraph !== ""),
    examples: examples?.trimEnd().split("\n") ?? [],
  };
}

const item = (head: string, body: string) => [".TP", head, ...text(body)];

/** Running text in lines that are easy to read in the source as well; none begins with a control character. */
function text(words: string): string[] {
  return words.split("\n").flatMap((line) => wrapped(roff(line.trim()))).map(guarded);
}

const WIDTH = 78;

function wrapped(line: string): string[] {
  const lines = [""];
  for (const word of line.split(" ")) {
    const last = lines.length - 1;
    if (lines[last] === "") lines[last] = word;
    else if (lines[last]!.length + 1 + word.length <= WIDTH) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** What roff would read as markup. */
const roff = (words: string) => words.replaceAll("\\", "\\e").replaceAll("-", "\\-");

/** A line that begins with a dot or a quote would be a request. */
const guarded = (line: string) => /^[.']/.test(line) ? `\\&${line}` : line;
