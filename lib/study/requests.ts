/** What other commands ask of the conductor, and what it means. Each request is a file of its own in the study. */

import { type Change, waitingUpdate } from "./update_lock.ts";
import { isTransient, type System } from "../system.ts";
import type { Settings } from "./events.ts";

/** What other commands ask of a conductor. Steps by node name. */
export type StudyRequest =
  | { readonly ask: "cancel"; readonly steps?: readonly string[] }
  | { readonly ask: "hold" | "release"; readonly steps: readonly string[] }
  | { readonly ask: "rerun"; readonly steps: readonly string[] }
  | { readonly ask: "update"; readonly settings: Partial<Settings> };
const requestFolder = (root: string) => `${root}/.maestro/requests`;

/** Leaves a request for whoever conducts the study. */
export function makeRequest(system: System, root: string, request: StudyRequest): void {
  system.makeDirectory(requestFolder(root));
  const name = `${String(system.now()).padStart(15, "0")}-${system.token()}.json`;
  system.replaceText(`${requestFolder(root)}/${name}`, JSON.stringify(request) + "\n");
}

/** The change that `update` left, as a request. */
function waitingUpdates(system: System, root: string): { file: string; request: StudyRequest }[] {
  const { file, settings } = waitingUpdate(system, root) ?? {};
  return file === undefined || settings === undefined ? [] : [{ file, request: { ask: "update", settings } }];
}

/** Requests waiting, oldest first, each with its file. A file that cannot be read as one is passed over. */
export function waitingRequests(system: System, root: string): { file: string; request: StudyRequest }[] {
  const folder = requestFolder(root);
  const update = waitingUpdates(system, root);
  if (system.facts(folder) === undefined) return update;
  const asked = system.list(folder).filter((name) => name.endsWith(".json")).flatMap((name) => {
    const file = `${folder}/${name}`;
    try {
      const request = requestIn(JSON.parse(system.readText(file)));
      return request ? [{ file, request }] : [];
    } catch (error) {
      // It was taken since, or is no request. One that cannot be read now still waits.
      if (isTransient(error)) throw error;
      return [];
    }
  });
  return [...asked, ...update];
}

/** The request that a value is; undefined for what only a later version knows, and for what is none. */
function requestIn(value: unknown): StudyRequest | undefined {
  const { ask, steps, settings } = (value ?? {}) as { ask?: unknown; steps?: unknown; settings?: unknown };
  const hasNames = Array.isArray(steps) && steps.every((name) => typeof name === "string");
  switch (ask) {
    case "cancel":
      return steps === undefined ? { ask } : hasNames ? { ask, steps } : undefined;
    case "hold":
    case "release":
    case "rerun":
      return hasNames ? { ask, steps } : undefined;
    case "update":
      return isChange(settings) ? { ask, settings } : undefined;
    default:
      return undefined;
  }
}

/** Whether a value has settings that can be changed, each with a number that it can have. */
function isChange(value: unknown): value is Partial<Settings> {
  if (typeof value !== "object" || value === null) return false;
  const changes = Object.entries(value);
  return changes.length > 0 &&
    changes.every(([setting, number]) =>
      Object.hasOwn(LEAST, setting) && typeof number === "number" && number >= LEAST[setting as keyof Change]
    );
}

const LEAST: Readonly<Record<keyof Change, number>> = { rlimit: 0, throttle: 0, sleep: 0, localJobs: 1 };
