/** Where a recorded process is, by table; and the sources that show where a process runs. */

import { assertEquals } from "./assert.ts";
import { type ProcessRecord, whereabouts } from "../lib/study/whereabouts.ts";
import { type Kernel, type Place, placeOf, startFromPs } from "../lib/place.ts";
import { realSystem, type System } from "../lib/system.ts";

const HERE: Place = { boot: "b1", namespace: "7", machine: "m1", uid: "1000", seesAll: true };

/** A process that lives here as number 42 since 100. */
const RECORD: ProcessRecord = { pid: 42, host: "login1", start: "100", ...HERE };
/** As version 0.1 wrote it. */
const OLD: ProcessRecord = { pid: 42, host: "login1", boot: "b1", start: "100" };

interface Sight {
  readonly host?: string;
  readonly place?: Partial<Place>;
  /** When the living process 42 started. */
  readonly start?: string;
  readonly below?: boolean;
}

function systemOf({ host = "login1", place, start, below }: Sight): System {
  return {
    host,
    place: () => ({ ...HERE, ...place }),
    processStart: () => start,
    livesBelow: () => below,
  } as unknown as System;
}

const CASES: readonly (readonly [what: string, record: ProcessRecord, sight: Sight, expected: string])[] = [
  ["same boot, namespace and start", RECORD, { start: "100" }, "here"],
  ["the host has got another name", RECORD, { start: "100", host: "renamed" }, "here"],
  ["the number has another process", RECORD, { start: "101" }, "gone"],
  ["no process has the number", RECORD, {}, "gone"],
  [
    "another boot, same host name, another machine",
    RECORD,
    { place: { boot: "b2", machine: "m2" } },
    "unknown",
  ],
  ["another boot, same machine, another host name", RECORD, {
    place: { boot: "b2" },
    host: "login2",
  }, "unknown"],
  ["the machine was started again", RECORD, { place: { boot: "b2" }, start: "100" }, "gone"],
  ["another boot, and no machine id", { ...RECORD, machine: "" }, {
    place: { boot: "b2", machine: "" },
  }, "unknown"],
  ["a copy of a virtual machine", RECORD, { place: { machine: "m2" }, start: "100" }, "unknown"],
  ["the machine id cannot be read here", RECORD, { place: { machine: "" }, start: "100" }, "here"],
  ["another namespace, same host name", RECORD, { place: { namespace: "8" }, start: "100" }, "unknown"],
  ["another namespace, and it is seen from here", RECORD, {
    place: { namespace: "8" },
    start: "100",
    below: true,
  }, "alive"],
  ["another namespace, and it is seen to be gone", RECORD, {
    place: { namespace: "8" },
    start: "100",
    below: false,
  }, "gone"],
  ["a time namespace", { ...RECORD, namespace: "7.9" }, { below: false }, "unknown"],
  ["the boot cannot be read here", RECORD, { place: { boot: "" }, start: "100" }, "unknown"],
  ["the boot could not be read there", { ...RECORD, boot: "" }, { start: "100" }, "unknown"],
  ["neither boot can be read", { ...RECORD, boot: "" }, { place: { boot: "" }, start: "100" }, "unknown"],
  ["the namespace cannot be read here", RECORD, { place: { namespace: "" }, start: "100" }, "unknown"],
  ["neither namespace can be read", { ...RECORD, namespace: "" }, {
    place: { namespace: "" },
    start: "100",
  }, "unknown"],
  ["the start was not written down", { ...RECORD, start: "" }, {}, "unknown"],
  ["other users' processes are hidden, and it is another user's", { ...RECORD, uid: "1001" }, {
    place: { seesAll: false },
  }, "unknown"],
  ["other users' processes are hidden, and it is ours", RECORD, { place: { seesAll: false } }, "gone"],
  ["0.1: it lives", OLD, { start: "100" }, "here"],
  ["0.1: it is gone from the whole machine", OLD, { start: "101", below: false }, "gone"],
  ["0.1: it lives in another namespace", OLD, { start: "101", below: true }, "alive"],
  ["0.1: it may be in another namespace", OLD, { start: "101" }, "unknown"],
  ["0.1: another host name on this machine, gone", OLD, { host: "login2", below: false }, "gone"],
  ["0.1: another host name on this machine, alive", OLD, {
    host: "login2",
    start: "100",
    below: true,
  }, "alive"],
  ["0.1: the same host name and another boot", OLD, { place: { boot: "b2" }, start: "100" }, "unknown"],
];

for (const [what, record, sight, expected] of CASES) {
  Deno.test(`whereabouts: ${what}: ${expected}`, () => {
    assertEquals(whereabouts(systemOf(sight), record), expected);
  });
}

/** Files and links of a machine; all else is not there. */
function kernelOf(os: string, files: Record<string, string>, links: Record<string, string> = {}): Kernel {
  return {
    os,
    pid: 42,
    uid: 1000,
    read: (path) => files[path],
    link: (path) => links[path],
    list: (folder) =>
      Object.keys(links).flatMap((path) => new RegExp(`^${folder}/([^/]+)/`).exec(path)?.[1] ?? []),
    run: () => undefined,
  };
}

const FILES = {
  "/proc/sys/kernel/random/boot_id": "b1\n",
  "/proc/self/status": "Name:\tdeno\nNSpid:\t42\n",
  "/proc/1/stat": "1 (init) S 0",
  "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
  "/sys/class/net/eth0/address": "02:fc:00:00:00:01\n",
  "/sys/class/net/lo/address": "00:00:00:00:00:00\n",
};
const LINKS = {
  "/proc/self": "42",
  "/proc/self/ns/pid": "pid:[4026531836]",
  "/proc/self/ns/time": "time:[4026531834]",
  "/sys/class/net/eth0/device": "../../devices/pci",
};

Deno.test("place: boot, namespace, machine and user of Linux", () => {
  assertEquals(placeOf(kernelOf("linux", FILES, LINKS)), {
    boot: "b1",
    namespace: "4026531836",
    machine: "0123456789abcdef0123456789abcdef+02:fc:00:00:00:01",
    uid: "1000",
    seesAll: true,
  });
});

Deno.test("place: what cannot be read is empty", () => {
  const nothing = { boot: "", namespace: "", machine: "", uid: "1000", seesAll: false };
  assertEquals(placeOf(kernelOf("linux", {})), nothing);
  const unset = { "/etc/machine-id": "uninitialized\n" };
  assertEquals(placeOf(kernelOf("linux", unset)).machine, "");
});

Deno.test("place: a /proc of another namespace does not show the namespace", () => {
  const status = { ...FILES, "/proc/self/status": "NSpid:\t42\t1\n" };
  assertEquals(placeOf(kernelOf("linux", status, LINKS)).namespace, "");
  const self = { ...LINKS, "/proc/self": "4711" };
  assertEquals(placeOf(kernelOf("linux", FILES, self)).namespace, "");
});

Deno.test("place: a time namespace is part of it", () => {
  const links = { ...LINKS, "/proc/self/ns/time": "time:[4026532300]" };
  assertEquals(placeOf(kernelOf("linux", FILES, links)).namespace, "4026531836.4026532300");
});

Deno.test("place: ps shows when a process started, and omits zombies", () => {
  assertEquals(startFromPs("Ss   Sat Nov 28 22:10:05 2026\n"), "Sat_Nov_28_22:10:05_2026");
  assertEquals(startFromPs("Z    Sat Nov 28 22:10:05 2026\n"), undefined);
  assertEquals(startFromPs(""), undefined);
  assertEquals(startFromPs(undefined), undefined);
});

Deno.test("a group whose number means all processes gets no signal", () => {
  const { kill } = Deno;
  const signalled: number[] = [];
  Deno.kill = (pid) => void signalled.push(pid);
  try {
    for (const leader of [-1, 0, 1]) assertEquals(realSystem([]).signalGroup(leader, "SIGKILL"), false);
    assertEquals([realSystem([]).signalGroup(2, "SIGKILL"), signalled], [true, [-2]]);
  } finally {
    Deno.kill = kill;
  }
});
