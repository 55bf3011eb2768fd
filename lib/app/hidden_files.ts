/** Secrets of a study, and its files without them. */

import type { CrateSink } from "../view/archive_writer.ts";
import { hider, secretsIn } from "../study/secrets.ts";
import { parseYaml } from "../spec/yaml.ts";
import type { Study } from "../study/folder.ts";
import { readIfMay } from "./denied.ts";
import { ownText } from "./step_files.ts";
import type { System } from "../system.ts";

/** What hides secrets in the texts of a study: those that its spec or its start names, and all with the form of one. */
export function hiderOf(system: System, { root, file }: Study): (text: string) => string {
  const spec = parseYaml(ownText(system, `${root}/${file.spec}`) ?? "").value;
  // Only the owner can read it. Its secrets are hidden already: it only adds names.
  const asked = parseYaml(readIfMay(system, `${root}/meta/run.yaml`) ?? "").value;
  return hider(secretsIn(spec).union(secretsIn(asked)).union(new Set(file.secrets)));
}

/** Larger files, and those with a NUL, are data: a secret is not looked for in them. */
const MOST_BYTES = 1 << 24;
/** A log may be of any size. */
const CHUNK = 1 << 23;

/** Copies a file with its secrets hidden; unchanged if it has none. */
export function packHidden(
  system: System,
  sink: CrateSink,
  path: string,
  from: string,
  hide: (text: string) => string,
): number {
  if ((system.facts(from)?.size ?? 0) > MOST_BYTES) return sink.copy(path, from);
  const bytes = system.readBytes(from, 0, MOST_BYTES);
  if (bytes.includes(0)) return sink.copy(path, from);
  const text = new TextDecoder().decode(bytes);
  const hidden = hide(text);
  return hidden === text ? sink.copy(path, from) : sink.text(path, hidden);
}

/** The same for the output of a program, of any size and kind. */
export function packHiddenLog(
  system: System,
  sink: CrateSink,
  path: string,
  from: string,
  hide: (text: string) => string,
): number {
  const isShort = (system.facts(from)?.size ?? 0) <= MOST_BYTES;
  return isShort ? packHidden(system, sink, path, from, hide) : sink.text(path, linesOf(system, from, hide));
}

/** A text in pieces of whole lines. */
function* linesOf(system: System, path: string, change: (text: string) => string): Generator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for (let at = 0;;) {
    const bytes = system.readBytes(path, at, CHUNK);
    at += bytes.length;
    rest += decoder.decode(bytes, { stream: bytes.length > 0 });
    const end = bytes.length === 0 || rest.length > MOST_BYTES ? rest.length : rest.lastIndexOf("\n") + 1;
    yield change(rest.slice(0, end));
    rest = rest.slice(end);
    if (bytes.length === 0) return;
  }
}

/** Secrets of a new study by their names: variables as they are used, and arguments of its generator. */
export function secretsOf(
  variables: ReadonlyMap<string, string>,
  args: Readonly<Record<string, string>>,
): string[] {
  return [...secretsIn({ ...Object.fromEntries(variables), ...args })];
}
