/**
 * The value of each `$(NAME)` of the spec's `env`: variables, labels, dependencies, SPECROOT and OUTPUT_PATH.
 *
 * Names may refer to each other in any order. Maestro replaces once, in the order of the file, so a label may
 * use only later labels. Here a name always becomes its full text.
 */

import { substitute } from "../tokens.ts";
import type { NamedText } from "../spec/types.ts";

export interface ResolvedNames {
  /** Name to full text. */
  readonly texts: ReadonlyMap<string, string>;
  /** Names that refer to themselves, as paths that end where they begin. Their tokens remain unchanged. */
  readonly circles: readonly (readonly string[])[];
}

/** The full text of each name. The first of two equal names wins; the spec's check reports the second. */
export function resolveEnvironment(items: readonly NamedText[]): ResolvedNames {
  const raw = new Map<string, string>();
  for (const { name, text } of items) if (!raw.has(name)) raw.set(name, text);
  const texts = new Map<string, string>();
  const circles: string[][] = [];
  const path: string[] = [];
  const resolve = (name: string): string | undefined => {
    const known = texts.get(name);
    const text = raw.get(name);
    if (known !== undefined || text === undefined) return known;
    const at = path.indexOf(name);
    if (at >= 0) {
      circles.push([...path.slice(at), name]);
      return undefined;
    }
    path.push(name);
    const full = substitute(text, resolve);
    path.pop();
    texts.set(name, full);
    return full;
  };
  for (const name of raw.keys()) resolve(name);
  return { texts, circles };
}
