/** Makes a small spec of a large one: drops parts as long as a difference of the same kind is left. */

import { compare, removeTree, writeCase } from "./compare.ts";
import type { Difference } from "./differences.ts";
import type { Generated } from "./generate.ts";
import type { Original } from "./original.ts";
import { smaller, specText, type Tree } from "./spec_text.ts";

/** Tries of one shrinking; each runs both programs. */
const MOST_TRIES = 300;

export interface Shrunk {
  readonly text: string;
  readonly options: readonly string[];
  readonly differences: readonly Difference[];
}

/** A small spec with a difference in the same part. */
export async function shrink(
  original: Original,
  generated: Generated,
  part: string,
  folder: string,
  repository: string,
): Promise<Shrunk> {
  let best = generated;
  let left: readonly Difference[] = [];
  let tries = 0;
  const differs = async (candidate: Generated): Promise<boolean> => {
    tries++;
    removeTree(folder);
    const verdict = await compare(original, writeCase(folder, candidate, repository));
    if (!verdict.left.some((difference) => difference.part === part)) return false;
    left = verdict.left;
    return true;
  };
  const shorter = function* ({ tree, before, crlf, options }: Generated): Generator<Partial<Generated>> {
    if (crlf) yield { crlf: false };
    if (before !== "") yield { before: "" };
    // An option and its value, or an option alone.
    for (let i = 0; i < options.length; i++) {
      for (const count of [2, 1]) yield { options: options.filter((_, j) => j < i || j >= i + count) };
    }
    for (const less of smaller(tree)) yield { tree: less as Tree };
  };
  for (let found = true; found && tries < MOST_TRIES;) {
    found = false;
    for (const less of shorter(best)) {
      if (tries >= MOST_TRIES) break;
      const candidate = { ...best, ...less };
      if (!await differs(candidate)) continue;
      best = candidate;
      found = true;
      break;
    }
  }
  removeTree(folder);
  return {
    text: best.before + specText(best.tree),
    options: best.options,
    differences: left.filter((difference) => difference.part === part),
  };
}
