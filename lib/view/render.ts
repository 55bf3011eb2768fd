/** A study's status as text for people. Data for programs is made in `render_csv.ts` and `render_json.ts`. */

import { visible } from "../cells.ts";
import { failedItself, failureLines, shownWord, skippedText } from "./failures.ts";
import { renderFlat } from "./render_flat.ts";
import { renderLegacy } from "./render_legacy.ts";
import { renderNarrow } from "./render_narrow.ts";
import { formatLocalTime } from "../times.ts";
import type { StatusView } from "./status_view.ts";
import { SHOWN_STATES } from "../study/states.ts";

/** How a status is shown. */
export interface RenderOptions {
  readonly layout: "flat" | "narrow" | "legacy";
  /** Cells of a line; Infinity where nothing limits it. */
  readonly width: number;
  /** Whether the reader understands ANSI styles: a terminal, or a pager that passes them on. */
  readonly color: boolean;
  /** Whether tables have what Maestro's do not: reasons, and times of all attempts. */
  readonly more?: boolean;
  /** False: boxes, but no styles (`--disable-theme`). */
  readonly theme: boolean;
  /** False: lines are drawn in ASCII. */
  readonly unicode?: boolean;
}

/** The table of a study's steps; ends with a newline. */
export function renderStatus(view: StatusView, options: RenderOptions): string {
  const look = {
    width: options.width,
    styled: options.color && options.theme,
    unicode: options.unicode ?? true,
    more: options.more ?? false,
  };
  if (options.layout === "narrow") return renderNarrow(view, look);
  return options.layout === "legacy" ? renderLegacy(view) : renderFlat(view, look);
}

/** One line for one study: `Build_archive_20220126-111006  failed  3 FINISHED, 1 FAILED`. */
export function summaryLine(view: StatusView): string {
  return summaryParts(view).join("  ");
}

/** Name, state and counts of a study. */
export function summaryParts(view: StatusView): [name: string, state: string, counts: string] {
  const name = view.directory.replace(/\/+$/, "").split("/").pop()! || view.directory;
  const counts = SHOWN_STATES.filter((state) => (view.counts[state] ?? 0) > 0)
    .map((state) => `${view.counts[state]} ${state}`);
  const { skipped, retrying } = view.tally;
  const fates = [
    ...skipped > 0 ? [`${skipped} did not run`] : [],
    ...retrying > 0 ? [`${retrying} will run again`] : [],
  ];
  const of = fates.length > 0 ? ` (${fates.join(", ")})` : "";
  return [visible(name), view.state, counts.length > 0 ? counts.join(", ") + of : "no steps"];
}

/** Lines for the foot of a table: why the study failed, or that nobody conducts it. */
export function notes(view: StatusView): string[] {
  if (view.state === "stalled") return [stalledNote(view)];
  if (view.state === "running") return factLines(view);
  if (view.state !== "failed") return [];
  return [...failureLines(view.steps.filter(failedItself)), ...[skippedText(view) ?? []].flat()];
}

/** What is known of the study as a whole. */
export function factLines({ facts }: StatusView): string[] {
  return facts.flatMap(({ line }) => line ?? []);
}

export function stalledNote(view: StatusView): string {
  const left = view.facts.find(({ left }) => left !== undefined)?.left;
  if (left !== undefined) {
    return `stalled: ${left}; \`maestro resume ${shownWord(view.directory)}\` continues`;
  }
  if (view.originalAt !== undefined) {
    return `stalled: LLNL's Maestro has written nothing since ${formatLocalTime(view.originalAt)}; ` +
      "its conductor may be gone";
  }
  const { host, pid, heartbeatAt } = view.conductor;
  const who = ["conductor", host && `on ${visible(host)}`, pid && `(pid ${pid})`].filter(Boolean).join(" ");
  const since = heartbeatAt === undefined ? "" : ` since ${formatLocalTime(heartbeatAt)}`;
  return `stalled: ${who} is gone${since}; \`maestro resume ${shownWord(view.directory)}\` continues`;
}
