import { decodeJournal, encodeEvent, JOURNAL_VERSION, journalHead } from "../lib/study/journal/format.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { assertEquals } from "./assert.ts";

const HEAD = journalHead("0.1.0", 5);
const EVENTS: StudyEvent[] = [
  { event: "taken", at: 10, host: "node1", pid: 7 },
  { event: "submitting", at: 11, step: 'a_"x"\n\u2028é', attempt: 1 },
  { event: "ended", at: 12, step: 'a_"x"\n\u2028é', state: "FAILED", exitCode: 3, reason: "exit code 3" },
  { event: "closed", at: 13, state: "failed" },
];
const LINES = EVENTS.map(encodeEvent);

Deno.test("an event is one line, and comes back as it was", () => {
  for (const line of [HEAD, ...LINES]) assertEquals(line.indexOf("\n"), line.length - 1, line);
  assertEquals(decodeJournal(HEAD + LINES.join("")), {
    version: JOURNAL_VERSION,
    events: EVENTS,
    unreadable: [],
  });
  assertEquals(decodeJournal(""), { version: 0, events: [], unreadable: [] });
  assertEquals(decodeJournal(LINES[0]!), { version: 0, events: [EVENTS[0]!], unreadable: [] });
});

Deno.test("a line is read as JSON has it, whether or not it looks like most", () => {
  const steps = ["a_X.1", "", "é \u{1f600}", 'a"b', "a\\b", "a\nb", "\u0001", "\ud800", "a,b}"];
  const events = steps.flatMap((step): StudyEvent[] => [
    { event: "submitting", at: 1, step, attempt: 1 },
    { event: "submitting", at: 1, step, attempt: 0 },
    { event: "submitting", at: 1.5, step, attempt: 12, again: "retry" },
    { event: "submitted", at: 0, step, jobId: "7" },
    { event: "submitted", at: 1764068721234, step, jobId: "7", host: "n" },
    { event: "submitted", at: 1764068721234, step, jobId: step, host: step, cluster: "c" },
    { ...{ host: "n" }, event: "submitted", at: 3, step, jobId: "7" },
    { ...{ host: step }, event: "started", at: 3, step },
    { event: "started", at: 1764068721234, step },
    { event: "started", at: -5, step },
    { event: "ended", at: 9, step, state: "FINISHED" },
    { event: "ended", at: 9, step, state: "FINISHED", exitCode: 0 },
    { event: "ended", at: 9, step, state: "FINISHED", exitCode: 0, startedAt: 1764068721234 },
    { event: "ended", at: 9, step, state: "FINISHED", startedAt: 5 },
    { event: "ended", at: 9, step, state: "FINISHED", startedAt: 0 },
    { event: "ended", at: 9, step, state: "FAILED", exitCode: 3, reason: "r", startedAt: 5 },
    { event: "ended", at: 9, step, state: "FAILED", exitCode: 3 },
    { event: "ended", at: 9, step, state: "FINISHED", exitCode: 0, used: { cpuMs: 0, writtenBytes: 188 } },
    { event: "ended", at: 9, step, state: "FINISHED", startedAt: 5, host: "n", used: { cpuMs: 1.5 } },
    { event: "ended", at: 9, step, state: "FINISHED", used: {} },
  ]);
  const text = events.map(encodeEvent).join("");
  // A long text is read by a pattern, a short one as JSON.
  for (const read of [text.slice(0, 2000).replace(/[^\n]*$/, ""), text.repeat(4)]) {
    assertEquals(decodeJournal(read).events, read.trimEnd().split("\n").map((line) => JSON.parse(line)));
  }
  // What JSON does not allow is no event, however much it looks like one.
  const started = (at: string, step: string) => `{"event":"started","at":${at},"step":"${step}"}\n`;
  const garbage = started("01", "a") + started("1", "a\tb") + started("1", "a\\") + started("", "a") +
    `{"event":"ended","at":1,"step":"a","state":"FINISHED","used":{"cpuMs":1"readBytes":2}}\n`;
  assertEquals(decodeJournal(garbage), { version: 0, events: [], unreadable: [1, 2, 3, 4, 5] });
  const much = decodeJournal(garbage.repeat(200));
  assertEquals([much.events, much.unreadable.length], [[], 1000]);
});

Deno.test("wherever a crash tears the journal, the part before is read", () => {
  const text = HEAD + LINES.join("");
  const ends = [HEAD, ...LINES].reduce((list, line) => [...list, list.at(-1)! + line.length], [0]);
  for (let cut = 0; cut <= text.length; cut++) {
    const whole = ends.filter((end) => end <= cut).length - 1;
    const { version, events, unreadable } = decodeJournal(text.slice(0, cut));
    assertEquals(version, whole > 0 ? JOURNAL_VERSION : 0, `cut at ${cut}`);
    assertEquals(events, EVENTS.slice(0, Math.max(0, whole - 1)), `cut at ${cut}`);
    assertEquals(unreadable, ends.includes(cut) ? [] : [whole + 1], `cut at ${cut}`);
  }
});

Deno.test("a torn line that the next conductor ended, and any other garbage, is skipped", () => {
  const garbage = [
    LINES[1]!.slice(0, 20),
    "",
    "\0\0\0\0",
    "null",
    "5",
    '"text"',
    "[1]",
    "{}",
    '{"at":5}',
    LINES[1]!.trimEnd() + LINES[2]!.trimEnd(),
  ];
  for (const line of garbage) {
    const { version, events, unreadable } = decodeJournal(`${HEAD}${LINES[0]}${line}\n${LINES[3]}`);
    assertEquals([version, events, unreadable], [JOURNAL_VERSION, [EVENTS[0]!, EVENTS[3]!], [3]], line);
  }
});

Deno.test("a journal of a later format is reported", () => {
  assertEquals(decodeJournal('{"journal":99,"maestro":"9","at":1}\n{"event":"new","at":2}\n').version, 99);
});
