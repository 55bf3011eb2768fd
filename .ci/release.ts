/**
 * `deno task release`: dist/release with one file for each kind of machine, their SHA-256 sums and a bill of materials.
 * The same source and runtime make the same bytes. Machines for which nothing can be built here are named.
 */

import config from "../deno.json" with { type: "json" };
import { compile, hostTarget, sha256, type Target, TARGETS, writeSelfExtracting } from "./compile.ts";

const ROOT = decodeURIComponent(new URL("../", import.meta.url).pathname);
const FOLDER = `${ROOT}dist/release`;

const nameOf = ({ system, machine }: Target) =>
  `maestro-${config.version}-${system.toLowerCase()}-${machine}`;

interface Lock {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

/** CycloneDX 1.5: the packages in the program and the runtime. Without time and number, which would differ each time. */
/** Packages of the tests, of which nothing is in the program. */
const OF_TESTS = /^playwright-core@/;

export function billOfMaterials(lock: Lock): unknown {
  const inProgram = Object.entries(lock.npm).filter(([key]) => !OF_TESTS.test(key));
  const packages = inProgram.map(([key, { integrity }]) => {
    // Behind an underscore, the lock file tells of peer dependencies.
    const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(key)!;
    const [algorithm, hash] = integrity.split("-");
    const hex = Array.from(atob(hash!), (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
    const purl = `pkg:npm/${name!.replace("@", "%40")}@${version}`;
    const hashes = [{ alg: algorithm!.toUpperCase().replace("SHA", "SHA-"), content: hex }];
    return { type: "library", "bom-ref": purl, name, version, purl, hashes };
  });
  const { deno } = Deno.version;
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

/** Makes the file for a machine; returns its kind, or why there is none. */
function make(target: Target, output: string): { kind: string } | { why: string } {
  const why = compile(target, output);
  if (why === undefined) return { kind: "compiled" };
  if (target !== hostTarget()) return { why };
  writeSelfExtracting(target, output, Deno.execPath());
  return { kind: "self-extracting" };
}

function release(): void {
  Deno.mkdirSync(FOLDER, { recursive: true });
  for (const { name } of Deno.readDirSync(FOLDER)) Deno.removeSync(`${FOLDER}/${name}`);
  const files = TARGETS.flatMap((target) => {
    const name = nameOf(target);
    const made = make(target, `${FOLDER}/${name}`);
    console.log("kind" in made ? `${name}: ${made.kind}` : `${name}: skipped, ${made.why}`);
    return "kind" in made ? [name] : [];
  });
  const bill = `maestro-${config.version}.cdx.json`;
  const lock = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.lock`)) as Lock;
  Deno.writeTextFileSync(`${FOLDER}/${bill}`, JSON.stringify(billOfMaterials(lock), null, 2) + "\n");
  const sums = [...files, bill].map((name) => `${sha256(Deno.readFileSync(`${FOLDER}/${name}`))}  ${name}\n`);
  Deno.writeTextFileSync(`${FOLDER}/SHA256SUMS`, sums.join(""));
  console.log(sums.join("").trimEnd());
}

if (import.meta.main) release();
