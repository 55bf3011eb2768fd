/**
 * A self-extracting file: a head in POSIX sh (head.sh beside this file), the program, and the Deno executable that npm
 * ships, compressed. It needs nothing from any network but esbuild, once.
 */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import config from "../deno.json" with { type: "json" };
import { PERMISSIONS } from "./compiled.ts";
import { ROOT } from "./deno.ts";
import { joinParts, LOADER } from "./parts.ts";
import { machineOf, type Target } from "./targets.ts";

/** No question is ever asked, no configuration, cache, registry or network is ever looked at. */
export const RUNTIME_FLAGS = [
  "run --quiet --no-prompt --no-config --no-lock --no-npm --no-remote --cached-only --no-code-cache",
  ...PERMISSIONS,
].join(" ");

const BLOCK = 65_536;

export const sha256 = (data: Uint8Array | string) => createHash("sha256").update(data).digest("hex");

/**
 * The file, byte by byte. The same source and runtime make the same bytes. `version`: the Deno that
 * the runtime is.
 */
export function selfExtracting(
  target: Target,
  program: string,
  runtime: Uint8Array,
  version = Deno.version.deno,
): Uint8Array {
  const encoder = new TextEncoder();
  const text = encoder.encode(program);
  const programBlocks = Math.ceil(text.length / BLOCK);
  // The text may end in empty lines: whole blocks are quick to cut out with dd.
  const padded = new Uint8Array(programBlocks * BLOCK).fill(10);
  padded.set(text);
  const packed = gzipSync(runtime, { level: 9 });
  const [programSum, runtimeSum] = [sha256(padded), sha256(runtime)];
  const bytes = BLOCK + padded.length + packed.length;
  const template = Deno.readTextFileSync(`${ROOT}.ci/head.sh`);
  const head = encoder.encode(filled(template, {
    ...{
      system: target.system,
      machine: target.machine,
      loader: target.loader,
      version: config.version,
      deno: version,
    },
    id: `${config.version}-${
      sha256(template + LOADER + RUNTIME_FLAGS + programSum + runtimeSum).slice(0, 12)
    }`,
    ...{ bytes, programBlocks, programSum, programBytes: padded.length },
    ...{ runtimeBlock: 1 + programBlocks, runtimeSum, runtimeBytes: runtime.length },
    ...{ flags: RUNTIME_FLAGS, start: LOADER },
  }));
  if (head.length > BLOCK) throw new Error("The head does not fit into its block");
  const file = new Uint8Array(bytes).fill(10, 0, BLOCK);
  file.set(head);
  file.set(padded, BLOCK);
  file.set(packed, BLOCK + padded.length);
  return file;
}

function filled(template: string, fields: Readonly<Record<string, string | number>>): string {
  return template.replace(/@(\w+)@/g, (_, name) => {
    if (!(name in fields)) throw new Error(`head.sh asks for ${name}, which is not known`);
    return String(fields[name]);
  });
}

/** Writes the file of a bundle; `runtimePath` is the Deno executable that npm ships for its machine. */
export function writeSelfExtracting(
  target: Target,
  output: string,
  bundle: ReadonlyMap<string, string>,
  runtimePath: string,
  version = Deno.version.deno,
): void {
  const runtime = Deno.readFileSync(runtimePath);
  const machine = machineOf(runtime);
  if (machine !== `${target.system} ${target.machine}`) {
    throw new Error(`${runtimePath} is for ${machine}, not for ${target.system} ${target.machine}`);
  }
  Deno.writeFileSync(output, selfExtracting(target, joinParts(bundle), runtime, version), { mode: 0o755 });
  // The umask of the builder is not that of the users.
  Deno.chmodSync(output, 0o755);
}
