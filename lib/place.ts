/**
 * Where a process runs: which machine, which boot of it, and which processes it can see. A host name does not identify a
 * machine. Clusters that share a file system may have login nodes of the same name, and a container may have the
 * name of its host.
 */

/** Each text is empty if it is not known. */
export interface Place {
  /** Changes at every boot of the machine. */
  readonly boot: string;
  /** The namespace in which process numbers are unique. Containers have separate ones. */
  readonly namespace: string;
  /** The same after a reboot. */
  readonly machine: string;
  readonly uid: string;
  /** Whether processes of other users are visible. */
  readonly seesAll: boolean;
}

/** Questions to the kernel. Undefined if it does not answer. */
export interface Kernel {
  readonly os: string;
  readonly pid: number;
  readonly uid: number | null;
  read(path: string): string | undefined;
  /** The target of a symbolic link. */
  link(path: string): string | undefined;
  list(path: string): readonly string[];
  /** The output of a command. */
  run(argv: readonly string[]): string | undefined;
}

/** The PID namespace that sees all others, and the initial time namespace: include/linux/proc_ns.h. */
export const INITIAL_NAMESPACE = "4026531836";
const INITIAL_TIME = "4026531834";

export function placeOf(kernel: Kernel): Place {
  const uid = String(kernel.uid ?? "");
  if (kernel.os === "darwin") {
    const platform = kernel.run(["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"]) ?? "";
    return {
      boot: kernel.run(["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"])?.trim() ?? "",
      // Only one exists.
      namespace: "all",
      machine: /"IOPlatformUUID" = "([^"]+)"/.exec(platform)?.[1] ?? "",
      uid,
      seesAll: true,
    };
  }
  return {
    boot: kernel.read("/proc/sys/kernel/random/boot_id")?.trim() ?? "",
    namespace: pidNamespace(kernel),
    machine: machineOf(kernel),
    uid,
    // If /proc is mounted with `hidepid`, it shows a user only that user's processes: proc(5).
    seesAll: kernel.read("/proc/1/stat") !== undefined,
  };
}

const numberOf = (link: string | undefined) => /\[(\d+)\]$/.exec(link ?? "")?.[1];

/** Unknown if /proc belongs to another namespace: its numbers are not ours. */
function pidNamespace({ pid, read, link }: Kernel): string {
  const own = numberOf(link("/proc/self/ns/pid"));
  if (own === undefined || link("/proc/self") !== String(pid)) return "";
  // From the namespace that /proc belongs to, down to that of this process: pid_namespaces(7).
  const numbers = /^NSpid:\s*(.*)$/m.exec(read("/proc/self/status") ?? "")?.[1];
  if (numbers !== undefined && numbers.trim() !== String(pid)) return "";
  // In a time namespace, the start times of processes are shifted: time_namespaces(7).
  const time = numberOf(link("/proc/self/ns/time"));
  return time === undefined || time === INITIAL_TIME ? own : `${own}.${time}`;
}

/** Machines that start from one image share a machine-id, so the address of a network card is added to it. */
function machineOf({ read, link, list }: Kernel): string {
  const id = /^[0-9a-f]{32}$/.exec(read("/etc/machine-id")?.trim() ?? "")?.[0];
  const cards = list("/sys/class/net").filter((name) => link(`/sys/class/net/${name}/device`) !== undefined);
  const addresses = cards.map((name) => read(`/sys/class/net/${name}/address`)?.trim() ?? "");
  const [address] = addresses.filter((text) =>
    /^(?!00:00:00:00:00:00)([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text)
  )
    .sort();
  return [id, address].filter((part) => part !== undefined).join("+");
}

/**
 * A process of macOS, from `ps -o stat=,lstart=`: its start time as one word. Undefined if there is none, or
 * it is a zombie.
 */
export function startFromPs(output: string | undefined): string | undefined {
  const [state, ...start] = output?.trim().split(/\s+/) ?? [];
  return state === undefined || /^[ZX]/.test(state) || start.length === 0 ? undefined : start.join("_");
}
