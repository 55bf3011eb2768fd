/**
 * The library that makes calls of a program fail (`fault.c`): its compilation, its settings, and its counts.
 */

import { ROOT } from "../maestro.ts";

/** Calls, in the order of the state file. */
export const CALLS = [
  ...["open", "create", "write", "read", "fsync", "rename", "unlink", "rmdir", "mkdir", "stat", "list"],
  ...["close", "fork", "exec"],
] as const;
export type Call = typeof CALLS[number];

export interface Fault {
  /** Without one, calls are counted and none fails. */
  readonly call?: Call;
  /** A part of the path of the calls that count. */
  readonly path: string;
  readonly errno?: number;
  /** The first call that fails, from 1. */
  readonly first?: number;
  /** How many fail; or for how long; or until a file exists. */
  readonly count?: number;
  readonly ms?: number;
  readonly until?: string;
  /** Names of programs. */
  readonly programs: readonly string[];
  /** The file in which the processes share what they counted. */
  readonly state: string;
}

let compiled: string | undefined | false = false;

/** The library's file; undefined where it cannot be compiled. */
export function faultLibrary(): string | undefined {
  if (compiled === false) compiled = compile();
  return compiled;
}

function compile(): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const folder = Deno.makeTempDirSync({ prefix: "maestro_fault_" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  try {
    const source = `${ROOT}/tests/faults/fault.c`;
    const args = ["-O1", "-shared", "-fPIC", "-o", `${folder}/fault.so`, source, "-ldl"];
    const { success } = new Deno.Command("cc", { args, stderr: "null" }).outputSync();
    return success ? `${folder}/fault.so` : undefined;
  } catch {
    return undefined;
  }
}

/** The variables that make a program's calls fail. */
export function faultVariables(fault: Fault): Record<string, string> {
  return {
    LD_PRELOAD: faultLibrary()!,
    FAULT_CALL: fault.call ?? "",
    FAULT_PATH: fault.path,
    FAULT_ERRNO: String(fault.errno ?? ""),
    FAULT_FIRST: String(fault.first ?? ""),
    FAULT_COUNT: String(fault.count ?? ""),
    FAULT_MS: String(fault.ms ?? ""),
    FAULT_UNTIL: fault.until ?? "",
    FAULT_IN: ` ${fault.programs.join(" ")} `,
    FAULT_STATE: fault.state,
  };
}

export interface Counted {
  /** Calls that failed. */
  readonly hits: number;
  readonly calls: Readonly<Record<Call, number>>;
}

/** What the processes counted so far. */
export function countedIn(state: string): Counted {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(state);
  } catch {
    bytes = new Uint8Array();
  }
  const numbers = new DataView(bytes.buffer);
  const at = (offset: number) => offset + 4 <= bytes.length ? numbers.getInt32(offset, true) : 0;
  const calls = Object.fromEntries(CALLS.map((call, i) => [call, at(12 + 4 * i)]));
  return { hits: at(8), calls: calls as Record<Call, number> };
}
