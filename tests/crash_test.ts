/**
 * The real program, killed. The steps that a conductor started continue without it. The next conductor adopts them,
 * and every step's command runs exactly once. `deno task test:crash` kills 50 conductors; the ordinary
 * run kills a few.
 */

import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { realSystem } from "../lib/system.ts";
import { HANG_MS, runIn } from "./maestro.ts";
import {
  chain,
  hasEvent,
  inStudyFolder,
  isAlive,
  journalLines,
  layOut,
  pause,
  runnerOf,
  startMaestro,
  sweep,
  textOf,
  timesTaken,
  until,
} from "./real_study.ts";
import { seededRandom } from "./world/random.ts";

const ROUNDS = Deno.env.get("WHOLE") ? 50 : 6;
const STEPS = 100;
const UNTIL_GO = "while [ ! -e ../../go ]; do sleep 0.05; done";

Deno.test(`${ROUNDS} conductors are killed: each of ${STEPS} steps runs exactly once`, async () => {
  const random = seededRandom(Number(Deno.env.get("SEED") ?? 1));
  for (let killed = 0; killed < ROUNDS;) {
    await inStudyFolder(async (folder) => {
      const spec = sweep(STEPS, "echo $(N) >>../../../ledger; sleep 0.05");
      const root = await layOut(folder, spec, "--local-jobs", "4");
      for (let more = true; more && killed < ROUNDS;) {
        const before = timesTaken(root);
        const conductor = await startMaestro(folder, "conduct", root);
        let over = false;
        conductor.ended.then(() => over = true);
        // Some die before they have the study, most while they work.
        if (random.chance(0.8)) await until("taken", () => over || timesTaken(root) > before);
        await pause(random.between(0, 250));
        more = !over;
        conductor.kill("SIGKILL");
        await conductor.ended;
        if (more) killed++;
      }
      const { code, stderr } = await runIn(folder, ["maestro", "conduct", root]);
      assertEquals(code, 0, stderr);
      const done = textOf(`${folder}/ledger`).trimEnd().split("\n").map(Number).sort((a, b) => a - b);
      assertEquals(done, Array.from({ length: STEPS }, (_, i) => i + 1));
    });
  }
});

Deno.test("two resume at once: one works, and the step that ran meanwhile is not run again", async () => {
  await inStudyFolder(async (folder) => {
    const root = await layOut(
      folder,
      chain(`echo one >>../../ledger; ${UNTIL_GO}`, "echo two >>../../ledger"),
    );
    const first = await startMaestro(folder, "conduct", root);
    await until("s1 runs", () => textOf(`${folder}/ledger`) === "one\n");
    first.kill("SIGKILL");
    await first.ended;
    const both = await Promise.all([1, 2].map(() => runIn(folder, ["maestro", "resume", root])));
    assertEquals(both.map(({ code }) => code), [0, 0], both.map(({ stderr }) => stderr).join("\n"));
    Deno.writeTextFileSync(`${folder}/go`, "");
    const waited = await runIn(folder, ["maestro", "wait", "--timeout", String(HANG_MS / 1000), root]);
    assertEquals(waited.code, 0, waited.stderr);
    assertEquals(textOf(`${folder}/ledger`), "one\ntwo\n");
    assertEquals(timesTaken(root), 2);
  });
});

Deno.test("commands for one study side by side: each ends as promised, and the study is conducted", async () => {
  await inStudyFolder(async (folder) => {
    for (let round = 0; round < Math.ceil(ROUNDS / 3); round++) {
      const root = await layOut(folder, chain("sleep 0.1; echo one >>../../ledger", "true"));
      const dead = await startMaestro(folder, "conduct", root);
      await until("s1 runs", () => runnerOf(root, 0) !== undefined);
      dead.kill("SIGKILL");
      await dead.ended;
      const words = [["resume"], ["resume"], ["resume"], ["update", "--throttle", "3"], [
        "rerun",
        "--step",
        "s2",
      ]];
      const ends = await Promise.all(words.map((words) => runIn(folder, ["maestro", ...words, root])));
      ends.forEach(({ code, stderr }, i) => assertEquals(code, 0, `${words[i]}: ${stderr}`));
      const waited = await runIn(folder, ["maestro", "wait", "--timeout", String(HANG_MS / 1000), root]);
      assertEquals(waited.code, 0, waited.stderr);
      assertEquals(textOf(`${folder}/ledger`), "one\n");
      Deno.removeSync(`${folder}/ledger`);
      Deno.removeSync(root, { recursive: true });
    }
  });
});

Deno.test("a torn journal is read as far as it goes, and the rest is found out again", async () => {
  await inStudyFolder(async (folder) => {
    const root = await layOut(folder, chain("echo one >>../../ledger", "echo two >>../../ledger"));
    assertEquals((await runIn(folder, ["maestro", "conduct", root])).code, 0);
    // As if the conductor had died while it noted that s1 had finished.
    const journal = `${root}/.maestro/journal.jsonl`;
    const whole = textOf(journal);
    Deno.writeTextFileSync(journal, whole.slice(0, whole.indexOf('"FINISHED"')));
    Deno.removeSync(`${root}/.maestro/jobs/0/1.1`);
    Deno.writeTextFileSync(`${folder}/ledger`, "one\n");
    const { code, stderr } = await runIn(folder, ["maestro", "conduct", root]);
    assertEquals(code, 0, stderr);
    assertEquals(textOf(`${folder}/ledger`), "one\ntwo\n");
    assertEquals(journalLines(root).filter((line) => line.endsWith(" torn")).length, 1);
  });
});

Deno.test("SIGTERM ends the conductor and leaves jobs alone; SIGHUP does nothing", async () => {
  await inStudyFolder(async (folder) => {
    const root = await layOut(
      folder,
      chain(`${UNTIL_GO}; echo one >>../../ledger`),
    );
    const conductor = await startMaestro(folder, "conduct", root);
    await until("s1 runs", () => runnerOf(root, 0) !== undefined);
    const pid = runnerOf(root, 0)!;
    // If SIGHUP ended it, its code were that of a signal.
    conductor.kill("SIGHUP");
    conductor.kill("SIGTERM");
    assertEquals((await conductor.ended).code, 4);
    assert(isAlive(pid), "the job ended with its conductor");
    Deno.writeTextFileSync(`${folder}/go`, "");
    await until("the job ends by itself", () => !isAlive(pid));
    assertEquals((await runIn(folder, ["maestro", "conduct", root])).code, 0);
    assertEquals(textOf(`${folder}/ledger`), "one\n");
  });
});

Deno.test("overlapping single passes do no harm, and print nothing when nothing happened", async () => {
  await inStudyFolder(async (folder) => {
    const root = await layOut(folder, sweep(12, "echo $(N) >>../../../ledger"), "--local-jobs", "3");
    let codes: number[] = [];
    const deadline = Date.now() + HANG_MS;
    while (!codes.includes(0)) {
      assert(Date.now() < deadline, `the study never ended: ${codes}`);
      const ticks = await Promise.all(
        [1, 2, 3].map(() => runIn(folder, ["maestro", "conduct", "--once", root])),
      );
      codes = ticks.map(({ code }) => code);
      assert(codes.every((code) => code === 0 || code === 4), `exit codes ${codes}`);
      assertEquals(ticks.map(({ stdout, stderr }) => stdout + stderr).join(""), "");
    }
    const done = textOf(`${folder}/ledger`).trimEnd().split("\n").map(Number).sort((a, b) => a - b);
    assertEquals(done, Array.from({ length: 12 }, (_, i) => i + 1));
  });
});

Deno.test("cancel ends steps whose conductor is dead, and those that do not listen", async () => {
  await inStudyFolder(async (folder) => {
    const root = await layOut(
      folder,
      chain("trap '' TERM; while :; do sleep 0.05; done", "echo never >>../../ledger"),
    );
    const conductor = await startMaestro(folder, "conduct", root);
    await until("s1 runs", () => runnerOf(root, 0) !== undefined && hasEvent(root, "started"));
    const pid = runnerOf(root, 0)!;
    conductor.kill("SIGKILL");
    await conductor.ended;
    const status = await runIn(folder, ["maestro", "status", "--layout", "summary", root]);
    assertStringIncludes(status.stdout, "stalled");
    const { code, stderr } = await runIn(folder, ["maestro", "cancel", "-y", root]);
    assertEquals({ code, stderr }, { code: 0, stderr: `${root}: cancelled\n` });
    assert(!isAlive(pid), "the step lives on");
    assertEquals(textOf(`${folder}/ledger`), "");
  });
});

Deno.test("a runner that is killed alone takes its script with it", async () => {
  await inStudyFolder(async (folder) => {
    const root = await layOut(folder, chain("echo $$ >../../script; while :; do sleep 0.05; done"));
    const conductor = await startMaestro(folder, "conduct", root);
    await until("s1 runs", () => textOf(`${folder}/script`).endsWith("\n"));
    const script = Number(textOf(`${folder}/script`));
    Deno.kill(runnerOf(root, 0)!, "SIGKILL");
    assertEquals((await conductor.ended).code, 2);
    await until("the script is gone", () => !isAlive(script));
  });
});

Deno.test("an update takes effect while steps run", async () => {
  await inStudyFolder(async (folder) => {
    const root = await layOut(
      folder,
      sweep(4, "echo $(N) >>../../../ledger; while [ ! -e ../../../go ]; do sleep 0.05; done"),
      "--local-jobs",
      "1",
    );
    const conductor = await startMaestro(folder, "conduct", root);
    const lines = () => textOf(`${folder}/ledger`).split("\n").length - 1;
    await until("one runs", () => lines() === 1);
    assertEquals((await runIn(folder, ["maestro", "update", root, "--local-jobs", "4"])).code, 0);
    await until("all run", () => lines() === 4);
    Deno.writeTextFileSync(`${folder}/go`, "");
    assertEquals((await conductor.ended).code, 0);
  });
});

Deno.test("a number that is in use again, or was one before a restart of the machine, is no runner's", async () => {
  const { host, place, processStart } = realSystem([]);
  const { boot, namespace, machine, uid } = place();
  const mine = { pid: Deno.pid, start: processStart(Deno.pid)! };
  // Without a machine id nobody knows which machine another boot was of.
  const before = machine === "" ? [] : [`${mine.start} another-boot`];
  for (const start of [`${Number(mine.start) - 1} ${boot}`, ...before]) {
    await inStudyFolder(async (folder) => {
      const root = await layOut(folder, chain("echo ran >>../../ledger"));
      const events = [
        { event: "submitting", at: 1, step: "s1", attempt: 1 },
        { event: "submitted", at: 1, step: "s1", jobId: String(mine.pid), host },
      ].map((event) => JSON.stringify(event) + "\n");
      Deno.writeTextFileSync(`${root}/.maestro/journal.jsonl`, events.join(""), { append: true });
      Deno.mkdirSync(`${root}/.maestro/jobs/0`, { recursive: true });
      const where = `namespace ${namespace}\nmachine ${machine}\nuid ${uid}\n`;
      const claim = `pid ${mine.pid}\nhost ${host}\nstart ${start}\n${where}`;
      Deno.writeTextFileSync(`${root}/.maestro/jobs/0/0.1`, claim);
      const conductor = await startMaestro(folder, "conduct", root);
      let over = false;
      conductor.ended.then(() => over = true);
      await until("the step is given up", () => over);
      // A claim without an exit code must not make anything end.
      Deno.removeSync(`${root}/.maestro/jobs/0/0.1`);
      assertEquals((await conductor.ended).code, 2);
      assertEquals(textOf(`${folder}/ledger`), "");
      const status = await runIn(folder, ["maestro", "status", "--layout", "summary", root]);
      assertStringIncludes(status.stdout, "its process is gone");
    });
  }
});
