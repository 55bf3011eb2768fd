/** The program as a bundle of plain modules, which starts in half the time and needs no cache of the runtime. */

import { bundleInto } from "../.ci/bundle.ts";

/** Bundles the program below a root into a folder: `deno run --config FOLDER/deno.json FOLDER/cli.ts` starts it. */
export async function makeBundle(folder: string, root?: string): Promise<void> {
  bundleInto(folder, [], root);
  // How the program starts itself again: `cli.ts` with `deno.json`, both beside the file that runs.
  await Deno.writeTextFile(`${folder}/cli.ts`, 'import "./cli.js";\n');
  await Deno.writeTextFile(`${folder}/deno.json`, "{}\n");
}
