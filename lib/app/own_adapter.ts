/**
 * Adapters that are not part of the program: their files, when one is loaded, and what a study keeps of it. A file is a
 * program that runs with the rights of the user.
 *
 * Found by its name, a file lies in the site's folder or in the user's. Named by a spec as a path, it is loaded by `run`
 * alone, when the user agrees. A study keeps a copy, with its digest, and conductors use that. Readers of a study run
 * nothing of it.
 */

import { basename, dirname, resolve } from "@std/path";
import { findAdapter } from "../../adapters/mod.ts";
import type { Adapter } from "../../adapters/adapter.ts";
import { adapterChanged, EXIT } from "../errors.ts";
import {
  adapterNotLoaded,
  adapterNotTrusted,
  adapterOfOthers,
  noAdapterFile,
} from "../spec/step_problems.ts";
import type { Batch, PlacedProblem, Problem, YamlValue } from "../spec/types.ts";
import { sha256 } from "../study/folder.ts";
import type { System } from "../system.ts";
import { adapterFrom } from "./adapter_file.ts";
import { checkedAdapter } from "./checked_adapter.ts";
import type { KeptFile } from "./parameters.ts";
import { type AdapterFacts, unloadedAdapter } from "./unloaded_adapter.ts";

/** Where a study keeps the file, and what readers need of it. */
const KEPT = "meta/adapter.js";
const KEPT_FACTS = "meta/adapter.json";
/** The umask takes from it; no umask lets others write. */
const KEPT_MODE = 0o644;

/** A file that loads in this time does not loop. */
const LOAD_TIMEOUT_MS = 30_000;

/** How a file that a spec names is treated: it is never loaded, or loaded if the user agrees. */
export type AskForAdapter = "skip" | ((file: string) => Promise<boolean>);

export interface OwnAdapter {
  /** The adapter, or a replacement if its file was not loaded. */
  readonly adapter: Adapter;
  /** What the spec calls it. */
  readonly word: string;
  readonly kept: readonly KeptFile[];
  readonly problems: readonly Problem[];
  /** What is wrong in the file. */
  readonly placed: readonly PlacedProblem[];
}

/** What a study keeps of an adapter, beside its text. */
interface StoredFacts extends AdapterFacts {
  /** Where it came from. */
  readonly file: string;
  readonly sha256: string;
}

const PATH = ["batch", "type"] as const;

/** The adapter that a spec means and the program does not have; undefined if there is no file for it. */
export async function ownAdapterOf(
  system: System,
  spec: YamlValue,
  specRoot: string,
  ask: AskForAdapter | undefined,
): Promise<OwnAdapter | undefined> {
  const batch = mappingIn(spec, "batch");
  const word = batch?.["type"];
  if (typeof word !== "string" || word.trim() === "") return undefined;
  const isPath = word.includes("/") || word.endsWith(".js");
  const keys = Object.keys(batch ?? {});
  if (!isPath) {
    const file = fileOf(system, word.toLowerCase());
    return file === undefined ? undefined : await loaded(system, word, file, keys);
  }
  const file = resolve(specRoot, word);
  const facts = system.facts(file);
  if (facts === undefined || facts.isDirectory) return standIn(word, keys, [noAdapterFile([...PATH], word)]);
  if (ask === "skip") return standIn(word, keys, [adapterNotLoaded([...PATH], word)]);
  if (ask === undefined || !await ask(file)) return standIn(word, keys, [adapterNotTrusted([...PATH], word)]);
  return await loaded(system, word, file, keys);
}

function mappingIn(value: YamlValue, key: string): Record<string, YamlValue> | undefined {
  const inner = typeof value === "object" && value !== null && !Array.isArray(value) ? value[key] : undefined;
  return typeof inner === "object" && inner !== null && !Array.isArray(inner) ? inner : undefined;
}

/** Folders with adapters of the user and of the site, in the order in which they count. */
export function adapterFolders({ env }: Pick<System, "env">): string[] {
  const home = env["XDG_CONFIG_HOME"] || (env["HOME"] ? `${env["HOME"]}/.config` : undefined);
  return [...(home === undefined ? [] : [`${home}/maestro/adapters`]), "/etc/maestro/adapters"];
}

/** The file of a name that is no adapter of the program. */
function fileOf(system: System, name: string): string | undefined {
  if (findAdapter(name) !== undefined || !/^[a-z][a-z0-9_]*$/.test(name)) return undefined;
  return adapterFolders(system).map((folder) => `${folder}/${name}.js`)
    .find((file) => system.facts(file)?.isDirectory === false);
}

/** The file that a command names: a path, or the name of one in the user's folder or the site's. */
export function adapterFileOf(system: System, named: string): string | undefined {
  const path = resolve(system.cwd, named);
  return system.facts(path)?.isDirectory === false ? path : fileOf(system, named.toLowerCase());
}

function standIn(word: string, keys: readonly string[], problems: readonly Problem[]): OwnAdapter {
  const name = basename(word, ".js").toLowerCase().replace(/[^a-z0-9_]/g, "_");
  return { adapter: unloadedAdapter({ name, infix: name }, keys), word, kept: [], problems, placed: [] };
}

/** Whether a file is the user's own, or root's, and nobody else may write it or its folder. */
function othersMayWrite(system: System, file: string): string | undefined {
  const real = system.realPath(file);
  return [real, dirname(real)].find((path) => !isOwn(system, path));
}

function isOwn(system: System, path: string): boolean {
  const facts = system.facts(path);
  const own = facts?.owner === undefined || facts.owner === 0 || String(facts.owner) === system.place().uid;
  return own && facts?.isShared !== true;
}

async function loaded(
  system: System,
  word: string,
  file: string,
  keys: readonly string[],
): Promise<OwnAdapter> {
  const open = othersMayWrite(system, file);
  if (open !== undefined) return standIn(word, keys, [adapterOfOthers([...PATH], file, open)]);
  const text = system.readText(file);
  const endless = await neverLoads(system, file);
  const { adapter, problems } = endless === undefined
    ? await adapterFrom(system, file, text)
    : { adapter: undefined, problems: [endless] };
  if (adapter === undefined) return { ...standIn(word, keys, []), placed: problems };
  const kept = await keptOf(adapter, file, text);
  return { adapter: checkedAdapter(adapter), word, kept, problems: [], placed: [] };
}

/**
 * Loads a file in a separate process first, because nothing ends a loop in this process, and the file may end the
 * process. Returns why it does not load.
 */
export async function neverLoads(system: System, file: string): Promise<PlacedProblem | undefined> {
  if (system.selfCommand.length === 0) return undefined;
  const argv = [...system.selfCommand, "adapter", "load", file];
  const { timedOut, code, stdout, stderr } = await system.run(argv, { timeoutMs: LOAD_TIMEOUT_MS });
  // A file that has problems is loaded again, here, and has them again.
  if (!timedOut && (stdout.endsWith(LOADED) || code === EXIT.badSpec)) return undefined;
  const wrong = (message: string, hint: string): PlacedProblem => ({
    ...{ level: "error", path: [], at: "value", file, line: 1, column: 1, source: "" },
    ...{ message, hint },
  });
  if (timedOut) {
    const message = `The adapter is not loaded after ${LOAD_TIMEOUT_MS / 1000} seconds`;
    return wrong(message, "Is there a loop that does not end?");
  }
  // deno-lint-ignore no-control-regex
  const last = stderr.replace(/\x1b\[[0-9;]*m/g, "").split("\n").find((line) => /^error: /.test(line));
  const why = last === undefined ? `the file ends the process, exit code ${code}` : last.slice(7);
  return wrong(`The adapter cannot be loaded: ${why}`, "Correct the file.");
}

/** What the separate process prints at its end, so that no early end counts as success. */
export const LOADED = "loaded\n";

async function keptOf(
  { name, infix, jobIdSign, scheduler }: Adapter,
  file: string,
  text: string,
): Promise<KeptFile[]> {
  const facts: StoredFacts = {
    ...{ name, infix, environment: scheduler!.environment, file, sha256: await sha256(text) },
    ...(jobIdSign === undefined ? {} : { jobIdSign }),
  };
  return [
    { file: KEPT, content: { text }, mode: KEPT_MODE },
    { file: KEPT_FACTS, content: { text: `${JSON.stringify(facts)}\n` }, mode: KEPT_MODE },
  ];
}

function storedFacts(system: System, root: string): StoredFacts | undefined {
  const text = system.readTextIfAny(`${root}/${KEPT_FACTS}`);
  return text === undefined ? undefined : JSON.parse(text);
}

/** The adapter of a study for those who conduct it: its own copy if it has one, which nobody has changed since. */
export async function adapterToConduct(system: System, root: string, { type }: Batch): Promise<Adapter> {
  const facts = storedFacts(system, root);
  if (facts === undefined) return findAdapter(type) ?? findAdapter("local")!;
  const file = `${root}/${KEPT}`;
  const text = system.readTextIfAny(file) ?? "";
  if (!isOwn(system, file) || await sha256(text) !== facts.sha256) throw adapterChanged(file, root);
  const { adapter, problems: [problem] } = await adapterFrom(system, file, text);
  if (adapter === undefined) throw adapterChanged(file, root, problem?.message);
  return checkedAdapter(adapter);
}

/** The adapter of a study for its readers, which runs nothing of a study's own. */
export function adapterToRead(system: System, root: string, { type }: Batch): Adapter {
  const facts = storedFacts(system, root);
  return facts === undefined ? findAdapter(type) ?? findAdapter("local")! : unloadedAdapter(facts);
}

/** Makes a study's copy the user's own, as it is now. */
export async function trustAdapterOf(system: System, root: string): Promise<void> {
  const facts = storedFacts(system, root);
  const text = system.readTextIfAny(`${root}/${KEPT}`);
  if (facts === undefined || text === undefined) return;
  system.replaceText(`${root}/${KEPT}`, text, KEPT_MODE);
  const now = { ...facts, sha256: await sha256(text) };
  system.replaceText(`${root}/${KEPT_FACTS}`, `${JSON.stringify(now)}\n`, KEPT_MODE);
}
