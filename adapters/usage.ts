/** Shared by adapters: figures in the answers of accounting commands. */

const UNITS = "KMGTP";

/**
 * Bytes of `316152`, `1.5G`, `12kb`, `300 Mbytes`; undefined for anything else. `unit`: what a bare number counts, in
 * bytes.
 */
export function bytesIn(text: string | undefined, unit = 1): number | undefined {
  const match = /^([\d.]+) ?([KMGTP]?)(?:i?B|bytes?)?$/i.exec(text?.trim() ?? "");
  const number = Number(match?.[1] ?? NaN);
  if (match === null || Number.isNaN(number)) return undefined;
  const [, , letter = ""] = match;
  return Math.round(number * (letter === "" ? unit : 1024 ** (UNITS.indexOf(letter.toUpperCase()) + 1)));
}

/** Milliseconds of `[days-][hours:]minutes:seconds`, or of seconds alone; undefined for anything else. */
export function millisecondsIn(text: string | undefined): number | undefined {
  const match = /^(?:(\d+)-)?((?:\d+:)*\d+(?:\.\d+)?)s?$/.exec(text?.trim() ?? "");
  if (match === null) return undefined;
  const seconds = match[2]!.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(match[1] ?? 0) * 86_400 + seconds) * 1000);
}

/** A number, or undefined. */
export function numberIn(text: unknown): number | undefined {
  const number = typeof text === "number" ? text : /^[\d.]+$/.test(String(text ?? "")) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** Seconds from milliseconds. */
export const inSeconds = (ms: number | undefined) => ms === undefined ? undefined : ms / 1000;
