/** What `maestro status` prints for people, by layout. */

import { counted } from "../errors.ts";
import { notes, renderStatus } from "../view/render.ts";
import { type FailureLog, headLine, renderSummary } from "../view/render_summary.ts";
import type { Look } from "../view/render_table.ts";
import type { System } from "../system.ts";
import { wantsColor } from "../terminal.ts";
import type { StatusStep, StatusView } from "../types.ts";

export interface StatusTextFlags {
  readonly layout?: "summary" | "flat" | "narrow" | "legacy";
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly ndjson?: boolean;
  readonly all?: boolean;
  readonly limit?: number;
  readonly "disable-theme"?: boolean;
}

/** A study, and which of its steps are shown, where they are not all. */
export interface Shown {
  readonly view: StatusView;
  readonly steps?: readonly StatusStep[];
  readonly failure?: FailureLog;
}

/** A table of more rows is left out, unless it is asked for. */
const MOST_ROWS = 100;

/** For people. `several`: more than one study was named. */
export function statusText(
  system: System,
  shown: readonly Shown[],
  flags: StatusTextFlags,
  several: boolean,
): string {
  const look = lookOf(system, flags);
  if (several && flags.layout === undefined) {
    return shown.map(({ view }) => `${headLine(view, look)}\n`).join("");
  }
  return shown.map((study) => studyText(system, study, flags, look)).join("\n");
}

/** How the terminal, or the pipe, is written to. */
export function lookOf(system: System, flags: StatusTextFlags): Look {
  const limited = system.stdout.isTerminal || system.env["COLUMNS"];
  return {
    width: limited ? system.stdout.columns() : Infinity,
    styled: wantsColor(system.stdout.isTerminal, system.env) && !flags["disable-theme"],
    unicode: true,
  };
}

function studyText(system: System, shown: Shown, flags: StatusTextFlags, look: Look): string {
  const { view, steps } = shown;
  const layout = flags.layout ?? "flat";
  const options = {
    width: look.width,
    color: wantsColor(system.stdout.isTerminal, system.env),
    theme: !flags["disable-theme"],
  };
  const all = view.totals.steps;
  const rows = steps?.length ?? all;
  const left = rows < all ? `${rows} of ${counted(all, "step")} shown\n` : "";
  const selected = steps ? { ...view, steps } : view;
  const foot = notes(view).map((line) => `${line}\n`).join("");
  if (layout === "legacy") return renderStatus(selected, { layout, ...options }) + left + foot;
  const folded = rows > MOST_ROWS && flags.limit === undefined && !flags.all;
  const told = folded ? foldedNote(rows) : "";
  if (layout === "narrow" && !folded) return renderStatus(selected, { layout, ...options }) + left + foot;
  const failure = shown.failure ? { failure: shown.failure } : {};
  const which = layout === "summary" || folded ? "all" as const : "several" as const;
  const summary = renderSummary(view, { now: system.now(), steps: which, ...failure }, look);
  if (layout === "summary") return summary;
  if (folded) return `${summary}\n${left}${told}`;
  return `${summary}\n${renderStatus(selected, { layout: "flat", ...options })}${left}`;
}

function foldedNote(rows: number): string {
  return `The table of ${rows} steps is left out: --all shows it; --state, --step, --param or --limit a part of it.\n`;
}

/** Whether a text for people goes through a pager: it is longer than the terminal. */
export function wantsPager(system: System, text: string, disabled = false): boolean {
  if (disabled || !system.stdout.isTerminal || !system.atTerminal || system.env["TERM"] === "dumb") {
    return false;
  }
  return text.split("\n").length > system.stdout.rows();
}
