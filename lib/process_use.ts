/** What processes of this machine use, from the texts of /proc: proc(5). */

/** What has been used, as counters that only grow. */
export interface Consumption {
  readonly cpuMs: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** What programs see as a clock tick: 100 to the second on every machine with Linux. */
export const TICK_MS = 10;

/** From `stat` and `io` of a process: what its children have used that have ended. Its own reads and writes count, too. */
export function childrenUse(stat: string, io: string): Consumption | undefined {
  // The command's name, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[13]) + Number(fields[14]);
  const counter = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(io)?.[1] ?? NaN);
  const use = { cpuMs: ticks * TICK_MS, readBytes: counter("rchar"), writtenBytes: counter("wchar") };
  return Object.values(use).every(Number.isFinite) ? use : undefined;
}

/** What was used between two looks. */
export function between(before: Consumption, after: Consumption): Consumption {
  return {
    cpuMs: after.cpuMs - before.cpuMs,
    readBytes: after.readBytes - before.readBytes,
    writtenBytes: after.writtenBytes - before.writtenBytes,
  };
}

/** Reads of /proc. `read`: undefined if there is no such file; `list`: no names then. */
export interface Proc {
  read(path: string): string | undefined;
  list(path: string): readonly string[];
}

/** Processes of one step, at most: more are not looked at. */
const MOST_PROCESSES = 1000;

/**
 * The memory of a process and all below it, in bytes. It is the sum of what they hold now, or the most that one of them
 * held before, if that is more. Undefined if there is no such process, or the system does not show it.
 */
export function treeMemory({ read, list }: Proc, pid: number): number | undefined {
  let [now, most, seen] = [0, 0, false];
  const open = [String(pid)];
  for (let i = 0; i < open.length && i < MOST_PROCESSES; i++) {
    const status = read(`/proc/${open[i]}/status`);
    const held = kilobytes(status, "VmRSS");
    // A zombie holds nothing.
    if (status === undefined || held === undefined) continue;
    seen = true;
    now += held;
    most = Math.max(most, kilobytes(status, "VmHWM") ?? 0);
    // Children belong to the thread that started them.
    for (const thread of list(`/proc/${open[i]}/task`)) {
      const children = read(`/proc/${open[i]}/task/${thread}/children`) ?? "";
      open.push(...children.split(" ").filter((child) => child !== ""));
    }
  }
  return seen ? Math.max(now, most) * 1024 : undefined;
}

function kilobytes(status: string | undefined, name: string): number | undefined {
  const text = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status ?? "")?.[1];
  return text === undefined ? undefined : Number(text);
}
