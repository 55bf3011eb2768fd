/** Times as text. A time is milliseconds since 1970; "local" is the zone of this process. */

/** `2021-05-17 22:45:23`: local, rounded to the nearest second, half a second up, as in Maestro's tables. */
export function formatLocalTime(ms: number): string {
  const at = new Date(Math.round(ms / 1000) * 1000);
  return `${day(at)} ${clock(at)}`;
}

/** `2026-11-22T20:13:35.123+00:00`: ISO 8601 in local time with its offset, so that nobody has to guess the zone. */
export function formatIso(ms: number): string {
  const at = new Date(ms);
  const east = -at.getTimezoneOffset();
  const offset = `${two(Math.floor(Math.abs(east) / 60))}:${two(Math.abs(east) % 60)}`;
  const fraction = String(at.getMilliseconds()).padStart(3, "0");
  return `${day(at)}T${clock(at)}.${fraction}${east < 0 ? "-" : "+"}${offset}`;
}

function day(at: Date): string {
  return `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

function clock(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
