/**
 * A compiled file: the result of `deno compile` for the bundle. It needs Deno's runtime base, `denort`.
 * Either DENORT_BIN names its file, or it is in the folder DENORT_DIR (for a site with one mirror), or `deno
 * compile` downloads it.
 *
 * A Deno accepts a denort of the same minor version. COMPILE_DENO names another Deno for this step only. The
 * bundle is always made by the Deno that runs this.
 */

import { Buffer } from "node:buffer";
import config from "../deno.json" with { type: "json" };
import { deno } from "./deno.ts";
import { hostTarget, type Target } from "./targets.ts";

/**
 * Permissions of the program, in both kinds. It reads and writes the folders of studies, and any file that a
 * user names (specs, generators, -o). It runs shells, schedulers' commands, git and pagers. It reads the
 * environment and the host name. All these could be granted one by one. But to distinguish a living conductor
 * from a reused process id, it needs /proc/<pid>/stat and the boot id. Deno allows only --allow-all to read
 * /proc (NotCapable: "Requires all access"). It opens no network connection and imports nothing at run time;
 * the architecture test checks that.
 */
export const PERMISSIONS = ["--allow-all"];

/** Why no file was made, or what is in the one that was. */
export type Compiled = { readonly why: string } | { readonly embedded: string; readonly version: string };

/** The variables that name other programs for this step. */
export interface Tools {
  readonly COMPILE_DENO?: string | undefined;
  readonly DENORT_BIN?: string | undefined;
  readonly DENORT_DIR?: string | undefined;
}

/** Compiles a bundle, of which `files` are the files. `faultOf` tries what was made for this machine. */
export async function compile(
  target: Target,
  output: string,
  files: ReadonlyMap<string, string>,
  tools: Tools = Deno.env.toObject(),
  faultOf: (output: string) => Promise<string | undefined> = notCompiled,
): Promise<Compiled> {
  const compiler = tools.COMPILE_DENO || Deno.execPath();
  const version = versionOf(compiler);
  if (version === undefined) return { why: `COMPILE_DENO=${compiler} is not a Deno` };
  const denort = denortFor(target, tools);
  const misfit = denort === undefined ? undefined : misfitOf(denort, version);
  if (misfit !== undefined) return { why: misfit };
  const folder = Deno.makeTempDirSync({ prefix: "maestro_compile_" });
  try {
    writeBundle(`${folder}/maestro`, files);
    const { DENORT_BIN: _, ...env } = Deno.env.toObject();
    const { success, said } = deno(
      [
        ...["compile", "--no-check", "--no-config", "--no-prompt", "--no-code-cache", ...PERMISSIONS],
        ...["--target", target.triple, "--output", output, "--include", "maestro", "maestro/cli.js"],
      ],
      denort === undefined ? env : { ...env, DENORT_BIN: denort },
      { cwd: folder, program: compiler },
    );
    const why = success ? target === hostTarget() ? await faultOf(output) : undefined : innermost(said);
    if (why === undefined) return { embedded: embeddedIn(said), version };
    if (exists(output)) Deno.removeSync(output);
    return { why: denort === undefined ? needed(why, target, version) : why };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Always the same times: `deno compile` keeps them, and the same source makes the same bytes. */
function writeBundle(folder: string, files: ReadonlyMap<string, string>): void {
  Deno.mkdirSync(folder);
  for (const [name, text] of files) {
    Deno.writeTextFileSync(`${folder}/${name}`, text);
    Deno.utimeSync(`${folder}/${name}`, 0, 0);
  }
}

/** DENORT_BIN is for this machine alone: Deno would take it for every target. Undefined: `deno compile` fetches one. */
function denortFor(target: Target, { DENORT_BIN, DENORT_DIR }: Tools): string | undefined {
  if (DENORT_BIN && target === hostTarget()) return DENORT_BIN;
  return DENORT_DIR ? `${DENORT_DIR}/denort-${target.triple}` : undefined;
}

function versionOf(program: string): string | undefined {
  try {
    const { stdout } = new Deno.Command(program, { args: ["--version"], stderr: "null" }).outputSync();
    return /^deno (\d+\.\d+\.\d+)/.exec(new TextDecoder().decode(stdout))?.[1];
  } catch {
    return undefined;
  }
}

/** What is wrong with a denort for a Deno of this version. Its user agent shows its own. */
export function misfitOf(denort: string, version: string): string | undefined {
  if (!exists(denort)) return `there is no ${denort}`;
  const bytes = Buffer.from(Deno.readFileSync(denort).buffer);
  const at = bytes.indexOf("Deno/2.");
  const own = /^Deno\/(\d+\.\d+\.\d+)/.exec(bytes.toString("latin1", at, at + 20))?.[1];
  const minor = (version: string) => version.split(".").slice(0, 2).join(".");
  if (own === undefined || minor(own) === minor(version)) return undefined;
  return `${denort} is of Deno ${own}, and Deno ${version} needs a denort ${minor(version)}: ` +
    `name that with DENORT_BIN, or a Deno ${minor(own)} with COMPILE_DENO`;
}

const needed = (why: string, target: Target, version: string) =>
  `${why}; it needs denort ${version} for ${target.triple} (DENORT_BIN or DENORT_DIR names one)`;

/** The last lines that `deno compile` prints: sizes of what it embedded. */
function embeddedIn(said: string): string {
  const sizes = said.split("\n").filter((line) =>
    /^(Files|Metadata|Remote modules|npm packages):/i.test(line)
  );
  return sizes.join(", ");
}

const SPEC = `description: {name: tried, description: One step.}
batch: {type: local, shell: /bin/sh}
study:
  - {name: one, description: A step., run: {cmd: echo done > out}}
`;

/** What is wrong with a compiled file of this machine: it must run a study in an empty environment. */
async function notCompiled(output: string): Promise<string | undefined> {
  const folder = Deno.makeTempDirSync({ prefix: "maestro_tried_" });
  try {
    Deno.writeTextFileSync(`${folder}/spec.yaml`, SPEC);
    const tried = async (...args: string[]) => {
      const { success, stdout, stderr } = await new Deno.Command(output, {
        args,
        cwd: folder,
        clearEnv: true,
        env: { PATH: "/usr/bin:/bin", NO_COLOR: "1" },
        stdin: "null",
      }).output();
      const text = new TextDecoder();
      const said = text.decode(stdout).trim();
      return { said, fault: success ? undefined : text.decode(stderr).trim() || said || "no message" };
    };
    const version = await tried("--version");
    if (version.said !== `maestro ${config.version} (compiled)`) {
      return "what was compiled does not start as maestro; is its base a denort?";
    }
    for (
      const args of [["run", "-y", "-fg", "-o", "study", "spec.yaml"], ["status", "--exit-code", "study"]]
    ) {
      const { fault } = await tried(...args);
      if (fault !== undefined) return `what was compiled fails at \`maestro ${args.join(" ")}\`: ${fault}`;
    }
    return undefined;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The innermost of the causes that Deno lists. */
export function innermost(said: string): string {
  const lines = said.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const causes = lines.filter((line) => /^(error:|\d+:) /.test(line) && !line.includes("<unknown>"));
  return (causes.find((line) => line.includes(" url ")) ?? causes.at(-1) ?? lines.at(-1) ??
    "no reason was given")
    .replace(/^(error|\d+): /, "");
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
