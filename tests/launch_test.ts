/** A conductor in the background that ends before it has the study. */

import { launchDetached } from "../lib/app/launch.ts";
import { contextOf } from "../lib/app/context.ts";
import { EXIT, UserError } from "../lib/errors.ts";
import { openStudy } from "../lib/study/folder.ts";
import { realSystem } from "../lib/system.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "./assert.ts";
import { chain, inStudyFolder, layOut, startMaestro, timesTaken, until } from "./real_study.ts";

/** The program that is started again: it prints a line and ends with a code, as the one file does on a full disk. */
const ending = (code: number) => {
  const system = realSystem(["/bin/sh", "-c", `echo "no space left in /tmp" >&2; exit ${code}`]);
  const out = { write: () => {}, say: () => {}, isTerminal: false, columns: () => 80, rows: () => 24 };
  return contextOf({ ...system, stdout: out, stderr: out }, []);
};

Deno.test("launch: a program that cannot start itself again is no other conductor", () =>
  inStudyFolder(async (folder) => {
    const root = await layOut(folder, chain("true"));
    const context = ending(EXIT.tryAgain);
    const study = await openStudy(context.system, root);
    const error = await assertRejects(() => launchDetached(context, study), UserError);
    assertStringIncludes(error.message, "no space left in /tmp");
    assertEquals((error as UserError).exitCode, EXIT.tryAgain);
  }));

Deno.test("launch: another conductor that was faster is one", () =>
  inStudyFolder(async (folder) => {
    const root = await layOut(folder, chain("until test -e ../../go; do sleep 0.1; done"));
    const conductor = await startMaestro(root, "conduct", root);
    await until("the study is taken", () => timesTaken(root) === 1);
    const context = ending(EXIT.tryAgain);
    const study = await openStudy(context.system, root);
    assertEquals(await launchDetached(context, study), EXIT.ok);
    Deno.writeTextFileSync(`${folder}/go`, "");
    await conductor.ended;
    // It may also have come to its end.
    assertEquals(await launchDetached(context, study), EXIT.ok);
  }));
