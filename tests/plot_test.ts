/** Plots of results: what is drawn of which values, axes, the text and the picture. */

// @ts-types="../templates/report/plot_model.d.ts"
import { numberOf, plotModel } from "../templates/report/plot_model.js";
// @ts-types="../templates/report/plot_picture.d.ts"
import { plotPicture, signPath } from "../templates/report/plot_picture.js";
import type { PlotRow } from "../templates/report/plot_model.d.ts";
import { plotSvg } from "../lib/view/plot_svg.ts";
import { MOST_SERIES, plotText } from "../lib/view/plot_text.ts";
import { wantsUnicode } from "../lib/view/terminal.ts";
import { assert, assertEquals, assertMatch } from "./assert.ts";

const row = (x: string | undefined, y: string | undefined, by = ""): PlotRow => ({ x, y, by });
const LOOK = { width: 40, height: 12, styled: false, unicode: false, names: { x: "N", y: "t", by: "" } };
const NONE = { missing: 0, text: 0, infinite: 0, belowLog: 0, repeated: 0 };

Deno.test("plot: texts that are numbers", () => {
  const table: [string | undefined, number | undefined][] = [
    ["1", 1],
    [" 1.50 ", 1.5],
    ["-.5", -0.5],
    ["+2.", 2],
    ["1e3", 1000],
    ["1.5D-03", 0.0015],
    ["1d2", 100],
    ["1e999", undefined],
    ["nan", undefined],
    ["Infinity", undefined],
    ["0x10", undefined],
    ["1,5", undefined],
    ["1_000", undefined],
    [".", undefined],
    ["", undefined],
    ["12 s", undefined],
    [undefined, undefined],
  ];
  for (const [text, value] of table) assertEquals(numberOf(text), value, text);
});

Deno.test("plot: rows without a number are left out, each for its reason", () => {
  const rows = [
    row("1", "1"),
    row("2", undefined),
    row("3", ""),
    row("4", "text"),
    row("5", "NaN"),
    row("6", "-inf"),
    row("7", "1e999"),
    row("nan", "1"),
    row("", "1"),
  ];
  const model = plotModel(rows);
  assertEquals(model.points, [{ x: 1, y: 1, series: 0, row: 0 }]);
  assertEquals(model.left, { ...NONE, missing: 3, text: 1, infinite: 4 });
});

Deno.test("plot: x is numeric only if all its values are; else it has places in the order of the rows", () => {
  const model = plotModel([row("10", "1"), row("b", "2"), row("9", "3"), row("10", "4"), row("inf", "5")]);
  assertEquals(model.places, ["10", "b", "9", "inf"]);
  assertEquals(model.points.map(({ x }) => x), [0, 1, 2, 0, 3]);
  assertEquals(model.lines, []);
  assertEquals(model.x.at(0), 0.125);
  assertEquals(plotModel([row("10", "1"), row("9", "3")]).places, undefined);
});

Deno.test("plot: one value of a step counts once, in however many rows it is", () => {
  const rows = [1, 2, 2, 3].map((once) => ({ ...row("1", "5"), once }));
  const model = plotModel([...rows, { ...row("2", "5"), once: 1 }]);
  assertEquals(model.points.map(({ row }) => row), [0, 1, 3, 4]);
  assertEquals(model.left, { ...NONE, repeated: 1 });
});

Deno.test("plot: a line goes through the means, also of numbers whose sum is too large", () => {
  const huge = String(Number.MAX_VALUE);
  const { lines } = plotModel([
    row("2", "1"),
    row("1", huge),
    row("1", huge),
    row("2", "3"),
    row("1", "1", "b"),
  ]);
  assertEquals(lines, [[{ x: 1, y: Number.MAX_VALUE }, { x: 2, y: 2 }], []]);
});

Deno.test("plot: a logarithmic axis leaves out what is not above 0", () => {
  const rows = [row("0", "1"), row("1", "-1"), row("1", "0"), row("10", "100")];
  assertEquals(plotModel(rows, { logX: true, logY: true }).left.belowLog, 3);
  assertEquals(plotModel(rows, { logX: true }).points.length, 3);
});

const scaleOf = (values: readonly string[], log = false) =>
  plotModel(values.map((value) => row(value, "1")), { logX: log }).x;

Deno.test("plot: ticks have short texts, however the values are", () => {
  const table: [values: string[], log: boolean, ticks: string[]][] = [
    [["0", "100"], false, ["0", "20", "40", "60", "80", "100"]],
    [["0.1", "0.35"], false, ["0.10", "0.15", "0.20", "0.25", "0.30", "0.35"]],
    [["5"], false, ["3", "4", "5", "6", "7"]],
    [["0"], false, ["-1.0", "-0.5", "0.0", "0.5", "1.0"]],
    [["-3", "3"], false, ["-4", "-2", "0", "2", "4"]],
    [["1e-9", "3e-9"], false, ["1.0e-9", "1.5e-9", "2.0e-9", "2.5e-9", "3.0e-9"]],
    [["1000000001", "1000000003"], false, [
      "1.0000000010e9",
      "1.0000000015e9",
      "1.0000000020e9",
      "1.0000000025e9",
      "1.0000000030e9",
    ]],
    [["1", "1000"], true, ["1", "10", "100", "1000"]],
    [["1", "20"], true, ["1", "2", "5", "10", "20"]],
    [["1e-10", "1e10"], true, ["1e-8", "0.0001", "1", "10000", "1e8"]],
    [["7"], true, ["5", "10", "20"]],
  ];
  for (const [values, log, ticks] of table) {
    assertEquals(scaleOf(values, log).ticks(5).map(({ text }) => text), ticks, values.join());
  }
});

Deno.test("plot: any finite numbers have places between 0 and 1, and few ticks", () => {
  const odd = ["1e308", "-1e308", "5e-324", "1e-300", "0", "1.0000000000000002", "1", "-7", "123456789.123"];
  for (const a of odd) {
    for (const b of odd) {
      for (const log of [false, true]) {
        if (log && (Number(a) <= 0 || Number(b) <= 0)) continue;
        const scale = scaleOf([a, b], log);
        for (const value of [Number(a), Number(b)]) {
          const at = scale.at(value);
          assert(at >= 0 && at <= 1, `${a} ${b} ${log}: ${at}`);
        }
        const ticks = scale.ticks(5);
        assert(ticks.length >= 1 && ticks.length <= 16, `${a} ${b} ${log}: ${ticks.length} ticks`);
        assertEquals(new Set(ticks.map(({ text }) => text)).size, ticks.length);
        for (const { value } of ticks) assert(Number.isFinite(scale.at(value)), `${a} ${b} ${value}`);
      }
    }
  }
});

Deno.test("plot: as text, in ASCII", () => {
  const model = plotModel([row("1", "1", "a"), row("2", "4", "a"), row("2", "4", "b"), row("3", "9", "b")]);
  const text = plotText(model, { ...LOOK, height: 14, names: { ...LOOK.names, by: "S" } });
  assertEquals(
    text,
    `S:  o a  x b  * several
t
10 +
   |                                  x
   |
   |
 5 +
   |                 *
   |
   |o
 0 +
   ++----------------+----------------+
    1                2                3
                                      N
`,
  );
});

Deno.test("plot: no line of text is wider than the terminal, whatever names and sizes are", () => {
  const names = { x: "x".repeat(300), y: "温度".repeat(90), by: "b\n\u202e".repeat(50) };
  const rows = Array.from(
    { length: 30 },
    (_, i) => row("v".repeat(i * 3) + i, String(10 ** (i - 15)), `系列${i}`.repeat(i)),
  );
  const model = plotModel(rows);
  for (const unicode of [true, false]) {
    for (const width of [24, 40, 80, 200]) {
      for (const height of [1, 10, 50]) {
        const text = plotText(model, { width, height, styled: false, unicode, names });
        for (const line of text.split("\n")) {
          let cells = 0;
          for (const char of line) cells += /[\u4e00-\u9fff]/.test(char) ? 2 : 1;
          assert(cells <= width, `${width}: ${cells}: ${line}`);
        }
        if (!unicode) assert(!/[─│●]/.test(text));
      }
    }
  }
  assert(model.series.length <= MOST_SERIES);
});

Deno.test("plot: 100,000 points make a small picture", () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => row(String(i), String(Math.sin(i / 9e3) + i % 7)));
  const model = plotModel(rows);
  assertEquals(model.points.length, 100_000);
  const svg = plotSvg(model, { x: "x", y: "y", by: "" });
  assert(svg.length < 1_000_000, String(svg.length));
  assertMatch(svg, /class="cloud c0"/);
  assertEquals(plotText(model, { ...LOOK, names: { x: "x", y: "y", by: "" } }).split("\n").length, 13);
});

Deno.test("plot: the picture of a file has no markup from names and no program", () => {
  const odd = "</text><script>alert(1)</script>&\"'";
  const svg = plotSvg(plotModel([row(odd, "1", odd), row("b", "2", odd)]), { x: odd, y: odd, by: odd });
  assert(!svg.includes("<script") && !svg.includes("</text><"), svg);
  assertEquals(svg.match(/<text /g)!.length, svg.match(/<\/text>/g)!.length);
});

Deno.test("plot: names and ticks stay in the picture, and signs of the first 32 series differ", () => {
  const rows = Array.from({ length: 40 }, (_, i) => row(`value-${i}`, String(i * 1e5), `s${i}`));
  const picture = plotPicture(plotModel(rows), {
    width: 400,
    height: 300,
    names: { x: "x", y: "y", by: "s" },
  });
  for (const { x, y } of [...picture.texts, ...picture.keys]) {
    assert(x >= 0 && x <= 400 && y >= 0 && y <= 300, `${x} ${y}`);
  }
  const signs = Array.from({ length: 32 }, (_, i) => `${i % 8} ${signPath(i, [0, 0])}`);
  assertEquals(new Set(signs).size, 32);
});

Deno.test("plot: ASCII where the locale or the terminal wants it", () => {
  const table: [isTerminal: boolean, env: Record<string, string>, unicode: boolean][] = [
    [true, { LANG: "en_US.UTF-8", TERM: "xterm-256color" }, true],
    [true, { LANG: "C.utf8" }, true],
    [true, {}, true],
    [true, { LANG: "en_US.UTF-8", LC_ALL: "C" }, false],
    [true, { LANG: "de_DE.ISO-8859-1" }, false],
    [true, { LANG: "POSIX" }, false],
    [true, { LANG: "C", LC_ALL: "", LC_CTYPE: "C.UTF-8" }, true],
    [true, { LANG: "en_US.UTF-8", TERM: "dumb" }, false],
    [true, { LANG: "en_US.UTF-8", TERM: "vt220" }, false],
    [false, { LANG: "en_US.UTF-8", TERM: "dumb" }, true],
    [false, { LC_ALL: "C" }, false],
  ];
  for (const [isTerminal, env, unicode] of table) {
    assertEquals(wantsUnicode(isTerminal, env), unicode, JSON.stringify(env));
  }
});
