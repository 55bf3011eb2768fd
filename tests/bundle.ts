/** The program as a bundle of plain modules, which starts in half the time and needs no cache of the runtime. */

import { ROOT } from "./maestro.ts";

async function deno(root: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), { args: [...args], cwd: root }).output();
  if (!success) throw new Error(`deno ${args[0]} failed`);
}

/** Bundles the program below a root into a folder: `deno run --config FOLDER/deno.json FOLDER/cli.ts` starts it. */
export async function makeBundle(folder: string, root = ROOT): Promise<void> {
  const options = ["--quiet", "--platform", "deno", "--format", "esm", "--code-splitting"];
  await deno(root, ["bundle", ...options, "--outdir", folder, "cli.ts"]);
  // How the program starts itself again: `cli.ts` with `deno.json`, both beside the file that runs.
  await Deno.writeTextFile(`${folder}/cli.ts`, 'import "./cli.js";\n');
  await Deno.writeTextFile(`${folder}/deno.json`, "{}\n");
}
