/**
 * The journal as text: one JSON object a line; the first line identifies the format. A line that a crash tore
 * is not an event: its facts are learned again from the other sources.
 */

import type { StudyEvent } from "../events.ts";
import type { Usage } from "../usage.ts";

/** Raised when old readers could misread new journals. Readers know all versions up to this one. */
export const JOURNAL_VERSION = 1;

/** What the first line of a journal records about the earlier parts. */
export interface JournalHead {
  /** From 1; each time that a journal is made shorter it is the next. */
  readonly part: number;
  /** Bytes behind the head that were kept of the one before. */
  readonly kept: number;
}

/** The first line of a journal. */
export function journalHead(maestro: string, at: number, later?: JournalHead): string {
  return JSON.stringify({ journal: JOURNAL_VERSION, maestro, at, ...later }) + "\n";
}

/** Undefined where the line is no head. */
export function parseHead(line: string): JournalHead & { readonly version: number } | undefined {
  const { journal: version, part = 1, kept = 0 } = parseLine(line) ?? {};
  return typeof version === "number" ? { version, part: Number(part), kept: Number(kept) } : undefined;
}

/** An event's line, with its newline. */
export function encodeEvent(event: StudyEvent): string {
  return JSON.stringify(event) + "\n";
}

export interface DecodedJournal {
  readonly version: number;
  readonly events: readonly StudyEvent[];
  /** Numbers of the lines that are no events, from 1. The last line may be torn in an ordinary crash. */
  readonly unreadable: readonly number[];
}

/** Reads a journal's text. `version` is 0 when there is no head. */
export function decodeJournal(text: string): DecodedJournal {
  const events: StudyEvent[] = [];
  const decoder = journalDecoder((event) => void events.push(event));
  const whole = text.lastIndexOf("\n") + 1;
  decoder.read(text.slice(0, whole));
  if (whole < text.length) decoder.tear();
  return { version: decoder.version, events, unreadable: decoder.unreadable };
}

export interface JournalDecoder extends Omit<DecodedJournal, "events"> {
  /** Whole lines. */
  read(text: string): void;
  /** There is one more line, which does not end. */
  tear(): void;
}

/** Reads a journal that comes in pieces, and hands its events on. */
export function journalDecoder(take: (event: StudyEvent) => void): JournalDecoder {
  const unreadable: number[] = [];
  let version = 0;
  let number = 0;
  const readLine = (line: string) => {
    const entry = parseLine(line);
    if (entry === undefined) unreadable.push(number);
    else if (typeof entry.journal === "number") version = entry.journal;
    else take(entry as unknown as StudyEvent);
  };
  return {
    read(text) {
      for (let start = 0; start < text.length;) {
        number++;
        const event = text.length > SHORT ? frequentEvent(text, start) : undefined;
        if (event) {
          take(event);
          start = FREQUENT.lastIndex;
          continue;
        }
        const end = text.indexOf("\n", start);
        readLine(text.slice(start, end));
        start = end + 1;
      }
    },
    tear: () => void unreadable.push(++number),
    get version() {
      return version;
    },
    unreadable,
  };
}

/** Characters of a text that is parsed as JSON before the pattern for its lines would be compiled. */
const SHORT = 20_000;

/**
 * What nearly all lines look like, as `encodeEvent` writes them. To find their few values takes about half the time
 * of parsing them as JSON; whatever looks otherwise is parsed.
 */
const FREQUENT = (() => {
  const text = String.raw`"([^"\\\x00-\x1f]*)"`;
  const number = String.raw`([1-9]\d{0,14})`;
  const rest = [
    `"submitting",AT,"attempt":${number}`,
    `"submitted",AT,"jobId":${text}(?:,"host":${text})?`,
    `"started",AT`,
    `"ended",AT,"state":"FINISHED"(?:,"exitCode":(0))?(?:,"startedAt":${number})?(?:,"host":${text})?` +
    String.raw`(?:,"used":(\{(?:"\w+":\d{1,15},?)*\}))?`,
  ];
  const lines = rest.map((line) => line.replace("AT", `"at":${number},"step":${text}`)).join("|");
  // For steps on this machine, the host comes first.
  return new RegExp(String.raw`\{(?:"host":${text},)?"event":(?:${lines})\}\n`, "y");
})();

function frequentEvent(text: string, start: number): StudyEvent | undefined {
  FREQUENT.lastIndex = start;
  const found = FREQUENT.exec(text);
  if (!found) return undefined;
  const [
    ,
    first,
    at1,
    step1,
    attempt,
    at2,
    step2,
    jobId,
    second,
    at3,
    step3,
    at4,
    step4,
    code,
    began,
    ran,
    used,
  ] = found;
  const host = second ?? first;
  if (first !== undefined && step2 === undefined) return undefined;
  if (step1 !== undefined) {
    return { event: "submitting", at: Number(at1), step: step1, attempt: Number(attempt) };
  }
  if (step2 !== undefined) {
    const where = host === undefined ? {} : { host };
    return { event: "submitted", at: Number(at2), step: step2, jobId: jobId!, ...where };
  }
  if (step3 !== undefined) return { event: "started", at: Number(at3), step: step3 };
  const exitCode = code === undefined ? {} : { exitCode: 0 };
  const startedAt = began === undefined ? {} : { startedAt: Number(began) };
  const where = ran === undefined ? {} : { host: ran };
  const usage = used === undefined ? {} : parseLine(`{"event":0,"used":${used}}`);
  if (usage === undefined) return undefined;
  return {
    event: "ended",
    at: Number(at4),
    step: step4!,
    state: "FINISHED",
    ...exitCode,
    ...startedAt,
    ...where,
    ...("used" in usage ? { used: usage.used as Usage } : {}),
  };
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const entry = JSON.parse(line);
    return typeof entry === "object" && entry !== null && ("event" in entry || "journal" in entry)
      ? entry
      : undefined;
  } catch {
    return undefined;
  }
}
