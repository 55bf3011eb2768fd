/** The machines for which a file can be made, and how an executable shows which one it is for. */

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
