import { readCommandLine } from "../lib/command_line.ts";
import { FLAGS } from "../lib/commands/app.ts";
import { assertEquals } from "./assert.ts";

const read = (...words: string[]) => readCommandLine(words, FLAGS);

/** Words, one form of them, and the global flags. */
type Row = [words: string[], args: string[], globals?: Record<string, string>];

function check(table: readonly Row[]): void {
  for (const [words, args, globals = {}] of table) {
    assertEquals(read(...words), { args, globals }, words.join(" "));
  }
}

Deno.test("flags with values: apart, attached, with =, in one word", () => {
  check([
    [["run", "-s", "1", "x.yaml"], ["run", "--sleeptime=1", "x.yaml"]],
    [["run", "-s 1", "x.yaml"], ["run", "--sleeptime=1", "x.yaml"]],
    [["run", "-s1", "x.yaml"], ["run", "--sleeptime=1", "x.yaml"]],
    [["run", "-s=1", "x.yaml"], ["run", "--sleeptime=1", "x.yaml"]],
    [["run", "-t4", "-a", "2", "-r3"], ["run", "--throttle=4", "--attempts=2", "--rlimit=3"]],
    [["run", "--throttle", "4"], ["run", "--throttle=4"]],
    [["run", "--throttle=4"], ["run", "--throttle=4"]],
    [["run", "--out="], ["run", "--out="]],
    [["run", "-o", "a=b"], ["run", "--out=a=b"]],
    [["run", "x.yaml", "-o", "dir with blanks"], ["run", "x.yaml", "--out=dir with blanks"]],
    // A value may begin with a dash. The command checks it.
    [["run", "-t", "-1"], ["run", "--throttle=-1"]],
    [["run", "--throttle", "-1"], ["run", "--throttle=-1"]],
    // No value: the parser reports that.
    [["run", "-t"], ["run", "--throttle"]],
    // A command's own letters come first.
    [["conduct", "-t", "5", "d"], ["conduct", "--sleeptime=5", "d"]],
  ]);
});

Deno.test("switches: -fg is one, letters may be combined", () => {
  check([
    [["run", "-fg"], ["run", "--fg"]],
    [["run", "--fg", "-y"], ["run", "--fg", "--autoyes"]],
    [["run", "-yc", "x"], ["run", "--autoyes", "x"], { logstdout: "" }],
    [["run", "-yfg"], ["run", "--autoyes", "--fg"]],
    [["run", "-yt4"], ["run", "--autoyes", "--throttle=4"]],
    [["cancel", "-y", "d"], ["cancel", "--autoyes", "d"]],
    [["cancel", "--yes", "d"], ["cancel", "--autoyes", "d"]],
    [["run", "-f", "x"], ["run", "--fg", "x"]],
    [["run", "-yf", "x"], ["run", "--autoyes", "--fg", "x"]],
    [["resume", "-f", "d"], ["resume", "--fg", "d"]],
    // If it is a letter of the command, or the command has no -fg.
    [["logs", "-f", "d"], ["logs", "--follow", "d"]],
    [["status", "-f", "d"], ["status", "-f", "d"]],
    // Only where the command has it.
    [["status", "-fg"], ["status", "-fg"]],
  ]);
});

Deno.test("global flags come before or after the command", () => {
  check([
    [["-l", "logs", "-d", "1", "-c", "run", "x"], ["run", "x"], {
      logpath: "logs",
      debug_lvl: "1",
      logstdout: "",
    }],
    [["run", "-l", "logs", "x", "-d1"], ["run", "x"], { logpath: "logs", debug_lvl: "1" }],
    [["--logpath=logs", "--debug_lvl", "3", "run"], ["run"], { logpath: "logs", debug_lvl: "3" }],
    // A value that looks like a command.
    [["-l", "run", "status", "d"], ["status", "d"], { logpath: "run" }],
    [["-v"], [], { version: "" }],
    [["--version"], [], { version: "" }],
    [["run", "--help"], ["run", "--help"]],
    [["-h"], ["--help"]],
    [["status", "-h"], ["status", "--help"]],
  ]);
});

Deno.test("long names may be shortened while they are unique", () => {
  check([
    [["run", "--dr"], ["run", "--dry"]],
    [["run", "--hash"], ["run", "--hashws"]],
    [["run", "--thr=2"], ["run", "--throttle=2"]],
    [["run", "--att", "2"], ["run", "--attempts=2"]],
    [["status", "--disable-t"], ["status", "--disable-theme"]],
    [["--debug", "1", "lint"], ["lint"], { debug_lvl: "1" }],
    // Maestro's options come first: ours, and those of all commands, make none of them ambiguous.
    [["run", "--d"], ["run", "--dry"]],
    [["run", "--o", "x"], ["run", "--out=x"]],
    [["run", "--local", "2"], ["run", "--local-jobs=2"]],
    [["status", "--l", "flat"], ["status", "--layout=flat"]],
    [["update", "--s", "4", "d"], ["update", "--sleep=4", "d"]],
    [["cancel", "--a", "d"], ["cancel", "--autoyes", "d"]],
    [["conduct", "--st", "d"], ["conduct", "--status", "d"]],
  ]);
  // A name in full is that name, though another begins with it.
  const table = { show: { values: ["out"], switches: ["output"], short: {} } };
  assertEquals(readCommandLine(["show", "--out", "x", "--outp"], table).args, [
    "show",
    "--out=x",
    "--output",
  ]);
});

Deno.test("unknown words remain unchanged", () => {
  check([
    [[], []],
    [["run", "--nonsense", "-z", "x"], ["run", "--nonsense", "-z", "x"]],
    [["run", "-", "x"], ["run", "-", "x"]],
    [["run", "--", "-fg", "--dry"], ["run", "--", "-fg", "--dry"]],
    [["run", "-y", "--", "-t"], ["run", "--autoyes", "--", "-t"]],
    [["nonsense", "-t4"], ["nonsense", "-t4"]],
    // Names that every object knows.
    [["constructor", "--dry", "-fg"], ["constructor", "--dry", "-fg"]],
    [["run", "--constructor", "-_"], ["run", "--constructor", "-_"]],
    // The second command is a file's name.
    [["status", "run", "-fg"], ["status", "run", "-fg"]],
  ]);
});

Deno.test("a shortened name that may be several is ambiguous, as in Maestro", () => {
  const table: [words: string[], given: string, names: string[]][] = [
    [["run", "--h", "x"], "--h", ["--help", "--hashws"]],
    [["run", "--a", "1"], "--a", ["--attempts", "--autono", "--autoyes"]],
    [["run", "--auto=x"], "--auto", ["--autono", "--autoyes"]],
    [["run", "--p", "x"], "--p", ["--pgen", "--pargs"]],
    [["status", "--disable", "d"], "--disable", ["--disable-theme", "--disable-pager"]],
    [["conduct", "--s", "d"], "--s", ["--status", "--sleeptime"]],
    [["--log", "x"], "--log", ["--logpath", "--logstdout"]],
    // Only among our own options.
    [["rerun", "--d", "x"], "--d", ["--downstream", "--dry", "--debug_lvl"]],
  ];
  for (const [words, given, names] of table) {
    assertEquals(read(...words).ambiguous, { given, names }, words.join(" "));
  }
});
