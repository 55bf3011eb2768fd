/**
 * Command lines as Maestro takes them, brought to one form: options of all commands before or behind the command,
 * `-fg`, `-s 1` in one word, `-t4`, `--dr` for `--dry`, values that begin with a dash.
 */

/** Flags of one command. */
export interface FlagTable {
  /** Long names of flags with a value. */
  readonly values: readonly string[];
  /** Long names of flags without one. */
  readonly switches: readonly string[];
  /** One letter to long name. */
  readonly short: Readonly<Record<string, string>>;
}

/** What stands for all commands. */
const GLOBAL: FlagTable = {
  values: ["logpath", "debug_lvl"],
  switches: ["logstdout", "version", "help"],
  short: { l: "logpath", d: "debug_lvl", c: "logstdout", v: "version", h: "help" },
};

export interface CommandLine {
  /** For the parser: the command first, every flag as `--name` or `--name=value`. */
  readonly args: readonly string[];
  /** Global flags given, by long name; a switch has the value "". */
  readonly globals: Readonly<Record<string, string>>;
}

/** Brings a command line to one form. What it does not know it leaves to the parser, which tells the user. */
export function readCommandLine(
  words: readonly string[],
  commands: Readonly<Record<string, FlagTable>>,
): CommandLine {
  const globals: Record<string, string> = {};
  const args: string[] = [];
  const rest = [...words];
  let table: FlagTable | undefined;
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (word === "--") {
      args.push(word, ...rest);
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      if (Object.hasOwn(commands, word)) table ??= commands[word];
      args.push(word);
      continue;
    }
    const found = readFlag(word, rest, table);
    if (found === undefined) args.push(word);
    else if (found.global && found.name !== "help" && !(found.name === "version" && table)) {
      globals[found.name] = found.value ?? "";
    } else args.push(found.value === undefined ? `--${found.name}` : `--${found.name}=${found.value}`);
  }
  return { args, globals };
}

interface Flag {
  readonly name: string;
  readonly value?: string;
  readonly global: boolean;
}

/** Reads the flag in a word, taking its value from the words behind it. Undefined: not a flag that is known. */
function readFlag(word: string, rest: string[], table: FlagTable | undefined): Flag | undefined {
  if (word === "-fg" && table?.switches.includes("fg")) return { name: "fg", global: false };
  // The command's own letters come first: -t is a throttle to `run` and seconds to `conduct`.
  for (const [flags, global] of [[table, false], [GLOBAL, true]] as const) {
    if (!flags) continue;
    const found = word.startsWith("--") ? readLong(word.slice(2), rest, flags) : readShort(word, rest, flags);
    if (found) return { ...found, global };
  }
  return undefined;
}

function readLong(
  text: string,
  rest: string[],
  table: FlagTable,
): { name: string; value?: string } | undefined {
  const equals = text.indexOf("=");
  const given = equals < 0 ? text : text.slice(0, equals);
  const all = [...table.values, ...table.switches];
  const matches = all.includes(given) ? [given] : all.filter((name) => name.startsWith(given));
  if (matches.length !== 1 || given === "") return undefined;
  const name = matches[0]!;
  if (equals >= 0) return { name, value: text.slice(equals + 1) };
  return withValue(name, rest, table);
}

function readShort(
  word: string,
  rest: string[],
  table: FlagTable,
): { name: string; value?: string } | undefined {
  const name = table.short[word[1]!];
  if (name === undefined) return undefined;
  if (word.length === 2) return withValue(name, rest, table);
  const attached = word.slice(2);
  if (table.values.includes(name)) return { name, value: attached.replace(/^[ =]/, "").trim() };
  // Switches in one word: -yc. The others are read next.
  rest.unshift(`-${attached}`);
  return { name };
}

function withValue(
  name: string,
  rest: string[],
  table: FlagTable,
): { name: string; value?: string } | undefined {
  if (!table.values.includes(name)) return { name };
  const value = rest.shift();
  return value === undefined ? { name } : { name, value };
}
