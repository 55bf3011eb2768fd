/** Real specs through both programs: the files of a folder, searched recursively. */

import { compare, type Verdict } from "./compare.ts";
import type { Original } from "./original.ts";

/** A YAML file that looks like a spec: it has the two sections that each needs. */
function isSpec(text: string): boolean {
  return /^description\s*:/m.test(text) && /^study\s*:/m.test(text);
}

/** Paths of all specs below a folder, in order. */
export function specsBelow(folder: string): string[] {
  const found: string[] = [];
  for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory && name !== ".git") found.push(...specsBelow(path));
    if (isFile && /\.ya?ml$/.test(name) && isSpec(Deno.readTextFileSync(path))) found.push(path);
  }
  return found.sort();
}

export interface CorpusRow {
  readonly spec: string;
  readonly verdict: Verdict;
}

/** Each spec compared. Nothing is cloned, and paths that its dependencies name need not exist. */
export async function compareCorpus(original: Original, folder: string, work: string): Promise<CorpusRow[]> {
  const rows: CorpusRow[] = [];
  for (const [i, spec] of specsBelow(Deno.realPathSync(folder)).entries()) {
    const place = `${work}/${i}`;
    Deno.mkdirSync(place, { recursive: true });
    const verdict = await compare(original, { folder: place, spec, options: [], offline: true });
    rows.push({ spec: spec.slice(folder.length + 1), verdict });
  }
  return rows;
}

/** What came out, as a table. */
export function corpusTable(rows: readonly CorpusRow[]): string {
  const outcomes = Map.groupBy(rows, ({ verdict: { outcome, accepted: { theirs, ours } } }) => {
    const who = theirs && ours
      ? "both accept"
      : theirs
      ? "only the original accepts"
      : ours
      ? "only ours accepts"
      : "both refuse";
    return `${who}, ${outcome}`;
  });
  return [...outcomes].map(([outcome, all]) => `${String(all.length).padStart(5)}  ${outcome}`).sort().join(
    "\n",
  );
}
