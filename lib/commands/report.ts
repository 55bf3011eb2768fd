/** `maestro report`: a study as one HTML file, for any browser, without a network. */

import { visible } from "../cells.ts";
import { EXIT, systemWord } from "../errors.ts";
import { failedItself, shownWord } from "../view/failures.ts";
import { graphView } from "../view/graph_view.ts";
import { conductorView } from "../study/lease.ts";
import {
  type ReportData,
  reportData,
  reportedNodes,
  type ReportFailure,
  type ReportPictures,
} from "../view/report_data.ts";
import { reportPage } from "../view/report_page.ts";
import { statusView } from "../view/status.ts";
import { replayWithEvents } from "../study/journal/replay.ts";
import { openStudy, type Study } from "../study/folder.ts";
import { codeOf, type System } from "../system.ts";
import type { Plan } from "../plan/types.ts";
import type { StatusView } from "../view/status_view.ts";
import { cannotWriteReport } from "../view_errors.ts";
import { resolve } from "@std/path";
import { guarded } from "../app/context.ts";
import { reportPictures } from "../app/report_pictures.ts";
import { provenanceOf } from "../app/report_provenance.ts";
import { hiderOf } from "../app/hidden_files.ts";
import { valuesOf } from "../app/results.ts";
import { hidden } from "../study/secrets.ts";
import { lastLines, logPath } from "../app/step_files.ts";

export interface ReportFlags {
  readonly out?: string;
}

/** Below the study's folder. */
const FILE = "report.html";

export default guarded<ReportFlags, [string]>(async ({ system, version }, flags, directory) => {
  const study = await openStudy(system, directory);
  const hide = hiderOf(system, study);
  const { data, pictures } = await contentOf(system, study, version, hide);
  // Pictures are no texts: what looks like a secret in them is chance.
  const page = reportPage(hidden(data, hide), system.token(), pictures);
  if (flags.out === "-") {
    system.stdout.write(page);
    return EXIT.ok;
  }
  const file = flags.out === undefined ? `${study.root}/${FILE}` : resolve(system.cwd, flags.out);
  try {
    // A link of this name in a folder that others write to must not be followed. What the user names is the user's choice.
    if (flags.out === undefined) system.replaceText(file, page);
    else system.writeText(file, page);
  } catch (error) {
    if (codeOf(error) !== undefined) {
      throw cannotWriteReport(file, systemWord(error));
    }
    throw error;
  }
  system.stdout.write(`${file}\n`);
  return EXIT.ok;
});

async function contentOf(
  system: System,
  study: Study,
  version: string,
  hide: (text: string) => string,
): Promise<{ data: ReportData; pictures: ReportPictures }> {
  const { plan, root } = study;
  // As in `status`: the lease is read before the journal.
  const conductor = conductorView(system, root);
  const { progress, events } = replayWithEvents(system, study);
  const now = system.now();
  const view = statusView(progress, conductor, now);
  const chosen = reportedNodes(view);
  const graph = await graphOf(plan, view);
  const pictures = reportPictures(system, plan, view, chosen, hide);
  const data = reportData({
    ...{ plan, view, now, chosen, maestro: version },
    resultsOf: (node) => valuesOf(system, plan, progress, plan.nodes[node]!),
    failures: failuresOf(system, study, view, chosen),
    provenance: provenanceOf(system, study, events, progress.settings),
    ...(graph ? { graph } : {}),
  });
  return { data, pictures };
}

/** A graph of more nodes is folded to its steps: the picture is only one part of the page. */
const MOST_NODES = 60;
/** The layout of more nodes takes long, and nobody can read it. */
const MOST_DRAWN = 1200;

async function graphOf(plan: Plan, { steps }: StatusView) {
  const folded = plan.nodes.length > MOST_NODES;
  const view = graphView(plan, folded, steps);
  if (view.nodes.length + view.edges.length > MOST_DRAWN) return undefined;
  const { placeGraph } = await import("../view/graph_layout.ts");
  return { placed: await placeGraph(view), folded };
}

/** Most failures whose logs are read. The others have only their rows. */
const MOST_FAILURES = 100;
/** Lines of a log. */
const TAIL = 30;

function failuresOf(
  system: System,
  study: Study,
  view: StatusView,
  chosen: readonly number[],
): ReportFailure[] {
  const when = (row: number) => view.steps[chosen[row]!]!.endedAt ?? Infinity;
  const rows = chosen.flatMap((node, row) => failedItself(view.steps[node]!) ? [row] : []);
  return rows.sort((a, b) => when(a) - when(b) || a - b).slice(0, MOST_FAILURES).map((row) => {
    const node = study.plan.nodes[chosen[row]!]!;
    const attempt = view.steps[node.index]!.attempts.at(-1);
    const logs = (["err", "out"] as const).flatMap((stream) => {
      const file = attempt && logPath(system, study, node, attempt, stream);
      const tail = file === undefined ? [] : lastLines(system, file, TAIL).map(plainLine);
      return file === undefined || tail.length === 0 ? [] : [{ file, tail }];
    });
    const rerun = `maestro rerun --step ${shownWord(node.name)} ${shownWord(study.root)}`;
    return { row, logs, rerun };
  });
}

/** Longer lines are cut. */
const LONGEST_LINE = 2000;
// deno-lint-ignore no-control-regex
const ESCAPES = /\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\^_])/g;

/** A line of a log without colours, and without characters that change the direction of text. */
function plainLine(line: string): string {
  const text = visible(line.replace(ESCAPES, "").replaceAll("\t", "    ")).trimEnd();
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
}
