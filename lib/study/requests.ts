/**
 * Requests of other commands to the conductor, and their meaning. Each request is a separate file in the
 * study.
 */

import { waitingUpdate } from "./update_lock.ts";
import { isTransient, type System } from "../system.ts";
import { studyPaths } from "../paths.ts";
import { type Change, CHANGEABLE, isSetting, type Settings } from "../spec/settings.ts";

/** What other commands ask of a conductor. Steps by node name. */
export type StudyRequest =
  /** `force`: give up what its scheduler cannot be asked to end. */
  | { readonly ask: "cancel"; readonly steps?: readonly string[]; readonly force?: true }
  /** Leave the study to another conductor. */
  | { readonly ask: "leave" }
  | { readonly ask: "hold" | "release"; readonly steps: readonly string[] }
  | { readonly ask: "rerun"; readonly steps: readonly string[] }
  | { readonly ask: "update"; readonly settings: Partial<Settings> };

const requestFolder = (root: string) => `${root}/.maestro/requests`;

/** Leaves a request for the conductor of the study; returns its file. */
export function makeRequest(system: System, root: string, request: StudyRequest): string {
  system.makeDirectory(requestFolder(root));
  const name = `${String(system.now()).padStart(15, "0")}-${system.token()}.json`;
  const file = `${requestFolder(root)}/${name}`;
  try {
    system.replaceText(file, JSON.stringify(request) + "\n");
  } catch (error) {
    // A file server may rename a file, and report that it has not.
    system.removeFile(file);
    throw error;
  }
  return file;
}

export interface WaitingRequest {
  readonly file: string;
  readonly request: StudyRequest;
}

/** A file among the requests that this version does not carry out. It is kept. */
export interface OddRequest {
  readonly file: string;
  /** `later`: it may be of a later version. `none`: it is no request. */
  readonly kind: "later" | "none";
}

/** Requests waiting, oldest first by the file server's clock, each with its file. */
export function waitingRequests(system: System, root: string): WaitingRequest[] {
  return lookForRequests(system, root).requests;
}

/** The same, with the files that are no requests. */
export function lookForRequests(
  system: System,
  root: string,
): { readonly requests: WaitingRequest[]; readonly odd: OddRequest[] } {
  const requests: (WaitingRequest & { changedAt: number })[] = [];
  const odd: OddRequest[] = [];
  const folder = requestFolder(root);
  const names = system.facts(folder)?.isDirectory ? system.list(folder) : [];
  for (const name of names.filter((name) => name.endsWith(".json"))) {
    const file = `${folder}/${name}`;
    const found = readRequest(system, file);
    if (found === "later" || found === "none") odd.push({ file, kind: found });
    else if (found) {
      requests.push({ file, request: found, changedAt: system.facts(file)?.changedAt ?? Infinity });
    }
  }
  requests.sort((a, b) => a.changedAt - b.changedAt);
  const update = waitingUpdate(system, root);
  if (update?.settings) {
    const request = { ask: "update", settings: update.settings } as const;
    requests.push({ file: update.file, request, changedAt: Infinity });
  }
  if (update?.isOdd) odd.push({ file: studyPaths(root).updateLock, kind: "none" });
  return { requests, odd };
}

/** A request that names a million steps takes less. */
const MOST_BYTES = 1 << 28;

/** Undefined where it was taken since. */
function readRequest(system: System, file: string): StudyRequest | OddRequest["kind"] | undefined {
  let text: string | undefined;
  try {
    const facts = system.facts(file);
    if (facts?.isDirectory || facts?.isSpecial || (facts?.size ?? 0) > MOST_BYTES) return "none";
    text = system.readTextIfAny(file);
  } catch (error) {
    // One that cannot be read now still waits.
    if (isTransient(error)) throw error;
    return "none";
  }
  if (text === undefined) return undefined;
  try {
    return requestIn(JSON.parse(text));
  } catch {
    return "none";
  }
}

function requestIn(value: unknown): StudyRequest | OddRequest["kind"] {
  const { ask, steps, settings, force } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const hasNames = Array.isArray(steps) && steps.every((name) => typeof name === "string");
  switch (ask) {
    case "cancel":
      if (steps !== undefined && !hasNames) return "none";
      return { ask, ...(hasNames ? { steps } : {}), ...(force === true ? { force } : {}) };
    case "leave":
      return { ask };
    case "hold":
    case "release":
    case "rerun":
      return hasNames ? { ask, steps } : "none";
    case "update":
      return isChange(settings) ? { ask, settings } : isObject(settings) ? "later" : "none";
    default:
      return typeof ask === "string" ? "later" : "none";
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Whether a value has settings that can be changed, each with a number that it can have. */
function isChange(value: unknown): value is Partial<Settings> {
  if (!isObject(value)) return false;
  const changes = Object.entries(value);
  return changes.length > 0 &&
    changes.every(([setting, number]) =>
      CHANGEABLE.includes(setting as keyof Change) && typeof number === "number" &&
      isSetting(setting as keyof Change, number)
    );
}
