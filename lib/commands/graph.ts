/** `maestro graph`: the dependencies as a picture, with states if it is a study. */

import { EXIT } from "../errors.ts";
import { graphDot, graphMermaid } from "../view/graph_text.ts";
import { type GraphView, graphView, type NodeStatus } from "../view/graph_view.ts";
import { readState } from "../study/journal/replay.ts";
import { openStudy } from "../study/folder.ts";
import type { System } from "../system.ts";
import type { Plan } from "../plan/types.ts";
import { endedBy } from "../view/tally.ts";
import { wantsColor, wantsUnicode } from "../view/terminal.ts";
import { notTogether, tooLargeAPicture } from "../view_errors.ts";
import { guarded } from "../app/context.ts";
import type { LookFlags } from "../app/parameters.ts";

export interface GraphFlags extends LookFlags {
  readonly format?: "dot" | "mermaid" | "svg" | "text";
  readonly fold?: boolean;
  readonly all?: boolean;
}

/** A graph of more nodes is folded. */
const MOST_NODES = 200;
/** The layout of more nodes takes minutes, and nobody can read it. */
const MOST_DRAWN = 3000;

export default guarded<GraphFlags, [string]>(async ({ system }, flags, path) => {
  if (flags.fold && flags.all) throw notTogether("fold", "all");
  const { plan, states } = await planOf(system, path, flags);
  const folded = flags.fold ?? (!flags.all && plan.nodes.length > MOST_NODES);
  if (folded && !flags.fold) {
    system.stderr.write(`${plan.nodes.length} combinations are folded into their steps; --all shows each.\n`);
  }
  const view = graphView(plan, folded, states);
  const format = flags.format ?? (system.stdout.isTerminal ? "text" : "svg");
  system.stdout.write(format === "text" ? await treeOf(system, view) : await pictureOf(view, format));
  return EXIT.ok;
});

async function treeOf({ stdout, env }: System, view: GraphView): Promise<string> {
  const { graphTree } = await import("../view/graph_tree.ts");
  return graphTree(view, {
    width: stdout.isTerminal || env["COLUMNS"] ? stdout.columns() : Infinity,
    styled: wantsColor(stdout.isTerminal, env),
    unicode: wantsUnicode(stdout.isTerminal, env),
  });
}

async function pictureOf(view: GraphView, format: "dot" | "mermaid" | "svg"): Promise<string> {
  if (format === "dot") return graphDot(view);
  if (format === "mermaid") return graphMermaid(view);
  if (view.nodes.length + view.edges.length > MOST_DRAWN) throw tooLargeAPicture();
  const [{ placeGraph }, { graphSvg }] = await Promise.all([
    import("../view/graph_layout.ts"),
    import("../view/graph_svg.ts"),
  ]);
  return graphSvg(await placeGraph(view));
}

/** The graph of a study's folder, or of a spec. */
async function planOf(
  system: System,
  path: string,
  flags: GraphFlags,
): Promise<{ plan: Plan; states?: readonly NodeStatus[] }> {
  const facts = system.facts(path);
  if (facts?.isDirectory || (!facts && path === "last")) {
    const study = await openStudy(system, path);
    const { columns } = readState(system, study);
    const states = Array.from({ length: study.plan.size }, (_, node) => ({
      ...{ state: columns.state.get(node), ended: endedBy(columns, node) },
    }));
    return { plan: study.plan, states };
  }
  const [{ loadOrStop }, { chooseRoot }] = await Promise.all([
    import("../app/load_spec.ts"),
    import("./run.ts"),
  ]);
  const options = {
    ...flags,
    looks: "stop" as const,
    hashWorkspaces: false,
    chooseRoot: (spec: Parameters<typeof chooseRoot>[1]) => chooseRoot(system, spec, undefined),
  };
  return await loadOrStop(system, path, options);
}
