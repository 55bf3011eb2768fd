/** The man page as roff, in the macros of man(7). */

import { EXIT_MEANINGS } from "../exits.ts";

export interface ManCommand {
  readonly name: string;
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
}

const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ["NO_COLOR", "If set and not empty: no colours."],
  ["COLUMNS", "Width of tables, where standard output is no terminal."],
  ["MANPAGER, PAGER, LESS", "What shows a status that is longer than the terminal."],
];

const FILES: readonly (readonly [name: string, meaning: string])[] = [
  ["DIR/status.csv", "How each step stands, for people and programs."],
  ["DIR/logs/", "The log of the conductor."],
  ["DIR/.maestro/plan.json", "All that the study was made from."],
  ["DIR/.maestro/journal.jsonl", "All that happened, one JSON object a line."],
];

/** Of the page's form; what it says is of the version that prints it. */
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
    "maestro \\- specifies, launches and manages studies of many steps",
    ".SH SYNOPSIS",
    ".B maestro",
    "\\fICOMMAND\\fR [\\fIOPTIONS\\fR] \\fIARGUMENTS\\fR",
    ".SH DESCRIPTION",
    ...text(
      "The Maestro Workflow Conductor reads a study from a YAML file: its steps, their order, the parameters " +
        "to sweep. It makes a folder and a script for each step and combination, runs them here or on a batch " +
        "system, watches and records them, and tells at any time how they stand.",
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
  const [about, examples] = description.split(/^Examples:\n/m);
  return [
    `.SS ${roff(name)}`,
    `\\fBmaestro ${roff(name)}\\fR${flags.length > 0 ? " [\\fIOPTIONS\\fR]" : ""} ${words.join(" ")}`
      .trimEnd(),
    ".PP",
    ...text(`${brief}.`),
    ...about!.trim() === "" ? [] : [".PP", ...text(about!.trim())],
    ...flags.flatMap(flagLines),
    ...examples === undefined ? [] : [
      ".PP",
      "Examples:",
      ".PP",
      ".nf",
      ...examples.trimEnd().split("\n").map((line) => guarded(roff(line))),
      ".fi",
    ],
  ];
}

function flagLines({ name, short, placeholder, values, brief }: ManFlag): string[] {
  const value = values.length > 0
    ? ` ${values.map((word) => `\\fB${roff(word)}\\fR`).join("|")}`
    : placeholder === undefined
    ? ""
    : ` \\fI${roff(placeholder)}\\fR`;
  const letters = short === undefined ? "" : `\\fB\\-${short}\\fR, `;
  return item(`${letters}\\fB\\-\\-${roff(name)}\\fR${value}`, `${brief}.`);
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
