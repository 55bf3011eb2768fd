/** Real studies conducted by real processes, for tests that kill them. */

import { parseJobFile } from "../lib/study/claims.ts";
import { binFolder, HANG_MS, inFreshFolder, runIn } from "./maestro.ts";

/** A conductor as a child of the test. */
export interface Conductor {
  readonly pid: number;
  /** Its exit code, or -1 if a signal ended it; its output. */
  readonly ended: Promise<{ readonly code: number; readonly said: string }>;
  kill(signal: Deno.Signal): void;
}

/** Those that have not ended. */
const conductors = new Set<Conductor>();

/** Starts `maestro` in a folder and does not wait for it. */
export async function startMaestro(folder: string, ...args: string[]): Promise<Conductor> {
  const child = new Deno.Command(`${await binFolder()}/maestro`, {
    args,
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", USER: "someone", TZ: "UTC" },
  }).spawn();
  const text = new TextDecoder();
  const conductor: Conductor = {
    pid: child.pid,
    ended: child.output().then(({ code, signal, stdout, stderr }) => {
      conductors.delete(conductor);
      return { code: signal === null ? code : -1, said: text.decode(stdout) + text.decode(stderr) };
    }),
    kill(signal) {
      try {
        Deno.kill(child.pid, signal);
      } catch {
        // It was faster.
      }
    },
  };
  conductors.add(conductor);
  return conductor;
}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + HANG_MS;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`after ${HANG_MS / 1000} s still not: ${what}`);
    await pause(10);
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Lays a study out in `<folder>/out`, and starts nothing. */
export async function layOut(folder: string, spec: string, ...flags: string[]): Promise<string> {
  await Deno.writeTextFile(`${folder}/spec.yaml`, spec);
  const { code, stderr } = await runIn(folder, ["maestro", "run", "-n", ...flags, "-o", "out", "spec.yaml"]);
  if (code !== 0) throw new Error(`maestro run: exit ${code}\n${stderr}`);
  return `${folder}/out`;
}

/** Lines of the study's journal. */
export function journalLines(root: string): string[] {
  return textOf(`${root}/.maestro/journal.jsonl`).split("\n");
}

/** A file's text; empty where there is none. */
export function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** How often conductors took the study. */
export const timesTaken = (root: string) =>
  journalLines(root).filter((line) => line.includes('"taken"')).length;

export const hasEvent = (root: string, event: string, step = "") =>
  journalLines(root).some((line) => line.includes(`"event":"${event}"`) && line.includes(step));

/** The process that holds the claim to a node's first attempt, once it has written it. */
export function runnerOf(root: string, node: number): number | undefined {
  return parseJobFile(textOf(`${root}/.maestro/jobs/0/${node}.1`)).pid;
}

/** Calls `body` with a fresh folder; what a test that failed left running of `<folder>/out` is ended. */
export function inStudyFolder(body: (folder: string) => Promise<void>): Promise<void> {
  return inFreshFolder(async (folder) => {
    const before = new Set(conductors);
    try {
      await body(folder);
    } finally {
      for (const conductor of conductors) if (!before.has(conductor)) conductor.kill("SIGKILL");
      endSteps(`${folder}/out/.maestro/jobs/0`);
    }
  });
}

function endSteps(jobs: string): void {
  for (const { name } of existing(jobs)) {
    const { pid, exitCode } = parseJobFile(textOf(`${jobs}/${name}`));
    if (pid === undefined || exitCode !== undefined) continue;
    try {
      Deno.kill(-pid, "SIGKILL");
    } catch {
      // It has ended, and so has all that it started.
    }
  }
}

function existing(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return [];
  }
}

/** Whether a process lives (and is no zombie). */
export function isAlive(pid: number): boolean {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat !== "" && !/\) [ZX] /.test(stat);
}

/** A spec of independent steps, one for each number up to `count`. */
export const sweep = (count: number, cmd: string) =>
  `description:
  name: sweep
  description: A study for a test.

study:
  - name: work
    description: Does something.
    run:
      cmd: |
        ${cmd}

global.parameters:
  N:
    values: [${Array.from({ length: count }, (_, i) => i + 1).join(", ")}]
    label: N.%%
`;

/** A spec of steps that each wait for the one before. */
export const chain = (...cmds: string[]) =>
  `description:
  name: chain
  description: A study for a test.

study:
` + cmds.map((cmd, i) =>
    `  - name: s${i + 1}
    description: Does something.
    run:
      cmd: |
        ${cmd}
${i > 0 ? `      depends: [s${i}]\n` : ""}`
  ).join("");
