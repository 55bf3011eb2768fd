/** What attempts use: texts of /proc, samples of memory, figures of accounting, the calls for them, and advice. */

import { assert, assertEquals } from "./assert.ts";
import { between, childrenUse, treeMemory } from "../lib/process_use.ts";
import { memoryWatch } from "../lib/conduct/local/memory.ts";
import { millisecondsIn } from "../adapters/usage.ts";
import { bytesIn } from "../lib/units.ts";
import { slurmUsage } from "../adapters/slurm/usage.ts";
import { findAdapter } from "../adapters/mod.ts";
import { bytesText, cpuText, type Usage, usageOf } from "../lib/study/usage.ts";
import { Accounting } from "../lib/conduct/scheduler/accounting.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import { adviceLines, usageAdvice } from "../lib/view/usage_advice.ts";
import type { StatusStep } from "../lib/view/status_view.ts";
import type { System } from "../lib/system.ts";
import { makePlan, SETTINGS } from "./make.ts";
import { parseJobFile } from "../lib/study/claims.ts";
import { inFreshFolder, ROOT } from "./maestro.ts";
import { runScripts } from "./run_scripts.ts";

Deno.test("usage: counters of a process, whatever its name", () => {
  const stat = (name: string) =>
    `7 (${name}) S 1 7 7 0 -1 4194304 98 5000 0 0 1 2 340 56 20 0 1 0 3885203 3133440 360 1 2\n`;
  const io = "rchar: 6976\nwchar: 12\nsyscr: 10\nsyscw: 0\nread_bytes: 4\nwrite_bytes: 0\n";
  for (const name of ["sh", "a b", ") S (", "((("]) {
    assertEquals(childrenUse(stat(name), io), { cpuMs: 3960, readBytes: 6976, writtenBytes: 12 });
  }
  // A kernel without these counters.
  assertEquals(childrenUse(stat("sh"), ""), undefined);
  assertEquals(childrenUse("", io), undefined);
  const use = { cpuMs: 3960, readBytes: 6976, writtenBytes: 12 };
  assertEquals(between({ cpuMs: 3000, readBytes: 6000, writtenBytes: 12 }, use), {
    ...{ cpuMs: 960, readBytes: 976, writtenBytes: 0 },
  });
});

Deno.test("usage: memory of a tree is what all hold now, or what one has held before", () => {
  const files = new Map<string, string>();
  const process = (pid: number, rss: number, peak: number, children = "") => {
    files.set(`/proc/${pid}/status`, `Name:\tx\nVmHWM:\t  ${peak} kB\nVmRSS:\t  ${rss} kB\n`);
    files.set(`/proc/${pid}/task/${pid}/children`, children);
  };
  const proc = {
    read: (path: string) => files.get(path),
    list: (path: string) => [path.split("/")[2]!],
  };
  process(1, 100, 150, "2 3 ");
  process(2, 200, 210, "4 ");
  process(4, 300, 300);
  files.set("/proc/3/status", "Name:\tzombie\nState:\tZ\n");
  assertEquals(treeMemory(proc, 1), 600 * 1024);
  process(4, 10, 5000);
  assertEquals(treeMemory(proc, 1), 5000 * 1024);
  assertEquals(treeMemory(proc, 3), undefined);
  assertEquals(treeMemory(proc, 9), undefined);
});

Deno.test("usage: samples become rarer as a step grows older, and cost at most a hundredth of the time", () => {
  let now = 0;
  let cost = 0;
  const looks: number[] = [];
  const watch = memoryWatch({
    monotonic: () => now,
    memoryOf() {
      looks.push(now);
      now += cost;
      return 1000 + looks.length;
    },
  });
  watch.begin(0, 7);
  for (; now < 60_000; now += 100) watch.look();
  assertEquals(looks.slice(0, 2), [0, 300]);
  assert(looks.length > 12 && looks.length < 40, `${looks.length}`);
  assertEquals(watch.end(0, { cpuMs: 5, readBytes: 6, writtenBytes: 7 }), {
    ...{ cpuMs: 5, maxRssBytes: 1000 + looks.length, readBytes: 6, writtenBytes: 7 },
  });
  assertEquals(watch.end(0), {});
  looks.length = 0;
  cost = 50;
  watch.begin(1, 8);
  const start = now;
  for (; now < start + 60_000; now += 100) watch.look();
  assert(looks.length * cost <= 60_000 * 0.0101 + cost, `${looks.length}`);
});

Deno.test("usage: numbers in the answers of accounting commands", () => {
  assertEquals(
    ["1000M", "16G", "0kb", "308.742KB", "1.5T", "7", "300 Mbytes", "", "1x", "M", undefined].map((text) =>
      bytesIn(text)
    ),
    [1000 * 2 ** 20, 2 ** 34, 0, 316_152, 1.5 * 2 ** 40, 7, 300 * 2 ** 20, ...Array(4).fill(undefined)],
  );
  assertEquals(
    ["00:05.418", "00:00:00", "1-02:03:04", "5.634s", "20s", "600", "", "UNLIMITED", undefined].map(
      millisecondsIn,
    ),
    [5418, 0, 93_784_000, 5634, 20_000, 600_000, undefined, undefined, undefined],
  );
  assertEquals([0, 999, 1023, 1024, 1.25 * 2 ** 30, 309 * 2 ** 20].map(bytesText), [
    ...["0B", "999B", "1K", "1K", "1.3G", "309M"],
  ]);
  assertEquals([0, 5418, 59_990, 60_000, 3_723_000].map(cpuText), [
    "0s",
    "5.42s",
    "59.99s",
    "00:01:00",
    "01:02:03",
  ]);
  assertEquals(usageOf({ cpuMs: NaN, readBytes: -1, writtenBytes: undefined, cpus: 2 }), { cpus: 2 });
});

const answered = (stdout: string, code = 0, stderr = "") => ({ code, stdout, stderr, timedOut: false });

Deno.test("usage: a site without accounting, and a record that is not complete yet", () => {
  const off = "Slurm accounting storage is disabled";
  assertEquals(slurmUsage.parse(answered("", 1, off), ["1"]), "off");
  assertEquals(slurmUsage.parse(answered("", 1, "sacct: error: connect"), ["1"]), undefined);
  const line = (id: string, state: string, end: string) =>
    `${id}|${state}|9|00:01.000|1024|1|1|1|mem=1G|10|fs/disk=5|fs/disk=6|2026-11-29T09:00:00|${end}\n`;
  const job = line("1", "COMPLETED", "2026-11-29T09:00:09");
  const ids = (
    text: string,
  ) => [...(slurmUsage.parse(answered(text), ["1", "2"]) as Map<string, unknown>).keys()];
  assertEquals(ids(job + line("1.batch", "RUNNING", "Unknown")), []);
  assertEquals(ids(line("1", "RUNNING", "Unknown")), []);
  assertEquals(ids(job + line("1.batch", "COMPLETED", "2026-11-29T09:00:09")), ["1"]);
});

Deno.test("usage: steps of a job that run one after the other are not added up", () => {
  const line = (id: string, rss: string, tasks: number, nodes: number, from: number, to: number) =>
    `${id}|COMPLETED|9|00:01.000|${rss}|${tasks}|${nodes}|4|mem=1G|10|||` +
    `2026-11-29T09:00:${10 + from}|2026-11-29T09:00:${10 + to}\n`;
  const peak = (...steps: string[]) =>
    (slurmUsage.parse(answered(line("1", "", 1, 1, 0, 9) + steps.join("")), ["1"]) as Map<string, {
      maxRssBytes: number;
      nodePeakBytes: number;
    }>).get("1")!;
  const one = peak(line("1.0", "500", 1, 1, 0, 3), line("1.1", "400", 1, 1, 4, 9));
  assertEquals([one.maxRssBytes, one.nodePeakBytes], [500, 500]);
  const two = peak(line("1.0", "500", 1, 1, 0, 5), line("1.1", "400", 1, 1, 4, 9));
  assertEquals([two.maxRssBytes, two.nodePeakBytes], [500, 900]);
  // Eight tasks on two nodes: four on each.
  const many = peak(line("1.0", "500", 8, 2, 0, 9));
  assertEquals([many.maxRssBytes, many.nodePeakBytes], [500, 2000]);
});

const stdoutOf = (path: string) => {
  const text = Deno.readTextFileSync(`${ROOT}/adapters/${path}`);
  return text.slice(text.indexOf("\n", text.indexOf("# stdout: ")) + 1, text.lastIndexOf("# stderr: "));
};
const usedBy = (name: string, path: string, id: string) => {
  const records = findAdapter(name)!.scheduler!.usage!.parse(answered(stdoutOf(path)), [id]);
  return (records as ReadonlyMap<string, unknown>).get(id);
};

Deno.test("usage: what real schedulers recorded", () => {
  // 300 MB, 5 s of CPU time, 50 MB written. `ru_maxrss` is shown in the wrong unit.
  assertEquals(usedBy("sge", "sge/recorded/sge-8.1.9/qacct-appetite.txt", "524"), {
    ...{ cpuMs: 5634, maxRssBytes: 323_739_648, nodePeakBytes: 327_278_395, cpus: 1 },
    ...{ nodeMemoryBytes: 2 ** 30, limitSeconds: 600, wallSeconds: 20 },
  });
  assertEquals(usedBy("sge", "sge/recorded/sge-8.1.9/qacct-parallel.txt", "525"), {
    ...{ cpuMs: 11, maxRssBytes: 4_608_000, cpus: 2, wallSeconds: 0 },
  });
  assertEquals(usedBy("pbs", "pbs/recorded/openpbs-23.06.06/completed-qstat-xf.txt", "66.pbs1"), {
    ...{ cpuMs: 0, maxRssBytes: 0, cpus: 1, nodes: 1, wallSeconds: 0 },
  });
  assertEquals(usedBy("lsf", "lsf/recorded/openlava-4.0/exit7-later-bhist-l.txt", "1045"), {
    ...{ cpuMs: 0, cpus: 1, limitSeconds: 600, wallSeconds: 1 },
  });
  assertEquals(usedBy("lsf", "lsf/recorded/openlava-4.0/segv-bhist-l.txt", "913"), {
    ...{ cpuMs: 0, cpus: 2, limitSeconds: 600, wallSeconds: 0 },
  });
});

Deno.test("usage: a runner measures each of its steps, and its job file has it once the conductor is gone", async () => {
  assertEquals(parseJobFile("job 7\npid 6\nused 123 -4 99\nexit 0\n").used, {
    ...{ cpuMs: 1230, readBytes: 0, writtenBytes: 99 },
  });
  assertEquals(parseJobFile("job 7\npid 6\nexit 0\n").used, undefined);
  await inFreshFolder(async (folder) => {
    const write = (bytes: number) => `head -c ${bytes} /dev/zero >zeros`;
    const left = await runScripts(folder, [
      write(3_000_000),
      "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done",
      write(1_000_000),
    ]);
    const [first, second, third] = left.map(({ used }) => used!);
    for (const [used, bytes] of [[first, 3_000_000], [third, 1_000_000]] as const) {
      assert(used!.writtenBytes >= bytes && used!.writtenBytes < bytes + 20_000, JSON.stringify(used));
      assert(used!.readBytes >= bytes, JSON.stringify(used));
    }
    assert(second!.writtenBytes < 20_000 && second!.cpuMs > 0, JSON.stringify(second));
  });
});

/** A study of six jobs that have ended, of which accounting has records from some time on. */
function accountingOf(recordsFrom: number, more: { off?: boolean } = {}) {
  const plan = makePlan({ steps: Array.from({ length: 6 }, (_, i) => [`s${i}`, "x"] as const) });
  const progress = newProgress(plan, { ...SETTINGS, sleep: 5 }, () => true);
  const world = { now: 1_000_000 };
  const calls: string[] = [];
  const seen: string[] = [];
  const accounting = new Accounting({
    progress,
    usage: slurmUsage,
    see: (sighting) => void seen.push(`${(world.now - 1_000_000) / 1000} ${sighting.see} ${sighting.node}`),
    system: {
      now: () => world.now,
      monotonic: () => world.now,
      sleep(ms: number) {
        world.now += ms;
        return Promise.resolve();
      },
    } as unknown as System,
    commands: {
      use(_, ids) {
        calls.push(`${(world.now - 1_000_000) / 1000} ${ids.join()}`);
        if (more.off) return Promise.resolve("off" as const);
        const isThere = world.now >= 1_000_000 + recordsFrom;
        return Promise.resolve(new Map(isThere ? ids.map((id) => [id, { cpuMs: 1 }]) : []));
      },
    },
  });
  for (let node = 0; node < 6; node++) {
    const step = `s${node}`;
    const at = world.now;
    applyEvent(progress, { event: "submitting", at, step, attempt: 1 });
    applyEvent(progress, { event: "submitted", at, step, jobId: `j${node}` });
    accounting.ended(node);
    applyEvent(progress, { event: "ended", at, step, state: "FINISHED" });
  }
  const pass = async (seconds: number) => {
    for (const end = world.now + seconds * 1000; world.now < end; world.now += 500) {
      await accounting.askIfDue();
    }
  };
  return { accounting, calls, seen, pass };
}
const ALL = "j0,j1,j2,j3,j4,j5";

Deno.test("usage: one call asks about all jobs that ended, and tries are bounded", async () => {
  const soon = accountingOf(0);
  await soon.pass(60);
  assertEquals(soon.calls, [`3 ${ALL}`]);
  assertEquals(soon.seen.length, 6);
  const never = accountingOf(Infinity);
  await never.pass(4000);
  assertEquals(never.calls, [3, 13, 43, 163, 763].map((second) => `${second} ${ALL}`));
  assertEquals(never.seen, []);
  const off = accountingOf(0, { off: true });
  await off.pass(4000);
  assertEquals(off.calls, [`3 ${ALL}`]);
});

Deno.test("usage: a conductor stays a few seconds for the last records, and leaves if it has other work", async () => {
  const late = accountingOf(2000);
  await late.accounting.linger(() => true);
  assertEquals(late.calls, [0, 1, 2].map((second) => `${second} ${ALL}`));
  const never = accountingOf(Infinity);
  await never.accounting.linger(() => true);
  assertEquals(never.calls.length, 5);
  const wanted = accountingOf(Infinity);
  await wanted.accounting.linger(() => false);
  assertEquals(wanted.calls, []);
});

Deno.test("usage: advice, from steps that finished, a few of them", () => {
  const G = 2 ** 30;
  const advise = (
    rows: readonly (Partial<StatusStep> & { used: Usage })[],
    resources: Readonly<Record<string, string>> = { procs: "1", walltime: "2:00:00", mem: "16G" },
  ) => {
    const plan = makePlan({
      steps: [["s", "$(P)", [], { resources }]],
      parameters: { P: rows.map((_, i) => String(i)) },
      more: { batch: { type: "slurm" } },
    });
    const steps = rows.map((row) => ({ state: "FINISHED", runTime: 240, ...row }) as StatusStep);
    return adviceLines(usageAdvice(plan, { steps }));
  };
  const used: Usage = {
    ...{ cpuMs: 230_000, maxRssBytes: 1.2 * G, cpus: 1, nodes: 1, nodeMemoryBytes: 16 * G },
    ...{ limitSeconds: 7200, wallSeconds: 240 },
  };
  const time = 'walltime 02:00:00, longest 00:04:00: `walltime: "00:10:00"` would do';
  const memory = "mem 16G, most 1.2G: `mem: 1536M` would do";
  assertEquals(advise([{ used }, { used }, { used }]), [`s (3 finished): ${time}; ${memory}`]);
  // Two are too few, and those that failed do not count.
  assertEquals(advise([{ used }, { used }]), []);
  assertEquals(advise([{ used }, { used }, { used, state: "FAILED" }]), []);
  // The greatest counts.
  const greedy = { used: { ...used, maxRssBytes: 9 * G, wallSeconds: 5000 } };
  assertEquals(advise([{ used }, { used }, greedy]), []);
  // Memory of one task: all tasks of a node count.
  const tasks = { used: { ...used, nodePeakBytes: 9 * G } };
  assertEquals(advise([tasks, tasks, tasks]), [`s (3 finished): ${time}`]);
  // All of a node.
  const whole = { procs: "1", walltime: "2:00:00", mem: "16G", exclusive: "true" };
  assertEquals(advise([{ used }, { used }, { used }], whole), [`s (3 finished): ${time}`]);
  assertEquals(advise([{ used }, { used }, { used }], { procs: "1", walltime: "2:00:00", mem: "0" }), [
    `s (3 finished): ${time}`,
  ]);
  // Nobody asked for it.
  assertEquals(advise([{ used }, { used }, { used }], { procs: "1" }), []);
  const many = { used: { ...used, cpus: 8 } };
  assertEquals(advise([many, many, many], { procs: "8" }), ["s (3 finished): 8 CPUs, 1 busy on average"]);
});
