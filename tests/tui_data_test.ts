/** What `maestro tui` reads as studies and logs grow: the same as who reads everything again. */

import { openForTui } from "../lib/app/tui_data.ts";
import { studyPaths } from "../lib/paths.ts";
import { openStudy } from "../lib/study/folder.ts";
import { stateFollower } from "../lib/study/follow.ts";
import { replayFromCopy } from "../lib/study/journal/replay.ts";
import { writeStateCopy } from "../lib/study/state/copy.ts";
import { isSameInColumns } from "../lib/study/state/step_columns.ts";
import { realSystem } from "../lib/system.ts";
import { logTail } from "../lib/view/tui/log_tail.ts";
import { assert, assertEquals } from "./assert.ts";
import { inFreshFolder, runIn } from "./maestro.ts";

const system = realSystem([]);

const SPEC = `description: {name: grown, description: d}
study:
  - {name: work, description: d, run: {cmd: "echo $(SIZE) >&2; test $(SIZE) != 3"}}
  - {name: sum, description: d, run: {cmd: "true", depends: [work_*]}}
global.parameters:
  SIZE: {values: [1, 2, 3, 4], label: SIZE.%%}
`;

async function withStudy(body: (root: string) => Promise<void>): Promise<void> {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
    await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "spec.yaml"]);
    await body(`${folder}/out`);
  });
}

Deno.test("tui: a followed state is that of the whole journal, wherever the following began", async () => {
  await withStudy(async (root) => {
    const { journal, stateCopy } = studyPaths(root);
    const lines = (await Deno.readTextFile(journal)).split(/(?<=\n)/);
    const study = await openStudy(system, root);
    assert(lines.length > 15, `${lines.length} lines`);
    for (let first = 1; first < lines.length; first++) {
      await Deno.writeTextFile(journal, lines.slice(0, first).join(""));
      if (first % 2 === 0) {
        const { progress, read: { part, end } } = replayFromCopy(system, study);
        writeStateCopy(system, study, progress, { part, offset: end });
      }
      const follow = stateFollower(system, study);
      const followed = follow()!;
      assertEquals(follow(), undefined, "nothing is new");
      for (let more = first; more < lines.length; more++) {
        // Half of a line is none.
        const [half, rest] = [lines[more]!.slice(0, 20), lines[more]!.slice(20)];
        await Deno.writeTextFile(journal, half, { append: true });
        assertEquals(follow(), undefined, lines[more]);
        await Deno.writeTextFile(journal, rest, { append: true });
        assertEquals(follow(), followed, lines[more]);
      }
      const { progress } = replayFromCopy(system, study);
      assert(isSameInColumns(followed.columns, progress.columns, study.plan.size), `from line ${first}`);
      assertEquals(followed.counts, progress.counts);
      assertEquals(followed.closed, "failed");
      await Deno.remove(stateCopy).catch(() => {});
    }
  });
});

Deno.test("tui: a step's attempts, logs and script are those of `maestro logs`", async () => {
  await withStudy(async (root) => {
    const folder = root.replace(/\/out$/, "");
    const open = await openForTui(system, root);
    const { data: { view }, hasChanged } = open.look();
    assert(hasChanged);
    const step = view.steps.find(({ name }) => name === "work_SIZE.3")!;
    const err = open.text(step, "err", 0).look(step)!;
    assertEquals(err.lines, ["3"]);
    const script = open.text(step, "script", 1).look(step)!;
    const printed = await runIn(folder, ["maestro", "logs", "--script", "out", "work_SIZE.3"]);
    assertEquals(`${script.lines.join("\n")}\n`, printed.stdout);
    const never = view.steps.find(({ name }) => name === "sum")!;
    assertEquals(open.text(never, "out", 0).look(never)!.problem?.includes("has not run"), true);
    assertEquals(open.look().hasChanged, false);
    assertEquals(open.isReplaced(), false);
    await Deno.remove(root, { recursive: true });
    assertEquals(open.isReplaced(), true);
  });
});

Deno.test("tui: a log in pieces: lines, halves of lines and of characters, a new beginning", async () => {
  await inFreshFolder(async (folder) => {
    const path = `${folder}/log`;
    const bytes = new TextEncoder().encode("one\ntwo 漢\r\n\nlast\tline");
    await Deno.writeFile(path, new Uint8Array());
    const tail = logTail(system, path);
    for (const byte of bytes) {
      await Deno.writeFile(path, Uint8Array.of(byte), { append: true });
      assertEquals(tail.read(), true);
    }
    assertEquals(tail.lines, ["one", "two 漢", "", "last    line"]);
    assertEquals(tail.read(), false);
    await Deno.writeTextFile(path, "anew\n");
    assertEquals(tail.read(), true);
    assertEquals(tail.lines, ["anew"]);
    await Deno.remove(path);
    assertEquals(tail.read(), true);
    assertEquals(tail.lines, []);
  });
});

Deno.test("tui: of a long log it reads the end, and keeps no more than it shows", async () => {
  await inFreshFolder(async (folder) => {
    const path = `${folder}/log`;
    await Deno.writeTextFile(path, Array.from({ length: 300_000 }, (_, i) => `line ${i}\n`).join(""));
    const tail = logTail(system, path);
    tail.read();
    assert(tail.cut);
    assert(tail.lines.length < 200_000);
    assertEquals(tail.lines.at(-1), "line 299999");
    assertEquals(/^line \d{6}$/.test(tail.lines[0]!), true, tail.lines[0]);
    await Deno.writeTextFile(path, "x".repeat(1 << 20), { append: true });
    tail.read();
    assert(tail.lines.every((line) => line.length <= 1 << 19));
  });
});
