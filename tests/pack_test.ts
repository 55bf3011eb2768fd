/** Packs: who goes together, what is asked for, and the script, run for real as a scheduler would. */

import { ADAPTERS } from "../adapters/mod.ts";
import { nodeScripts } from "../lib/plan/node_script.ts";
import { workspaceOf } from "../lib/plan/node_text.ts";
import { type Member, packResources, packsOf, writePack } from "../lib/conduct/pack.ts";
import { takeScheduled } from "../lib/study/state/pack_queue.ts";
import { applyEvent, newProgress, settle } from "../lib/study/state/fold.ts";
import { guardFile } from "../lib/paths.ts";
import { realSystem } from "../lib/system.ts";
import type { Pack } from "../lib/spec/types.ts";
import type { Plan } from "../lib/plan/types.ts";
import { assert, assertEquals } from "./assert.ts";
import { makePlan, SETTINGS } from "./make.ts";
import { inFreshFolder } from "./maestro.ts";

const ADAPTER = ADAPTERS["slurm"]!;

function planOf(
  pack: Pack,
  values: readonly string[],
  cmd = "echo $(N)",
  root = "/out",
  type = "slurm",
): Plan {
  return makePlan({
    steps: [["a", cmd, [], { pack, resources: { procs: "1", walltime: "10" } }]],
    parameters: { N: values },
    more: { batch: { type } },
  }, { root });
}

function membersOf(plan: Plan): Member[] {
  return plan.nodes.map((node) => {
    const { script, request } = nodeScripts(plan, node, ADAPTER);
    const workspace = workspaceOf(plan, node);
    return { node, attempt: 1, request: { ...request, script: `${workspace}/${script.file}`, workspace } };
  });
}

Deno.test("packs are as large as may be, of nodes that ask for the same", () => {
  const members = membersOf(planOf({ most: 3, atOnce: 3 }, ["1", "2", "3", "4", "5"]));
  const sizes = (all: readonly Member[]) => packsOf(all).map((pack) => pack.map(({ node }) => node.index));
  assertEquals(sizes(members), [[0, 1, 2], [3, 4]]);
  const other = { ...members[1]!, request: { ...members[1]!.request, resources: { procs: 2 } } };
  assertEquals(sizes([members[0]!, other, ...members.slice(2)]), [[0, 2, 3], [4], [1]]);
  assertEquals(sizes([]), []);
});

Deno.test("a pack asks for those that run at a time, and for time for all", () => {
  const table: [Parameters<typeof packResources>, object][] = [
    [[{ procs: 1, walltime: "10" }, { most: 20, atOnce: 20 }, 20], {
      nodes: 1,
      procs: 20,
      walltime: "00:10:00",
    }],
    [[{ procs: 2, walltime: "10" }, { most: 20, atOnce: 8 }, 20], {
      nodes: 1,
      procs: 16,
      walltime: "00:30:00",
    }],
    [[{ nodes: 1, gpus: 1 }, { most: 4, atOnce: 2 }, 3], { nodes: 1, procs: 2, gpus: 2 }],
    [[{ procs: 3, walltime: "10" }, { most: 20, atOnce: 8 }, 1], {
      nodes: 1,
      procs: 3,
      walltime: "00:10:00",
    }],
  ];
  for (const [words, wanted] of table) assertEquals({ ...packResources(...words) }, wanted as never);
});

Deno.test("a throttle counts packs", () => {
  const plan = planOf({ most: 3, atOnce: 3 }, Array.from({ length: 12 }, (_, i) => String(i)));
  const progress = newProgress(plan, SETTINGS, () => true);
  settle(progress);
  const take = (throttle: number) => takeScheduled(progress, throttle, Infinity, () => true);
  const submit = (node: number, jobId?: string) => {
    const step = plan.nodes[node]!.name;
    applyEvent(progress, { event: "submitting", at: 0, step, attempt: 1 });
    if (jobId !== undefined) applyEvent(progress, { event: "submitted", at: 0, step, jobId });
  };
  assertEquals(take(2), [0, 1, 2, 3, 4, 5]);
  for (const node of [0, 1, 2]) submit(node, "7");
  for (const node of [3, 4, 5]) submit(node);
  assertEquals(take(2), []);
  assertEquals(take(3), [6, 7, 8]);
  assertEquals(take(Infinity), [9, 10, 11]);
});

/** Lays a pack out in a folder, and runs its script as job `id`. */
async function runPack(folder: string, cmd: string, ids: readonly string[]): Promise<string[]> {
  const plan = planOf({ most: 5, atOnce: 2 }, ["1", "2", "3", "4", "5"], cmd, folder);
  const members = membersOf(plan);
  const system = realSystem([]);
  system.makeDirectory(`${folder}/.maestro/jobs/0`);
  await Deno.copyFile(new URL("../templates/guard.sh", import.meta.url), guardFile(folder));
  for (const { node, request: { script, workspace } } of members) {
    system.makeDirectory(workspace);
    system.writeText(script, nodeScripts(plan, node, ADAPTER).script.text, 0o755);
  }
  const { script } = writePack(system, plan, ADAPTER, members, "t-0-1");
  for (const id of ids) {
    const env = { SLURM_JOB_ID: id };
    const { code, stderr } = await new Deno.Command("/bin/sh", { args: [script, "t-0-1"], cwd: "/", env })
      .output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  }
  return members.map(({ node }) => Deno.readTextFileSync(`${folder}/.maestro/jobs/0/${node.index}.1`));
}

Deno.test("a pack's script runs each member once, some at a time, with its own claim, logs and exit code", () =>
  inFreshFolder(async (folder) => {
    const cmd =
      `pwd; ls ${folder}/on* 2>/dev/null | wc -l; touch ${folder}/on$(N); sleep 0.2; rm ${folder}/on$(N)\n` +
      "[ $(N) != 3 ] || exit 4";
    const claims = await runPack(`${folder}/it's`, cmd.replaceAll(folder, `"${folder}"`), ["12"]);
    claims.forEach((claim, i) =>
      assert(
        new RegExp(`^pid \\d+\njob 12\nhost \\S+\nbegan \\d+\nended \\d+\nexit ${i === 2 ? 4 : 0}\n$`).test(
          claim,
        ),
        claim,
      )
    );
    for (const n of [1, 2, 3, 4, 5]) {
      const workspace = `${folder}/it's/a/N.${n}`;
      const [where, others] = Deno.readTextFileSync(`${workspace}/a_N.${n}.out`).trim().split("\n");
      assertEquals(where, workspace);
      assert(Number(others) < 2, others);
    }
  }));

Deno.test("a pack that its scheduler runs again leaves out what had ended, and runs what a signal ended", () =>
  inFreshFolder(async (folder) => {
    const cmd =
      `echo $(N) >> "${folder}/ledger"\n[ $(N) != 2 ] || [ -e mark ] || { touch mark; kill -TERM $$; }\n` +
      "[ $(N) != 3 ] || exit 4";
    const claims = await runPack(folder, cmd, ["12", "12", "13"]);
    assertEquals(Deno.readTextFileSync(`${folder}/ledger`).split("\n").sort().join(""), "122345");
    assertEquals(
      claims.map((claim) => claim.replace(/^(began|ended) \d+\n/gm, "").split("\n").slice(3).join(" ")),
      [
        ...["exit 0 ", "exit 143 again exit 0 ", "exit 4 ", "exit 0 ", "exit 0 "],
      ],
    );
  }));

/** A pack of three on some scheduler, its script as that scheduler would run it; what members wrote of themselves. */
async function membersOn(type: string, folder: string, armed: boolean) {
  const adapter = ADAPTERS[type]!;
  const cmd = `pwd >where; env | grep -E '^(PBS_O_WORKDIR|SLURM_SUBMIT_DIR|SGE_O_WORKDIR|LS_SUBCWD)=' >>where
env | grep -E '^(PBS_JOBNAME|SLURM_JOB_NAME|JOB_NAME|LSB_JOBNAME)=' | sed 's/.*=//' >>where; echo $(N) >>ran; echo out`;
  const plan = planOf({ most: 5, atOnce: 2 }, ["1", "2", "3"], cmd, folder, type);
  const system = realSystem([]);
  const token = "t-0-1";
  const members = plan.nodes.map((node): Member => {
    const run = { attempt: 1, retries: 0, token: `t-${node.index}-1` };
    const { script, request } = nodeScripts(plan, node, adapter, run);
    const workspace = workspaceOf(plan, node);
    system.makeDirectory(workspace);
    system.writeText(`${workspace}/${script.file}`, script.text, 0o755);
    return { node, attempt: 1, request: { ...request, script: `${workspace}/${script.file}`, workspace } };
  });
  system.makeDirectory(`${folder}/.maestro/jobs/0`);
  await Deno.copyFile(new URL("../templates/guard.sh", import.meta.url), guardFile(folder));
  const { script, workspace, jobName } = writePack(system, plan, adapter, members, token);
  const { jobIdVariables, jobNameVariables } = adapter.scheduler!;
  const name = armed ? `${jobName}+${token}` : jobName;
  const names = jobNameVariables ?? ["SLURM_JOB_NAME"];
  const output = await new Deno.Command("/bin/sh", {
    args: [script, ...(armed && !jobNameVariables ? [token] : [])],
    // PBS starts jobs in the home directory, and sets the folder of the submission in a variable.
    cwd: "/",
    env: {
      ...{ PATH: Deno.env.get("PATH")!, [jobIdVariables[0]!]: "12" },
      ...Object.fromEntries(names.map((one) => [one, jobNameVariables ? name : jobName])),
      ...(type === "pbs" ? { PBS_O_WORKDIR: workspace, PBS_ENVIRONMENT: "PBS_BATCH" } : {}),
      ...(type === "slurm" ? { SLURM_SUBMIT_DIR: workspace } : {}),
      ...(type === "sge" ? { SGE_O_WORKDIR: workspace } : {}),
      ...(type === "lsf" ? { LS_SUBCWD: workspace } : {}),
    },
    clearEnv: true,
  }).output();
  assertEquals([output.code, new TextDecoder().decode(output.stderr)], [0, ""], type);
  return members.map(({ node, request }) => ({
    node,
    request,
    workspace: request.workspace,
    where: Deno.readTextFileSync(`${request.workspace}/where`).trim().split("\n"),
    ran: Deno.readTextFileSync(`${request.workspace}/ran`),
    files: [...Deno.readDirSync(request.workspace)].map(({ name }) => name).sort(),
  }));
}

for (const type of ["slurm", "pbs", "sge", "lsf", "flux"]) {
  Deno.test(`a pack on ${type}: each member has its own folder, submit folder and name, and is claimed`, () =>
    inFreshFolder(async (folder) => {
      for (
        const { workspace, where, ran, node, request, files } of await membersOn(type, `${folder}/it's`, true)
      ) {
        assertEquals([where[0], ran], [workspace, `${node.index + 1}\n`]);
        const set = where.filter((line) => line.includes("=")).map((line) =>
          line.slice(line.indexOf("=") + 1)
        );
        assertEquals(set, type === "flux" ? [] : [workspace]);
        if (type !== "flux") assertEquals(where.at(-1), request.jobName);
        assert(
          Deno.readTextFileSync(`${folder}/it's/.maestro/jobs/0/${node.index}.1`).endsWith("\nexit 0\n"),
        );
        assert(files.some((name) => name.endsWith(".out")), files.join());
      }
    }));

  Deno.test(`a pack's script on ${type} by hand runs the scripts, and leaves the study alone`, () =>
    inFreshFolder(async (folder) => {
      for (const { workspace, where, ran, node, files } of await membersOn(type, folder, false)) {
        assertEquals([where[0], ran], [workspace, `${node.index + 1}\n`]);
        assert(!files.some((name) => /\.(?:out|err)$/.test(name)), files.join());
      }
      assertEquals([...Deno.readDirSync(`${folder}/.maestro/jobs/0`)], []);
    }));
}
