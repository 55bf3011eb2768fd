/** What `maestro status` prints for people, by layout. */

import { counted } from "../errors.ts";
import { notes, type RenderOptions, renderStatus } from "../view/render.ts";
import { type FailureLog, renderSummary } from "../view/render_summary.ts";
import { renderUsage, usageNotes } from "../view/render_usage.ts";
import type { Progress } from "../study/state/progress.ts";
import type { Look } from "../view/render_table.ts";
import type { System } from "../system.ts";
import { wantsColor, wantsUnicode } from "../view/terminal.ts";
import type { StatusStep, StatusView } from "../view/status_view.ts";

export interface StatusTextFlags {
  readonly layout?: "summary" | "flat" | "narrow" | "legacy" | "usage";
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly ndjson?: boolean;
  readonly all?: boolean;
  readonly limit?: number;
  readonly "disable-theme"?: boolean;
}

/** A study, and its selected steps if they are not all. */
export interface Shown {
  readonly view: StatusView;
  readonly steps?: readonly StatusStep[];
  readonly failure?: FailureLog;
  readonly progress?: Progress;
}

/** A longer table is omitted unless the user asks for it. */
const MOST_ROWS = 100;

/** The text on standard output, and the text on standard error. */
export interface StatusText {
  readonly text: string;
  readonly aside: string;
}

/**
 * For people. In a pipe, standard output has only what Maestro prints, because scripts count its rows and
 * words. Our additions are on standard error.
 */
export function statusText(system: System, shown: readonly Shown[], flags: StatusTextFlags): StatusText {
  const look = lookOf(system, flags);
  if (flags.layout === "usage") {
    return { text: shown.map((study) => usageText(study, look)).join("\n"), aside: "" };
  }
  if (!system.stdout.isTerminal && flags.layout !== "summary") {
    const pairs = shown.map((study) => plainText(system, study, flags, look));
    return {
      text: pairs.map(({ text }) => text).join("\n"),
      aside: pairs.map(({ aside }) => aside).join(""),
    };
  }
  return { text: shown.map((study) => studyText(system, study, flags, look)).join("\n"), aside: "" };
}

function plainText(system: System, shown: Shown, flags: StatusTextFlags, look: Look): StatusText {
  const { view, steps } = shown;
  const layout: RenderOptions["layout"] = flags.layout === "narrow" || flags.layout === "legacy"
    ? flags.layout
    : "flat";
  const options = { layout, ...optionsOf(system, flags, look) };
  const text = renderStatus(steps ? { ...view, steps } : view, options) + leftNote(shown);
  const notesText = () => notes(view).map((line) => `${line}\n`).join("");
  return {
    text,
    aside: layout === "flat" ? `${summaryText(system, shown, "several", look)}\n` : notesText(),
  };
}

/** The table, and what would do. */
function usageText(shown: Shown, look: Look): string {
  const { view, steps, progress } = shown;
  const table = renderUsage(steps ? { ...view, steps } : view, look) + leftNote(shown);
  return progress ? table + usageNotes(progress.plan, view) : table;
}

function optionsOf(system: System, flags: StatusTextFlags, look: Look) {
  return {
    width: look.width,
    color: wantsColor(system.stdout.isTerminal, system.env),
    theme: !flags["disable-theme"],
    unicode: drawsUnicode(system),
    more: system.stdout.isTerminal,
  };
}

function leftNote({ view, steps }: Shown): string {
  const all = view.totals.steps;
  const rows = steps?.length ?? all;
  return rows < all ? `${rows} of ${counted(all, "step")} shown\n` : "";
}

function summaryText(
  system: System,
  { view, failure }: Shown,
  steps: "all" | "several",
  look: Look,
): string {
  return renderSummary(view, { now: system.now(), steps, ...(failure ? { failure } : {}) }, look);
}

/** In a pipe, tables are those of Maestro. */
const drawsUnicode = ({ stdout, env }: System) => !stdout.isTerminal || wantsUnicode(stdout.isTerminal, env);

/** How to write to the terminal or the pipe. */
export function lookOf(system: System, flags: StatusTextFlags): Look {
  const limited = system.stdout.isTerminal || system.env["COLUMNS"];
  return {
    width: limited ? system.stdout.columns() : Infinity,
    styled: wantsColor(system.stdout.isTerminal, system.env) && !flags["disable-theme"],
    unicode: drawsUnicode(system),
  };
}

function studyText(system: System, shown: Shown, flags: StatusTextFlags, look: Look): string {
  const { view, steps } = shown;
  const layout = flags.layout ?? "flat";
  const options = optionsOf(system, flags, look);
  const rows = steps?.length ?? view.totals.steps;
  const left = leftNote(shown);
  const selected = steps ? { ...view, steps } : view;
  const foot = notes(view).map((line) => `${line}\n`).join("");
  if (layout === "legacy") return renderStatus(selected, { layout, ...options }) + left + foot;
  const folded = rows > MOST_ROWS && flags.limit === undefined && !flags.all;
  if (layout === "narrow" && !folded) return renderStatus(selected, { layout, ...options }) + left + foot;
  const which = layout === "summary" || folded ? "all" as const : "several" as const;
  const summary = summaryText(system, shown, which, look);
  if (layout === "summary") return summary;
  if (folded) return `${summary}\n${left}${foldedNote(rows)}`;
  return `${summary}\n${renderStatus(selected, { layout: "flat", ...options })}${left}`;
}

function foldedNote(rows: number): string {
  return `The table of ${rows} steps is omitted. --all shows it; --state, --step, --param or --limit shows a part.\n`;
}

/** Whether a text for people goes through a pager: it is longer than the terminal. */
export function wantsPager(system: System, text: string, disabled = false): boolean {
  if (disabled || !system.stdout.isTerminal || !system.atTerminal || system.env["TERM"] === "dumb") {
    return false;
  }
  return text.split("\n").length > system.stdout.rows();
}
