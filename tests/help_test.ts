/** Help: its form at every width, `help COMMAND` beside `COMMAND --help`, and hints that never hide a change of a study. */

import { withHelp } from "../lib/command_line.ts";
import { commandFacts } from "../lib/commands/app.ts";
import { COMMON_FLAGS } from "../lib/commands/describe.ts";
import { unknownCommand } from "../lib/commands/unknown_command.ts";
import { helpOfAll, helpOfOne } from "../lib/view/help_text.ts";
import { aboutFlag } from "../lib/view/man_page.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";

const COMMANDS = commandFacts();
const NAMES = COMMANDS.map(({ name }) => name);
const words = (text: string) => text.split(/\s+/).filter(Boolean).join(" ");

Deno.test("help: a command's page begins with what it does and an example, and has every option with its value", () => {
  for (const command of COMMANDS) {
    const page = helpOfOne(command, 80);
    const [brief, blank, example] = page.split("\n");
    assertEquals([brief, blank], [`${command.brief}.`, ""]);
    assert(example!.startsWith(`  maestro ${command.name}`), `${command.name}: ${example}`);
    for (const flag of command.flags) {
      const value = flag.values.length > 0 ? flag.values.join("|") : flag.placeholder;
      assertStringIncludes(page, `--${flag.name}${value === undefined ? "" : ` ${value}`}`);
      if (flag.short !== undefined) assertStringIncludes(page, `-${flag.short}, --${flag.name}`);
      assertStringIncludes(words(page), words(aboutFlag(flag)), `${command.name} --${flag.name}`);
    }
    for (const { placeholder } of command.arguments) assertStringIncludes(page, placeholder);
  }
});

Deno.test("help: running text fits the terminal, and no line is longer than 100", () => {
  for (const width of [20, 40, 80, 100, 250]) {
    const most = Math.min(100, Math.max(40, width));
    const pages = [helpOfAll(COMMANDS, COMMON_FLAGS, width), ...COMMANDS.map((one) => helpOfOne(one, width))];
    for (const line of pages.flatMap((page) => page.split("\n"))) {
      // Examples are lines to copy; a word longer than its column is not cut.
      const isFixed = /^ {2}maestro |^Usage:|^ +-.*--/.test(line);
      assert(isFixed || line.length <= most || line.trim().split(" ").length <= 2, `${width}: ${line}`);
    }
  }
});

Deno.test("help: the list of commands has every one, each under a heading", () => {
  const page = helpOfAll(COMMANDS, COMMON_FLAGS, 80);
  for (const { name, group, brief } of COMMANDS) {
    assertStringIncludes(page, `\n${group}\n`);
    assertStringIncludes(page, `\n  ${name} `);
    assertStringIncludes(words(page), words(brief));
    assert(/^[A-Z]\w+ .*[^.]$/.test(brief), brief);
  }
});

Deno.test("help: --help anywhere before -- becomes the command help", () => {
  const table: [args: string[], expected: string[]][] = [
    [[], ["help"]],
    [["--help"], ["help"]],
    [["run", "--help"], ["help", "run"]],
    [["--help", "run"], ["help", "run"]],
    [["run", "--dry", "--help", "x.yaml"], ["help", "run"]],
    [["help", "--help"], ["help", "help"]],
    [["help", "run"], ["help", "run"]],
    [["logs", "--", "--help"], ["logs", "--", "--help"]],
    [["run", "x.yaml"], ["run", "x.yaml"]],
  ];
  for (const [args, expected] of table) assertEquals(withHelp(args), expected, args.join(" "));
});

/** Commands that change a study, or start one. */
const CHANGING = ["run", "conduct", "resume", "rerun", "cancel", "hold", "release", "update", "clean"];

Deno.test("help: a hint that names a command which changes a study states the change", () => {
  const table: [word: string, hint: string][] = [
    ["help me", "`maestro help` lists the commands."],
    ["stauts", 'Did you mean "status"?'],
    ["hlod", 'Did you mean "hold"? It keeps steps of a study from starting.'],
    ["kill", 'Did you mean "cancel"? It ends a study and its jobs.'],
    ["LS", 'Did you mean "list"?'],
    ["validate", 'Did you mean "lint"?'],
    ["valdate", 'Did you mean "lint"?'],
    ["start", 'Did you mean "run"? It creates a study and starts it.'],
    ["constructor", 'Did you mean "conduct"? It starts the steps of a study.'],
  ];
  for (const [word, hint] of table) assertEquals(unknownCommand(word, NAMES).hint, hint, word);
  const others = [
    "delete",
    "restart",
    "check",
    "stop",
    "continue",
    "retry",
    "pause",
    "set",
    "launch",
    "submit",
  ];
  const slips = NAMES.flatMap((name) => [`${name}x`, name.slice(1), name.replace(/(.)(.)$/, "$2$1")]);
  for (const word of [...others, ...slips]) {
    const { hint = "" } = unknownCommand(word, NAMES);
    const meant = /^Did you mean "(\w+)/.exec(hint)?.[1];
    if (meant !== undefined) {
      assertEquals(CHANGING.includes(meant), / It \w+ /.test(hint), `${word}: ${hint}`);
    } else if (/rerun|resume/.test(hint)) assertStringIncludes(hint, "changes a study");
  }
});
