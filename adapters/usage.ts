/** Shared by adapters: figures in the answers of accounting commands. */

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
