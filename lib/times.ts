/** Times as text. A time is milliseconds since 1970; "local" is the zone of this process. */

/** `2021-05-17 22:45:23`: local, rounded to the nearest second, half a second up, as in Maestro's tables. */
export function formatLocalTime(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minute = Math.floor(seconds / 60);
  const { day, hours } = minuteText(minute);
  return `${day} ${hours}${two(seconds - minute * 60)}`;
}

/** `2026-11-22T20:13:35.123+00:00`: ISO 8601 in local time with its offset, so that nobody has to guess the zone. */
export function formatIso(ms: number): string {
  const whole = Math.trunc(ms);
  const minute = Math.floor(whole / 60_000);
  const { day, hours, offset } = minuteText(minute);
  const left = whole - minute * 60_000;
  const seconds = Math.floor(left / 1000);
  return `${day}T${hours}${two(seconds)}.${String(left - seconds * 1000).padStart(3, "0")}${offset}`;
}

/** What is the same in a whole minute. */
interface MinuteText {
  readonly day: string;
  /** `20:13:` */
  readonly hours: string;
  readonly offset: string;
}

/** To ask the zone takes longest, and the steps of a study share few minutes. */
const known = new Map<number, MinuteText>();
const MOST_KNOWN = 1000;

function minuteText(minute: number): MinuteText {
  let text = known.get(minute);
  if (text) return text;
  if (known.size === MOST_KNOWN) known.clear();
  const at = new Date(minute * 60_000);
  const east = -at.getTimezoneOffset();
  const offset = `${two(Math.floor(Math.abs(east) / 60))}:${two(Math.abs(east) % 60)}`;
  text = {
    day: `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    hours: `${two(at.getHours())}:${two(at.getMinutes())}:`,
    offset: `${east < 0 ? "-" : "+"}${offset}`,
  };
  known.set(minute, text);
  return text;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
