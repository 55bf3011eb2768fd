/** Processes that leave the group of their step: nothing signals them, and `cancel` names them. */

import { assert, assertEquals, assertMatch } from "./assert.ts";
import { runIn } from "./maestro.ts";
import { inStudyFolder, startMaestro, textOf, until } from "./real_study.ts";

const SPEC = `description: {name: n, description: d}
study:
  - name: a
    description: Leaves a process of another session behind.
    run: {cmd: "setsid sh -c 'echo $$ >../../left; exec sleep 1000' & until test -e ../../never; do sleep 1; done"}
`;

/** Whether a process runs, and is no zombie. */
const lives = (pid: number) => /^State:\s*[^ZX]/m.test(textIfAny(`/proc/${pid}/status`));

function textIfAny(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

for (const words of [["cancel", "-y", "out"], ["cancel", "-y", "--step", "a", "out"]]) {
  Deno.test({
    name: `${words.join(" ")} names a process that left the group of its step, and does not signal it`,
    ignore: Deno.build.os !== "linux",
    fn: () =>
      inStudyFolder(async (folder) => {
        Deno.writeTextFileSync(`${folder}/spec.yaml`, SPEC);
        assertEquals((await runIn(folder, ["maestro", "run", "-n", "-o", "out", "spec.yaml"])).code, 0);
        const conductor = await startMaestro(`${folder}/out`, "conduct", `${folder}/out`);
        await until("the process is there", () => /^\d+\n/.test(textIfAny(`${folder}/left`)));
        const pid = Number(textOf(`${folder}/left`));
        try {
          const { code, stderr } = await runIn(folder, ["maestro", ...words]);
          assertEquals(code, 0, stderr);
          assertMatch(stderr, /cancelled/);
          assertMatch(stderr, new RegExp(`still run: ${pid} \\(sleep 1000\\) of step a\\.`));
          assert(lives(pid));
        } finally {
          Deno.kill(pid, "SIGKILL");
        }
        await conductor.ended;
      }),
  });
}
