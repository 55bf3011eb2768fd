/** Mistakes that people make in specs: both programs are to refuse them, or one has a rule. */

import type { Draw } from "./random.ts";
import { list, map, type MapTree, raw, type Tree } from "./spec_text.ts";

type Entries = readonly (readonly [string, Tree])[];

const without = (entries: Entries, key: string) => entries.filter(([other]) => other !== key);
const withValue = (
  entries: Entries,
  key: string,
  value: Tree,
): Entries => [...without(entries, key), [key, value]];

/** One section changed; the tree as it is where there is none. */
function changed(tree: MapTree, key: string, change: (value: Tree) => Tree): MapTree {
  return map(tree.entries.map(([other, value]) => [other, other === key ? change(value) : value]));
}

/** One random step changed. */
function stepChanged(draw: Draw, tree: MapTree, change: (entries: Entries) => Entries): MapTree {
  return changed(tree, "study", (study) => {
    if (study.kind !== "list" || study.items.length === 0) return study;
    const at = draw.between(0, study.items.length - 1);
    return list(
      study.items.map((step, i) => i === at && step.kind === "map" ? map(change(step.entries)) : step),
    );
  });
}

function runChanged(draw: Draw, tree: MapTree, change: (entries: Entries) => Entries): MapTree {
  return stepChanged(
    draw,
    tree,
    (entries) =>
      entries.map(([key, value]) =>
        key === "run" && value.kind === "map"
          ? [key, { ...value, entries: change(value.entries) }]
          : [key, value]
      ),
  );
}

const MISTAKES: readonly ((draw: Draw, tree: MapTree) => MapTree)[] = [
  (_, tree) => map(without(tree.entries, "description")),
  (_, tree) => map(without(tree.entries, "study")),
  (draw, tree) => stepChanged(draw, tree, (step) => without(step, draw.pick(["name", "description", "run"]))),
  (draw, tree) => stepChanged(draw, tree, (step) => withValue(step, "note", raw("x"))),
  (draw, tree) => runChanged(draw, tree, (run) => without(run, "cmd")),
  (draw, tree) =>
    runChanged(draw, tree, (run) => withValue(run, draw.pick(["cmds", "shell_", "dependz"]), raw("x"))),
  (draw, tree) => runChanged(draw, tree, (run) => withValue(run, "depends", list([raw("nowhere")]))),
  (draw, tree) => runChanged(draw, tree, (run) => withValue(run, "depends", raw("nowhere"))),
  (draw, tree) =>
    runChanged(
      draw,
      tree,
      (run) => withValue(run, "procs", raw(draw.pick(["0", "many", "1.5", "-1", "'$(A) x'"]))),
    ),
  (draw, tree) =>
    runChanged(draw, tree, (run) => withValue(run, "cmd", raw(draw.pick(['""', "5", "[a, b]", "~"])))),
  (draw, tree) =>
    runChanged(draw, tree, (run) => withValue(run, "exclusive", raw(draw.pick(["maybe", "1"])))),
  (draw, tree) =>
    runChanged(draw, tree, (run) => withValue(run, "priority", raw(draw.pick(["urgent", "1.5"])))),
  (_, tree) => changed(tree, "description", () => raw("just text")),
  (_, tree) => changed(tree, "batch", () => map([["type", raw("condor")]])),
  (_, tree) => changed(tree, "env", () => map([["vars", map([["A", raw("1")]])]])),
  (draw, tree) =>
    changed(tree, "env", () => map([["variables", map([["A", raw(draw.pick(["", '""', "[1]", "true"]))]])]])),
  (_, tree) => changed(tree, "global.parameters", () => map([["A", map([["values", list([raw("1")])]])]])),
  (_, tree) =>
    changed(
      tree,
      "global.parameters",
      () => map([["A", map([["values", raw("5")], ["label", raw("A.%%")]])]]),
    ),
  (draw, tree) =>
    changed(
      tree,
      "global.parameters",
      (value) =>
        value.kind === "map"
          ? map([...value.entries, [
            "ZZ",
            map([["values", list([raw("1"), raw("2"), raw("3"), raw("4"), raw("5"), raw("6")])], [
              "label",
              raw(draw.pick(["ZZ.%%", "[a, b]"])),
            ]]),
          ]])
          : value,
    ),
  (_, tree) => map([...tree.entries, ["study", raw("[")]]),
];

/** The spec with one mistake. */
export function broken(draw: Draw, tree: MapTree): MapTree {
  return draw.pick(MISTAKES)(draw, tree);
}
