/**
 * Studies of any size for reports, without running them: a folder that `maestro run -n` creates, and a
 * possible journal, logs and results. Nothing in it is random.
 */

import { allParents } from "../lib/plan/node_text.ts";
import { realSystem } from "../lib/system.ts";
import { openStudy } from "../lib/study/folder.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { runIn } from "./maestro.ts";

/** Slots of the imagined machine. */
const SLOTS = 24;
const START = Date.UTC(2026, 0, 31, 9, 0, 0);

/** A sweep of `reynolds` times `meshes` combinations, from preparation to a figure. */
export function sweepSpec(reynolds: number, meshes: number): string {
  const values = Array.from({ length: reynolds * meshes }, (_, i) => ({
    RE: 100 + 50 * (i % reynolds),
    MESH: 32 * (1 + Math.floor(i / reynolds)),
  }));
  const list = (key: "RE" | "MESH") => values.map((value) => value[key]).join(", ");
  return `description:
  name: lid-driven cavity
  description: Drag and residual over Reynolds number and mesh
study:
  - name: mesh
    description: Makes the mesh.
    run: {cmd: "gmsh -n $(MESH) cavity.geo"}
  - name: solve
    description: Runs the solver until the residual is small.
    run:
      cmd: "solve --re $(RE) ../mesh/$(MESH)"
      depends: [mesh]
    results:
      drag: {regex: 'drag = (\\S+)'}
      residual: {regex: 'residual = (\\S+)'}
  - name: profile
    description: Velocities along the centre lines.
    run: {cmd: "profile --re $(RE) --mesh $(MESH)", depends: [solve]}
  - name: compare
    description: Beside the published values.
    run: {cmd: "compare $(profile.workspace)", depends: [profile_*]}
global.parameters:
  RE: {values: [${list("RE")}], label: RE.%%}
  MESH: {values: [${list("MESH")}], label: MESH.%%}
`.replace(/results:\n( {6}.*\n)+/g, (text) => text);
}

/** Numbers that look like chance. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** Seconds that a step takes. */
const SECONDS: Readonly<Record<string, number>> = { mesh: 40, solve: 600, profile: 90, compare: 30 };

export interface Imagined {
  /** One in so many of `solve` fails; 0: none. */
  readonly failing: number;
  /** Whether results and logs are written. */
  readonly files: boolean;
}

/** Lays a spec out in `folder/out` and lets the study have ended; returns the study's folder. */
export async function imagineStudy(
  folder: string,
  spec: string,
  { failing, files }: Imagined,
): Promise<string> {
  await Deno.writeTextFile(`${folder}/spec.yaml`, spec);
  const { code, stderr } = await runIn(folder, ["maestro", "run", "-n", "-o", "out", "spec.yaml"]);
  if (code !== 0) throw new Error(stderr);
  const root = `${folder}/out`;
  const { plan } = await openStudy(realSystem([]), root);
  const next = dice(7);
  const lines: string[] = [];
  const note = (event: StudyEvent) => lines.push(JSON.stringify(event));
  note({ event: "taken", at: START, host: "login3", pid: 4711 });
  const free = new Float64Array(SLOTS).fill(START + 5000);
  const endOf = new Float64Array(plan.nodes.length);
  const failed = new Uint8Array(plan.nodes.length);
  let [solved, failures] = [0, 0];
  for (const node of plan.nodes) {
    const { name: step } = node.step;
    const parents = allParents(plan, node);
    let ready = START + 2000;
    let behind = false;
    for (const parent of parents) {
      ready = Math.max(ready, endOf[parent]!);
      behind ||= failed[parent] === 1;
    }
    if (behind) {
      failed[node.index] = 1;
      endOf[node.index] = ready;
      const reason = `step "${plan.nodes[parents.find((parent) => failed[parent] === 1)!]!.name}" failed`;
      note({ event: "ended", at: ready, step: node.name, state: "FAILED", reason, skipped: true });
      continue;
    }
    const slot = free.indexOf(Math.min(...free));
    const length = (SECONDS[step] ?? 10) * 1000 * (0.4 + 1.4 * next());
    const fails = step === "solve" && failing > 0 && ++solved % failing === failing - 1;
    const late = fails && failures++ % 3 === 0;
    let at = Math.max(ready + 400, free[slot]!);
    for (let attempt = 1; attempt <= (late ? 2 : 1); attempt++) {
      const jobId = String(880_000 + node.index * 2 + attempt);
      note({
        event: "submitting",
        at: attempt === 1 ? ready : at,
        step: node.name,
        attempt,
        ...attempt > 1 ? { again: "retry" } : {},
      });
      note({ event: "submitted", at: at - 300, step: node.name, jobId });
      note({ event: "started", at, step: node.name });
      at += fails ? length * 0.6 : length;
      const bad = late
        ? { state: "TIMEDOUT", reason: "over its walltime of 00:20:00" } as const
        : { state: "FAILED", exitCode: 7, reason: "exit code 7" } as const;
      if (late && attempt === 1) note({ event: "relapsed", at, step: node.name, again: "retry", ...bad });
      else if (fails) note({ event: "ended", at, step: node.name, ...bad });
      else note({ event: "ended", at, step: node.name, state: "FINISHED", exitCode: 0 });
    }
    free[slot] = at;
    endOf[node.index] = at;
    failed[node.index] = Number(fails);
    if (!files || step !== "solve") continue;
    const workspace = `${root}/${node.workspace}`;
    await Deno.mkdir(workspace, { recursive: true });
    const log = `${workspace}/${node.fileBase}${late ? ".2" : ""}.${
      880_000 + node.index * 2 + (late ? 2 : 1)
    }`;
    const residual = `residual = ${(1e-6 * (1 + next())).toExponential(3)}\n`;
    await Deno.writeTextFile(
      `${log}.out`,
      fails ? "iteration 1200\niteration 1300\n" : `drag = ${(0.1 + next() / 20).toFixed(5)}\n${residual}`,
    );
    if (fails) {
      await Deno.writeTextFile(
        `${log}.err`,
        "reading mesh\nresidual grows: 3.1e+07\n\x1b[31mdiverged\x1b[0m after 1341 iterations\n",
      );
    }
  }
  note({
    event: "closed",
    at: endOf.reduce((most, at) => Math.max(most, at), START),
    state: failed.includes(1) ? "failed" : "finished",
  });
  await Deno.writeTextFile(`${root}/.maestro/journal.jsonl`, lines.join("\n") + "\n", { append: true });
  return root;
}
