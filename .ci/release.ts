/**
 * `deno task release`: dist/release with one file for each kind of machine, their SHA-256 sums and a bill of materials.
 * The same source and runtime make the same bytes. Machines for which nothing can be built here are named.
 *
 * Where there is no denort, a file is self-extracting, with the Deno executable that npm ships for its machine.
 * `deno task release --runtime 2.9.5` takes that version's for all, where a mirror does not have this Deno's.
 */

import config from "../deno.json" with { type: "json" };
import { bundle } from "./bundle.ts";
import { compile, innermost } from "./compiled.ts";
import { deno, ROOT } from "./deno.ts";
import { sha256, writeSelfExtracting } from "./self_extracting.ts";
import { hostTarget, type Target, TARGETS } from "./targets.ts";

const FOLDER = `${ROOT}dist/release`;

const nameOf = ({ system, machine }: Target) =>
  `maestro-${config.version}-${system.toLowerCase()}-${machine}`;

interface Lock {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

/** Packages of the tests, of which nothing is in the program. */
const OF_TESTS = /^playwright-core@/;

/** CycloneDX 1.5: the packages in the program and the runtime. Without time and number, which would differ each time. */
export function billOfMaterials(lock: Lock, deno = Deno.version.deno): unknown {
  const inProgram = Object.entries(lock.npm).filter(([key]) => !OF_TESTS.test(key));
  const packages = inProgram.map(([key, { integrity }]) => {
    // After an underscore, the lock file lists peer dependencies.
    const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(key)!;
    const [algorithm, hash] = integrity.split("-");
    const hex = Array.from(atob(hash!), (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
    const purl = `pkg:npm/${name!.replace("@", "%40")}@${version}`;
    const hashes = [{ alg: algorithm!.toUpperCase().replace("SHA", "SHA-"), content: hex }];
    return { type: "library", "bom-ref": purl, name, version, purl, hashes };
  });
  const runtime = {
    type: "platform",
    "bom-ref": `deno@${deno}`,
    name: "deno",
    version: deno,
    purl: `pkg:npm/deno@${deno}`,
  };
  const self = {
    type: "application",
    "bom-ref": `maestro@${config.version}`,
    name: "maestro",
    version: config.version,
    licenses: [{ license: { id: config.license } }],
  };
  const components = [...packages, runtime];
  const dependencies = [{
    ref: self["bom-ref"],
    dependsOn: components.map((component) => component["bom-ref"]),
  }];
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: self },
    components,
    dependencies,
  };
}

/**
 * The Deno executable that npm ships for a machine, in a folder that the caller deletes. Deno itself fetches it, and
 * compares it with the registry's checksum.
 */
export function npmRuntime(
  target: Target,
  version: string,
): { folder: string; path: string } | { why: string } {
  const folder = Deno.makeTempDirSync({ prefix: "maestro_runtime_" });
  const name = `npm:${target.npm}@${version}`;
  const env = { ...Deno.env.toObject(), DENO_DIR: folder };
  const { success, said } = deno(["cache", "--quiet", "--no-config", "--no-lock", name], env, {
    cwd: folder,
  });
  const path = success ? findFile(folder, `${target.npm}/${version}/deno`) : undefined;
  if (path !== undefined) return { folder, path };
  Deno.removeSync(folder, { recursive: true });
  return { why: success ? `${name} has no deno in it` : innermost(said) };
}

function findFile(folder: string, end: string): string | undefined {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    const found = isDirectory ? findFile(path, end) : path.endsWith(`/${end}`) ? path : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

type Files = ReadonlyMap<string, string>;

/** Makes the file for a machine; returns its kind, or why there is none. */
async function make(
  target: Target,
  output: string,
  files: Files,
  version: string,
): Promise<{ kind: string } | { why: string }> {
  // `--runtime` is about self-extracting files: what `deno compile` compiles with is its own version.
  const made = version === Deno.version.deno
    ? await compile(target, output, files)
    : { why: "another runtime was asked for" };
  if (!("why" in made)) return { kind: `compiled by Deno ${made.version}` };
  const kind = `self-extracting (not compiled: ${made.why})`;
  if (target === hostTarget() && version === Deno.version.deno) {
    writeSelfExtracting(target, output, files, Deno.execPath());
    return { kind };
  }
  const runtime = npmRuntime(target, version);
  if ("why" in runtime) return { why: `${made.why}; ${runtime.why}` };
  try {
    writeSelfExtracting(target, output, files, runtime.path, version);
    return { kind };
  } finally {
    Deno.removeSync(runtime.folder, { recursive: true });
  }
}

/** Runs on this machine's file what the tests run on a file that they build themselves; ends the release if it fails. */
async function test(file: string): Promise<void> {
  if (Deno.uid() !== 0 || Deno.build.os !== "linux") {
    console.error(`!!! NOT TESTED: ${file}: the tests need root on Linux !!!`);
    return;
  }
  const env = { ...Deno.env.toObject(), ONEFILE: file, WHOLE: "1" };
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--quiet", "tests/onefile_bare_test.ts"],
    cwd: ROOT,
    env,
  }).spawn().status;
  if (success) return;
  console.error(`error: ${file} does not do what it must: nothing is released`);
  Deno.exit(1);
}

async function release(version: string): Promise<void> {
  Deno.mkdirSync(FOLDER, { recursive: true });
  for (const { name } of Deno.readDirSync(FOLDER)) Deno.removeSync(`${FOLDER}/${name}`);
  const bundled = bundle();
  const files: string[] = [];
  for (const target of TARGETS) {
    const name = nameOf(target);
    const made = await make(target, `${FOLDER}/${name}`, bundled, version);
    console.log("kind" in made ? `${name}: ${made.kind}` : `${name}: SKIPPED: ${made.why}`);
    if (!("kind" in made)) continue;
    if (target === hostTarget()) await test(`${FOLDER}/${name}`);
    files.push(name);
  }
  const bill = `maestro-${config.version}.cdx.json`;
  const lock = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.lock`)) as Lock;
  Deno.writeTextFileSync(`${FOLDER}/${bill}`, JSON.stringify(billOfMaterials(lock, version), null, 2) + "\n");
  const sums = [...files, bill].map((name) => `${sha256(Deno.readFileSync(`${FOLDER}/${name}`))}  ${name}\n`);
  Deno.writeTextFileSync(`${FOLDER}/SHA256SUMS`, sums.join(""));
  console.log(sums.join("").trimEnd());
  console.log(`${files.length} of ${TARGETS.length} machines`);
}

if (import.meta.main) {
  const { args } = Deno;
  if (args.length !== 0 && !(args.length === 2 && args[0] === "--runtime")) {
    console.error("Usage: deno task release [--runtime VERSION]");
    Deno.exit(64);
  }
  await release(args[1] ?? Deno.version.deno);
}
