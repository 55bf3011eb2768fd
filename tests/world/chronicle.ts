/** A random history, from its seed: what goes wrong when, who dies where, and whether all held. */

import { EXIT, UserError } from "../../lib/errors.ts";
import { makeRequest, type StudyRequest } from "../../lib/study/requests.ts";
import { awaitsUser } from "../../lib/study/state/ready.ts";
import { rerunSet } from "../../lib/conduct/requested.ts";
import { codeOf } from "../../lib/system.ts";
import { checkHistory } from "./checks.ts";
import { type Life, newStage, replayed, type Stage, startLife } from "./history.ts";
import { type Random, seededRandom } from "./random.ts";
import { GOOD_HABITS, type Habits } from "./scheduler.ts";
import { randomScenario, ROOT } from "./studies.ts";
import { newSystem } from "./system.ts";
import { DAWN, type Host, type World } from "./world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** After this much calm every study must have ended. */
const PATIENCE = 12 * HOUR;

/** What a history may be excused for. */
export interface Circumstances {
  /** Someone asked for steps not to run, or to run again. */
  asked: boolean;
  /** Among that: steps that had ended. */
  reran: boolean;
  /** A machine lost its power: its processes, and what it had not synced. */
  powerLost: boolean;
  /** Two conductors at once, because one was frozen for long. */
  overtaken: boolean;
  /** The disk was full or broken for a while. */
  diskTrouble: boolean;
  /** For a requeued job, the scheduler reports a failed node, and may correct that late. */
  misleading: boolean;
  /**
   * Jobs record at once when they began and ended, each by a clock that runs at the same speed as the others.
   */
  exactTimes: boolean;
}

export interface Chronicle {
  readonly stage: Stage;
  readonly circumstances: Circumstances;
  readonly kills: number;
}

/** Lives through a history; throws if something did not hold. */
export async function liveThrough(seed: number, look?: (stage: Stage) => void): Promise<Chronicle> {
  const random = seededRandom(seed);
  const diskTrouble = random.chance(0.15);
  const scenario = randomScenario(random, diskTrouble);
  const stage = newStage(seed, scenario);
  look?.(stage);
  const { world } = stage;
  world.oversleepMs = random.pick([0, 1500, 6000]);
  const calmAt = DAWN + random.pick([2, 10, 30]) * MINUTE;
  const circumstances: Circumstances = {
    asked: false,
    reran: false,
    powerLost: false,
    overtaken: false,
    diskTrouble: false,
    misleading: false,
    exactTimes: false,
  };
  badHabits(random, world, calmAt, diskTrouble, circumstances);
  circumstances.misleading = world.scheduler.habits.showsRequeueAsEnd > 0;
  if (random.chance(0.15)) askThings(random, stage, circumstances);
  for (const hours of [1, 3, 6]) releaseUnclear(stage, calmAt + hours * HOUR);
  if (random.chance(0.3)) setClocks(random, world, circumstances);
  if (diskTrouble) troubleTheDisk(random, world, calmAt, circumstances);
  const last = await world.clock.run(conductors(random, stage, circumstances), calmAt + PATIENCE);
  world.files.trouble = world.files.readTrouble = undefined;
  checkHistory(stage, circumstances, last);
  return { stage, circumstances, kills: stage.lives.length - 1 };
}

function badHabits(
  random: Random,
  world: World,
  calmAt: number,
  remembers: boolean,
  circumstances: Circumstances,
): void {
  const some = (probability: number, value: number) => random.chance(probability) ? value : 0;
  const wild = random.chance(0.7) ? 1 : 0;
  const habits: Habits = {
    acceptsSilently: some(0.4 * wild, 0.3),
    dropsSilently: some(0.3 * wild, 0.3),
    loses: some(0.15 * wild, 0.3),
    deletes: some(0.15 * wild, 0.2),
    breaks: some(0.15 * wild, 0.3),
    refusesForNow: some(0.2 * wild, 0.3),
    refuses: 0,
    swallows: some(0.2 * wild, 0.4),
    lateMs: some(0.3, random.pick([1000, 30_000, 300_000])),
    fails: some(0.5 * wild, random.pick([0.1, 0.5])),
    banners: some(0.3, 0.5),
    oddWords: some(0.2 * wild, 0.2),
    queueLagMs: some(0.4, random.pick([3000, 50_000])),
    accountingLagMs: some(0.5, random.pick([3000, 50_000])),
    hidesMs: some(0.2 * wild, 50_000),
    forgetsMs: remembers ? HOUR : random.pick([5000, 60_000, HOUR]),
    fileLagMs: some(0.3, random.pick([2000, 50_000])),
    skewMs: some(0.3, random.pick([2000, 300_000])),
    showsRequeueAsEnd: some(0.3 * wild, 0.5),
    oddClaims: some(0.25, 0.5),
    reusesIds: some(0.2, 0.3),
    slots: random.pick([1, 3, 20]),
    mostJobs: random.chance(0.2) ? random.between(1, 3) : Infinity,
  };
  world.scheduler.habits = habits;
  circumstances.exactTimes = habits.fileLagMs === 0 && habits.oddClaims === 0;
  for (let outages = some(0.3 * wild, 2); outages > 0; outages--) {
    const from = random.between(0, calmAt - DAWN);
    world.clock.after(from, () => world.scheduler.down = true);
    world.clock.after(from + random.between(1, calmAt - DAWN - from), () => world.scheduler.down = false);
  }
  world.clock.at(calmAt, () => {
    world.scheduler.down = false;
    world.scheduler.habits = { ...GOOD_HABITS, slots: habits.slots, skewMs: habits.skewMs };
  });
}

function troubleTheDisk(
  random: Random,
  { clock, files }: World,
  calmAt: number,
  circumstances: Circumstances,
): void {
  circumstances.diskTrouble = true;
  for (let times = random.between(1, 3); times > 0; times--) {
    const from = random.between(0, calmAt - DAWN);
    const reading = random.chance(0.3);
    const until = from + random.between(1, reading ? 60_000 : calmAt - DAWN - from);
    const code = random.pick(
      reading
        ? ["ESTALE", "EIO", "ENFILE", "EREMOTEIO", "EHOSTDOWN"]
        : ["ENOSPC", "EDQUOT", "EIO", "EROFS", "ENOLINK", "ESHUTDOWN"],
    );
    clock.after(from, () => reading ? files.readTrouble = code : files.trouble = code);
    clock.after(until, () => reading ? files.readTrouble = undefined : files.trouble = undefined);
  }
  clock.at(calmAt, () => files.trouble = files.readTrouble = undefined);
}

/** Clocks of hosts and of the file server differ, and somebody sets them. */
function setClocks(random: Random, world: World, circumstances: Circumstances): void {
  const far = () => random.pick([-HOUR, -4 * MINUTE, 0, 4 * MINUTE, HOUR]);
  const hosts = ["login1", "login2", "laptop", "reader"].map(world.host);
  const set = () => {
    for (const host of hosts) if (random.chance(0.5)) host.clockSetBy = far();
    if (random.chance(0.3)) world.server.setBy = far();
  };
  set();
  for (let times = random.between(0, 4); times > 0; times--) {
    // Then nobody knows how long a study was without a conductor.
    circumstances.exactTimes = false;
    world.clock.after(random.between(0, 20 * MINUTE), set);
  }
}

/** Users come by. */
function askThings(random: Random, stage: Stage, circumstances: Circumstances): void {
  const { world, study } = stage;
  const names = study.plan.nodes.map(({ name }) => name);
  const ask = (request: StudyRequest) => void leaveRequest(world, request);
  const when = () => random.between(0, 5 * MINUTE);
  const kind = random.between(0, 3);
  if (kind === 0) {
    circumstances.asked = true;
    world.clock.after(when(), () => ask({ ask: "cancel" }));
  } else if (kind === 1) {
    circumstances.asked = true;
    world.clock.after(when(), () => ask({ ask: "cancel", steps: [random.pick(names)] }));
  } else if (kind === 2) {
    const from = when();
    world.clock.after(from, () => ask({ ask: "hold", steps: names }));
    // The user may release before the hold was seen, and does so again.
    for (let again = 1; again <= 3; again++) {
      world.clock.after(from + again * HOUR, () => ask({ ask: "release", steps: names }));
    }
  } else {
    world.clock.after(when(), () => ask({ ask: "update", settings: { sleep: random.between(1, 60) } }));
  }
}

/** A user lets steps start that wait because their submissions stayed unclear. */
function releaseUnclear(stage: Stage, at: number): void {
  const { world, study } = stage;
  world.clock.at(at, () => {
    const waiting = replayed(stage).records.flatMap((record, i) =>
      !record.over && awaitsUser(record) ? [study.plan.nodes[i]!.name] : []
    );
    if (waiting.length > 0) leaveRequest(world, { ask: "release", steps: waiting });
  });
}

/** Whether the disk took it. */
function leaveRequest(world: World, request: StudyRequest): boolean {
  const user = world.spawn(world.host("laptop"), ["maestro", request.ask]);
  try {
    makeRequest(newSystem(world, user, { calls: 0 }), ROOT, request);
    return true;
  } catch {
    return false;
  } finally {
    world.end(user);
  }
}

/** Asks for all that has not finished to run again. */
function rerun(stage: Stage, circumstances: Circumstances): boolean {
  const progress = replayed(stage);
  const failed = progress.records.flatMap(({ state }, i) => state === "FINISHED" ? [] : [i]);
  const steps = rerunSet(progress, failed, true).map((node) => stage.study.plan.nodes[node]!.name);
  if (steps.length === 0 || !leaveRequest(stage.world, { ask: "rerun", steps })) return false;
  circumstances.asked = circumstances.reran = true;
  return true;
}

/** One conductor after the other, until the study has ended. */
async function conductors(random: Random, stage: Stage, circumstances: Circumstances): Promise<Life> {
  const { world } = stage;
  // Of a process on another machine nobody knows whether it was killed (docs/reliability.md).
  const powerLoss = random.chance(0.06);
  const oneHost = powerLoss || stage.scenario.fates.flat().some(({ kind }) => kind === "killed");
  const hosts = oneHost
    ? [world.host("login1")]
    : [world.host("login1"), world.host("login1"), world.host("login2")];
  const wait = (ms: number) => new Promise<void>((resolve) => world.clock.after(ms, resolve));
  const ticks = random.chance(0.15);
  let reruns = random.chance(0.1) ? 1 : 0;
  let kills = random.pick([0, 1, 2, 4, 8]);
  if (powerLoss) losePowerSometime(random, world, hosts[0]!, circumstances);
  if (!oneHost && random.chance(0.12)) freezeSometime(random, stage, circumstances);
  if (random.chance(0.2)) rivals(random, stage, hosts);
  for (;;) {
    const killed = kills-- > 0;
    const life = startLife(stage, random.pick(hosts), {
      mode: ticks ? "once" : "whole",
      doom: killed ? { atCall: Math.ceil(Math.exp(random.next() * Math.log(ticks ? 100 : 3000))) } : {},
    });
    if (killed && random.chance(0.3)) {
      world.clock.after(random.between(0, 3 * MINUTE), () => life.process.onSignal?.("SIGKILL"));
    }
    const end = await life.end;
    allowed(end, circumstances);
    if (typeof end === "string" && !["unfinished", "unreachable"].includes(end)) {
      if (reruns-- <= 0 || !rerun(stage, circumstances)) return life;
    }
    await wait(ticks ? 30_000 : random.pick([0, 1000, 60_000, 300_000]));
  }
}

/** A refusal must have a reason. */
function allowed(end: Awaited<Life["end"]>, { diskTrouble }: Circumstances): void {
  if (!(end instanceof Error)) return;
  if (end instanceof UserError && end.exitCode === EXIT.tryAgain) return;
  if (diskTrouble && codeOf(end) !== undefined) return;
  throw new Error(`a conductor threw: ${end.stack}`);
}

function losePowerSometime(random: Random, world: World, host: Host, circumstances: Circumstances): void {
  world.clock.after(random.between(0, 10 * MINUTE), () => {
    circumstances.powerLost = true;
    world.losePower(host);
  });
}

/** A conductor is suspended for so long that another host takes the study. */
function freezeSometime(random: Random, stage: Stage, circumstances: Circumstances): void {
  const { world } = stage;
  world.clock.after(random.between(0, 3 * MINUTE), () => {
    const life = stage.lives.at(-1);
    if (!life || life.process.dead) return;
    circumstances.overtaken = true;
    life.process.frozenUntil = world.clock.now() + random.between(4, 10) * MINUTE;
    const other = life.process.host.name === "login2" ? "login1" : "login2";
    for (const after of [190_000, 230_000]) {
      world.clock.after(after, () => {
        startLife(stage, world.host(other)).end.then((end) => allowed(end, circumstances));
      });
    }
  });
}

/** Others try to take the study while it is conducted. */
function rivals(random: Random, stage: Stage, hosts: readonly Host[]): void {
  const { world } = stage;
  for (let times = random.between(1, 4); times > 0; times--) {
    world.clock.after(random.between(0, 4 * MINUTE), () => {
      startLife(stage, random.pick(hosts), { mode: random.pick(["whole", "once"]) });
    });
  }
}
