/**
 * Where a process runs: which machine, which start of it, and which processes it can see. A host's name does not tell:
 * clusters that share a file system have login nodes of the same name, and containers have the name of their host.
 */

/** Each text is empty where it cannot be found out. */
export interface Place {
  /** Changes with every start of the machine. */
  readonly boot: string;
  /** The space in which process numbers are unique: containers have their own. */
  readonly namespace: string;
  /** Stays the same when the machine starts again. */
  readonly machine: string;
  readonly uid: string;
  /** Whether processes of other users are visible. */
  readonly seesAll: boolean;
}

/** What the kernel is asked for. Undefined where it does not answer. */
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

/** The PID namespace that sees all others, and the ordinary time namespace: include/linux/proc_ns.h. */
export const INITIAL_NAMESPACE = "4026531836";
const INITIAL_TIME = "4026531834";

export function placeOf(kernel: Kernel): Place {
  const uid = String(kernel.uid ?? "");
  if (kernel.os === "darwin") {
    const platform = kernel.run(["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"]) ?? "";
    return {
      boot: kernel.run(["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"])?.trim() ?? "",
      // There is only one.
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
    // Mounted with `hidepid`, /proc shows a user only that user's processes: proc(5).
    seesAll: kernel.read("/proc/1/stat") !== undefined,
  };
}

const numberOf = (link: string | undefined) => /\[(\d+)\]$/.exec(link ?? "")?.[1];

/** Unknown where /proc is that of another namespace: its numbers are not ours. */
function pidNamespace({ pid, read, link }: Kernel): string {
  const own = numberOf(link("/proc/self/ns/pid"));
  if (own === undefined || link("/proc/self") !== String(pid)) return "";
  // From where /proc belongs to, down to this process's namespace: pid_namespaces(7).
  const numbers = /^NSpid:\s*(.*)$/m.exec(read("/proc/self/status") ?? "")?.[1];
  if (numbers !== undefined && numbers.trim() !== String(pid)) return "";
  // In a time namespace processes seem to start at other times: time_namespaces(7).
  const time = numberOf(link("/proc/self/ns/time"));
  return time === undefined || time === INITIAL_TIME ? own : `${own}.${time}`;
}

/** Machines that start from one image share a machine-id; the address of a network card is added to it. */
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

/** A process of macOS as `ps -o stat=,lstart=` has it: when it started, as one word; undefined for none, or a zombie. */
export function startFromPs(output: string | undefined): string | undefined {
  const [state, ...start] = output?.trim().split(/\s+/) ?? [];
  return state === undefined || /^[ZX]/.test(state) || start.length === 0 ? undefined : start.join("_");
}
