/** Hooks: which event is for which, and that nothing they do hurts. */

import { hookOf, studyHooks } from "../lib/conduct/hooks.ts";
import type { Log } from "../lib/log.ts";
import type { Study } from "../lib/study/folder.ts";
import { realSystem, type System } from "../lib/system.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { assertEquals } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";
import { makePlan } from "./make.ts";
import { isAlive, textOf, until } from "./real_study.ts";

const FAILED: StudyEvent = { event: "ended", at: 0, step: "a", state: "FAILED", reason: "exit code 1" };
const CLOSED: StudyEvent = { event: "closed", at: 0, state: "failed" };

Deno.test("hooks: which event is for which", () => {
  const table: [event: StudyEvent, hook: string | undefined][] = [
    [FAILED, "step-failed"],
    [{ ...FAILED, state: "TIMEDOUT" }, "step-failed"],
    [{ ...FAILED, skipped: true }, undefined],
    [{ ...FAILED, state: "FINISHED" }, undefined],
    [{ ...FAILED, state: "CANCELLED" }, undefined],
    [CLOSED, "failed"],
    [{ event: "closed", at: 0, state: "finished" }, "finished"],
    [{ event: "closed", at: 0, state: "cancelled" }, undefined],
    [{ event: "started", at: 0, step: "a" }, undefined],
  ];
  for (const [event, hook] of table) assertEquals(hookOf(event), hook, JSON.stringify(event));
});

async function withHooks(
  on: Study["file"]["on"],
  change: Partial<System>,
  body: (hooks: NonNullable<ReturnType<typeof studyHooks>>, said: string[], folder: string) => Promise<void>,
): Promise<void> {
  await inFreshFolder(async (folder) => {
    await Deno.mkdir(`${folder}/.maestro`);
    const said: string[] = [];
    const say = (message: string) => void said.push(message.replaceAll(folder, "DIR"));
    const log: Log = { debug: say, info: say, warning: say, error: say, close() {} };
    const study = { root: folder, plan: makePlan({ steps: [["a", "x"]] }), file: { on } } as unknown as Study;
    await body(studyHooks({ ...realSystem([]), ...change }, study, log)!, said, folder);
    assertEquals([...Deno.readDirSync(`${folder}/.maestro`)], []);
  });
}

Deno.test("hooks: get the event, and their output is logged when they fail", async () => {
  await withHooks({ failed: "cat >got; echo no >&2; exit 3" }, {}, async (hooks, said, folder) => {
    hooks.runFor(FAILED);
    hooks.runFor(CLOSED);
    await hooks.idle();
    const { at: _, directory: __, ...event } = JSON.parse(Deno.readTextFileSync(`${folder}/got`));
    assertEquals(event, { version: 1, hook: "failed", study: "study", state: "failed" });
    assertEquals(said, ["Hook 'failed' failed with exit code 3: no"]);
  });
});

Deno.test("hooks: one that hangs is killed with all it started", async () => {
  let pid = "";
  // The minute is over as soon as the hook has started.
  const sleep = () => until("the hook has started", () => pid !== "" && textOf(pid).endsWith("\n"));
  await withHooks(
    { failed: "sleep 600 & echo $! >pid; sleep 600 | cat" },
    { sleep },
    async (hooks, said, folder) => {
      pid = `${folder}/pid`;
      hooks.runFor(CLOSED);
      await hooks.idle();
      assertEquals(said, ["Hook 'failed' has not ended in 60 seconds: it is killed."]);
      await until("what it started has ended", () => !isAlive(Number(textOf(pid))));
    },
  );
});

Deno.test("hooks: a storm of failures is cut, and trouble with the disk is only logged", async () => {
  let started = 0;
  const start = () => ({ pid: ++started, ended: Promise.resolve({ code: 0, signal: null }) });
  // The processes do not exist, and others have their numbers.
  const signalGroup = () => {
    throw new Error("a process was signalled");
  };
  await withHooks({ "step-failed": "true" }, { start, signalGroup, writeText() {} }, async (hooks, said) => {
    for (let i = 0; i < 200; i++) hooks.runFor(FAILED);
    await hooks.idle();
    assertEquals([started, said.length], [104, 96]);
  });
  const writeText = () => {
    throw new Error("no space left");
  };
  await withHooks({ failed: "true" }, { writeText }, async (hooks, said) => {
    hooks.runFor(CLOSED);
    await hooks.idle();
    assertEquals(said, ["Hook 'failed' could not be run: no space left"]);
  });
});
