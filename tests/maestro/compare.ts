/** One spec through both programs. */

import { type Difference, differences } from "./differences.ts";
import type { Generated } from "./generate.ts";
import type { Original } from "./original.ts";
import { runOurs } from "./ours.ts";
import { type Picture, pictureOfOriginal, pictureOfOurs } from "./picture.ts";
import { ORIGINAL_RULES, underRules } from "./rules.ts";
import { specText } from "./spec_text.ts";

/** A spec on disk with the options it is run with. */
export interface SpecCase {
  /** The folder in which both programs run. */
  readonly folder: string;
  /** The spec's path, relative to that folder or absolute. */
  readonly spec: string;
  readonly options: readonly string[];
  readonly offline?: boolean;
}

export interface Verdict {
  /** Equal, equal under rules, or different. */
  readonly outcome: "equal" | "by rules" | "different";
  /** Whether each program accepted the spec. */
  readonly accepted: { readonly theirs: boolean; readonly ours: boolean };
  /** Rules that were needed. */
  readonly fired: ReadonlySet<string>;
  /** What no rule explains. */
  readonly left: readonly Difference[];
}

/** Runs the spec in both programs and compares what they made. */
export async function compare(original: Original, spec: SpecCase): Promise<Verdict> {
  const { folder } = spec;
  const [plain, ours] = await Promise.all([theirPicture(original, spec, []), ourPicture(original, spec)]);
  const accepted = { theirs: plain.refused === null, ours: ours.refused === null };
  try {
    if (differences(plain, ours).length === 0) {
      return { outcome: "equal", accepted, fired: new Set(), left: [] };
    }
    const fired = new Set<string>();
    const patched = await theirPicture(original, spec, ORIGINAL_RULES, fired);
    const left = differences(underRules(patched, ours, fired), ours);
    return { outcome: left.length === 0 ? "by rules" : "different", accepted, fired, left };
  } finally {
    for (const root of ["theirs", "ours"]) removeTree(`${folder}/${root}`);
  }
}

async function theirPicture(
  original: Original,
  { folder, spec, options, offline = false }: SpecCase,
  rules: readonly string[],
  fired = new Set<string>(),
): Promise<Picture> {
  const root = `${folder}/theirs/study`;
  removeTree(root);
  const words = ["run", "--dry", "-fg", "-y", ...options, "-o", root, spec];
  const run = await original.run({ words, cwd: folder, rules, offline });
  for (const rule of Object.keys(run.fired)) fired.add(rule);
  return await pictureOfOriginal(original, run, folder, root);
}

async function ourPicture(
  original: Original,
  { folder, spec, options, offline }: SpecCase,
): Promise<Picture> {
  const root = `${folder}/ours/study`;
  const words = ["run", "--dry", "-fg", "-y", ...options, "-o", root, spec];
  return await pictureOfOurs(original, await runOurs(words, folder, root, offline), folder, root);
}

export function removeTree(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Writes a generated spec into a folder. `repository`: what `@REPO@` is. */
export function writeCase(
  folder: string,
  { tree, before, crlf, options, files }: Generated,
  repository: string,
): SpecCase {
  Deno.mkdirSync(folder, { recursive: true });
  const text = (before + specText(tree)).replaceAll("@REPO@", repository);
  Deno.writeTextFileSync(`${folder}/spec.yaml`, crlf ? text.replaceAll("\n", "\r\n") : text);
  for (const [path, content] of Object.entries(files)) {
    const target = `${folder}/${path}`;
    Deno.mkdirSync(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(target, content);
  }
  return { folder, spec: "spec.yaml", options };
}
