/** The library, and the examples in its documentation. */

import {
  conduct,
  create,
  load,
  newOrders,
  open,
  plan,
  status,
  type System,
  thisMachine,
  UserError,
} from "../mod.ts";
import { assert, assertEquals, assertRejects } from "./assert.ts";

const SPEC = `
description: {name: two steps, description: d}
env: {variables: {WHO: world}}
batch: {type: slurm, host: h, bank: b, queue: q}
study:
- {name: say, description: d, run: {cmd: "echo $(WHO) $(N) > said"}}
- {name: check, description: d, run: {cmd: "grep -q 2 $(say.workspace)/said", depends: [say]}}
- {name: big, description: d, run: {cmd: "$(LAUNCHER) ./x", nodes: 2, depends: [check_*]}}
global.parameters: {N: {values: [1, 2], label: N.%%}}
`;
const LOCAL = SPEC.replace("type: slurm", "type: local").replace("$(LAUNCHER) ./x", "true");

async function inFolder(work: (system: System, folder: string) => Promise<void>): Promise<void> {
  const system = thisMachine();
  const folder = system.makeTempDirectory("maestro_mod_");
  try {
    await work(system, folder);
  } finally {
    system.removeTree(folder);
  }
}

Deno.test("mod: a plan has every node, its script for its scheduler, and writes nothing", async () => {
  await inFolder(async (system, folder) => {
    const root = `${folder}/study`;
    const { loaded, problems } = await load(system, SPEC, { root });
    assertEquals(problems, []);
    const steps = [...plan(loaded!)];
    assertEquals(steps.map(({ name, parents, scheduled }) => [name, parents, scheduled]), [
      ["say_N.1", [], false],
      ["say_N.2", [], false],
      ["check_N.1", ["say_N.1"], false],
      ["check_N.2", ["say_N.2"], false],
      ["big", ["check_N.1", "check_N.2"], true],
    ]);
    const [say, , , , big] = steps;
    assertEquals([say!.cmd, say!.workspace, say!.params], ["echo world 1 > said", `${root}/say/N.1`, {
      N: "1",
    }]);
    assertEquals([big!.cmd, big!.resources], ["$(LAUNCHER) ./x", { nodes: 2 }]);
    assert(big!.script.text.endsWith("\nsrun -N 2 ./x\n"), big!.script.text);
    assertEquals(system.list(folder), []);
  });
});

Deno.test("mod: the spec's folder and numbered workspaces are as asked for", async () => {
  const spec = SPEC.replace("echo $(WHO)", "cat $(SPECROOT)/x");
  const { loaded } = await load(thisMachine(), spec, {
    root: "/out",
    specRoot: "/specs",
    hashWorkspaces: true,
  });
  const [say] = [...plan(loaded!)];
  assertEquals(say!.cmd, "cat /specs/x 1 > said");
  assertEquals(say!.workspace, "/out/say/say_instance_0");
});

Deno.test("mod: problems have places; a dependency that is not there is one", async () => {
  const spec = SPEC.replace("[say]", "[sya]").replace(
    "env: {",
    "env: {dependencies: {paths: [{name: L, path: nix}]}, ",
  );
  const { loaded, problems } = await load(thisMachine(), spec, { root: "/out", specRoot: "/nowhere" });
  assertEquals(loaded, undefined);
  const errors = problems.filter(({ level }) => level === "error");
  assertEquals(errors.map(({ message, line }) => `${line}: ${message}`), [
    '3: Path dependency "L" does not exist: /nowhere/nix',
    '7: Unknown step "sya" in "depends" of step "check"',
  ]);
});

Deno.test("mod: a study is carried out, reports its state, and is found again", async () => {
  await inFolder(async (system, folder) => {
    const root = `${folder}/study`;
    const { loaded } = await load(system, LOCAL, { root });
    const study = await create(system, loaded!, { localJobs: 1 });
    assertEquals((await status(system, root)).state, "initialized");
    assertEquals(await conduct(system, study), "failed");
    const view = await status(system, root);
    assertEquals([view.state, view.counts], ["failed", { FINISHED: 3, FAILED: 2 }]);
    const failed = view.steps.filter(({ state }) => state === "FAILED");
    assertEquals(failed.map(({ name, reason }) => [name, reason]), [
      ["check_N.1", "exit code 1"],
      ["big", 'step "check_N.1" failed'],
    ]);
    // Again: it is what it is.
    const again = await open(system, root);
    assertEquals(JSON.stringify(again.plan.study), JSON.stringify(study.plan.study));
    assertEquals(await conduct(system, again), "failed");
    // A folder that is in use is not taken.
    const error = await assertRejects(async () => await create(system, loaded!), UserError);
    assertEquals(error.message, `${root} is not empty, and is not a study`);
  });
});

Deno.test("mod: a stopped conductor leaves the study for the next one", async () => {
  await inFolder(async (system, folder) => {
    const { loaded } = await load(system, LOCAL, { root: `${folder}/study` });
    const study = await create(system, loaded!);
    const orders = newOrders();
    orders.stop = true;
    assertEquals(await conduct(system, study, { orders }), "unfinished");
    assertEquals((await status(system, study.root)).state, "stalled");
    assertEquals(await conduct(system, study), "failed");
  });
});

Deno.test("mod: no study is no study", async () => {
  await inFolder(async (system, folder) => {
    await assertRejects(() => status(system, folder), UserError, `No study in ${folder}`);
    await assertRejects(() => open(system, `${folder}/nowhere`), UserError);
  });
});
