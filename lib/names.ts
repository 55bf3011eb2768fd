/** Names of workspaces and files: safe for a file system, short enough for it, and never the same for two nodes. */

/** Texts by position, from 0: a list of them, or what makes each when it is asked for. */
export interface TextList {
  readonly length: number;
  at(position: number): string | undefined;
}

/** How a study names folders and files. */
export interface NameRules {
  /** Most bytes in the name of a folder: what file systems allow. */
  readonly folder: number;
  /** Most bytes in what names of scripts and logs begin with: they add `.restart.SCHEDULER.sh` or `.2.<pid>.out`. */
  readonly file: number;
  /** Whether an empty name, or ".", is the folder above, as in Maestro. */
  readonly above: boolean;
}

/** Maestro's names, as far as a file system takes them. */
export const MAESTRO_NAMES: NameRules = { folder: 255, file: 238, above: true };
/** Those of studies that version 0.1 made: they keep their folders. */
export const FIRST_NAMES: NameRules = { folder: 200, file: 200, above: false };

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
function fitted(safe: string, text: string, longest: number): string {
  return safe.length <= longest ? safe : `${safe.slice(0, longest - 9)}-${shortHash(text)}`;
}

/** What names of scripts and logs begin with. An ending follows, so that anything will do. */
export function fileBase(name: string, { file, above }: NameRules): string {
  const safe = fitted(safeName(name), name, file);
  return above || usable(safe, false) ? safe : hashed(safe, name);
}

/** A text that is its own safe name. */
const SAFE = /^(?!\.\.?$)[-_.()A-Za-z0-9]+$/;

/** Whether a safe name can be a folder: "" and "." are the one above, which only one may have. ".." is taken. */
function usable(safe: string, above: boolean): boolean {
  return safe !== ".." && (above || (safe !== "" && safe !== "."));
}

const hashed = (safe: string, text: string) => `${safe || "_"}-${shortHash(text)}`;

/**
 * A distinct safe name for each of some distinct texts, in one folder. A text that is safe as it stands (blanks
 * aside) keeps its name; of the others, those that would share a name get a hash of their own text. So a name
 * depends on the set of texts, not on their order.
 */
export function distinctNames<TEXTS extends TextList>(
  all: TEXTS,
  reserved: readonly string[] = [],
  { folder, above }: NameRules = MAESTRO_NAMES,
): TEXTS | readonly string[] {
  // Nearly all are: then there is nothing to tell apart, and nothing to keep twice in memory.
  if (areNames(all, reserved, folder)) return all;
  const texts = Array.from({ length: all.length }, (_, i) => all.at(i)!);
  const safe = texts.map((text) => fitted(safeName(text), text, folder));
  // Two names of one folder.
  const placeOf = (name: string) => name === "." ? "" : name;
  const users = new Map<string, number>(reserved.map((name) => [name, 1]));
  for (const name of safe) users.set(placeOf(name), (users.get(placeOf(name)) ?? 0) + 1);
  const keeps = safe.map((name, i) => {
    const spoken = name === texts[i] && name === placeOf(name) && !reserved.includes(name);
    return usable(name, above) && (users.get(placeOf(name)) === 1 || spoken);
  });
  const taken = new Set([...reserved, ...safe.filter((_, i) => keeps[i])]);
  return texts.map((text, i) => {
    const name = safe[i]!;
    if (keeps[i]) return name;
    const head = name.slice(0, folder - 9);
    let other = hashed(head, text);
    // Among 100,000 texts two may well have the same 32 bits.
    for (let n = 2; taken.has(other); n++) other = hashed(head, `${text}#${n}`);
    taken.add(other);
    return other;
  });
}

/** Whether all texts are safe as they stand, and free. */
function areNames(texts: TextList, reserved: readonly string[], longest: number): boolean {
  for (let i = 0; i < texts.length; i++) {
    const text = texts.at(i)!;
    if (text.length > longest || !SAFE.test(text) || reserved.includes(text)) return false;
  }
  return true;
}
