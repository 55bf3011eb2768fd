/** When jobs began and ended: the times in their files, and which of them can be true. */

import { type JobFacts, parseJobFile, timesOf } from "../lib/study/claims.ts";
import { assertEquals } from "./assert.ts";

Deno.test("times in a job's file: its first run, its last, and the form of earlier versions", () => {
  const claim = "pid 7\njob 1\nhost h\n";
  const table: [text: string, facts: Partial<JobFacts>][] = [
    [claim, {}],
    [`${claim}exit 0\n`, { exitCode: 0 }],
    [`${claim}ran 60\nexit 143\n`, { ran: 60, exitCode: 143 }],
    [`${claim}began 100\n`, { beganAt: 100_000 }],
    [`${claim}began \nended \nexit 0\n`, { exitCode: 0 }],
    [`${claim}began 100\nended 103\nexit 0\n`, { beganAt: 100_000, endedAt: 103_000, ran: 3, exitCode: 0 }],
    // A full disk cut the first try short.
    [`${claim}began 100\nended 10\nended 103\nexit 0\n`, {
      beganAt: 100_000,
      endedAt: 103_000,
      ran: 3,
      exitCode: 0,
    }],
    [`${claim}began 100\nended 103\nexit 143\nagain\nbegan 200\n`, { beganAt: 200_000, again: true }],
    [
      `${claim}began 100\nended 103\nexit 143\nagain\nbegan 200\nended 205\nexit 0\n`,
      { beganAt: 200_000, endedAt: 205_000, ran: 5, exitCode: 0, again: true },
    ],
  ];
  for (const [text, facts] of table) {
    assertEquals(parseJobFile(text), { pid: 7, job: "1", host: "h", claimed: true, ...facts }, text);
  }
});

Deno.test("a claim that the disk cut short is torn, and what comes behind a whole claim is not", () => {
  const whole = "pid 7\nhost h\nstart 4 boot\nnamespace 1\nmachine m\nuid 0\n";
  for (let length = 0; length < whole.length; length++) {
    const { pid, torn } = parseJobFile(whole.slice(0, length));
    // Without a process id it is torn anyway.
    if (pid !== undefined) assertEquals(torn, whole[length - 1] === "\n" ? undefined : true, `${length}`);
  }
  for (const more of ["", "exit 0\n", "e", "exit", "began 1", "end", "ran 3", "agai"]) {
    assertEquals(parseJobFile(whole + more).torn, undefined, more);
  }
});

Deno.test("a job's times are between its submission and now, and its own clock gives the duration", () => {
  const [intended, now] = [100_400, 200_000];
  const table: [
    began: number | undefined,
    ended: number | undefined,
    startedAt?: number,
    endedAt?: number,
  ][] = [
    [undefined, undefined],
    [undefined, 120_000],
    [110_000, undefined, 110_000],
    [110_000, 113_000, 110_000, 113_000],
    // The second of its submission.
    [100_000, 103_000, 100_400, 103_400],
    // Clocks that are slow, fast, and set back or on while it ran.
    [50_000, 53_000, 100_400, 103_400],
    [250_000, 253_000, 197_000, 200_000],
    [199_000, 202_000, 197_000, 200_000],
    [250_000, undefined, 200_000],
    [110_000, 50_000, 110_000, 110_000],
    [110_000, 999_000, 100_400, 200_000],
  ];
  for (const [beganAt, endedAt, ...expected] of table) {
    const facts = {
      ...{ pid: 7, exitCode: 0 },
      ...(beganAt === undefined ? {} : { beganAt }),
      ...(endedAt === undefined ? {} : { endedAt }),
    };
    const told = timesOf(facts, intended, now);
    assertEquals([told.startedAt, told.endedAt], [expected[0], expected[1]], `${beganAt} ${endedAt}`);
  }
  // The submitter's clock may differ from ours: the time is ignored.
  assertEquals(timesOf({ beganAt: 110_000, endedAt: 113_000, exitCode: 0 }, 300_000, now), {});
  // Without an exit code it has not ended, whatever the file contains.
  assertEquals(timesOf({ beganAt: 110_000, endedAt: 113_000 }, intended, now), { startedAt: 110_000 });
});
