/** Both kinds of the one file, made of one bundle, or the file that ONEFILE names. */

import { bundle, readBundle } from "../.ci/bundle.ts";
import { writeSelfExtracting } from "../.ci/self_extracting.ts";
import { hostTarget } from "../.ci/targets.ts";
import { assertEquals } from "./assert.ts";
import { compileForTest } from "./denort.ts";

export interface OneFile {
  readonly kind: "self-extracting" | "compiled";
  readonly path: string;
  /** An executable that needs the same libraries. */
  readonly like: string;
}

/** Writes the files and the folder `bundle` into a folder. */
export async function oneFiles(folder: string): Promise<OneFile[]> {
  const files = bundle();
  Deno.mkdirSync(`${folder}/bundle`);
  for (const [name, text] of files) Deno.writeTextFileSync(`${folder}/bundle/${name}`, text);
  const built = Deno.env.get("ONEFILE");
  if (built) return [builtFile(Deno.realPathSync(built))];
  const path = `${folder}/self-extracting`;
  writeSelfExtracting(hostTarget(), path, files, Deno.execPath());
  const kinds: OneFile[] = [{ kind: "self-extracting", path, like: Deno.execPath() }];
  const compiled = `${folder}/compiled`;
  const made = await compileForTest(folder, compiled, readBundle(`${folder}/bundle`));
  if ("why" in made) {
    console.error(`!!! LEFT OUT: the tests of a compiled file (${made.why}) !!!`);
    if (Deno.env.get("CI") === "true") throw new Error("CI tests both kinds of file");
    return kinds;
  }
  assertEquals(embeddedNames(compiled), [...files.keys()].sort());
  return [...kinds, { kind: "compiled", path: compiled, like: compiled }];
}

function builtFile(path: string): OneFile {
  const { stdout } = new Deno.Command(path, { args: ["--version"] }).outputSync();
  const isCompiled = new TextDecoder().decode(stdout).includes("(compiled)");
  return isCompiled
    ? { kind: "compiled", path, like: path }
    : { kind: "self-extracting", path, like: Deno.execPath() };
}

/** The files in a compiled file: it lists each with its name and its place. */
function embeddedNames(path: string): string[] {
  const text = new TextDecoder("latin1").decode(Deno.readFileSync(path).subarray(-4_000_000));
  return [...text.matchAll(/\{"File":\{"n":"([^"]+)","o":\[/g)].map(([, name]) => name!).sort();
}
