/** What a command line made, as plain data in which both programs use the same words: paths are `@OUT@` and `@DIR@`. */

import type { Original, OriginalRun } from "./original.ts";
import type { OurRun } from "./ours.ts";

/** A script: its path below the study's folder, and its lines. */
export interface Script {
  readonly file: string;
  readonly lines: readonly string[];
  readonly executable: boolean;
}

export interface NodePicture {
  readonly name: string;
  readonly workspace: string;
  readonly parents: readonly string[];
  readonly params: readonly (readonly [string, string])[];
  readonly scheduled: boolean;
  readonly script: Script | null;
  readonly restart: Script | null;
  /** The original's error over this node's scripts. */
  readonly died: string | null;
}

export interface Picture {
  readonly exit: number | string;
  /** Why the spec was refused; the rest is empty then. */
  readonly refused: string | null;
  readonly stdout: string;
  /** The text on standard error; not compared. */
  readonly warnings: string;
  readonly nodes: readonly NodePicture[];
  /** Files of the study, parsed where they are YAML. */
  readonly files: Readonly<Record<string, unknown>>;
  readonly status: { readonly header: string; readonly rows: readonly string[] };
  /** Names at the top of the study's folder. */
  readonly top: readonly string[];
}

const YAML_FILES = ["meta/metadata.yaml", "meta/parameters.yaml", "batch.info", "meta/environment.yaml"];

type Steady = (text: string) => string;

/** Replaces the paths of one side. */
function steadyPaths(root: string, folder: string): Steady {
  return (text) => text.replaceAll(root, "@OUT@").replaceAll(folder, "@DIR@");
}

export function pictureOfOriginal(
  original: Original,
  run: OriginalRun,
  folder: string,
  root: string,
): Promise<Picture> {
  const steady = steadyPaths(root, folder);
  const refused = run.error === null && run.code === 0
    ? null
    : run.error
    ? steady(`${run.error.type}: ${run.error.message}`)
    : run.nodes.length > 0
    ? null
    : `exit ${run.code}`;
  const nodes = run.nodes.map((node) => ({
    ...node,
    workspace: steady(node.workspace),
    script: readScript(node.script, steady),
    restart: readScript(node.restart, steady),
    died: node.died === null ? null : steady(node.died),
  }));
  return picture(
    original,
    { exit: run.code, refused, stdout: run.stdout, warnings: "", nodes },
    root,
    steady,
  );
}

export function pictureOfOurs(
  original: Original,
  run: OurRun,
  folder: string,
  root: string,
): Promise<Picture> {
  const steady = steadyPaths(root, folder);
  const nodes = run.nodes.map((node) => ({
    ...node,
    workspace: steady(node.workspace),
    script: readScript(node.script, steady),
    restart: readScript(node.restart, steady),
    died: null,
  }));
  // Warnings and places are not why.
  const problems = run.stderr.split("\n").filter((line) => line.startsWith("error: "));
  const refused = run.code === 0 ? null : steady(problems.join("\n") || run.stderr);
  return picture(
    original,
    { exit: run.code, refused, stdout: run.stdout, warnings: run.stderr, nodes },
    root,
    steady,
  );
}

async function picture(
  original: Original,
  { exit, refused, stdout, warnings, nodes }: Pick<
    Picture,
    "exit" | "refused" | "stdout" | "warnings" | "nodes"
  >,
  root: string,
  steady: Steady,
): Promise<Picture> {
  const nothing = { files: {}, status: { header: "", rows: [] }, top: [] };
  if (refused !== null) return { exit, refused, stdout: "", warnings, nodes: [], ...nothing };
  const found = YAML_FILES.filter((file) => exists(`${root}/${file}`));
  const values = await original.readYaml(found.map((file) => `${root}/${file}`));
  const files = Object.fromEntries(
    found.map((file, i) => [file, JSON.parse(steady(JSON.stringify(values[i])))]),
  );
  return {
    exit,
    refused,
    stdout: steady(stdout),
    warnings,
    nodes: [...nodes].sort((a, b) => a.name < b.name ? -1 : 1),
    files,
    status: readStatus(`${root}/status.csv`),
    top: [...Deno.readDirSync(root)].map(({ name }) => name).sort(),
  };
}

export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function readScript(path: string | null, steady: Steady): Script | null {
  if (path === null || !exists(path)) return null;
  const { mode } = Deno.statSync(path);
  return {
    file: steady(path).replaceAll("//", "/"),
    lines: steady(Deno.readTextFileSync(path)).split("\n"),
    executable: ((mode ?? 0) & 0o100) !== 0,
  };
}

/** The columns of `status.csv` between state and restarts: run time, elapsed time, start, submission, end. */
const TIMES =
  /,(?:--:--:--|\d+d:\d\dh:\d\dm:\d\ds)(?:,(?:--|[\d: -]+|\d+d:\d\dh:\d\dm:\d\ds|--:--:--)){4},(\d+),/;

/** `status.csv` without its times. The original quotes nothing: rows are compared without quotes. */
function readStatus(path: string): Picture["status"] {
  if (!exists(path)) return { header: "", rows: [] };
  const text = Deno.readTextFileSync(path).replace(/\n$/, "")
    .replace(/(^|,)"((?:[^"]|"")*)"(?=,|$)/gm, (_, before, cell) => before + cell.replaceAll('""', '"'));
  const [header = "", ...rows] = text.split("\n");
  const steady = rows.map((row) => {
    const [before, restarts, ...params] = row.split(TIMES);
    return [before, restarts, params.join("").split(";").sort().join(";")].join(",");
  });
  return { header, rows: steady.sort() };
}
