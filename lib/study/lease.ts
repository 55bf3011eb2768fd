/**
 * One conductor at a time: `<study>/.maestro/lease`, created exclusively, names it. It keeps two conductors
 * apart. That nothing runs twice depends on the claim of each job (`claims.ts`).
 */

import { heldByAnother } from "../errors.ts";
import { ageOf } from "./file_age.ts";
import { removePatiently } from "../patience.ts";
import { codeOf, type System } from "../system.ts";
import { type Whereabouts, whereabouts } from "./whereabouts.ts";

/** Who conducts a study, as far as a reader can see. */
export interface ConductorView {
  readonly alive: boolean;
  readonly host?: string;
  readonly pid?: number;
  readonly heartbeatAt?: number;
  /** What keeps it from its work now. */
  readonly troubles?: readonly Trouble[];
  /** It leaves the study soon: after one pass, or after it has carried out requests. */
  readonly brief?: true;
}

export interface Lease {
  readonly nonce: string;
  readonly host: string;
  readonly user: string;
  readonly pid: number;
  readonly bootId: string;
  /** Leases of version 0.1 have neither this nor the two below. */
  readonly namespace?: string;
  readonly machine?: string;
  readonly uid?: string;
  readonly processStart: string;
  readonly since: number;
  /** It was taken from a holder that was silent for long, and not seen to be gone. */
  readonly presumed?: true;
  /** Its holder makes one pass, or carries out requests, and leaves. */
  readonly brief?: true;
}

/** If a holder is not visible from here, and its heartbeat is older than this, it counts as gone. */
export const HEARTBEAT_LIMIT_MS = 180_000;

const leasePath = (root: string) => `${root}/.maestro/lease`;
const heartbeatPath = (root: string) => `${root}/.maestro/heartbeat`;

/** Leases of this process that it made and could not read back: nobody holds them. */
const abandoned = new Set<string>();

/** Takes the lease, or throws who holds it. A holder that is gone loses it. `brief`: it is given back soon. */
export function acquireLease(system: System, root: string, brief = false): Lease {
  const nonce = system.token();
  try {
    return acquireAs(nonce, system, root, brief);
  } catch (error) {
    if (codeOf(error) !== undefined) abandoned.add(nonce);
    throw error;
  }
}

/** A lease of this process. */
function ownLease(system: System, nonce: string, brief: boolean): Lease {
  const { boot: bootId, namespace, machine, uid } = system.place();
  return {
    nonce,
    host: system.host,
    user: system.user,
    pid: system.pid,
    ...{ bootId, namespace, machine, uid },
    processStart: namespace === "" ? "" : system.processStart(system.pid) ?? "",
    since: system.now(),
    ...(brief ? { brief } : {}),
  };
}

const makerPath = (root: string) => `${root}/.maestro/maker`;

/** From now on this process makes and launches the study, and no other may replace it. */
export function markMaker(system: System, root: string): void {
  system.createText(makerPath(root), JSON.stringify(ownLease(system, system.token(), true)) + "\n");
}

/** The study is made, and has a conductor if the user wants one. The mark of a process that has ended has no effect. */
export function unmarkMaker(system: System, root: string): void {
  try {
    if (readMaker(system, root)?.pid === system.pid) system.removeFile(makerPath(root));
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
}

const readMaker = (system: System, root: string) => parseLease(system.readTextIfAny(makerPath(root)));

/** Whether the process that makes or launches the study lives. One that cannot be seen does for three minutes. */
export function hasMaker(system: System, root: string): boolean {
  const maker = readMaker(system, root);
  if (maker === undefined) return false;
  const found = whereaboutsOf(system, maker);
  if (found !== "unknown") return found !== "gone";
  return (ageOf(system, makerPath(root)) ?? Infinity) < HEARTBEAT_LIMIT_MS;
}

function acquireAs(nonce: string, system: System, root: string, brief: boolean): Lease {
  let mine = ownLease(system, nonce, brief);
  const path = leasePath(root);
  for (let attempt = 0; attempt < 5; attempt++) {
    system.createText(path, JSON.stringify(mine) + "\n");
    // Another process may have moved the new file aside before it had any text, as a lease of nobody.
    const holder = readLease(system, root);
    if (holder?.nonce === mine.nonce) {
      tryToBeat(system, root);
      return mine;
    }
    if (holder && !abandoned.has(holder.nonce) && isAlive(system, root, holder, ageOf)) {
      throw heldByAnother(root, holder);
    }
    if (holder && whereaboutsOf(system, holder) === "unknown") mine = { ...mine, presumed: true };
    breakLease(system, path, holder?.nonce);
  }
  throw heldByAnother(root, readLease(system, root));
}

/** The first beat of many. */
function tryToBeat(system: System, root: string): void {
  try {
    beat(system, root, troublesIn(system, root));
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
}

/**
 * Moves a dead holder's lease aside. If another conductor took the study in between, its lease was moved
 * instead. It is then restored; if that was too late, its nonce shows the loss.
 */
function breakLease(system: System, path: string, nonce: string | undefined): void {
  // To look at a holder takes a while: another process may have the study by now.
  if (parseLease(system.readTextIfAny(path))?.nonce !== nonce) return;
  const aside = `${path}.${system.token()}`;
  if (!system.rename(path, aside)) return;
  const moved = parseLease(system.readTextIfAny(aside));
  if (moved && moved.nonce !== nonce) system.createText(path, JSON.stringify(moved) + "\n");
  system.removeFile(aside);
}

/** It will be given back soon. Another process that wants the study waits for that. */
export function markBrief(system: System, root: string, lease: Lease): void {
  if (holdsLease(system, root, lease)) {
    system.replaceText(leasePath(root), JSON.stringify({ ...lease, brief: true }) + "\n");
  }
}

/** Gives the lease back, if it is still ours. One that stays is that of a process that is gone. */
export async function releaseLease(system: System, root: string, lease: Lease): Promise<void> {
  try {
    // This process may live on, and wait for a conductor that waits for the lease.
    await removePatiently(system, () => {
      removeAside(system, root);
      if (holdsLease(system, root, lease)) system.removeFile(leasePath(root));
    });
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
}

/** Leases of processes that are gone, which another process moved aside and could not remove. */
function removeAside(system: System, root: string): void {
  for (const name of system.list(`${root}/.maestro`)) {
    if (!/^lease\.[0-9a-f]{16}$/.test(name)) continue;
    const path = `${root}/.maestro/${name}`;
    const lease = parseLease(system.readTextIfAny(path));
    if (lease && whereaboutsOf(system, lease) === "gone") system.removeFile(path);
  }
}

/** Whether nobody took the lease away. Asked before every round of submissions. */
export function holdsLease(system: System, root: string, lease: Lease): boolean {
  return readLease(system, root)?.nonce === lease.nonce;
}

/** The trouble of a conductor whose scheduler is gone. */
export const SCHEDULER_GONE = {
  asked: (why: string) => `the scheduler cannot be asked: ${why}`,
  reached: (why: string) => `the scheduler cannot be reached: ${why}`,
};
export const isSchedulerGone = ({ what }: Trouble): boolean =>
  Object.values(SCHEDULER_GONE).some((words) => what.startsWith(words("")));

/** What keeps a conductor from its work, in words, and since when. */
export interface Trouble {
  readonly since: number;
  readonly what: string;
}

/** Shows readers that the holder lives, and its trouble: a line for each. */
export function beat(system: System, root: string, troubles: readonly Trouble[] = []): void {
  const lines = troubles.map(({ since, what }) =>
    `${since} ${what.replace(/\s+/g, " ").slice(0, MOST_WORDS)}\n`
  );
  system.writeText(heartbeatPath(root), `${system.now()}\n${lines.join("")}`);
}

/** Characters of trouble in a heartbeat. */
const MOST_WORDS = 1000;

/** What a conductor left in its heartbeat. */
export function troublesIn(system: System, root: string): Trouble[] {
  const text = system.readTextIfAny(heartbeatPath(root)) ?? "";
  return [...text.matchAll(/^(\d{1,15}) (.+)$/gm)].map(([, since, what]) => ({
    since: Number(since),
    what: what!,
  }));
}

export function readLease(system: System, root: string): Lease | undefined {
  return parseLease(system.readTextIfAny(leasePath(root)));
}

/** Undefined for a lease that a crash tore, or that something else wrote: nobody holds it. */
function parseLease(text: string | undefined): Lease | undefined {
  try {
    const lease = JSON.parse(text ?? "") as Lease | null;
    return lease && Number.isInteger(lease.pid) && WORDS.every((word) => typeof lease[word] === "string")
      ? lease
      : undefined;
  } catch {
    return undefined;
  }
}

/** What each lease has had since version 0.1, beside its process id. */
const WORDS = ["nonce", "host", "user", "bootId", "processStart"] as const;

function whereaboutsOf(system: System, { bootId, processStart, ...lease }: Lease): Whereabouts {
  return whereabouts(system, { ...lease, boot: bootId, start: processStart });
}

/** A process that cannot be seen from here lives as long as its heart beats. */
function isAlive(system: System, root: string, lease: Lease, age: typeof ageOf): boolean {
  const found = whereaboutsOf(system, lease);
  if (found !== "unknown") return found !== "gone";
  return (age(system, heartbeatPath(root)) ?? Infinity) < HEARTBEAT_LIMIT_MS;
}

/** The same as `ageOf`, for readers: they write only where this machine's clock does not show that it is young. */
function ageForReaders(system: System, path: string): number | undefined {
  const changedAt = system.facts(path)?.changedAt;
  if (changedAt === undefined) return undefined;
  const age = system.now() - changedAt;
  return age >= 0 && age < HEARTBEAT_LIMIT_MS ? age : ageOf(system, path);
}

/** Who conducts a study, for readers: takes no lock and changes nothing. */
export function conductorView(system: System, root: string): ConductorView {
  const lease = readLease(system, root);
  const heartbeatAt = system.facts(heartbeatPath(root))?.changedAt;
  const alive = lease !== undefined && isAlive(system, root, lease, ageForReaders);
  const troubles = troublesIn(system, root);
  return {
    alive,
    ...(troubles.length > 0 ? { troubles } : {}),
    ...(lease ? { host: lease.host, pid: lease.pid } : {}),
    ...(lease?.brief ? { brief: true } : {}),
    ...(heartbeatAt === undefined ? {} : { heartbeatAt }),
  };
}
