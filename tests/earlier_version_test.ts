/**
 * A study that version 0.1 created and began, unchanged (`logs/study-0.1`). Its conductor was killed while a
 * step ran on this machine, and the step ended later. The program reads and resumes it, and respects a living
 * conductor of that version.
 */

import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { INITIAL_NAMESPACE } from "../lib/place.ts";
import { realSystem } from "../lib/system.ts";
import { ROOT, runIn } from "./maestro.ts";
import { hasEvent, inStudyFolder, startMaestro, textOf, timesTaken, until } from "./real_study.ts";

const KEPT = `${ROOT}/tests/logs/study-0.1`;
const system = realSystem([]);
const place = system.place();

/** Calls `body` with a copy of the study, whose conductor's heart beat just now, or long ago. */
function withStudy(beats: boolean, body: (root: string, folder: string) => Promise<void>): Promise<void> {
  return inStudyFolder(async (folder) => {
    const root = `${folder}/out`;
    const { success } = await new Deno.Command("cp", { args: ["-r", KEPT, root] }).output();
    assert(success);
    if (!beats) Deno.utimeSync(`${root}/.maestro/heartbeat`, 0, 0);
    await body(root, folder);
  });
}

/** Version 0.1 opens a study with this format or an earlier one. It refuses any other: "made by a later maestro". */
const FORMAT_OF_0_1 = 2;
const formatOf = (root: string): number => JSON.parse(textOf(`${root}/.maestro/plan.json`)).version;

Deno.test("version 0.1 refuses the studies of this version", () =>
  inStudyFolder(async (folder) => {
    const spec =
      "description: {name: n, description: d}\nstudy:\n- {name: a, description: d, run: {cmd: 'true'}}\n";
    Deno.writeTextFileSync(`${folder}/spec.yaml`, spec);
    assertEquals((await runIn(folder, ["maestro", "run", "-n", "-o", "new", "spec.yaml"])).code, 0);
    assert(formatOf(`${folder}/new`) > FORMAT_OF_0_1);
  }));

Deno.test("version 0.1 refuses a study that it began as soon as this version has conducted it; readers change nothing", () =>
  withStudy(false, async (root, folder) => {
    const before = JSON.parse(textOf(`${root}/.maestro/plan.json`));
    assertEquals((await runIn(folder, ["maestro", "status", root])).code, 0);
    assertEquals(formatOf(root), FORMAT_OF_0_1);
    Deno.writeTextFileSync(`${root}/go`, "");
    assertEquals((await runIn(folder, ["maestro", "conduct", "--once", root])).code, 4);
    assert(formatOf(root) > FORMAT_OF_0_1);
    assertEquals(JSON.parse(textOf(`${root}/.maestro/plan.json`)), { ...before, version: formatOf(root) });
  }));

/** Makes the lease one of this machine. */
function holdLease(root: string, pid: number, processStart: string): void {
  const kept = JSON.parse(textOf(`${root}/.maestro/lease`));
  const lease = { ...kept, host: system.host, bootId: place.boot, pid, processStart };
  Deno.writeTextFileSync(`${root}/.maestro/lease`, JSON.stringify(lease) + "\n");
}

const statesOf = (csv: string) =>
  Object.fromEntries(
    csv.trim().split("\n").slice(1).map((line) => [line.split(",")[0], /\b[A-Z]{4,}\b/.exec(line)?.[0]]),
  );

Deno.test("a study of version 0.1 is read", () =>
  withStudy(true, async (root, folder) => {
    const { code, stdout, stderr } = await runIn(folder, ["maestro", "status", "--csv", root]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertEquals(statesOf(stdout), statesOf(textOf(`${KEPT}/status.csv`)));
    assertEquals(Object.values(statesOf(stdout)).filter((state) => state === "FINISHED").length, 2);
    // Its conductor is on a host that cannot be seen from here, and its heart beats.
    assertStringIncludes((await runIn(folder, ["maestro", "resume", root])).stderr, "nothing to do");
  }));

Deno.test("a study of version 0.1 is resumed: what ended meanwhile counts, and nothing runs again", () =>
  withStudy(false, async (root, folder) => {
    Deno.writeTextFileSync(`${root}/go`, "");
    const { code, stderr } = await runIn(folder, ["maestro", "conduct", root]);
    assertEquals(code, 0, stderr);
    assertEquals(textOf(`${root}/ledger`), "once 1\nonce 2\ncollect\n");
    const attempts = textOf(`${root}/.maestro/journal.jsonl`).match(/"submitting".*/g)!;
    assertEquals(attempts.map((line) => /"step":"(\w+(?:\.\d)?)"/.exec(line)![1]), [
      "make_N.1",
      "make_N.2",
      "wait_N.1",
      "wait_N.2",
      "collect",
    ]);
  }));

Deno.test("a living conductor of version 0.1 keeps its study, however long its heart has not beaten", () =>
  withStudy(false, async (root, folder) => {
    holdLease(root, Deno.pid, system.processStart(Deno.pid)!);
    assertStringIncludes((await runIn(folder, ["maestro", "resume", root])).stderr, "nothing to do");
    const second = await runIn(folder, ["maestro", "conduct", root]);
    assertEquals(second.code, 75);
    assertStringIncludes(second.stderr, `by process ${Deno.pid} of ada`);
    assertEquals(timesTaken(root), 1);
  }));

Deno.test({
  name: "a conductor of version 0.1 that is seen to be gone from the whole machine loses its study at once",
  ignore: place.namespace !== INITIAL_NAMESPACE || !place.seesAll,
  fn: () =>
    withStudy(true, async (root, folder) => {
      holdLease(root, Deno.pid, "1");
      Deno.writeTextFileSync(`${root}/go`, "");
      assertEquals((await runIn(folder, ["maestro", "conduct", root])).code, 0);
      assertEquals(textOf(`${root}/ledger`), "once 1\nonce 2\ncollect\n");
    }),
});

/** The shell of version 0.1 that runs a step, as far as its claim goes. */
const OLD_RUNNER = `read -r stat </proc/$$/stat
set -- "$1" "$2" "$3" $stat
printf 'pid %s\\nhost %s\\nstart %s %s\\n' "$$" "$2" "\${25}" "$3" >"$1"
while [ ! -e "\${1%/.maestro/*}/go" ]; do sleep 0.05; done
echo "exit 0" >>"$1"`;

Deno.test("a step that version 0.1 started, and that still runs, is watched to its end", () =>
  withStudy(false, async (root) => {
    const job = `${root}/.maestro/jobs/0/2.1`;
    Deno.removeSync(job);
    const runner = new Deno.Command("setsid", {
      args: ["sh", "-c", OLD_RUNNER, "maestro-step", job, system.host, place.boot],
    }).spawn();
    await until("the claim is made", () => textOf(job).split("\n").length === 4);
    const conductor = await startMaestro(root, "conduct", root);
    await until("the study is taken", () => timesTaken(root) === 2);
    // What is asked for now is carried out after all that was in flight has been looked at.
    assertEquals((await runIn(root, ["maestro", "update", root, "--local-jobs", "2"])).code, 0);
    assertEquals(hasEvent(root, "ended", "wait_N.1"), false);
    Deno.writeTextFileSync(`${root}/go`, "");
    assertEquals((await conductor.ended).code, 0);
    assertEquals((await runner.status).code, 0);
    assertEquals(textOf(`${root}/ledger`), "once 1\nonce 2\ncollect\n");
  }));
