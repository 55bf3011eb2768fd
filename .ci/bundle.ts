/**
 * Bundles the program: one bundle, from which both kinds of file are made. `deno bundle` cuts it where it is imported
 * late (`await import`), so that a command loads only what it needs.
 */

import { deno, ROOT } from "./deno.ts";

/**
 * Platform `browser`: packages that have a form for Node are CommonJS there, which asks for `require` when it is
 * evaluated. A compiled file has none. A test asserts that nothing is left that asks.
 *
 * Functions lose their names: `--keep-names` costs a tenth of `maestro status`, for one call for each function. The
 * stack of a bug report has a file and a position, and a bundle with `--sourcemap external` shows their source.
 */
const OPTIONS = [
  ...["--quiet", "--platform", "browser", "--format", "esm", "--code-splitting", "--minify"],
];

/** Bundles the program below a root into a folder. `more`: further options, for tests. */
export function bundleInto(folder: string, more: readonly string[] = [], root = ROOT): void {
  const words = ["bundle", ...OPTIONS, ...more, "--outdir", folder, "cli.ts"];
  const { success, said } = deno(words, undefined, { cwd: root });
  if (!success) throw new Error(`deno bundle failed:\n${said}`);
}

/** The files of the bundle, by name. */
export function bundle(): Map<string, string> {
  const folder = Deno.makeTempDirSync({ prefix: "maestro_bundle_" });
  try {
    bundleInto(folder);
    return readBundle(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

export function readBundle(folder: string): Map<string, string> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return new Map(names.map((name) => [name, Deno.readTextFileSync(`${folder}/${name}`)]));
}
