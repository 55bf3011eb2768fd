/** Tries one point: a command with a fault, then `resume` without one; returns all that is wrong afterwards. */

import { countedIn, type Fault } from "./library.ts";
import type { Point } from "./points.ts";
import type { Scene } from "./scenes.ts";
import { type Ended, noneLeft, processesOf, type Stage, type Started, tryTo } from "./stage.ts";

/** Whatever takes longer hangs. */
const LIMIT_MS = 60_000;
/** A fault that lasts until `resume` is kept this long before its conductor is asked to end. */
const BORN_MS = 1500;

/** Exit codes that are documented, but for that of a bug. */
const CODES = [0, 1, 2, 3, 4, 64, 65, 66, 73, 75, 77, 78, 130, 143];

export function faultOf(scene: Scene, folder: string, point?: Omit<Point, "scene">): Fault {
  const programs = scene.meets === "program" ? ["deno", "maestro"] : ["sh", "setsid"];
  const path = scene.reads || scene.before === "spec" ? folder : `${folder}/out`;
  return {
    programs,
    // The commands of the fake scheduler, too, are shells: only the guard's own files are met.
    path: scene.meets === "shells" && scene.scheduler === "slurm" ? `${folder}/out/.maestro` : path,
    state: `${folder}.state`,
    ...(point === undefined ? {} : {
      ...{ call: point.call, errno: point.errno, first: point.first },
      ...(point.duration === "two seconds" ? { ms: 2000 } : {}),
      ...(point.duration === "until resume" ? { until: `${folder}.resume` } : {}),
    }),
  };
}

export async function tryPoint(scene: Scene, stage: Stage, point: Omit<Point, "scene">): Promise<string[]> {
  const { folder } = stage;
  const wrong: string[] = [];
  const ended = await withFault(scene, stage, faultOf(scene, folder, point), wrong);
  const hits = countedIn(`${folder}.state`).hits;
  if (hits === 0) return wrong.length > 0 ? wrong : ["NOT HIT"];
  const told = (text: string) =>
    wrong.push(`${text}\n    ${ended.said.trimEnd().replaceAll("\n", "\n    ")}`);
  if (!CODES.includes(ended.code) && ended.code !== -1) told(`exit code ${ended.code}`);
  if (isBug(ended.said)) told("it calls itself a bug");
  if (scene.reads) {
    if (processesOf(folder).length > 0) wrong.push("it leaves processes");
  } else await settle(scene, stage, ended, wrong);
  // What cannot be removed stays, and is named.
  wrong.push(...leftOvers(folder).filter((path) => !(path.includes("doctor") && point.duration !== "once")));
  if (wrong.length > 0 && !wrong.some((text) => text.includes(ended.said.trimEnd()))) {
    wrong.push(`exit code ${ended.code}: ${ended.said.trimEnd().replaceAll("\n", "\n    ")}`);
  }
  return wrong;
}

/** Runs the command of a scene; what does not end because of the fault is ended. */
async function withFault(scene: Scene, stage: Stage, fault: Fault, wrong: string[]): Promise<Ended> {
  const { folder } = stage;
  const started = stage.start(scene.args, fault);
  const over = { command: false };
  const ended = started.ended.finally(() => over.command = true);
  const isOver = () => over.command && (!scene.detached || processesOf(folder).length === 0);
  const deadline = Date.now() + LIMIT_MS;
  let hitAt: number | undefined;
  while (!isOver()) {
    await pause(scene.detached ? 50 : 20);
    if (hitAt === undefined && countedIn(fault.state).hits > 0) hitAt = Date.now();
    if (fault.until && hitAt !== undefined && Date.now() - hitAt > BORN_MS) {
      endAll(folder, started, "SIGTERM");
      await Promise.race([ended, pause(5000)]);
      if (!over.command) endAll(folder, started, "SIGKILL");
      break;
    }
    if (Date.now() < deadline) continue;
    wrong.push(`it hangs: ${processesOf(folder).map(({ words }) => words.slice(0, 200)).join("; ")}`);
    endAll(folder, started, "SIGKILL");
    break;
  }
  if (fault.until) Deno.writeTextFileSync(fault.until, "");
  return await ended;
}

/** Ends conductors, and no steps: those go on. */
function endAll(folder: string, started: Started, signal: Deno.Signal): void {
  started.kill(signal);
  for (const { pid, words } of processesOf(folder)) {
    if (words.includes("cli.ts")) tryTo(() => Deno.kill(pid, signal));
  }
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

const isBug = (text: string) => /This is a bug|\n\s+at .*\.[jt]s:\d+/.test(text);

/** After the fault: does what its command did not promise, takes the study up, and looks at how it ended. */
async function settle(scene: Scene, stage: Stage, { code, said }: Ended, wrong: string[]): Promise<void> {
  const { folder } = stage;
  const journal = () => tryTo(() => Deno.readTextFileSync(`${folder}/out/.maestro/journal.jsonl`)) ?? "";
  if (!await noneLeft(folder, LIMIT_MS)) wrong.push(`processes go on: ${wordsOf(folder)}`);
  if (scene.promises && code === 0 && !scene.promises.test(journal())) {
    wrong.push(`exit code 0, but it has not happened: ${said}`);
  }
  if (
    scene.before === "spec" && tryTo(() => Deno.statSync(`${folder}/out/.maestro/plan.json`)) === undefined
  ) {
    if (code === 0) wrong.push("exit code 0, but there is no study");
    const isKilled = code === -1 || code === 143;
    if (!isKilled && tryTo(() => Deno.statSync(`${folder}/out`)) !== undefined) {
      wrong.push(...treeOf(`${folder}/out`));
    }
    return;
  }
  const follow = async (...args: string[]) => {
    const started = stage.start(args);
    const limit = setTimeout(() => {
      wrong.push(`${args[0]} hangs afterwards`);
      started.kill("SIGKILL");
    }, LIMIT_MS);
    const ended = await started.ended;
    clearTimeout(limit);
    if (isBug(ended.said) || ended.code === 70) wrong.push(`${args.join(" ")}: ${ended.code} ${ended.said}`);
    return ended;
  };
  if (/hold|held|release/.test(scene.name + scene.before)) {
    // A command that was killed may leave its request.
    await follow("conduct", "--once", "out");
    await follow("release", "out");
  }
  await follow("conduct", "out");
  if (scene.before === "failed" && !/"event":"reset"/.test(journal())) {
    await follow("rerun", "out");
    await noneLeft(folder, LIMIT_MS);
  }
  if (!await noneLeft(folder, LIMIT_MS)) wrong.push(`processes go on: ${wordsOf(folder)}`);
  wrong.push(...judge(scene, folder, journal()));
}

const wordsOf = (folder: string) => processesOf(folder).map(({ words }) => words.slice(0, 200)).join("; ");

/** How the study ended. */
function judge(scene: Scene, folder: string, journal: string): string[] {
  const wrong: string[] = [];
  const ran = (tryTo(() => Deno.readTextFileSync(`${folder}/ledger`)) ?? "").split("\n").filter(Boolean)
    .sort();
  const end = [...journal.matchAll(/"event":"closed".*"state":"(\w+)"/g)].at(-1)?.[1];
  const isCancelled = scene.cancels && /"event":"cancelling"|"CANCELLED"/.test(journal);
  if (new Set(ran).size < ran.length) wrong.push(`steps ran twice: ${ran}`);
  else if (!isCancelled && ran.join("") !== "abc") wrong.push(`steps that ran: ${ran}`);
  if (end !== "finished" && !isCancelled) wrong.push(`the study is ${end ?? "not closed"}`);
  for (const line of journal.split("\n")) {
    // Step b of a study that had failed did so by itself.
    if (!/"state":"(FAILED|TIMEDOUT|HWFAILURE)"/.test(line)) continue;
    if (!(/failed|asked/.test(scene.before) && /"step":"b"/.test(line))) wrong.push(line);
  }
  if (wrong.length > 0) {
    const log = tryTo(() => Deno.readTextFileSync(`${folder}/out/logs/trio.log`)) ?? "";
    wrong.push(log.split("\n").slice(-25).join("\n    "));
  }
  return wrong;
}

/** Files that nobody needs any more. */
function leftOvers(folder: string): string[] {
  const unwanted = /\.tmp$|\/lease|journal\.next|\/requests\/.|\.cancel\.lock|\.update\.lock|^\/tmp\/./;
  return treeOf(folder).map((path) => path.slice(folder.length)).filter((path) => unwanted.test(path))
    .map((path) => `it leaves ${path}`);
}

function treeOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? [path, ...treeOf(path)] : [path];
  });
}
