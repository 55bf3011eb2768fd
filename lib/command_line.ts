/**
 * Converts command lines that Maestro accepts to one form. Options of all commands may come before or after the
 * command. Maestro also accepts `-fg`, `-s 1` in one word, `-t4`, `--dr` for `--dry`, and values that begin with
 * a dash.
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

/** Options of all commands. */
const GLOBAL: FlagTable = {
  values: ["logpath", "debug_lvl"],
  switches: ["logstdout", "version", "help"],
  short: { l: "logpath", d: "debug_lvl", c: "logstdout", v: "version", h: "help" },
};

/**
 * Maestro's own long options of each command. A shortened name means one of these if possible. Our additional
 * options must not make a Maestro command line ambiguous.
 */
const MAESTROS: Readonly<Record<string, readonly string[]>> = {
  "": ["help", "logpath", "debug_lvl", "logstdout", "version"],
  run: [
    ...["help", "attempts", "rlimit", "throttle", "sleeptime", "dry", "pgen", "pargs", "out", "hashws"],
    ...["autono", "autoyes", "usetmp"],
  ],
  status: ["help", "layout", "disable-theme", "disable-pager"],
  cancel: ["help", "autoyes"],
  update: ["help", "throttle", "rlimit", "sleep"],
  conduct: ["help", "status", "logpath", "debug_lvl", "logstdout", "sleeptime"],
};

/** Other full names of options, which the help does not list. */
const SYNONYMS: Readonly<Record<string, Readonly<Record<string, string>>>> = { cancel: { yes: "autoyes" } };

export interface CommandLine {
  /** For the parser: the command first, every flag as `--name` or `--name=value`. */
  readonly args: readonly string[];
  /** The given global flags by long name; a switch has the value "". */
  readonly globals: Readonly<Record<string, string>>;
  /** A shortened option that several options begin with. */
  readonly ambiguous?: Ambiguous;
}

export interface Ambiguous {
  readonly given: string;
  readonly names: readonly string[];
}

/** The named command and its flags. */
interface Named {
  readonly name: string;
  readonly table: FlagTable;
}

/** Converts a command line to one form. The parser reports what this function does not know. */
export function readCommandLine(
  words: readonly string[],
  commands: Readonly<Record<string, FlagTable>>,
): CommandLine {
  const globals: Record<string, string> = {};
  const args: string[] = [];
  const rest = [...words];
  let command: Named | undefined;
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (word === "--") {
      args.push(word, ...rest);
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      if (Object.hasOwn(commands, word)) command ??= { name: word, table: commands[word]! };
      args.push(word);
      continue;
    }
    const found = readFlag(word, rest, command);
    if (found === undefined) args.push(word);
    else if ("names" in found) return { args, globals, ambiguous: found };
    else if (found.global && found.name !== "help" && !(found.name === "version" && command)) {
      globals[found.name] = found.value ?? "";
    } else args.push(found.value === undefined ? `--${found.name}` : `--${found.name}=${found.value}`);
  }
  return { args, globals };
}

/** `--help`, and no words at all, as words of the command `help`. */
export function withHelp(args: readonly string[]): readonly string[] {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (own.length > 0 && !own.includes("--help")) return args;
  const command = own.find((word) => !word.startsWith("-"));
  return ["help", ...command === undefined ? [] : [command]];
}

interface Flag {
  readonly name: string;
  readonly value?: string;
  readonly global: boolean;
}

/**
 * Reads the flag in a word, and takes its value from the words after it. Undefined if the flag is not known.
 */
function readFlag(word: string, rest: string[], command: Named | undefined): Flag | Ambiguous | undefined {
  if (word.startsWith("--")) return readLong(word.slice(2), rest, command);
  const table = command?.table;
  // `-f` is Maestro's shortened `-fg`.
  const isFg = word === "-fg" || (word === "-f" && table?.short["f"] === undefined);
  if (isFg && table?.switches.includes("fg")) return { name: "fg", global: false };
  // The command's own letters come first: -t is a throttle to `run` and seconds to `conduct`.
  for (const [flags, global] of [[table, false], [GLOBAL, true]] as const) {
    const found = flags && readShort(word, rest, flags);
    if (found) return { ...found, global };
  }
  return undefined;
}

function readLong(text: string, rest: string[], command: Named | undefined): Flag | Ambiguous | undefined {
  const equals = text.indexOf("=");
  const given = equals < 0 ? text : text.slice(0, equals);
  const names = given === "" ? [] : namesMeant(given, command);
  if (names.length > 1) return { given: `--${given}`, names: names.map((name) => `--${name}`) };
  const [name] = names;
  if (name === undefined) return undefined;
  const own = command !== undefined && namesOf(command.table).includes(name);
  const found = equals >= 0
    ? { name, value: text.slice(equals + 1) }
    : withValue(name, rest, own ? command.table : GLOBAL);
  return { ...found, global: !own };
}

const namesOf = (table: FlagTable) => [...table.values, ...table.switches];

/** The options that a long name may mean: the option of that name, or those that begin with it. */
function namesMeant(given: string, command: Named | undefined): string[] {
  const { name = "", table } = command ?? {};
  const synonyms = Object.hasOwn(SYNONYMS, name) ? SYNONYMS[name]! : {};
  if (Object.hasOwn(synonyms, given)) return [synonyms[given]!];
  const all = [...new Set([...table ? namesOf(table) : [], ...namesOf(GLOBAL)])];
  if (all.includes(given)) return [given];
  const begun = (names: readonly string[]) => names.filter((one) => one.startsWith(given));
  const maestros = Object.hasOwn(MAESTROS, name) ? begun(MAESTROS[name]!) : [];
  return maestros.length > 0 ? maestros : begun(all);
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
): { name: string; value?: string } {
  if (!table.values.includes(name)) return { name };
  const value = rest.shift();
  return value === undefined ? { name } : { name, value };
}
