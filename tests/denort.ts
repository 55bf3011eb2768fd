/**
 * A real runtime base (`denort`) and a Deno that accepts it, both from npm. With them the compiled kind of
 * file can be tested where no denort can be downloaded. For tests only: no shipped file contains any part of
 * them.
 *
 * @mcp-stress/linux-x64 contains a program that `deno compile` 2.6.10 made. Such a program is a denort with
 * the compiled program after the end of its ELF section headers. Deno 2.6.8 is the nearest Deno on npm.
 */

import { Buffer } from "node:buffer";
import { compile } from "../.ci/compiled.ts";
import { deno } from "../.ci/deno.ts";
import { sha256 } from "../.ci/self_extracting.ts";
import { hostTarget } from "../.ci/targets.ts";

const COMPILER = {
  name: "@deno/linux-x64-glibc",
  version: "2.6.8",
  file: "deno",
  sha256: "8b254e08be2565f608a06bfde3f62f3aabbf8994712f0078c7a7f24bc8c46676",
};
const PROGRAM = {
  name: "@mcp-stress/linux-x64",
  version: "0.2.1",
  file: "bin/mcp-stress",
  sha256: "257898aee9a507fd3a899a902c465223f4554da362e813132f024570a545edb7",
};
const DENORT_BYTES = 92_183_912;
const DENORT_SHA256 = "1b136202dc147212ad0b129de0c10eb5f17060917c9754c7921cd68f764ad2e2";

/** A file of a package, from npm or from what Deno has downloaded before. */
function fromNpm({ name, version, file, sha256: expected }: typeof COMPILER): string {
  const specifier = `npm:${name}@${version}`;
  const { success, said } = deno(["cache", "--quiet", "--no-config", "--no-lock", specifier], undefined, {
    cwd: "/",
  });
  if (!success) throw new Error(`${specifier} cannot be cloned: ${said}`);
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout)) as { npmCache: string };
  // The folders between are named after the registry.
  for (const registry of Deno.readDirSync(npmCache)) {
    const path = `${npmCache}/${registry.name}/${name}/${version}/${file}`;
    const bytes = readIfAny(path);
    if (bytes === undefined) continue;
    if (sha256(bytes) !== expected) throw new Error(`${path} has another checksum than it had`);
    return path;
  }
  throw new Error(`${specifier} has no ${file}`);
}

function readIfAny(path: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(path);
  } catch {
    return undefined;
  }
}

/** The end of an executable as the linker wrote it: that of its section headers. */
function endOfElf(bytes: Uint8Array): number {
  const head = Buffer.from(bytes.buffer);
  return Number(head.readBigUInt64LE(0x28)) + head.readUInt16LE(0x3a) * head.readUInt16LE(0x3c);
}

/** Compiles the bundle with the two; returns what `deno compile` embedded, or why there is no file. */
export async function compileForTest(
  folder: string,
  output: string,
  files: ReadonlyMap<string, string>,
): Promise<{ embedded: string } | { why: string }> {
  if (hostTarget().triple !== "x86_64-unknown-linux-gnu") {
    return { why: "npm has no denort for this machine" };
  }
  let compiler: string, program: Uint8Array;
  try {
    compiler = fromNpm(COMPILER);
    program = Deno.readFileSync(fromNpm(PROGRAM));
  } catch (error) {
    return { why: (error as Error).message };
  }
  const denort = `${folder}/denort`;
  const bytes = program.subarray(0, endOfElf(program));
  if (bytes.length !== DENORT_BYTES || sha256(bytes) !== DENORT_SHA256) {
    throw new Error("not the denort it was");
  }
  Deno.writeFileSync(denort, bytes, { mode: 0o755 });
  Deno.chmodSync(compiler, 0o755);
  const made = await compile(hostTarget(), output, files, { COMPILE_DENO: compiler, DENORT_BIN: denort });
  Deno.removeSync(denort);
  if ("why" in made) throw new Error(made.why);
  return made;
}
