/** The table of results: conditions, order, statistics. */

import { assertEquals, assertThrows } from "./assert.ts";
import { UserError } from "../lib/errors.ts";
import { axesOf, drawnResults } from "../lib/view/results_plot.ts";
import {
  type Cell,
  chosenRows,
  columnOf,
  orderedRows,
  type ResultTable,
  type RowChoice,
  statistics,
} from "../lib/view/results_table.ts";

/** A table with two parameters and two results. */
function table(rows: readonly (readonly Cell[])[], more: Partial<ResultTable> = {}): ResultTable {
  return {
    names: ["SIZE", "SOLVER", "time", "note"],
    parameters: 2,
    images: new Set(),
    rows: rows.map((cells, i) => ({ cells, nodes: [undefined, undefined, i, i] })),
    ...more,
  };
}

const TIMES = table([
  ["10", "cg", "1.5", "ok"],
  ["10.0", "lu", "1e1", ""],
  ["9", "cg", undefined, undefined],
  ["100", "lu", "2.50", "late"],
  ["x", "lu", "nan", "late"],
]);

const firsts = ({ rows }: ResultTable) => [...rows].map(({ cells }) => `${cells[0]} ${cells[1]}`).join();

function show(choice: RowChoice, all = TIMES): string {
  return firsts(orderedRows(chosenRows(all, choice), choice));
}

Deno.test("results: conditions", () => {
  const cases: [RowChoice, string][] = [
    [{ param: ["SIZE=10"] }, "10 cg"],
    [{ param: ["SIZE=10", "SIZE=9"] }, "10 cg,9 cg"],
    [{ param: ["SIZE=10", "SIZE=100", "SOLVER=lu"] }, "100 lu"],
    [{ where: ["SIZE=10"] }, "10 cg,10.0 lu"],
    [{ where: ["SIZE==1e1"] }, "10 cg,10.0 lu"],
    [{ where: ["SIZE != 10"] }, "9 cg,100 lu,x lu"],
    [{ where: ["time<2.5"] }, "10 cg"],
    [{ where: ["time <= 2.5"] }, "10 cg,100 lu"],
    [{ where: ["time>2"] }, "10.0 lu,100 lu"],
    [{ where: ["time>=2", "SIZE>50"] }, "100 lu"],
    [{ where: ["time="] }, "9 cg"],
    [{ where: ["time!="] }, "10 cg,10.0 lu,100 lu,x lu"],
    [{ where: ["note<m"] }, "100 lu,x lu"],
    [{ where: ["SOLVER = cg"] }, "10 cg,9 cg"],
    [{ where: ["time=nan"] }, "x lu"],
  ];
  for (const [choice, rows] of cases) assertEquals(show(choice), rows, JSON.stringify(choice));
});

Deno.test("results: a name may contain an operator, and the longest one counts", () => {
  const odd = table([["1", "2", "3", "4"]], { names: ["a", "a=b", "a=b=c", "x<y"] });
  assertEquals(show({ where: ["a=1"] }, odd), "1 2");
  assertEquals(show({ where: ["a=b=2"] }, odd), "1 2");
  assertEquals(show({ where: ["a=b=c=3"] }, odd), "1 2");
  assertEquals(show({ where: ["x<y<5", "x<y>3"] }, odd), "1 2");
});

Deno.test("results: the order is that of numbers, then texts, and missing values come last", () => {
  const cases: [RowChoice, string][] = [
    [{ sort: "SIZE" }, "9 cg,10 cg,10.0 lu,100 lu,x lu"],
    [{ sort: "-SIZE" }, "x lu,100 lu,10 cg,10.0 lu,9 cg"],
    [{ sort: "time" }, "10 cg,100 lu,10.0 lu,x lu,9 cg"],
    [{ sort: "-time" }, "x lu,10.0 lu,100 lu,10 cg,9 cg"],
    [{ sort: "note", limit: 2 }, "100 lu,x lu"],
    [{ limit: 0 }, "10 cg,10.0 lu,9 cg,100 lu,x lu"],
    [{ limit: 1 }, "10 cg"],
  ];
  for (const [choice, rows] of cases) assertEquals(show(choice), rows, JSON.stringify(choice));
});

const MANY = table(Array.from({ length: 40 }, (_, i) => [`${i}`, "a", "1", ""]));

Deno.test("results: names and words that do not exist are the user's mistake", () => {
  const cases: [run: () => unknown, message: string, hint?: string][] = [
    [() => show({ where: ["tim<5"] }), '--where: the results have no column "tim"', 'Did you mean "time"?'],
    [() => show({ where: ["speed"] }), '--where takes a condition, not "speed"'],
    [() => show({ where: ["=5"] }), '--where takes a condition, not "=5"'],
    [() => show({ param: ["SIZ=5"] }), 'No parameter "SIZ" in this study', 'Did you mean "SIZE"?'],
    [() => show({ param: ["time=5"] }), 'No parameter "time" in this study'],
    [() => show({ param: ["SIZE"] }), '--param takes NAME=VALUE, not "SIZE"'],
    [() => show({ sort: "-nothing" }), '--sort: the results have no column "nothing"'],
    [() => show({ limit: -1 }), "--limit takes a whole number of at least 0"],
    [() => axesOf(TIMES, ["SIZE"], []), '--plot takes axes, not "SIZE"'],
    [() => axesOf(TIMES, ["x=SIZE", "x=time"], []), '--plot takes axes, not "x=time"'],
    [() => axesOf(TIMES, ["y="], []), '--plot takes axes, not "y="'],
    [() => axesOf(TIMES, ["y=tim"], []), '--plot: the results have no column "tim"'],
    [
      () => columnOf({ names: ["N", "a.time", "b.time"] }, "time", "by"),
      '--by: the results have no column "time"',
      "Columns are a.time, b.time.",
    ],
    [
      () => drawnResults(TIMES, { x: 0, y: 3, by: [] }, undefined),
      "No row has a number for note and a value for SIZE",
      "Rows: 2 without a value, 3 with a text instead of a number.",
    ],
    [
      () => drawnResults(TIMES, { x: 0, y: 2, by: [] }, "x"),
      "The x axis cannot be logarithmic: not all values of SIZE are numbers",
    ],
    [
      () => drawnResults(MANY, { x: 1, y: 2, by: [0] }, undefined),
      "--by SIZE gives 40 series, but there are signs for 34",
    ],
  ];
  for (const [run, message, hint] of cases) {
    const error = assertThrows(run, UserError) as UserError;
    assertEquals(error.message, message);
    if (hint !== undefined) assertEquals(error.hint, hint);
  }
});

const figures = (all: ResultTable, by: readonly number[]) =>
  [...statistics(all, by).rows].map(({ cells }) => cells);

Deno.test("results: statistics of groups", () => {
  assertEquals(statistics(TIMES, [1]).names, ["SOLVER", "result", "count", "missing", "mean", "min", "max"]);
  assertEquals(figures(TIMES, [1]), [
    ["cg", "time", "1", "1", "1.5", "1.5", "1.5"],
    ["cg", "note", "0", "2", undefined, undefined, undefined],
    ["lu", "time", "2", "1", "6.25", "2.50", "1e1"],
    ["lu", "note", "0", "3", undefined, undefined, undefined],
  ]);
  assertEquals(figures(TIMES, []).map((cells) => cells.slice(0, 3)), [["time", "3", "2"], [
    "note",
    "0",
    "5",
  ]]);
  assertEquals(figures(table([]), [1]), []);
});

Deno.test("results: a value that is in several rows counts once in each group", () => {
  const rows = [["1", "a", "5", ""], ["1", "b", "5", ""], ["2", "a", "7", ""]];
  const shared = table([], {
    rows: rows.map((cells, i) => ({ cells, nodes: [undefined, undefined, i < 2 ? 0 : 1, i] })),
  });
  assertEquals(figures(shared, [])[0], ["time", "2", "0", "6", "5", "7"]);
  assertEquals(figures(shared, [1])[0], ["a", "time", "2", "0", "6", "5", "7"]);
  assertEquals(figures(shared, [1])[2], ["b", "time", "1", "0", "5", "5", "5"]);
});

Deno.test("results: the mean of the largest numbers is finite, and pictures have no statistics", () => {
  const huge = table([["1", "a", "1.5e308", "a.png"], ["2", "a", "1.5e308", "b.png"]], {
    images: new Set([3]),
  });
  assertEquals(figures(huge, []), [["time", "2", "0", "1.5e+308", "1.5e308", "1.5e308"]]);
});

Deno.test("results: a plot's table has its columns, and rows that are not drawn are counted", () => {
  const { points, note, names } = drawnResults(TIMES, axesOf(TIMES, ["y=time"], ["SOLVER"]), undefined);
  assertEquals(names, { x: "SIZE", y: "time", by: "SOLVER" });
  assertEquals(points.names, ["SOLVER", "SIZE", "time"]);
  assertEquals(points.parameters, 2);
  assertEquals([...points.rows].map(({ cells }) => cells), [
    ["cg", "10", "1.5"],
    ["lu", "10.0", "1e1"],
    ["lu", "100", "2.50"],
  ]);
  assertEquals(note, "2 of 5 rows are not drawn: 1 without a value, 1 with a number that is not finite");
});
