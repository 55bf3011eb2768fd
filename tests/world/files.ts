/**
 * Files in memory. A kill keeps everything that was written; a power loss of the host that wrote it may take back
 * what was not synced. A full disk takes part of what is written, and then no more.
 */

import type { FileFacts } from "../../lib/system.ts";
import type { Random } from "./random.ts";

interface Entry {
  text: string;
  changedAt: number;
  /** Who wrote last. */
  host: string;
  /** What a power loss leaves; undefined: not even the file. */
  synced: string | undefined;
  readonly children?: Set<string>;
}

/** Numbers of the errors that occur here and have no code in the runtime. */
const NUMBERS: Readonly<Record<string, number>> = {
  ENFILE: 23,
  ENOLINK: 67,
  ESHUTDOWN: 108,
  EHOSTDOWN: 112,
  ESTALE: 116,
  EREMOTEIO: 121,
  EDQUOT: 122,
};

/** As the runtime has them: some with a code, some with only a number in the message. */
export class FileError extends Error {
  constructor(code: string, path: string) {
    super(code in NUMBERS ? `Trouble (os error ${NUMBERS[code]}): '${path}'` : `${code}: ${path}`);
    if (!(code in NUMBERS)) Object.assign(this, { code });
  }
}

export interface Files {
  read(path: string): string | undefined;
  facts(path: string): FileFacts | undefined;
  list(path: string): string[];
  /** `part`: how much of the text reaches the file before the writer dies. */
  write(host: string, path: string, text: string, part?: number): void;
  create(host: string, path: string, text: string, part?: number): boolean;
  append(host: string, path: string, text: string, part?: number): void;
  sync(path: string): void;
  makeDirectory(path: string): void;
  createDirectory(path: string): boolean;
  rename(from: string, to: string): boolean;
  remove(path: string): void;
  losePower(host: string): void;
  /** The error that writing gives from now on, or undefined. */
  trouble: string | undefined;
  /** The error that reading gives from now on, or undefined. */
  readTrouble: string | undefined;
}

export function newFiles(now: () => number, random: Random): Files {
  const entries = new Map<string, Entry>();
  const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/")) || "/";
  const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const folder = (): Entry => ({ text: "", changedAt: now(), host: "", synced: "", children: new Set() });
  entries.set("/", folder());

  const enter = (path: string, entry: Entry) => {
    const parent = entries.get(parentOf(path));
    if (!parent?.children) throw new FileError("ENOENT", path);
    parent.children.add(nameOf(path));
    entries.set(path, entry);
  };
  const leave = (path: string) => {
    entries.get(parentOf(path))?.children?.delete(nameOf(path));
    entries.delete(path);
  };
  const place = (host: string, path: string): Entry => {
    const found = entries.get(path);
    if (found) return found;
    if (files.trouble === "EROFS") throw new FileError(files.trouble, path);
    const entry: Entry = { text: "", changedAt: now(), host, synced: undefined };
    enter(path, entry);
    return entry;
  };
  /** Adds what the disk takes of a text. */
  const add = (host: string, path: string, entry: Entry, text: string, part?: number) => {
    const full = files.trouble !== undefined;
    const length = full ? random.between(0, text.length < 64 ? 0 : text.length) : part ?? text.length;
    entry.text += text.slice(0, length);
    entry.changedAt = now();
    entry.host = host;
    if (full) throw new FileError(files.trouble!, path);
  };
  const look = (path: string) => {
    if (files.readTrouble !== undefined) throw new FileError(files.readTrouble, path);
  };
  const files: Files = {
    trouble: undefined,
    readTrouble: undefined,
    read(path) {
      look(path);
      const entry = entries.get(path);
      if (entry?.children) throw new FileError("EISDIR", path);
      return entry?.text;
    },
    facts(path) {
      look(path);
      const entry = entries.get(path);
      return entry &&
        { isDirectory: entry.children !== undefined, size: entry.text.length, changedAt: entry.changedAt };
    },
    list(path) {
      look(path);
      const children = entries.get(path)?.children;
      if (!children) throw new FileError("ENOENT", path);
      return [...children].sort();
    },
    write(host, path, text, part) {
      const entry = place(host, path);
      entry.text = "";
      add(host, path, entry, text, part);
    },
    create(host, path, text, part) {
      if (entries.has(path)) return false;
      add(host, path, place(host, path), text, part);
      return true;
    },
    append(host, path, text, part) {
      add(host, path, place(host, path), text, part);
    },
    sync(path) {
      const entry = entries.get(path);
      if (files.trouble !== undefined) throw new FileError(files.trouble, path);
      if (entry) entry.synced = entry.text;
    },
    makeDirectory(path) {
      if (entries.get(path)?.children) return;
      if (entries.has(path)) throw new FileError("EEXIST", path);
      if (files.trouble !== undefined) throw new FileError(files.trouble, path);
      files.makeDirectory(parentOf(path));
      enter(path, folder());
    },
    createDirectory(path) {
      if (entries.has(path)) return false;
      enter(path, folder());
      return true;
    },
    rename(from, to) {
      const entry = entries.get(from);
      if (!entry) return false;
      leave(from);
      enter(to, entry);
      return true;
    },
    remove(path) {
      leave(path);
    },
    losePower(host) {
      for (const [path, entry] of entries) {
        if (entry.host !== host || entry.children || entry.synced === entry.text) continue;
        if (random.chance(0.3)) entry.synced = entry.text;
        else if (entry.synced === undefined) leave(path);
        else if (entry.text.startsWith(entry.synced)) {
          entry.text = entry.text.slice(0, random.between(entry.synced.length, entry.text.length));
        } else entry.text = entry.synced;
      }
    },
  };
  return files;
}
