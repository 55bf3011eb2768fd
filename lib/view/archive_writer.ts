/** Where a crate is written: a folder, or a zip file. Nobody sees it under its name before it is whole. */

import { systemWord } from "../errors.ts";
import type { System } from "../system.ts";
import { cannotExport, exportExists, tooLargeForZip } from "../view_errors.ts";

/** Paths are from the crate's root. */
export interface CrateSink {
  /** Writes a text, given whole or in pieces; returns its bytes. */
  text(path: string, pieces: string | Iterable<string>): number;
  copy(path: string, from: string): number;
  /** A folder that may stay empty. */
  folder(path: string): void;
  /** The crate is whole: it gets its name. */
  finish(): void;
  /** It is not to be. */
  abandon(): void;
}

export async function openSink(system: System, target: string): Promise<CrateSink> {
  const building = `${target}.${system.token()}.part`;
  const named = {
    finish() {
      if (system.facts(target)) throw exportExists(target);
      system.rename(building, target);
    },
  };
  try {
    if (!target.endsWith(".zip")) return { ...intoFolder(system, building), ...named };
    const zip = await intoZip(system, target, building);
    return {
      ...zip,
      finish() {
        zip.close();
        named.finish();
      },
    };
  } catch (error) {
    throw cannotExport(target, systemWord(error));
  }
}

type Parts = Omit<CrateSink, "finish">;

/** Pieces are written together until they are so long. */
const CHUNK = 1 << 20;

function* chunks(pieces: string | Iterable<string>): Generator<string> {
  let waiting = "";
  for (const piece of typeof pieces === "string" ? [pieces] : pieces) {
    waiting += piece;
    if (waiting.length < CHUNK) continue;
    yield waiting;
    waiting = "";
  }
  yield waiting;
}

function intoFolder(system: System, building: string): Parts {
  const made = new Set<string>();
  const place = (path: string) => {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    if (!made.has(folder)) system.makeDirectory(`${building}/${folder}`);
    made.add(folder);
    return `${building}/${path}`;
  };
  const size = (path: string) => system.facts(path)!.size;
  place("");
  return {
    text(path, pieces) {
      const file = system.openAppend(place(path));
      for (const chunk of chunks(pieces)) file.append(chunk);
      file.close();
      return size(`${building}/${path}`);
    },
    copy(path, from) {
      system.copyFile(from, place(path));
      return size(`${building}/${path}`);
    },
    folder: place,
    abandon: () => system.removeTree(building),
  };
}

/** What the format has numbers for. */
const MOST_FILES = 65_535;
const MOST_BYTES = 2 ** 32 - 1;

async function intoZip(
  system: System,
  target: string,
  building: string,
): Promise<Parts & { close(): void }> {
  const { Zip, ZipDeflate } = await import("fflate");
  system.makeDirectory(target.slice(0, target.lastIndexOf("/")) || "/");
  const file = system.openAppend(building);
  const encoder = new TextEncoder();
  const mtime = system.now();
  let files = 0;
  let bytes = 0;
  const zip = new Zip((error, data) => {
    if (error) throw error;
    bytes += data.length;
    if (bytes > MOST_BYTES) throw tooLargeForZip(target);
    file.appendBytes(data);
  });
  const add = (path: string, pieces: Iterable<Uint8Array>): number => {
    if (++files > MOST_FILES) throw tooLargeForZip(target);
    const entry = Object.assign(new ZipDeflate(path), { mtime });
    zip.add(entry);
    let size = 0;
    for (const piece of pieces) {
      entry.push(piece);
      size += piece.length;
    }
    entry.push(new Uint8Array(), true);
    return size;
  };
  return {
    text: (path, pieces) => add(path, chunks(pieces).map((chunk) => encoder.encode(chunk))),
    copy: (path, from) => add(path, bytesOf(system, from)),
    folder: (path) => void add(path, []),
    close() {
      zip.end();
      file.close();
    },
    abandon() {
      file.close();
      system.removeFile(building);
    },
  };
}

function* bytesOf(system: System, path: string): Generator<Uint8Array> {
  for (let at = 0;;) {
    const piece = system.readBytes(path, at, CHUNK);
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}
