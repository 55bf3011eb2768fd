/** Commands that make a study in the same folder at once: one does, the others report it, and nothing is lost. */

import { conduct } from "../lib/conduct/loop.ts";
import { newOrders } from "../lib/conduct/context.ts";
import { EXIT, UserError } from "../lib/errors.ts";
import { openStudy } from "../lib/study/folder.ts";
import { removeStudy } from "../lib/app/take_folder.ts";
import { realSystem } from "../lib/system.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "./assert.ts";
import { runIn } from "./maestro.ts";
import { chain, inStudyFolder, layOut, startMaestro, textOf } from "./real_study.ts";

const AT_ONCE = 8;
const spec = (cmd: string) =>
  `description: {name: same, description: d}\nstudy:\n- {name: a, description: d, run: {cmd: "${cmd}"}}\n`;

/** What is in the folder before. */
const BEFORE: Readonly<Record<string, (folder: string) => Promise<unknown> | void>> = {
  "nothing is there": () => {},
  "an empty folder is there": (folder) => Deno.mkdirSync(`${folder}/out`),
  "an ended study is there": async (folder) => {
    Deno.writeTextFileSync(`${folder}/old.yaml`, spec("true"));
    assertEquals((await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "old.yaml"])).code, 0);
  },
  "a study that was not launched is there": async (folder) => {
    Deno.writeTextFileSync(`${folder}/old.yaml`, spec("true"));
    assertEquals((await runIn(folder, ["maestro", "run", "-n", "-o", "out", "old.yaml"])).code, 0);
  },
};

for (const [what, prepare] of Object.entries(BEFORE)) {
  Deno.test(`${AT_ONCE} times run -y -o SAME at once, where ${what}`, () =>
    inStudyFolder(async (folder) => {
      await prepare(folder);
      Deno.writeTextFileSync(
        `${folder}/spec.yaml`,
        spec("echo ran >>../../ledger; until test -e ../../go; do sleep 0.1; done"),
      );
      const words = ["run", "-y", "-o", `${folder}/out`, `${folder}/spec.yaml`];
      const started = await Promise.all(
        Array.from({ length: AT_ONCE }, () => startMaestro(folder, ...words)),
      );
      const ended = await Promise.all(started.map(({ ended }) => ended));
      const codes = ended.map(({ code }) => code).sort((a, b) => a - b);
      const all = ended.map(({ said }) => said).join("\n");
      assertEquals(codes, [0, ...Array(AT_ONCE - 1).fill(EXIT.tryAgain)], all);
      for (const { code, said } of ended) {
        if (code !== 0) assertMatch(said, /Another command makes a study in|is being conducted/);
      }
      Deno.writeTextFileSync(`${folder}/go`, "");
      assertEquals((await runIn(folder, ["maestro", "wait", "out"])).code, 0);
      assertEquals(textOf(`${folder}/ledger`), "ran\n");
      const left = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => /^out/.test(name));
      assertEquals(left, ["out"]);
    }));
}

Deno.test(`${AT_ONCE} times run -n at once without a folder: each makes a study`, () =>
  inStudyFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/spec.yaml`, spec("true"));
    const started = await Promise.all(
      Array.from({ length: AT_ONCE }, () => startMaestro(folder, "run", "-n", "spec.yaml")),
    );
    for (const { code, said } of await Promise.all(started.map(({ ended }) => ended))) {
      assertEquals(code, 0, said);
    }
    const made = [...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith("same_"));
    assertEquals(made.length, AT_ONCE);
  }));

Deno.test("a study that another command has put in place is not removed", () =>
  inStudyFolder(async (folder) => {
    const system = realSystem([]);
    const root = await layOut(folder, chain("true"));
    const error = await assertRejects(() => removeStudy(system, root, "what was there before"), UserError);
    assertEquals((error as UserError).exitCode, EXIT.tryAgain);
    assert(system.facts(`${root}/.maestro/plan.json`) !== undefined);
    assert(system.facts(`${root}/.maestro/lease`) === undefined);
  }));

Deno.test("a conductor does not carry out a study in the folder of another", () =>
  inStudyFolder(async (folder) => {
    const system = realSystem([]);
    const root = await layOut(folder, chain("echo ran >>../../ledger"));
    const study = await openStudy(system, root);
    assertEquals((await runIn(folder, ["maestro", "run", "-n", "-o", root, "spec.yaml"])).code, 0);
    await Deno.remove(root, { recursive: true });
    assertEquals((await runIn(folder, ["maestro", "run", "-n", "-o", root, "spec.yaml"])).code, 0);
    const log = { debug() {}, info() {}, warning() {}, error() {}, close() {} };
    const options = { log, mode: "whole", orders: newOrders() } as const;
    const writeScript = () => "";
    await assertRejects(
      () => conduct(system, study, { ...options, isScheduled: () => false, writeScript }),
      UserError,
      "Another command makes a study",
    );
  }));
