/** What became of a process that was written down, as far as it can be seen from here. */

import type { Place } from "../place.ts";
import type { System } from "../system.ts";

/** A process as leases and claims describe it. Version 0.1 wrote neither namespace, machine nor uid. */
export interface ProcessRecord extends Partial<Pick<Place, "namespace" | "machine" | "uid">> {
  readonly pid: number;
  readonly host: string | undefined;
  readonly boot: string;
  /** When it started, in the kernel's words. */
  readonly start: string;
}

/**
 * `here`: it lives, and its number is that process in this namespace. `alive`: it lives in another namespace of this
 * machine. `gone`: it does not live any more. `unknown`: it may be on another machine.
 */
export type Whereabouts = "here" | "alive" | "gone" | "unknown";

/**
 * Boot, namespace and start identify a process; a host's name does not. What cannot be proven is `unknown`: nothing that
 * may live is signalled, taken over or started again.
 */
export function whereabouts(system: System, record: ProcessRecord): Whereabouts {
  const { pid, boot, start, namespace } = record;
  const here = system.place();
  if (boot === "" || here.boot === "" || start === "") return "unknown";
  if (boot !== here.boot) return hasRestarted(system, record, here) ? "gone" : "unknown";
  // Copies of a virtual machine have one boot.
  if (record.machine && here.machine && record.machine !== here.machine) return "unknown";
  const isNear = namespace === undefined ? record.host === system.host : isSame(namespace, here.namespace);
  if (isNear && here.namespace !== "" && system.processStart(pid) === start) return "here";
  if (isNear && namespace !== undefined) {
    return here.seesAll || record.uid === here.uid ? "gone" : "unknown";
  }
  const lives = namespace?.includes(".") ? undefined : system.livesBelow(pid, start);
  return lives === undefined ? "unknown" : lives ? "alive" : "gone";
}

const isSame = (a: string, b: string) => a !== "" && a === b;

/** Whether it was on this machine, before the machine was started again. */
function hasRestarted(system: System, { host, machine }: ProcessRecord, here: Place): boolean {
  return machine !== undefined && isSame(machine, here.machine) && host === system.host;
}
