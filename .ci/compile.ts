/**
 * `deno task compile`: bundles the program and makes dist/maestro, one executable file, from the bundle.
 * There are two kinds: compiled (compiled.ts), and self-extracting (self_extracting.ts) if there is no
 * denort.
 *
 * `--compiled` and `--self-extracting` choose a kind. compiled.ts describes DENORT_BIN, DENORT_DIR and
 * COMPILE_DENO.
 */

import { bundle } from "./bundle.ts";
import { compile } from "./compiled.ts";
import { ROOT } from "./deno.ts";
import { writeSelfExtracting } from "./self_extracting.ts";
import { hostTarget } from "./targets.ts";

const OUTPUT = `${ROOT}dist/maestro`;

async function build(wanted: string | undefined): Promise<void> {
  Deno.mkdirSync(`${ROOT}dist`, { recursive: true });
  // Another file, not other bytes in the same: one that runs cannot be written.
  const beside = `${OUTPUT}.new/maestro`;
  Deno.mkdirSync(`${OUTPUT}.new`, { recursive: true });
  try {
    const target = hostTarget();
    const files = bundle();
    const made = wanted === "--self-extracting" ? undefined : await compile(target, beside, files);
    if (made !== undefined && "why" in made) {
      if (["COMPILE_DENO", "DENORT_BIN", "DENORT_DIR"].some(Deno.env.get) || wanted === "--compiled") {
        console.error(`error: nothing was compiled: ${made.why}`);
        Deno.exit(1);
      }
      console.error(`A self-extracting file is made instead of a compiled one: ${made.why}`);
    }
    const isCompiled = made !== undefined && !("why" in made);
    if (!isCompiled) writeSelfExtracting(target, beside, files, Deno.execPath());
    Deno.renameSync(beside, OUTPUT);
    report(isCompiled ? `compiled by Deno ${made.version} (${made.embedded})` : "self-extracting");
  } finally {
    Deno.removeSync(`${OUTPUT}.new`, { recursive: true });
  }
}

function report(kind: string): void {
  const megabytes = (Deno.statSync(OUTPUT).size / 1e6).toFixed(1);
  console.log(`${OUTPUT.slice(ROOT.length)}  ${kind}, ${megabytes} MB, for ${Deno.build.target}`);
}

if (import.meta.main) await build(Deno.args[0]);
