/**
 * The narrow layout: one block for each node, with all facts about it. If the terminal has room (92 cells
 * with usual names), it is laid out like Maestro's. With less room the details move to the left, and then
 * below each other.
 */

import { cellWidth, centre, fold, pad, visible } from "../cells.ts";
import { type Cell, fitGrid, GAP, type Grid, gridLines, makeGrid } from "./render_grid.ts";
import { standingOf } from "./failures.ts";
import { COLUMNS, durationText, statusRow } from "./render_csv.ts";
import type { Look } from "./render_table.ts";
import { paint, stateStyle, STYLE, type Style } from "./terminal.ts";
import type { StatusStep, StatusView } from "./status_view.ts";

/** Where names begin, behind `  WORKSPACE:   `. */
const NAME_INDENT = 15;
/** Where tables begin: below the names, or at the left where that is too wide. */
const WIDE_INDENT = 16;
const SLIM_INDENT = 3;
/** Blanks at the right end of a line of names, and of tables. */
const NAME_RIGHT = 2;
const TABLE_RIGHT = 3;
/** A name is folded to no less than this; on a narrower terminal its lines run over. */
const LEAST_NAME = 10;

const DETAILS = ["State", "Job ID", "Run Time", "Elapsed Time"] as const;
const SCHEDULER = ["Submit Time", "Start Time", "End Time", "Number Restarts"] as const;

type Pair = readonly string[];

/** One step with its tables in their natural widths. */
interface Block {
  readonly name: string;
  readonly workspace: string;
  /** Lines that Maestro does not have. */
  readonly more: readonly (readonly [label: string, text: string])[];
  readonly details: Grid;
  readonly scheduler: Grid;
  /** Names and values of the parameters, and their table; undefined for a step without any. */
  readonly params: { readonly pairs: readonly Pair[]; readonly grid: Grid } | undefined;
}

/** The layout of all blocks of a status, so that they are aligned. */
interface Frame {
  readonly width: number;
  readonly indent: number;
  readonly sideBySide: boolean;
  readonly look: Look;
}

/** The whole text of the layout. Lines are padded to one width, as in Maestro's. */
export function renderNarrow(view: StatusView, look: Look): string {
  const title = visible(`STUDY: ${view.directory}`);
  const blocks = view.steps.map((step) => block(step, look));
  const frame = frameOf(blocks, title, look);
  const end = (look.unicode ? "━" : "=").repeat(frame.width);
  // A title may be longer than the blocks: a path in one piece can be copied.
  const lines = fold(title, Math.max(frame.width, look.width)).map((line) =>
    paint(pad(centre(line, frame.width), frame.width), look.styled ? STYLE.italic : STYLE.none)
  );
  // One text a block: a big study has too many lines to keep each of them.
  for (const each of blocks) lines.push([...blockLines(each, frame), end].join("\n"));
  lines.push(" ".repeat(frame.width));
  return lines.join("\n") + "\n";
}

function block(step: StatusStep, look: Look): Block {
  const row = statusRow(step).map(visible);
  const cells = (name: typeof COLUMNS[number]): Cell[] => [
    { text: name, style: STYLE.none },
    { text: row[COLUMNS.indexOf(name)]!, style: name === "State" ? stateStyle(step.state) : STYLE.none },
  ];
  const pairs = Object.entries(step.params).map((pair) => pair.map(visible));
  return {
    name: visible(step.name),
    workspace: visible(step.shortWorkspace),
    more: look.more ? moreLines(step) : [],
    details: makeGrid("Step Details", DETAILS.map(cells)),
    scheduler: makeGrid("Scheduler Details", SCHEDULER.map(cells)),
    params: pairs.length === 0 ? undefined : { pairs, grid: paramGrid(pairs, 2) },
  };
}

function moreLines(step: StatusStep): (readonly [label: string, text: string])[] {
  const { attempts: { length }, totalRunTime } = step;
  const reason = visible(standingOf(step));
  return [
    ...reason === "" ? [] : [["REASON:", reason] as const],
    ...length < 2 ? [] : [["ATTEMPTS:", `${length}, ${durationText(totalRunTime)} in total`] as const],
  ];
}

/** `perRow` pairs of a name and its value in each row, the last one filled up with blanks. */
function paramGrid(pairs: readonly Pair[], perRow: number): Grid {
  const rows: Cell[][] = [];
  for (let i = 0; i < pairs.length; i += perRow) {
    const inRow = Array.from({ length: perRow }, (_, k) => pairs[i + k] ?? ["", ""]);
    rows.push(inRow.flatMap(([name, value]): Cell[] => [
      { text: name!, style: STYLE.none },
      { text: value!, style: STYLE.none, align: "right" },
    ]));
  }
  return makeGrid("Step Parameters", rows);
}

function frameOf(blocks: readonly Block[], title: string, look: Look): Frame {
  let names = 0;
  let pair = 0;
  let params = 0;
  for (const each of blocks) {
    names = Math.max(names, cellWidth(each.name), cellWidth(each.workspace));
    pair = Math.max(pair, each.details.width + GAP.length + each.scheduler.width);
    params = Math.max(params, each.params?.grid.width ?? 0);
  }
  const fits = (indent: number) => indent + pair + TABLE_RIGHT <= look.width;
  const indent = fits(WIDE_INDENT) ? WIDE_INDENT : SLIM_INDENT;
  const natural = Math.max(NAME_INDENT + names + NAME_RIGHT, indent + Math.max(pair, params) + TABLE_RIGHT);
  const wanted = blocks.length === 0 ? cellWidth(title) : natural;
  return { width: Math.max(1, Math.min(wanted, look.width)), indent, sideBySide: fits(indent), look };
}

function blockLines(of: Block, frame: Frame): string[] {
  const room = frame.width - frame.indent - TABLE_RIGHT;
  const blank = " ".repeat(frame.width);
  const [details, scheduler] = [fitGrid(of.details, room), fitGrid(of.scheduler, room)];
  const pairs = of.params?.pairs;
  const params = pairs && fitGrid(of.params.grid.width <= room ? of.params.grid : paramGrid(pairs, 1), room);
  return [
    blank,
    ...labelled("STEP:", of.name, STYLE.bold, frame),
    ...labelled("WORKSPACE:", of.workspace, STYLE.none, frame),
    ...of.more.flatMap(([label, text]) => labelled(label, text, STYLE.none, frame)),
    blank,
    ...frame.sideBySide
      ? tableLines([details, scheduler], frame)
      : [...tableLines([details], frame), ...tableLines([scheduler], frame)],
    ...params ? tableLines([params], frame) : [],
    blank,
  ];
}

/** Lines of tables of equal height, side by side. */
function tableLines(grids: readonly Grid[], frame: Frame): string[] {
  const width = grids.reduce((sum, grid) => sum + grid.width, GAP.length * (grids.length - 1));
  const start = " ".repeat(frame.indent);
  const end = " ".repeat(Math.max(0, frame.width - frame.indent - width));
  const [first, ...others] = grids.map((grid) => gridLines(grid, frame.look));
  return first!.map((line, i) => start + [line, ...others.map((lines) => lines[i]!)].join(GAP) + end);
}

function labelled(label: string, text: string, style: Style, frame: Frame): string[] {
  const room = frame.width - NAME_INDENT;
  return fold(text, Math.max(LEAST_NAME, room - NAME_RIGHT)).map((line, i) => {
    const padded = pad(line, room);
    return pad(i === 0 ? "  " + label : "", NAME_INDENT) +
      (frame.look.styled ? paint(padded, style) : padded);
  });
}
