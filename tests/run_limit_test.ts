/** Commands of other programs: their time limit holds, whatever their children do, and nothing of them stays. */

import { assert, assertEquals } from "./assert.ts";
import { thisMachine } from "../mod.ts";
import { HANG_MS } from "./maestro.ts";
import { isAlive, until } from "./real_study.ts";

const system = thisMachine();
const sh = (script: string, options = {}) =>
  system.run(["/bin/sh", "-c", script], { timeoutMs: 300, ...options });

/** Longer than the limit of any test here. */
const LONG = HANG_MS / 1000;

Deno.test("run: a command that hangs is ended with its children, which hold its output", async () => {
  for (const options of [{}, { mayAsk: true as const }]) {
    const { timedOut, stdout } = await sh(`sleep ${LONG} & echo $!; sleep ${LONG}; echo never`, options);
    assertEquals([timedOut, /^\d+\n$/.test(stdout)], [true, true]);
    await until("its child is gone", () => !isAlive(Number(stdout)));
  }
});

Deno.test("run: a child that stays behind is not waited for, and lives on", async () => {
  const { timedOut, stdout, code } = await sh(`sleep ${LONG} & echo $!`, { timeoutMs: HANG_MS });
  assertEquals([timedOut, code], [false, 0]);
  assert(isAlive(Number(stdout)));
  Deno.kill(Number(stdout), "SIGKILL");
});

Deno.test("run: output without end ends the command, and what came is there", async () => {
  const { code, stdout } = await sh("yes", { timeoutMs: HANG_MS });
  assertEquals([code, stdout.startsWith("y\ny\n"), stdout.length < 1 << 27], [137, true, true]);
});

Deno.test("run: input and output of any length, and a command that is missing", async () => {
  const input = "ä".repeat(300_000);
  const { stdout, stderr, code } = await sh("cat; echo done >&2; exit 3", { input, timeoutMs: HANG_MS });
  assertEquals([stdout === input, stderr, code], [true, "done\n", 3]);
  const error = await system.run(["/no/such"], { timeoutMs: HANG_MS }).catch((error) => error);
  assert(error instanceof Deno.errors.NotFound);
});
