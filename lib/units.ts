/** Reading and writing the small notations of a spec: booleans, whole numbers, walltimes, durations. */

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "on", "y"].map((word) => [word, true] as const),
  ...["false", "no", "off", "n"].map((word) => [word, false] as const),
]);

/** YAML 1.1's words for true and false, in any case; undefined for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  return BOOLEANS.get(text.trim().toLowerCase());
}

/**
 * A whole number of at least 0; undefined for anything else. `2.0` and `1_000` are whole numbers in Maestro,
 * too.
 * `010` is refused: Maestro's YAML reads 8, and its author probably meant 10.
 */
export function parseInteger(text: string): number | undefined {
  const match = /^\+?(0|[1-9][\d_]*)(\.0*)?$/.exec(text.trim());
  if (match === null) return undefined;
  const number = Number(match[1]!.replaceAll("_", ""));
  return Number.isSafeInteger(number) ? number : undefined;
}

/** A decimal number, as people and programs write it; undefined for anything else. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed)) return undefined;
  const number = Number(trimmed.replaceAll("_", ""));
  return Number.isFinite(number) ? number : undefined;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SUFFIXES: Readonly<Record<string, number>> = { s: 1, m: MINUTE, h: HOUR, d: DAY };
/** The unit of each field between colons, by the number of fields. */
const COLON_FIELDS: Readonly<Record<number, readonly number[]>> = {
  2: [MINUTE, 1],
  3: [HOUR, MINUTE, 1],
  4: [DAY, HOUR, MINUTE, 1],
};

/**
 * Seconds of a length of time; undefined when it cannot be read. `unit` is what a bare number counts.
 *
 * `MM:SS`, `HH:MM:SS`, `D-HH`, `D-HH:MM` and `D-HH:MM:SS` are Slurm's, so `10:00` is ten minutes (LSF's own `HH:MM` is
 * not guessed at). `D:HH:MM:SS` and Flux's `45s`, `30m`, `2h`, `1.5d` are read too.
 */
export function durationSeconds(text: string, unit: "minutes" | "seconds"): number | undefined {
  const trimmed = text.trim();
  const seconds = plainSeconds(trimmed, unit) ?? daySeconds(trimmed) ?? colonSeconds(trimmed);
  return seconds !== undefined && seconds <= MOST_SECONDS ? seconds : undefined;
}

/** A hundred years: the time after a longer one may have no date. */
const MOST_SECONDS = 36_525 * DAY;

const NO_LIMIT = /^(|inf|infinity|infinite|unlimited)$/i;

/** Seconds of a walltime in any scheduler's notation: a bare number is minutes; 0, empty and `inf` are no limit. */
export function walltimeSeconds(text: string): number | undefined {
  if (NO_LIMIT.test(text.trim())) return Infinity;
  const seconds = durationSeconds(text, "minutes");
  return seconds === 0 ? Infinity : seconds;
}

/** `90`, `5.5`, `30m`. */
function plainSeconds(text: string, unit: "minutes" | "seconds"): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd])?$/i.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * SUFFIXES[match[2]?.toLowerCase() ?? unit[0]!]!;
}

/** `D-HH`, `D-HH:MM`, `D-HH:MM:SS`. */
function daySeconds(text: string): number | undefined {
  const match = /^(\d+)-(\d+)(?::(\d+))?(?::(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((field) => Number(field ?? 0));
  return days! * DAY + hours! * HOUR + minutes! * MINUTE + seconds!;
}

/** `MM:SS`, `HH:MM:SS`, `D:HH:MM:SS`. */
function colonSeconds(text: string): number | undefined {
  const fields = text.split(":");
  const units = COLON_FIELDS[fields.length];
  if (units === undefined || !fields.every((field) => /^\d+$/.test(field))) return undefined;
  return fields.reduce((sum, field, i) => sum + Number(field) * units[i]!, 0);
}

export const twoDigits = (number: number) => String(Math.floor(number)).padStart(2, "0");

/** Bytes as people write them: `0 B`, `1.5 MB`. Powers of 1000, as for disks. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [size, unit] = [bytes, 0];
  for (; size >= 999.5 && unit < units.length - 1; unit++) size /= 1000;
  return `${unit === 0 || size >= 99.95 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** `HH:MM:SS`, rounded up to whole seconds: every scheduler's adapter reads it. */
export function clockText(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${twoDigits(whole / HOUR)}:${twoDigits((whole % HOUR) / MINUTE)}:${twoDigits(whole % MINUTE)}`;
}

/** Seconds as a person writes them: `2h`, `90s`; the greatest unit of which it is a whole number. */
export function shortDuration(seconds: number): string {
  const [suffix, size] = Object.entries(SUFFIXES).findLast(([, size]) => seconds % size === 0) ?? ["s", 1];
  return `${seconds / size}${suffix}`;
}

/** Maestro's notation of a duration: `0d:00h:00m:05s`. Parts of a second are dropped; less than nothing is nothing. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number: number) => number < 10 ? `0${Math.floor(number)}` : String(Math.floor(number));
  const days = Math.floor(whole / DAY);
  return `${days}d:${two((whole % DAY) / HOUR)}h:${two((whole % HOUR) / MINUTE)}m:${two(whole % MINUTE)}s`;
}

const BYTE_UNITS = "KMGTP";

/**
 * Bytes of `316152`, `1.5G`, `12kb`, `300 Mbytes`; undefined for anything else. `unit`: what a bare number counts, in
 * bytes.
 */
export function bytesIn(text: string | undefined, unit = 1): number | undefined {
  const match = /^([\d.]+) ?([KMGTP]?)(?:i?B|bytes?)?$/i.exec(text?.trim() ?? "");
  const number = Number(match?.[1] ?? NaN);
  if (match === null || Number.isNaN(number)) return undefined;
  const [, , letter = ""] = match;
  return Math.round(number * (letter === "" ? unit : 1024 ** (BYTE_UNITS.indexOf(letter.toUpperCase()) + 1)));
}
