/**
 * Names of workspaces and files: safe for a file system, short enough for it, and different for each node.
 */

/** Texts by position, from 0: a list, or a function that makes each on request. */
export interface TextList {
  readonly length: number;
  at(position: number): string | undefined;
}

/** How a study names folders and files. */
export interface NameRules {
  /** Most bytes in the name of a folder: the limit of file systems. */
  readonly folder: number;
  /** Most bytes in what names of scripts and logs begin with: they add `.restart.SCHEDULER.sh` or `.2.<pid>.out`. */
  readonly file: number;
  /** Whether an empty name, or ".", is the parent folder, as in Maestro. */
  readonly above: boolean;
}

/** Maestro's names, if a file system allows them. */
export const MAESTRO_NAMES: NameRules = { folder: 255, file: 238, above: true };
/** Names of studies that version 0.1 made. These studies keep their folders. */
export const FIRST_NAMES: NameRules = { folder: 200, file: 200, above: false };

const encoder = new TextEncoder();

/**
 * Maestro's rule: ASCII letters, digits, `-_.()` and blanks remain, blanks become `_`, all other characters
 * are removed.
 */
export function safeName(text: string): string {
  return text.replace(/[^-_.() A-Za-z0-9]/g, "").replaceAll(" ", "_");
}

/** Eight hexadecimal digits that identify a text: FNV-1a, the same on every machine and in every release. */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** A name cut to the length that file systems allow. The hash represents the part that is cut. */
function fitted(safe: string, text: string, longest: number): string {
  return safe.length <= longest ? safe : `${safe.slice(0, longest - 9)}-${shortHash(text)}`;
}

/** The stem of the names of scripts and logs. A suffix follows, so any stem is valid. */
export function fileBase(name: string, { file, above }: NameRules): string {
  const safe = fitted(safeName(name), name, file);
  return above || usable(safe, false) ? safe : hashed(safe, name);
}

/** A text that is its own safe name. */
const SAFE = /^(?!\.\.?$)[-_.()A-Za-z0-9]+$/;

/**
 * Whether a safe name can be a folder. "" and "." are the parent folder, which only one node may use. ".." is
 * never allowed.
 */
function usable(safe: string, above: boolean): boolean {
  return safe !== ".." && (above || (safe !== "" && safe !== "."));
}

const hashed = (safe: string, text: string) => `${safe || "_"}-${shortHash(text)}`;

/**
 * A distinct safe name in one folder for each of some distinct texts. A text that is already safe (blanks
 * aside) keeps its name. If two other texts would share a name, each gets a hash of its text. A name
 * therefore depends on the set of texts and not on their order.
 */
export function distinctNames<TEXTS extends TextList>(
  all: TEXTS,
  reserved: readonly string[] = [],
  { folder, above }: NameRules = MAESTRO_NAMES,
): TEXTS | readonly string[] {
  // Nearly all are safe. Then there are no conflicts, and memory needs no second copy.
  if (areNames(all, reserved, folder)) return all;
  const texts = Array.from({ length: all.length }, (_, i) => all.at(i)!);
  const safe = texts.map((text) => fitted(safeName(text), text, folder));
  // Different names of the same folder.
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
    // Among 100,000 texts, two may well have the same 32 bits.
    for (let n = 2; taken.has(other); n++) other = hashed(head, `${text}#${n}`);
    taken.add(other);
    return other;
  });
}

/** Whether all texts are safe, and none is taken. */
function areNames(texts: TextList, reserved: readonly string[], longest: number): boolean {
  for (let i = 0; i < texts.length; i++) {
    const text = texts.at(i)!;
    if (text.length > longest || !SAFE.test(text) || reserved.includes(text)) return false;
  }
  return true;
}
