/**
 * Specs and what they load as: problems with their places, or nodes. `tests/loaded/*.txt` has cases:
 *
 *     === title
 *     a spec, or a part of one
 *     ---
 *     what it loads as
 *
 * A part without `description` or `study` gets one behind its last line. `(scripts)` in the title shows scripts,
 * `(define A=1)` gives an option. `deno task update` writes what is below `---`.
 */

import { loadSpec } from "../lib/app/load_spec.ts";
import { commandOf, descriptionOf, exportsOf, restartOf, resultFiles } from "../lib/plan/node_text.ts";
import { nodeScripts } from "../lib/plan/node_script.ts";
import { allParents } from "../lib/plan/node_text.ts";
import { realSystem, type System } from "../lib/system.ts";
import type { LoadedSpec } from "../lib/app/load_spec.ts";
import type { PlanNode } from "../lib/plan/types.ts";
import type { PlacedProblem } from "../lib/spec/types.ts";
import { readCases } from "./cases.ts";
import { ROOT } from "./maestro.ts";

const CASES = `${ROOT}/tests/loaded`;
/** What relative paths start at. */
const FOLDER = `${CASES}/files`;

function wholeSpec(text: string): string {
  const missing = [
    "description: {name: n, description: d}\n",
    "study: [{name: s, description: d, run: {cmd: x}}]\n",
  ]
    .filter((line) => !new RegExp(`^${line.split(":")[0]}\\b`, "m").test(text));
  return text.includes("(as it is)") ? text.replace("# (as it is)\n", "") : text + missing.join("");
}

const problemText = ({ level, message, line, column, hint }: PlacedProblem) =>
  `${line}:${column} ${level}: ${message}${hint === undefined ? "" : ` [${hint}]`}`;

const list = (word: string, items: readonly string[]) =>
  items.length === 0 ? "" : ` ${word} ${items.join(" ")}`;
const lines = (word: string, text: string) =>
  text === "" ? [] : text.trimEnd().split("\n").map((line) => `  ${word}${line}`);

function nodeText({ plan, adapter }: LoadedSpec, node: PlanNode, scripts: boolean): string[] {
  const names = (kind: "depends" | "after") => allParents(plan, node, kind).map((i) => plan.nodes[i]!.name);
  const place = node.workspace === node.name.replace("_", "/") ? "" : ` in ${node.workspace}`;
  const { scheduled, script, restart, resources } = nodeScripts(plan, node, adapter);
  const description = descriptionOf(plan, node);
  const { retry, results, pack, allowFailure, batch } = node.step;
  const all = { retry, results, pack, allowFailure, batch };
  const policy = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const json = (value: object) => Object.keys(value).length === 0 ? "" : ` ${JSON.stringify(value)}`;
  return [
    `${node.name}${place}${list("<-", names("depends"))}${list("after", names("after"))}${
      scheduled ? " scheduled" : ""
    }${json(resources)}${json(policy)}`,
    ...lines("", commandOf(plan, node)),
    ...lines("restart: ", restartOf(plan, node)),
    ...(description === "d" ? [] : lines("description: ", description)),
    ...exportsOf(plan, node).map(({ name, text }) => `  export ${name}=${text}`),
    ...resultFiles(plan, node).filter((file) => file !== "").map((file) => `  result in ${file}`),
    ...(scripts
      ? [script, restart].flatMap((one) => one ? [`  ${one.file}:`, ...lines("| ", one.text)] : [])
      : []),
  ];
}

/** The machine, where no file is read but those of the cases. */
function machine(text: string): System {
  const system = realSystem([]);
  return Object.create(system, {
    cwd: { value: FOLDER },
    readInput: { value: () => Promise.resolve(text) },
  });
}

async function show(title: string, spec: string): Promise<string> {
  const { loaded, problems } = await loadSpec(machine(wholeSpec(spec)), "-", {
    hashWorkspaces: title.includes("(hashws)"),
    chooseRoot: () => "/out",
    notes: true,
    portable: !title.includes("(here)"),
    define: [...title.matchAll(/\(define (.*?)\)/g)].map(([, item]) => item!),
  });
  const nodes = loaded
    ? loaded.plan.nodes.flatMap((node) => nodeText(loaded, node, title.includes("(scripts)")))
    : [];
  const conductor = loaded?.spec.conductor ? [`conductor ${JSON.stringify(loaded.spec.conductor)}`] : [];
  return [...problems.map(problemText), ...conductor, ...nodes].join("\n").replaceAll(FOLDER, "@FOLDER@");
}

for (const { name } of [...Deno.readDirSync(CASES)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  if (name.endsWith(".txt")) readCases(new URL(`file://${CASES}/${name}`), show);
}
