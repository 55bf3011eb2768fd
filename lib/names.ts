/** Names of workspaces and files: safe for a file system, short enough for it, and never the same for two nodes. */

import type { TextList } from "./types.ts";

/** File systems allow 255 bytes a name; scripts and logs add `.restart.slurm.sh` or `.2.<pid>.out` to ours. */
export const LONGEST_NAME = 200;

const encoder = new TextEncoder();

/** Maestro's rule: ASCII letters, digits, `-_.()` and blanks stay, blanks become `_`, all else goes. */
export function safeName(text: string): string {
  return text.replace(/[^-_.() A-Za-z0-9]/g, "").replaceAll(" ", "_");
}

/** Eight hexadecimal digits that stand for a text: FNV-1a, the same on every machine and in every release. */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** A name cut to what file systems take; what was cut lives on in the hash. */
function fitted(safe: string, text: string): string {
  return safe.length <= LONGEST_NAME ? safe : `${safe.slice(0, LONGEST_NAME - 9)}-${shortHash(text)}`;
}

/** A text that is its own safe name. */
const SAFE = new RegExp(`^(?!\\.\\.?$)[-_.()A-Za-z0-9]{1,${LONGEST_NAME}}$`);

/** Whether a safe name can be a folder of its own: "" would be the parent, "." and ".." are taken. */
function usable(safe: string): boolean {
  return safe !== "" && safe !== "." && safe !== "..";
}

/**
 * A distinct safe name for each of some distinct texts, in one folder. A text that is safe as it stands (blanks
 * aside) keeps its name; of the others, those that would share a name get a hash of their own text. So a name
 * depends on the set of texts, not on their order.
 */
export function distinctNames<TEXTS extends TextList>(
  all: TEXTS,
  reserved: readonly string[] = [],
): TEXTS | readonly string[] {
  // Nearly all are: then there is nothing to tell apart, and nothing to keep twice in memory.
  if (areNames(all, reserved)) return all;
  const texts = Array.from({ length: all.length }, (_, i) => all.at(i)!);
  const safe = texts.map((text) => fitted(safeName(text), text));
  const users = new Map<string, number>(reserved.map((name) => [name, 1]));
  for (const name of safe) users.set(name, (users.get(name) ?? 0) + 1);
  const keeps = safe.map((name, i) =>
    usable(name) && (users.get(name) === 1 || (name === texts[i] && !reserved.includes(name)))
  );
  const taken = new Set([...reserved, ...safe.filter((_, i) => keeps[i])]);
  return texts.map((text, i) => {
    const name = safe[i]!;
    if (keeps[i]) return name;
    let hashed = `${name || "_"}-${shortHash(text)}`;
    // Among 100,000 texts two may well have the same 32 bits.
    for (let n = 2; taken.has(hashed); n++) hashed = `${name || "_"}-${shortHash(`${text}#${n}`)}`;
    taken.add(hashed);
    return hashed;
  });
}

/** Whether all texts are safe as they stand, and free. */
function areNames(texts: TextList, reserved: readonly string[]): boolean {
  for (let i = 0; i < texts.length; i++) {
    const text = texts.at(i)!;
    if (!SAFE.test(text) || reserved.includes(text)) return false;
  }
  return true;
}
