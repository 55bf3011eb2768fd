/** Requests that other commands leave for the conductor: when their files go. */

import { takeRequests } from "../lib/conduct/carry_out.ts";
import { newProgress } from "../lib/conduct/records.ts";
import { makeRequest, waitingRequests } from "../lib/conduct/requests.ts";
import { newOrders, type Shift } from "../lib/conduct/shift.ts";
import { realSystem } from "../lib/system.ts";
import type { StudyEvent } from "../lib/types.ts";
import { assertEquals } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";
import { makePlan, SETTINGS } from "./make.ts";

Deno.test("a request's file stays until what it caused is on disk", () =>
  inFreshFolder((root) => {
    const system = { ...realSystem([]), now: () => now };
    let now = 1_000_000;
    let takes = false;
    const noted: StudyEvent[][] = [];
    const logged: string[] = [];
    const note = (events: readonly StudyEvent[]) => void noted.push([...events]);
    const shift = {
      system,
      study: { root },
      progress: newProgress(makePlan({ steps: [["a", "x"]] }, { root }), SETTINGS, () => false),
      ledger: { note, flush: () => takes },
      options: { orders: newOrders(), log: { info: (text: string) => void logged.push(text) } },
      lookAt: 0,
    } as unknown as Shift;
    const left = () => waitingRequests(system, root).length;
    makeRequest(system, root, { ask: "hold", steps: ["a"] });
    now += 1;
    makeRequest(system, root, {
      ask: "update",
      settings: { throttle: 3, rlimit: 2, sleep: 5, localJobs: 9 },
    });
    takeRequests(shift);
    const events: StudyEvent[][] = [
      [{ event: "held", at: now, step: "a" }],
      [{ event: "updated", at: now, settings: { throttle: 3, rlimit: 2, sleep: 5, localJobs: 9 } }],
    ];
    assertEquals(noted.splice(0), events);
    assertEquals(logged.splice(0), [
      "Asked to hold 1 steps.",
      "Updating throttle from 0 to 3",
      "Updating restart limit to 2",
      "Updating conductor sleep time from 60 to 5",
      "Updating local jobs from 4 to 9",
    ]);
    assertEquals(left(), 2);
    takes = true;
    // The next look is half a second later.
    now += 499;
    takeRequests(shift);
    assertEquals([noted.length, left()], [0, 2]);
    now += 1;
    takeRequests(shift);
    assertEquals([noted.length, left()], [2, 0]);
    return Promise.resolve();
  }));
