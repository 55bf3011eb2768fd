/** Studies that LLNL's Maestro made (`originals/`): shown from what it left, reached by what its conductor looks for. */

import { parseStatusCsv } from "../lib/study/original/status_csv.ts";
import { parseCsv } from "../lib/csv.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { inFreshFolder, ROOT, runIn } from "./maestro.ts";

async function withOriginals(
  body: (folder: string, maestro: (...words: string[]) => ReturnType<typeof runIn>) => Promise<void>,
): Promise<void> {
  await inFreshFolder(async (folder) => {
    await runIn(folder, ["cp", "-r", `${ROOT}/tests/originals/.`, folder]);
    await body(folder, (...words) => runIn(folder, ["maestro", ...words]));
  });
}

const states = (csv: string) => parseCsv(csv).slice(1).map((row) => [row[0], row[2], row[3], row[10]]);

Deno.test("original: status shows what status.csv has, commas and colons in values too", async () => {
  await withOriginals(async (_, maestro) => {
    const { code, stdout } = await maestro("status", "--csv", "failed");
    assertEquals(code, 0);
    assertEquals(states(stdout), [
      ["with blank", "with_blank", "FINISHED", ""],
      ["prep", "prep", "FINISHED", ""],
      ["sim_S.10.T.a,b", "sim/S.10.T.ab", "FINISHED", "SIZE:10;TAG:a,b"],
      ["sim_S.20.T.x:y", "sim/S.20.T.xy", "FAILED", "SIZE:20;TAG:x:y"],
      ["post_S.10.T.a,b", "post/S.10.T.ab", "FINISHED", "SIZE:10;TAG:a,b"],
      ["post_S.20.T.x:y", "post/S.20.T.xy", "FAILED", "SIZE:20;TAG:x:y"],
      ["collect", "collect", "FAILED", ""],
    ]);
    const json = JSON.parse((await maestro("status", "--json", "failed")).stdout);
    assertEquals([json.study, json.state, json.counts], ["A sweep", "failed", { FINISHED: 4, FAILED: 3 }]);
    const failed = json.steps.find(({ name }: { name: string }) => name === "sim_S.20.T.x:y");
    assertEquals(failed.step, "sim");
    assertEquals(failed.params, { SIZE: "20", TAG: "x:y" });
    assert(failed.workspace.endsWith("/failed/sim/S.20.T.xy"), failed.workspace);
    assertEquals(failed.runTime, 1);
  });
});

Deno.test("original: every layout, list, last, filters and --exit-code", async () => {
  await withOriginals(async (folder, maestro) => {
    for (const layout of ["flat", "narrow", "legacy", "summary"]) {
      const { code, stdout } = await maestro("status", "--layout", layout, "failed");
      assertEquals(code, 0, layout);
      assertStringIncludes(
        stdout,
        layout === "summary" ? "first failure: sim_S.20.T.x:y" : "post_S.20.T.x:y",
      );
      // Only LLNL's Maestro could run a step of it again.
      assert(!stdout.includes("maestro rerun"), stdout);
    }
    const ends: [string, string, number][] = [
      ["failed", "failed", 2],
      ["hashed", "finished", 0],
      ["cancelled", "cancelled", 3],
      ["running", "running", 4],
      ["unlaunched", "initialized", 4],
    ];
    const listed = JSON.parse((await maestro("list", "--json")).stdout).studies;
    for (const [name, state, exit] of ends) {
      assertEquals((await maestro("status", "--exit-code", name)).code, exit, name);
      assertEquals(
        listed.find((one: { directory: string }) => one.directory.endsWith(`/${name}`)).state,
        state,
      );
    }
    assertEquals(listed.length, ends.length);
    const filtered = await maestro("status", "--csv", "--state", "failed", "--step", "sim", "failed");
    assertEquals(states(filtered.stdout).map(([name]) => name), ["sim_S.20.T.x:y"]);
    await runIn(folder, ["touch", "-d", "2030-01-01", "hashed/A_sweep.study.pkl"]);
    assertStringIncludes((await maestro("status", "--csv", "last")).stdout, "post/post_instance_1");
  });
});

Deno.test("original: a study whose status is old is stalled, and names its owner", async () => {
  await withOriginals(async (folder, maestro) => {
    const fresh = await maestro("status", "--layout", "summary", "running");
    assertStringIncludes(fresh.stdout, "conductor  LLNL's Maestro; it wrote its status at ");
    await runIn(folder, ["touch", "-d", "2026-01-01", "running/status.csv"]);
    const old = await maestro("status", "--layout", "summary", "running");
    assertStringIncludes(old.stdout, "stalled: LLNL's Maestro has written nothing since 2026-01-01 00:00:00");
    assert(!old.stdout.includes("maestro resume"), old.stdout);
  });
});

Deno.test("original: logs and scripts of a step, and of the one that failed first", async () => {
  await withOriginals(async (folder, maestro) => {
    const first = await maestro("logs", "failed");
    assertStringIncludes(first.stdout, `${folder}/failed/sim/S.20.T.xy/sim_S.20.T.x:y.`);
    assertStringIncludes(first.stdout, "no such mesh");
    assertEquals((await maestro("logs", "--out", "failed", "sim", "SIZE=10")).stdout, "size 10 tag a,b\n");
    assertEquals((await maestro("logs", "--out", "failed", "with blank")).stdout, "blank\n");
    assertStringIncludes(
      (await maestro("logs", "--script", "hashed", "post", "SIZE=20")).stdout,
      "echo post 20 x:y",
    );
    const waiting = await maestro("logs", "running", "third");
    assertEquals([waiting.code, waiting.stderr.split("\n")[0]], [
      66,
      'error: Step "third" has no logs, because it has not run yet',
    ]);
  });
});

Deno.test("original: wait returns how it ended, or waits", async () => {
  await withOriginals(async (folder, maestro) => {
    const ended = await maestro("wait", "failed", "cancelled");
    assertEquals([ended.code, ended.stdout], [
      2,
      `${folder}/failed: failed\n${folder}/cancelled: cancelled\n`,
    ]);
    assertEquals((await maestro("wait", "--timeout", "0", "running")).code, 4);
  });
});

Deno.test("original: cancel and update leave what its conductor looks for, and nothing where it has ended", async () => {
  await withOriginals(async (folder, maestro) => {
    const cancel = await maestro("cancel", "-y", "running", "failed");
    assertEquals(cancel.code, 0);
    assertEquals(
      cancel.stdout,
      `Study in '${folder}/running' to be cancelled.\nStudy in '${folder}/failed' to be cancelled.\n`,
    );
    assertStringIncludes(
      cancel.stderr,
      "asked the conductor of LLNL's Maestro to cancel it at its next poll",
    );
    assertStringIncludes(cancel.stderr, `${folder}/failed: already failed`);
    const update = await maestro("update", "--throttle", "3", "running", "failed");
    assertEquals(update.code, 0);
    assertEquals(
      update.stdout,
      "Updating study at 'running'\nWriting updated study config to 'running/.study.update.lock'\n" +
        "Updating study at 'failed'\n",
    );
    assertStringIncludes(update.stderr, "The study has ended (failed): nothing changed.");
    assertEquals(
      await Deno.readTextFile(`${folder}/running/.study.update.lock`),
      "rlimit: null\nsleep: null\nthrottle: 3\n",
    );
    const left = async (name: string) => (await runIn(folder, ["ls", "-A", name])).stdout.split("\n");
    assert((await left("running")).includes(".cancel.lock"));
    assert(!(await left("failed")).includes(".cancel.lock"));
    assert(!(await left("failed")).includes(".study.update.lock"));
  });
});

Deno.test("original: what only LLNL's Maestro can do is refused with what to do, and changes nothing", async () => {
  await withOriginals(async (folder, maestro) => {
    const before = (await runIn(folder, ["find", "failed"])).stdout;
    for (
      const words of [["resume"], ["rerun"], ["conduct"], ["hold"], ["release"], ["events"], ["report"], [
        "export",
      ], [
        "graph",
      ], ["cancel", "-y", "--step", "prep"]]
    ) {
      const { code, stderr } = await maestro(...words, "failed");
      assertEquals(code, 66, words.join(" "));
      assertStringIncludes(stderr, `LLNL's Maestro made the study in ${folder}/failed`);
      assertStringIncludes(stderr, `maestro run -o NEW_FOLDER ${folder}/failed/sweep.yaml`);
    }
    assertEquals((await runIn(folder, ["find", "failed"])).stdout, before);
  });
});

Deno.test("original: -o -y replaces such a study, and nothing else", async () => {
  await withOriginals(async (folder, maestro) => {
    await runIn(folder, ["cp", "failed/sweep.yaml", "."]);
    const kept = await maestro("run", "-n", "-o", "failed", "sweep.yaml");
    assertEquals([kept.code, kept.stdout], [0, "Opting to quit -- not cleaning up old out path.\n"]);
    const replaced = await maestro("run", "-y", "--dry", "-o", "failed", "sweep.yaml");
    assertEquals(replaced.stdout, "Cleaning up existing out path...\nStudy launched successfully.\n");
    assertEquals((await maestro("events", "failed")).code, 0);
    // A pickle alone, or the batch alone, may be anything.
    for (const name of ["slow.study.pkl", "batch.info"]) {
      await runIn(folder, ["rm", "-rf", "x"]);
      await runIn(folder, ["mkdir", "x"]);
      await runIn(folder, ["cp", `unlaunched/${name}`, "x"]);
      assertEquals((await maestro("run", "-y", "--dry", "-o", "x", "sweep.yaml")).code, 73, name);
      assertEquals((await runIn(folder, ["ls", "x"])).stdout, `${name}\n`);
    }
  });
});

Deno.test("original: rows of status.csv with odd names, and one that is being written", () => {
  const head = "Step Name,Job ID,Workspace,State,Run Time,Elapsed Time,Start Time,Submit Time,End Time," +
    "Number Restarts,Params\n";
  const row = (name: string, params: string) =>
    `${name},12,w,TIMEDOUT,0d:00h:00m:01s,0d:00h:00m:01s,2026-01-02 03:04:05,2026-01-02 03:04:04,--,2,${params}`;
  const { rows, rest } = parseStatusCsv(
    `${head}${row("a,b,c", "X:1,2;Y:a:b")}\n${row("d\ne", "")}\n${row("e", "")}`,
  );
  assertEquals(rows.map(({ name, restarts }) => [name, restarts]), [["a,b,c", 2], ["d\ne", 2], ["e", 2]]);
  assertEquals(rest, "");
  assertEquals(rows[0]!.jobId, "12");
  assertEquals(rows[0]!.startedAt, new Date(2026, 0, 2, 3, 4, 5).getTime());
  assertEquals(rows[0]!.endedAt, undefined);
  const torn = parseStatusCsv(`${head}${row("a", "")}\n${row("b", "").slice(0, 30)}`);
  assertEquals(torn.rows.map(({ name }) => name), ["a"]);
  assert(torn.rest !== "");
  assertEquals(parseStatusCsv("").rows, []);
  assertEquals(parseStatusCsv(`${head}x,y\n`).rows, []);
});
