/**
 * `deno task compile`: makes dist/maestro, one executable file, in one of two kinds.
 *
 * compiled: what `deno compile` makes. It needs Deno's runtime base, `denort`: the file that DENORT_BIN names, or a
 * download from outside npm. `deno` itself will not do: what is made of it is no more than a `deno`.
 *
 * self-extracting: where there is no denort. A head in POSIX sh (head.sh beside this file), the bundled program, and
 * the Deno executable that runs this build, which npm ships. Needs nothing from any network but esbuild, once.
 */

import { gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import config from "../deno.json" with { type: "json" };
import { bundle, START } from "./bundle.ts";
import { deno, ROOT } from "./deno.ts";

/**
 * Permissions of the program, in both kinds. It reads and writes the folders of studies, and whatever file a user
 * names (specs, generators, -o); runs shells, schedulers' commands, git and pagers; reads the environment and the host's
 * name. All that could be given one by one. But telling a living conductor from a process id that was given out again
 * takes /proc/<pid>/stat and the boot id, and Deno lets only --allow-all read /proc (NotCapable: "Requires all access").
 * It opens no network connection and imports nothing at run time; the architecture test keeps it so.
 */
export const PERMISSIONS = ["--allow-all"];

/** No question is ever asked, no configuration, cache, registry or network is ever looked at. */
export const RUNTIME_FLAGS = [
  "run --quiet --no-prompt --no-config --no-lock --no-npm --no-remote --cached-only --no-code-cache",
  ...PERMISSIONS,
].join(" ");

const BLOCK = 65_536;

export interface Target {
  /** As `deno compile --target` has it. */
  readonly triple: string;
  /** As `uname -s` and `uname -m` print it. */
  readonly system: string;
  readonly machine: string;
  /** What starts its executables: there on every machine of the kind, and on no other. */
  readonly loader: string;
  /** The package in which npm ships Deno's executable for it. */
  readonly npm: string;
}

export const TARGETS: readonly Target[] = [
  {
    triple: "x86_64-unknown-linux-gnu",
    system: "Linux",
    machine: "x86_64",
    loader: "/lib64/ld-linux-x86-64.so.2",
    npm: "@deno/linux-x64-glibc",
  },
  {
    triple: "aarch64-unknown-linux-gnu",
    system: "Linux",
    machine: "aarch64",
    loader: "/lib/ld-linux-aarch64.so.1",
    npm: "@deno/linux-arm64-glibc",
  },
  {
    triple: "x86_64-apple-darwin",
    system: "Darwin",
    machine: "x86_64",
    loader: "/usr/lib/dyld",
    npm: "@deno/darwin-x64",
  },
  {
    triple: "aarch64-apple-darwin",
    system: "Darwin",
    machine: "arm64",
    loader: "/usr/lib/dyld",
    npm: "@deno/darwin-arm64",
  },
];

export const hostTarget = (): Target => TARGETS.find(({ triple }) => triple === Deno.build.target)!;

/** Makes a file of the first kind; returns why it could not be made. */
export function compile(target: Target, output: string): string | undefined {
  const options = ["--quiet", "--no-check", "--no-prompt", "--target", target.triple, "--output", output];
  const { DENORT_BIN, ...env } = Deno.env.toObject();
  const isHost = target === hostTarget();
  // The file that it names is this machine's; Deno would take it for every other's as well.
  const said = deno(
    ["compile", ...PERMISSIONS, ...options, "cli.ts"],
    isHost && DENORT_BIN ? { ...env, DENORT_BIN } : env,
  );
  const why = said.success ? (isHost ? notCompiled(output) : undefined) : innermost(said.said);
  if (why !== undefined && exists(output)) Deno.removeSync(output);
  return why;
}

/** What is wrong with a compiled file of this machine: one that was made of another program than denort is that program. */
function notCompiled(output: string): string | undefined {
  const { stdout } = new Deno.Command(output, { args: ["--version"], stdin: "null", stderr: "null" })
    .outputSync();
  const said = new TextDecoder().decode(stdout).trim();
  if (said === `maestro ${config.version} (compiled)`) return undefined;
  return `what was compiled does not start as maestro; is ${
    Deno.env.get("DENORT_BIN") ?? "its base"
  } a denort?`;
}

/** The innermost of the causes that Deno lists. */
export function innermost(said: string): string {
  const lines = said.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const causes = lines.filter((line) => /^(error:|\d+:) /.test(line) && !line.includes("<unknown>"));
  return (causes.find((line) => line.includes(" url ")) ?? causes.at(-1) ?? lines.at(-1) ??
    "no reason was given")
    .replace(/^(error|\d+): /, "");
}

export const sha256 = (data: Uint8Array | string) => createHash("sha256").update(data).digest("hex");

/**
 * A file of the second kind, byte by byte. The same source and runtime make the same bytes. `version`: the Deno that
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
      sha256(template + START + RUNTIME_FLAGS + programSum + runtimeSum).slice(0, 12)
    }`,
    ...{ bytes, programBlocks, programSum, programBytes: padded.length },
    ...{ runtimeBlock: 1 + programBlocks, runtimeSum, runtimeBytes: runtime.length },
    ...{ flags: RUNTIME_FLAGS, start: START },
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

/** Writes a file of the second kind; `runtimePath` is the Deno executable that npm ships for its machine. */
export function writeSelfExtracting(
  target: Target,
  output: string,
  runtimePath: string,
  version = Deno.version.deno,
): void {
  const runtime = Deno.readFileSync(runtimePath);
  const machine = machineOf(runtime);
  if (machine !== `${target.system} ${target.machine}`) {
    throw new Error(`${runtimePath} is for ${machine}, not for ${target.system} ${target.machine}`);
  }
  Deno.writeFileSync(output, selfExtracting(target, bundle(), runtime, version), { mode: 0o755 });
  // The umask of whoever builds is not that of those who will run it.
  Deno.chmodSync(output, 0o755);
}

/** For what machine an executable is, as `uname -s` and `uname -m` print it: from its first bytes. */
export function machineOf(executable: Uint8Array): string {
  const head = new DataView(executable.buffer, executable.byteOffset, Math.min(64, executable.byteLength));
  const known: Record<string, string> = {
    // ELF of 64 bits, and e_machine.
    "7f454c46 3e": "Linux x86_64",
    "7f454c46 b7": "Linux aarch64",
    // Mach-O of 64 bits, and cputype.
    "cffaedfe 1000007": "Darwin x86_64",
    "cffaedfe 100000c": "Darwin arm64",
  };
  if (head.byteLength < 64) return "no machine";
  const magic = head.getUint32(0).toString(16);
  const kind = magic === "7f454c46" ? head.getUint16(18, true) : head.getUint32(4, true);
  return known[`${magic} ${kind.toString(16)}`] ?? "an unknown machine";
}

function build(wanted: string | undefined): void {
  const output = `${ROOT}dist/maestro`;
  Deno.mkdirSync(`${ROOT}dist`, { recursive: true });
  if (exists(output)) Deno.removeSync(output);
  const target = hostTarget();
  const why = wanted === "--self-extracting" ? "it was asked for" : compile(target, output);
  if (why === undefined) return tell(output, "compiled");
  if (Deno.env.get("DENORT_BIN") || wanted === "--compiled") {
    console.error(`deno compile failed: ${why}`);
    Deno.exit(1);
  }
  console.error(`A self-extracting file is made instead of a compiled one: ${why}`);
  writeSelfExtracting(target, output, Deno.execPath());
  tell(output, "self-extracting");
}

function exists(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}

function tell(output: string, kind: string): void {
  const megabytes = (Deno.statSync(output).size / 1e6).toFixed(1);
  console.log(`${output.slice(ROOT.length)}  ${kind}, ${megabytes} MB, for ${Deno.build.target}`);
}

if (import.meta.main) build(Deno.args[0]);
