/** `maestro wait`, with a simulated clock: its time limit, and that it notices the end. */

import type { Context } from "../lib/app/context.ts";
import wait from "../lib/commands/wait.ts";
import { studyPaths } from "../lib/paths.ts";
import { realSystem, type System, type Terminal } from "../lib/system.ts";
import { assertEquals } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";
import { chain, layOut } from "./real_study.ts";

/** Waits for a study that nobody conducts; `asleep` is called whenever it sleeps. Returns what happened. */
async function waitFor(root: string, timeout: number | undefined, asleep: (now: number) => void) {
  let now = Date.now();
  const began = now;
  const told: string[] = [];
  const terminal: Terminal = {
    write: (text) => void told.push(String(text).replace(root, "DIR")),
    say() {},
    ...{ isTerminal: false, columns: () => 80, rows: () => 24 },
  };
  const system: System = {
    ...realSystem([]),
    now: () => now,
    sleep(ms) {
      now += ms;
      asleep(now - began);
      return Promise.resolve();
    },
    ...{ stdout: terminal, stderr: terminal },
  };
  const context = { system, version: "0", exitCode: -1 } as unknown as Context;
  await wait.call(context, timeout === undefined ? {} : { timeout }, root);
  return { code: context.exitCode, took: now - began, told };
}

Deno.test("wait: gives up after its timeout, not sooner and not later", () =>
  inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("true"));
    for (const timeout of [0, 0.1, 5, 1000]) {
      const { code, took, told } = await waitFor(root, timeout, () => {});
      assertEquals([code, took], [4, timeout * 1000]);
      assertEquals([told.length, told[0]!.slice(0, 24), told[1]], [
        2,
        "DIR: it has no conductor",
        "DIR: not ended\n",
      ]);
    }
  }));

Deno.test("wait: without a timeout it waits until the study ends", () =>
  inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("true"));
    const end = JSON.stringify({ event: "closed", at: 1, state: "failed" }) + "\n";
    let ended = false;
    const { code, took, told } = await waitFor(root, undefined, (now) => {
      if (now < 3_600_000 || ended) return;
      ended = true;
      Deno.writeTextFileSync(studyPaths(root).journal, end, { append: true });
    });
    assertEquals([code, told.at(-1)], [2, "DIR: failed\n"]);
    assertEquals(took < 3_601_000, true, `${took}`);
  }));
