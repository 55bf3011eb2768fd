/** The tables of docs/schedulers.md, made from the adapters and from `docs.ts` beside each. */

import { ADAPTERS } from "../adapters/mod.ts";
import type { Adapter } from "../adapters/adapter.ts";
import type { AdapterDocs } from "../adapters/docs.ts";
import { recordingsIn } from "../lib/app/adapter_suite/recorded.ts";
import { fillTemplate } from "../lib/plan/script.ts";
import { LEVELS } from "../lib/spec/spec_keys.ts";
import { realSystem } from "../lib/system.ts";
import { ROOT } from "./maestro.ts";

export interface Documented {
  readonly adapter: Adapter;
  readonly docs: AdapterDocs;
}

/** All adapters of schedulers, with their documentation. */
export async function documented(): Promise<Documented[]> {
  const schedulers = Object.values(ADAPTERS).filter(({ scheduler }) => scheduler);
  return await Promise.all(schedulers.map(async (adapter) => {
    const path = `${ROOT}/adapters/${adapter.name}/docs.ts`;
    const { docs } = await import(`file://${path}`) as { docs: AdapterDocs };
    return { adapter, docs };
  }));
}

type Rows = readonly (readonly string[])[];

function table([head, ...rows]: Rows): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head!), line(head!.map(() => "---")), ...rows.map(line)].join("\n");
}

const code = (text: string) => `\`${text}\``;
const list = (names: readonly string[]) => names.map(code).join(", ");

/** Keys of a table's rows in the order of the first adapter that has each. */
function keysOf(all: readonly Documented[], keys: (docs: AdapterDocs) => Iterable<string>): string[] {
  return [...new Set(all.flatMap(({ docs }) => [...keys(docs)]))];
}

/** Of a key that a scheduler does not use. */
const IGNORED = "–";

const keyCell = (key: string) => key.split(" or ").map(code).join(" or ");

/** A row for each key that a column has. */
function keyTable(
  keys: readonly string[],
  columns: readonly { readonly title: string; readonly keys: Readonly<Record<string, string>> }[],
): string {
  return table([
    ["key", ...columns.map(({ title }) => title)],
    ...keys.filter((key) => columns.some((column) => column.keys[key] !== undefined))
      .map((key) => [keyCell(key), ...columns.map((column) => column.keys[key] ?? IGNORED)]),
  ]);
}

/** Keys of `run` that schedulers may use, in the order of the format. */
const runKeys = (all: readonly Documented[]) => {
  const used = new Set(
    keysOf(all, ({ run, launcher }) => [...Object.keys(run), ...Object.keys(launcher?.run ?? {})]),
  );
  return LEVELS.run.keys.map(({ name }) => name).filter((name) => used.has(name));
};

/** The lines of a header and the words of a submission that a walltime adds. */
function walltimeCell(adapter: Adapter, walltime: string): string {
  const lines = (resources: { procs: number; walltime?: string }) => {
    const batch = { type: adapter.name };
    const asked = { jobName: "x", description: "x", resources, batch, out: "o", err: "e", workspace: "/w" };
    const header = fillTemplate(adapter.template, { ...adapter.fields(asked), shell: "/bin/sh" });
    return header.split("\n");
  };
  const without = lines({ procs: 1, walltime: "0" });
  const added = lines({ procs: 1, walltime }).filter((line) => !without.includes(line));
  if (walltime === "0") {
    const plain = lines({ procs: 1 });
    const own = plain.filter((line) => /walltime|time|-t |-W |h_rt/.test(line) && !/timestamp/.test(line));
    return own.length === 0 ? "no line" : code(bare(own[0]!));
  }
  return added.length === 0 ? "no line" : code(bare(added[0]!));
}

/** A directive without its mark. */
const bare = (line: string) => line.replace(/^#\S*\s+/, "");

const WALLTIMES = ["90", "10:30", "01:30:00", "1-00:00:00", "5.5", "30m", "2h", "1d", "0", "inf"];

/** How `adapters/NAME/recorded` and `fake` prove an adapter. */
function provenCells({ adapter: { name }, docs }: Documented): string[] {
  const system = realSystem([]);
  const recordings = recordingsIn(system, `${ROOT}/adapters/${name}/recorded`);
  const fake = system.facts(`${ROOT}/adapters/${name}/fake`)?.isDirectory === true;
  return [
    docs.title,
    recordings.length > 0
      ? recordings.join(", ")
      : "**unproven**: nothing is recorded, it follows the manual alone",
    fake ? "yes" : "no",
  ];
}

const MAKERS: Readonly<Record<string, (all: readonly Documented[]) => string>> = {
  manuals: (all) =>
    all.map(({ docs }) =>
      `- ${docs.title}: ${docs.manuals.map(([name, address]) => `[${name}](${address})`).join(", ")}`
    ).join("\n"),
  types: (all) =>
    all.map(({ adapter: { name, otherNames = [] }, docs }) =>
      `- ${code(name)}${otherNames.length > 0 ? ` (or ${list(otherNames)})` : ""}: ${docs.title}`
    ).concat("- `local`: this machine").join("\n"),
  batch: (all) =>
    keyTable(
      keysOf(all, ({ batch }) => Object.keys(batch)),
      all.map(({ adapter, docs }) => ({ title: adapter.name, keys: docs.batch })),
    ),
  run: (all) => {
    const jobs = all.map(({ adapter: { name }, docs }) => ({ title: name, keys: docs.run }));
    return keyTable(runKeys(all), jobs);
  },
  launcher: (all) => {
    const launchers = all.flatMap(({ docs: { launcher } }) =>
      launcher === undefined ? [] : [{ title: code(launcher.program), keys: launcher.run }]
    );
    return keyTable(runKeys(all), launchers);
  },
  environment: (all) =>
    table([
      [
        "scheduler",
        "never part of a submission",
        "left out only if the conductor itself runs in a job",
        "added to the job",
      ],
      ...all.map(({ adapter: { scheduler }, docs }) => {
        const { notSubmitted, ofJobs } = scheduler!;
        const set = ofJobs.slice(0, 5);
        const more = ofJobs.length > set.length ? ", …" : "";
        return [
          docs.title,
          list(notSubmitted),
          set.length === 0 ? "" : `what ${docs.title} set in that job: ${list(set)}${more}`,
          docs.added ?? "",
        ];
      }),
      ["steps on this machine", "", "", "`MAESTRO_ATTEMPT`, by which the conductor knows its own processes"],
    ]),
  walltime: (all) =>
    table([
      ["written", ...all.map(({ adapter }) => adapter.name)],
      ...WALLTIMES.map((text) => [
        text === "0" ? "`0`, nothing" : code(text),
        ...all.map(({ adapter }) => walltimeCell(adapter, text)),
      ]),
    ]),
  jobs: (all) => {
    const row = (title: string, cell: (one: Documented) => string) => [title, ...all.map(cell)];
    return table([
      ["", ...all.map(({ adapter }) => adapter.name)],
      row("submitted by", ({ docs }) => docs.jobs.submitted),
      row("its token is in", ({ docs }) => docs.jobs.token),
      row("asked by", ({ docs }) => docs.jobs.asked),
      row("ended by", ({ docs }) => docs.jobs.ended),
      row("its log", ({ adapter }) => code(adapter.logName("NAME", "out"))),
      row("why it waits", ({ docs }) => docs.jobs.waits),
      row("runs again", ({ docs }) => docs.jobs.again),
      row("out of memory", ({ docs }) => docs.jobs.memory),
      row("over its time", ({ docs }) => docs.jobs.time),
    ]);
  },
  older: (all) =>
    table([
      ["scheduler", "missing", "used instead"],
      ...all.flatMap(({ docs }) =>
        (docs.older ?? []).map(([missing, instead]) => [docs.title, missing, instead])
      ),
    ]),
  proven: (all) =>
    table([
      ["scheduler", "real answers are recorded of", "whole studies run on its fake"],
      ...all.map(provenCells),
    ]),
};

/** The page with its tables made anew. */
export function withTables(page: string, all: readonly Documented[]): string {
  return page.replace(
    /<!-- made from adapters\/: (\w+) -->\n[\s\S]*?\n<!-- end -->/g,
    (_, name: string) => `<!-- made from adapters/: ${name} -->\n\n${MAKERS[name]!(all)}\n\n<!-- end -->`,
  );
}

export const TABLES = Object.keys(MAKERS);
