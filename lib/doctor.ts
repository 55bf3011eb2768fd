/** Turns what `maestro doctor` measured on a machine into findings and their text. */

/** `stop`: no study would succeed. `note`: worth knowing. `fine`: no problem. */
export type Level = "fine" | "note" | "stop";

export interface Finding {
  readonly area: "host" | "limits" | "folder" | "schedulers" | "cron";
  readonly level: Level;
  readonly text: string;
  /** What to do. */
  readonly hint?: string;
}

const GIB = 2 ** 30;
/** V8 reserves this many addresses; see .ci/head.sh. */
const NEEDED_ADDRESSES = 34 * GIB;
const FEW_FILES = 256;
const FEW_PROCESSES = 200;
const LITTLE_SPACE = 100 * 2 ** 20;
const SOME_SPACE = GIB;
const FEW_INODES = 1000;
const SOME_INODES = 100_000;
const SLOW_SYNC_MS = 100;

export interface Limit {
  readonly soft: number;
  readonly hard: number;
}

/** Limits of a process by name, from /proc/PID/limits. No limit is Infinity. */
export function parseLimits(text: string): ReadonlyMap<string, Limit> {
  const value = (word: string) => word === "unlimited" ? Infinity : Number(word);
  const rows = text.split("\n").flatMap((line) => {
    const found = /^(Max .*?) {2,}(\d+|unlimited) +(\d+|unlimited)/.exec(line);
    return found ? [[found[1]!, { soft: value(found[2]!), hard: value(found[3]!) }] as const] : [];
  });
  return new Map(rows);
}

/** What a limit of this process means for a study. */
export function judgeLimits(limits: ReadonlyMap<string, Limit>): Finding[] {
  const finding = (level: Level, text: string, hint?: string): Finding =>
    hint === undefined ? { area: "limits", level, text } : { area: "limits", level, text, hint };
  const found: Finding[] = [];
  const space = limits.get("Max address space");
  if (space) {
    // This process runs, which shows that the limit is high enough. A conductor in the background may get the
    // same limit.
    if (space.soft >= NEEDED_ADDRESSES) found.push(finding("fine", `address space: ${size(space.soft)}`));
    else {
      const hint = "Set it to unlimited: ulimit -S -v $(ulimit -H -v)";
      found.push(
        finding("note", `address space: ${size(space.soft)}, and the runtime reserves 34 GiB`, hint),
      );
    }
  }
  const least = (name: string, label: string, least: number, flag: string) => {
    const limit = limits.get(name);
    if (!limit) return;
    const text = `${label}: ${count(limit.soft)}`;
    const hint = `Raise it (${flag}), or keep \`maestro run --local-jobs\` low.`;
    found.push(limit.soft >= least ? finding("fine", text) : finding("note", text, hint));
  };
  least("Max open files", "open files", FEW_FILES, "ulimit -n");
  least("Max processes", "processes", FEW_PROCESSES, "ulimit -u");
  const cpu = limits.get("Max cpu time");
  if (cpu && cpu.soft < Infinity) {
    const hint =
      "A conductor that is killed loses nothing: `maestro resume`, or `maestro conduct --once` from cron.";
    found.push(finding("note", `processor time: ${count(cpu.soft)} s a process`, hint));
  }
  return found;
}

export interface Mount {
  readonly at: string;
  readonly type: string;
  readonly options: readonly string[];
}

/**
 * The mount that a folder is on, from /proc/self/mounts: the longest that contains it, and the last of equal
 * ones.
 */
export function mountOf(mounts: string, folder: string): Mount | undefined {
  let best: Mount | undefined;
  for (const line of mounts.split("\n")) {
    const [, at = "", type = "", options = ""] = line.split(" ").map(unescaped);
    const leads = at === "/" || folder === at || folder.startsWith(`${at}/`);
    if (type !== "" && leads && at.length >= (best?.at.length ?? 0)) {
      best = { at, type, options: options.split(",") };
    }
  }
  return best;
}

/** Tables of mounts have octal numbers for blanks (fstab(5)). */
function unescaped(word: string): string {
  return word.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
}

/**
 * The free amount in the last line of `df -Pk` (KiB) or `df -Pi` (inodes). Undefined if the line has none.
 */
export function parseFree(df: string): number | undefined {
  const free = /\s(\d+)\s+(?:\d+%|-)\s+\/\S*/.exec(df.trim().split("\n").at(-1)!);
  return free ? Number(free[1]) : undefined;
}

/** What free space (bytes) and free inodes mean for a study. Some file systems report no inodes, or 0. */
export function judgeSpace(bytes: number | undefined, inodes: number | undefined): Finding[] {
  const finding = (text: string, amount: number, little: number, some: number): Finding => ({
    area: "folder",
    level: amount < little ? "stop" : amount < some ? "note" : "fine",
    text,
    ...(amount < some ? { hint: "A conductor on a full disk waits until there is space again." } : {}),
  });
  return [
    ...(bytes === undefined ? [] : [finding(`free space: ${size(bytes)}`, bytes, LITTLE_SPACE, SOME_SPACE)]),
    ...(!inodes ? [] : [finding(`free inodes: ${count(inodes)}`, inodes, FEW_INODES, SOME_INODES)]),
  ];
}

/** What the duration of an fsync means: each round of events needs one. */
export function judgeSync(times: readonly number[]): Finding {
  const median = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  const text = `fsync: ${median < 10 ? median.toFixed(1) : Math.round(median)} ms`;
  if (median < SLOW_SYNC_MS) return { area: "folder", level: "fine", text };
  const hint = "Short local steps will wait for the disk. Studies of scheduled jobs are not affected.";
  return { area: "folder", level: "note", text, hint };
}

function size(bytes: number): string {
  if (bytes === Infinity) return "unlimited";
  return bytes < GIB
    ? `${Math.round(bytes / 2 ** 20)} MiB`
    : `${(bytes / GIB).toFixed(bytes < 100 * GIB ? 1 : 0)} GiB`;
}

const count = (n: number) => n === Infinity ? "unlimited" : n.toLocaleString("en");

const WORDS: Readonly<Record<Level, string>> = { fine: "ok  ", note: "note", stop: "STOP" };
const AREAS: readonly (readonly [Finding["area"], string])[] = [
  ["host", "Host"],
  ["limits", "Limits"],
  ["folder", "Folder"],
  ["schedulers", "Schedulers"],
  ["cron", "cron"],
];

/** All findings as text, grouped by area. */
export function doctorText(findings: readonly Finding[]): string {
  const lines = AREAS.flatMap(([area, title]) => {
    const own = findings.filter((finding) => finding.area === area);
    if (own.length === 0) return [];
    return [
      title,
      ...own.flatMap(({ level, text, hint }) => [
        `  ${WORDS[level]}  ${text}`,
        ...(hint === undefined ? [] : [`        ${hint}`]),
      ]),
    ];
  });
  return lines.concat("", verdict(findings)).join("\n") + "\n";
}

function verdict(findings: readonly Finding[]): string {
  const stops = findings.filter(({ level }) => level === "stop").length;
  if (stops === 0) return "No problem here prevents a study from running.";
  return stops === 1
    ? "One problem here prevents a study from running."
    : `${stops} problems here prevent a study from running.`;
}
