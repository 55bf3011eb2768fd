/**
 * The model and the screens of `maestro tui`. `tests/tui/screens.txt` has cases: the size of the screen and where it begins,
 * and lines of keys. Below `---` is the screen after each line of keys, and what the driver must do.
 */

import { assert, assertEquals } from "./assert.ts";
import { readCases } from "./cases.ts";
import { many, modelOf, pressAll, screenText, studyData, sweep } from "./tui_model.ts";
import { cellWidth } from "../lib/cells.ts";
import { clip, clipLine, difference, type Line, screenOf, textOf } from "../lib/view/tui/canvas.ts";
import { linesOf } from "../lib/view/tui/draw.ts";
import { type Key, keyDecoder } from "../lib/view/tui/keys.ts";
import { logLine } from "../lib/view/tui/log_tail.ts";
import { resized, withBusy, withMessage, withStudy } from "../lib/view/tui/news.ts";
import { SORTS } from "../lib/view/tui/types.ts";

readCases(new URL("tui/screens.txt", import.meta.url), (_, text) => {
  const [head, ...lines] = text.trim().split("\n");
  const [, width, height, where, ascii] = /^(\d+)x(\d+) (\w+)( ascii)?$/.exec(head!)!;
  let model = modelOf(Number(width), Number(height), where === "study");
  const shown = lines.flatMap((line) => {
    const keys = line.split(" ").map((key) => key === "space" ? " " : key);
    const { model: next, effects } = pressAll(model, keys);
    model = next;
    return [
      `[${line}]`,
      ...effects.map((effect) => `-> ${JSON.stringify(effect)}`),
      ...squeezed(screenText(model, ascii === undefined)),
    ];
  });
  return Promise.resolve(shown.join("\n"));
});

/** Several empty lines as one mark. */
function squeezed(lines: readonly string[]): string[] {
  return lines.join("\n").replace(/\n{3,}/g, (empty) => `\n(${empty.length - 1} empty lines)\n`).split("\n");
}

// ---------------------------------------------------------------- keys

const KEYS: readonly (readonly [bytes: string, keys: readonly Key[]])[] = [
  ["abc", ["a", "b", "c"]],
  ["é漢😀", ["é", "漢", "😀"]],
  ["\r\n\t", ["enter", "enter", "tab"]],
  ["\x7f\b", ["backspace", "backspace"]],
  ["\x03\x1a\x0c", ["ctrl-c", "ctrl-z", "ctrl-l"]],
  ["\x1b[A\x1b[B\x1b[C\x1b[D", ["up", "down", "right", "left"]],
  ["\x1bOA\x1bOB", ["up", "down"]],
  ["\x1b[1;5A", ["up"]],
  ["\x1b[5~\x1b[6~\x1b[H\x1b[F\x1b[1~\x1b[4~", ["pageup", "pagedown", "home", "end", "home", "end"]],
  ["\x1b[3~", ["delete"]],
  ["\x1b[99~x", ["x"]],
  ["\x1b[?1;2cx", ["x"]],
  ["\x1bx", ["escape", "x"]],
  ["\x1b\x1b[A", ["escape", "up"]],
  ["\x1b[200~q\x1b[A\ny\x1b[201~q", ["paste:q\x1b[A\ny", "q"]],
  ["\x1b[<0;5;8M\x1b[<0;5;8m\x1b[<64;1;1M\x1b[<65;1;1M", ["click:7", "wheelup", "wheeldown"]],
  ["\x1b[<2;5;8M\x1b[<0;5M", []],
  ["\u0085\u009bx", ["x"]],
];

Deno.test("tui: bytes of a terminal are keys, whole or cut anywhere", () => {
  for (const [text, keys] of KEYS) {
    const bytes = new TextEncoder().encode(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const decoder = keyDecoder();
      const found = [...decoder.keys(bytes.subarray(0, cut)), ...decoder.keys(bytes.subarray(cut))];
      assertEquals(found, keys, `${JSON.stringify(text)} cut at ${cut}`);
      assertEquals(decoder.isOpen(), false);
    }
  }
});

Deno.test("tui: an escape is a key when nothing follows", () => {
  const decoder = keyDecoder();
  assertEquals(decoder.keys(new Uint8Array([27])), []);
  assert(decoder.isOpen());
  assertEquals(decoder.close(), ["escape"]);
  // Half of a sequence is no key.
  assertEquals(decoder.keys(new TextEncoder().encode("\x1b[")), []);
  assertEquals(decoder.close(), []);
  assertEquals(decoder.keys(new TextEncoder().encode("A")), ["A"]);
});

Deno.test("tui: a sequence or a paste without an end does not keep all keys back", () => {
  const decoder = keyDecoder();
  decoder.keys(new TextEncoder().encode(`\x1b[${"1;".repeat(60)}`));
  assertEquals(decoder.keys(new TextEncoder().encode("q")), ["q"]);
  const other = keyDecoder();
  other.keys(new TextEncoder().encode(`\x1b[200~${"x".repeat(5000)}`));
  assertEquals(other.keys(new TextEncoder().encode("q")), ["q"]);
});

// ---------------------------------------------------------------- cells

const ABILITY = { unicode: true, colors: true };

Deno.test("tui: a text is cut by its cells, and printed as escapes where it must not reach a terminal", () => {
  assertEquals(clip("abcdef", 6), "abcdef");
  assertEquals(clip("abcdefg", 6), "abcde…");
  assertEquals(clip("漢字漢字", 6), "漢字…");
  assertEquals(clip("漢字漢字", 5), "漢字…");
  assertEquals(clip("a\x1b[31mb\n", 20), "a\\x1b[31mb\\n");
  assertEquals(clip("abc", 0), "");
  assertEquals(clipLine([["abc", "1"], ["def"]], 4), [["abc", "1"], ["…", ""]]);
  assertEquals(clipLine([["abc"], ["def"]], 3), [["ab…", ""]]);
  assertEquals(clipLine([["abc"], [""]], 3), [["abc"], [""]]);
});

/** A terminal of cells, as far as `difference` uses one. */
function emulated(width: number, height: number) {
  const cells: string[][] = Array.from({ length: height }, () => Array(width).fill(" "));
  let [row, column, style] = [0, 0, ""];
  const erase = (from: number) => cells[row]!.fill(" ", from);
  return {
    write(bytes: string) {
      // deno-lint-ignore no-control-regex
      for (const [, sequence, char] of bytes.matchAll(/\x1b\[([?0-9;]*[A-Za-z])|([^\x1b])/gu)) {
        if (char !== undefined) {
          const before = cells[row]!.slice();
          cells[row]![column] = style + char;
          if (cellWidth(char) === 2) cells[row]![column + 1] = style;
          assert(column + cellWidth(char) <= width, `${JSON.stringify(before)} is full`);
          column += cellWidth(char);
        } else if (sequence === "2J") cells.forEach((line) => line.fill(" "));
        else if (sequence === "K") erase(column);
        else if (sequence!.endsWith("m")) style = sequence === "0m" ? "" : sequence!.slice(2, -1);
        else if (sequence!.endsWith("H")) {
          [row, column] = sequence!.slice(0, -1).split(";").map((part) => Number(part) - 1) as [
            number,
            number,
          ];
        }
      }
      assertEquals(style, "");
    },
    cells,
  };
}

Deno.test("tui: what is written makes the next screen of the last one, for any two screens", () => {
  const screens: Line[][] = [
    [],
    [[["plain"]], [["bold", "1"], [" and "], ["red", "31"]]],
    [[["漢字 wide"]], [["plain text that is long", "7"]]],
    [[["x漢字wide"]], [], [["third"]]],
    [[["漢漢漢漢漢漢漢漢漢漢"]], [["ab"]], [["thirty", "2"]]],
    linesOf(modelOf(20, 3, true)).slice(0, 3),
  ];
  for (const before of screens) {
    for (const after of screens) {
      const [first, second] = [screenOf(before, 20, 3, ABILITY), screenOf(after, 20, 3, ABILITY)];
      const terminal = emulated(20, 3);
      terminal.write(difference(undefined, first));
      terminal.write(difference(first, second));
      const wanted = second.chars.map((row, y) => row.map((char, x) => second.styles[y]![x]! + char));
      assertEquals(terminal.cells, wanted);
    }
  }
});

Deno.test("tui: a key that moves down one line writes two lines, not the screen", () => {
  const before = modelOf(80, 24, true);
  const { model: after } = pressAll(before, ["down"]);
  const [first, second] = [before, after].map((model) => screenOf(linesOf(model), 80, 24, ABILITY));
  assertEquals(difference(first, first!), "");
  const bytes = difference(first, second!);
  assert(bytes.length < 400, `${bytes.length} bytes`);
  assert(difference(undefined, second!).length > 500);
});

Deno.test("tui: without colours the chosen line is marked and reverse, and nothing has a colour", () => {
  const lines = linesOf(modelOf(80, 24, true));
  const { chars, styles } = screenOf(lines, 80, 24, { unicode: true, colors: false });
  const chosen = chars.findIndex((row) => row[0] === ">");
  assert(chosen > 0);
  assertEquals(new Set(styles[chosen]), new Set(["7"]));
  assertEquals(styles.flat().filter((style) => /\d\d/.test(style)), []);
});

Deno.test("tui: nothing that a study names or prints reaches the terminal as a control character", () => {
  const tours: Key[][] = [["end", "up"], ["end", "up", "enter"], ["end", "enter"], [
    "down",
    "enter",
    "down",
    "o",
  ]];
  const models = [
    ...[true, false].flatMap((isOpen) => tours.map((keys) => pressAll(modelOf(80, 24, isOpen), keys).model)),
    withMessage(modelOf(80, 24, true), { text: "error: \x1b[2Jno", isError: true }),
    withBusy(modelOf(80, 24, true), "rerun --step=\x1b]0;x\x07 /p"),
  ];
  for (const model of models) {
    for (const unicode of [true, false]) {
      const screen = screenOf(linesOf(model), 80, 24, { unicode, colors: true });
      const text = textOf(screen).join("");
      // deno-lint-ignore no-control-regex
      assertEquals(text.match(/[\u0000-\u001f\u007f-\u009f\u202e]/g), null);
      if (!unicode) assertEquals(text.match(/[^\x20-\x7e]/g), null);
      for (const row of screen.chars) assertEquals(row.length, 80);
    }
  }
});

Deno.test("tui: a line of a log is what a terminal would show at its end", () => {
  assertEquals(logLine("plain"), "plain");
  assertEquals(logLine("10%\r50%\r100%\r"), "100%");
  assertEquals(logLine("\x1b[1;31mred\x1b[0m\x1b]8;;http://x\x07link\x1b]8;;\x1b\\"), "redlink");
  assertEquals(logLine("a\tb\tc"), "a       b       c");
  assertEquals(logLine("\x1b(Bx\x1b=y"), "xy");
});

// ---------------------------------------------------------------- model

Deno.test("tui: the chosen step stays chosen when others come, go or change their order", () => {
  let { model } = pressAll(modelOf(80, 24, true), ["+", "down", "down", "down"]);
  const chosenName = () => screenText(model).find((line) => line.startsWith(">"))!;
  const before = chosenName();
  assert(before.includes("simulate_SIZE.20"), before);
  model = withStudy(model, studyData(sweep().map((step) => ({ ...step, state: "FINISHED" }))), true);
  assert(chosenName().includes("simulate_SIZE.20"));
  for (const _ of SORTS) {
    model = pressAll(model, ["s"]).model;
    assert(chosenName().includes("simulate_SIZE.20"), model.choice.sort);
  }
  model = pressAll(resized(model, 40, 10), ["S"]).model;
  assert(chosenName().includes("simulate_SIZE"), screenText(model).join("\n"));
});

Deno.test("tui: every sequence of keys keeps the chosen line on the screen, at every size", () => {
  const keys = [
    ..."jkgGfsS+-/oetrchlRCHLunp?mxy1q ",
    ...["up", "down", "left", "right", "enter", "escape", "pageup", "pagedown", "home", "end", "backspace"],
    ...["ctrl-l", "click:3", "click:99", "wheelup", "wheeldown", "paste:a b"],
  ];
  let seed = 7;
  const draw = (most: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
  let model = modelOf(80, 24, true);
  for (let i = 0; i < 4000; i++) {
    if (i % 50 === 0) model = resized(model, 1 + draw(120), 1 + draw(40));
    if (i % 500 === 0) {
      model = modelOf(model.width, model.height, draw(2) === 0, draw(2) === 0 ? many(90) : sweep());
    }
    const key = keys[draw(keys.length)]!;
    model = pressAll(model, [key]).model;
    const lines = linesOf(model);
    assert(lines.length <= model.height, `${lines.length} lines after ${key}`);
    const { at, top } = model.cursors.steps;
    assert(at >= 0 && top >= 0 && Number.isFinite(top), `${at} ${top} after ${key}`);
  }
});

Deno.test("tui: a log follows its end until the user moves up, and again at the end", () => {
  let { model } = pressAll(modelOf(80, 24, true), ["enter", "o"]);
  assertEquals(model.follow, true);
  assert(screenText(model).some((line) => line.includes("end")));
  model = pressAll(model, ["pageup"]).model;
  assertEquals(model.follow, false);
  assert(!screenText(model).some((line) => line.endsWith("end")));
  model = pressAll(model, ["end"]).model;
  assertEquals(model.follow, true);
});

Deno.test("tui: 30,000 steps: a key costs what the screen shows", () => {
  const model = modelOf(80, 24, true, many(30_000));
  const { model: opened } = pressAll(model, ["right"]);
  assertEquals(opened.rows.length, 30_001);
  const { model: last } = pressAll(opened, ["end", "up", "up"]);
  assert(screenText(last).some((line) => line.startsWith(">") && line.includes("SIZE.29997")));
  // A move makes no rows again.
  assertEquals(last.rows, opened.rows);
  assert(last.rows === opened.rows);
});
