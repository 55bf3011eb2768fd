/** Times as text. A time is milliseconds since 1970; "local" is the zone of this process. */

/** `2021-05-17 22:45:23`: local, rounded to the nearest second, half a second up, as in Maestro's tables. */
export function formatLocalTime(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minute = Math.floor(seconds / 60);
  const { day, hours } = minuteText(minute);
  return `${day} ${hours}${TWO[seconds - minute * 60]}`;
}

/** `2021-05-17 22:45:23,104`: local, as Python's logging has it. */
export function formatLogTime(ms: number): string {
  const whole = Math.trunc(ms);
  const minute = Math.floor(whole / 60_000);
  const left = whole - minute * 60_000;
  const second = Math.floor(left / 1000);
  const { day, hours } = minuteText(minute);
  return `${day} ${hours}${TWO[second]},${String(left - second * 1000).padStart(3, "0")}`;
}

/** `2026-11-22T20:13:35.123+00:00`: ISO 8601 in local time with its offset, so that the zone is clear. */
export function formatIso(ms: number): string {
  const whole = Math.trunc(ms);
  const minute = Math.floor(whole / 60_000);
  const left = whole - minute * 60_000;
  const second = Math.floor(left / 1000);
  const { iso, offset } = minuteText(minute);
  return `${iso}${TWO[second]}${milliseconds(left - second * 1000)}${offset}`;
}

/** The part that is the same for a whole minute. */
interface MinuteText {
  readonly day: string;
  /** `20:13:` */
  readonly hours: string;
  /** `2026-11-22T20:13:` */
  readonly iso: string;
  readonly offset: string;
}

/** The zone is the slowest part, and the steps of a study share few minutes. */
const known = new Map<number, MinuteText>();
const MOST_KNOWN = 1000;

/** Of a minute since 1970. */
export function minuteText(minute: number): MinuteText {
  let text = known.get(minute);
  if (text) return text;
  if (known.size === MOST_KNOWN) known.clear();
  const at = new Date(minute * 60_000);
  const east = -at.getTimezoneOffset();
  const offset = `${TWO[Math.floor(Math.abs(east) / 60)]}:${TWO[Math.abs(east) % 60]}`;
  const day = `${String(at.getFullYear()).padStart(4, "0")}-${TWO[at.getMonth() + 1]}-${TWO[at.getDate()]}`;
  const hours = `${TWO[at.getHours()]}:${TWO[at.getMinutes()]}:`;
  text = {
    ...{ day, hours, iso: `${day}T${hours}` },
    offset: `${east < 0 ? "-" : "+"}${offset}`,
  };
  known.set(minute, text);
  return text;
}

const TWO = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, "0"));
/** Filled in as they are needed: few texts have milliseconds. */
const MILLISECONDS: (string | undefined)[] = [];

const milliseconds = (value: number) => MILLISECONDS[value] ??= `.${String(value).padStart(3, "0")}`;
