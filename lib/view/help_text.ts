/** Help as text: of one command, and of all. The man page has the same facts. */

import { aboutFlag, type ManCommand, type ManFlag, splitDescription } from "./man_page.ts";

/** A wider terminal does not make longer lines: they would be hard to read. */
const WIDEST = 100;
const NARROWEST = 40;
/** Most cells of the left column. A longer word has its description on the next line. */
const LEFT = 28;

type Row = readonly [word: string, about: string];

const PREAMBLE = "maestro runs studies of many steps, on this machine or on a cluster.";
const FIRST_STEPS: readonly Row[] = [
  ["maestro run study.yaml", "starts a study"],
  ["maestro status", "shows its state"],
  ["maestro help run", "describes a command"],
];

/** What `maestro help` prints. */
export function helpOfAll(
  commands: readonly ManCommand[],
  common: readonly ManFlag[],
  width: number,
): string {
  const groups = Map.groupBy(commands, ({ group }) => group);
  return page([
    wrapped(PREAMBLE, limit(width)),
    ["Usage: maestro COMMAND [OPTIONS] ..."],
    FIRST_STEPS.map(([command, about]) => `  ${command.padEnd(LEFT)}${about}`),
    ...[...groups].map(([group, members]) => [
      group,
      ...table(members.map(({ name, brief }) => [name, brief]), width, 14),
    ]),
    ["Options of all commands", ...table(common.map(flagRow), width)],
    wrapped("Documentation: README.md and docs/, or `maestro man | man -l -`.", limit(width)),
  ]);
}

/** What `maestro help COMMAND` prints. */
export function helpOfOne(command: ManCommand, width: number): string {
  const { name, brief, flags, arguments: args } = command;
  const { about, examples } = splitDescription(command.description);
  const [first, ...more] = examples;
  const groups = Map.groupBy(flags, ({ group }) => group ?? "Options");
  const usage = args.map(({ placeholder, many, optional }) => {
    const word = many ? `${placeholder}...` : placeholder;
    return optional ? `[${word}]` : word;
  });
  return page([
    wrapped(`${brief}.`, limit(width)),
    first === undefined ? [] : [`  ${first.trim()}`],
    [["Usage: maestro", name, ...flags.length > 0 ? ["[OPTIONS]"] : [], ...usage].join(" ")],
    ...about.map((paragraph) => wrapped(paragraph, limit(width))),
    args.length === 0
      ? []
      : ["Arguments", ...table(args.map(({ placeholder, brief }) => [placeholder, brief]), width)],
    ...[...groups].map(([group, members]) => [group, ...table(members.map(flagRow), width)]),
    more.length === 0 ? [] : ["More examples", ...more.map((line) => `  ${line.trim()}`)],
    wrapped("`maestro help` lists all commands, and the options that all of them have.", limit(width)),
  ]);
}

const page = (parts: readonly (readonly string[])[]) =>
  parts.filter((part) => part.length > 0).map((part) => part.map((line) => `${line}\n`).join("")).join("\n");

function flagRow(flag: ManFlag): Row {
  const { name, short, placeholder, values } = flag;
  const value = values.length > 0 ? values.join("|") : placeholder;
  const letters = short === undefined ? "    " : `-${short}, `;
  return [`${letters}--${name}${value === undefined ? "" : ` ${value}`}`, aboutFlag(flag)];
}

const limit = (width: number) => Math.min(WIDEST, Math.max(NARROWEST, width));

/** Two columns. */
function table(rows: readonly Row[], width: number, least = 0): string[] {
  const left = Math.min(LEFT, Math.max(least, ...rows.map(([word]) => word.length + 2)));
  return rows.flatMap(([word, about]) => {
    const lines = wrapped(about, limit(width) - left - 2);
    const head = word.length + 2 > left ? [`  ${word}`] : [];
    const beside = lines.map((line, i) =>
      `  ${(i === 0 && head.length === 0 ? word : "").padEnd(left)}${line}`
    );
    return [...head, ...beside];
  });
}

/** Lines of at most so many characters. */
function wrapped(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const last = lines.length - 1;
    if (lines[last] === "") lines[last] = word;
    else if (lines[last]!.length + 1 + word.length <= width) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}
