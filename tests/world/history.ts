/** One history: a study, its conductors and their deaths, a scheduler and its moods; and what must hold at the end. */

import type { Settings } from "../../lib/spec/settings.ts";
import { conduct } from "../../lib/conduct/loop.ts";
import { type ConductEnd, newOrders, type Orders } from "../../lib/conduct/context.ts";
import { decodeJournal } from "../../lib/study/journal/format.ts";
import { journalReader } from "../../lib/study/journal/reader.ts";
import type { Log } from "../../lib/log.ts";
import { workspaceOf } from "../../lib/plan/node_text.ts";
import { jobFile } from "../../lib/paths.ts";
import type { Progress } from "../../lib/study/state/progress.ts";
import { SchedulerClient } from "../../lib/conduct/scheduler/client.ts";
import { isSameState } from "../../lib/study/state/same.ts";
import { readState, replay } from "../../lib/study/journal/replay.ts";
import type { Study } from "../../lib/study/folder.ts";
import type { System } from "../../lib/system.ts";
import type { PlanNode } from "../../lib/plan/types.ts";
import type { StepRecord } from "../../lib/study/state/step_record.ts";
import { FAKE_ADAPTER } from "./scheduler.ts";
import { isScheduledStep, layOutScenario, type Scenario } from "./studies.ts";
import { type Doom, Killed, newSystem } from "./system.ts";
import { DAWN, type Host, newWorld, type Process, type World } from "./world.ts";
import { FileError } from "./files.ts";
import { seededRandom } from "./random.ts";
import { newTruth } from "./truth.ts";

/** A conductor's life. */
export interface Life {
  readonly process: Process;
  readonly doom: Doom;
  /** How it left the study; undefined when it was killed; an error when it was thrown out. */
  readonly end: Promise<ConductEnd | Error | undefined>;
  /** Its state in memory. */
  progress: Progress | undefined;
}

export interface Stage {
  readonly world: World;
  readonly scenario: Scenario;
  readonly study: Study;
  /** What conductors wrote in their logs, for those who look into a failure. */
  readonly log: string[];
  /** What every process did to the files and to the scheduler, when someone looks. */
  readonly lives: Life[];
  readonly shortens: boolean;
  readonly copies: boolean;
  /** The error of the system that writing a script gives from now on; "Error" is none of the system's. */
  scriptTrouble?: string | undefined;
}

export function newStage(seed: number, scenario: Scenario, random = seededRandom(seed)): Stage {
  const world = newWorld(random, newTruth(scenario.fates));
  const system = newSystem(world, world.spawn(world.host("login1"), ["maestro", "run"]), { calls: 0 });
  return {
    world,
    scenario,
    study: layOutScenario(system, scenario),
    log: [],
    lives: [],
    shortens: seed % 2 === 0,
    copies: seed % 3 > 0,
  };
}

export interface LifeOptions {
  readonly mode?: "whole" | "once" | "requests";
  readonly doom?: Omit<Doom, "calls">;
  readonly orders?: Orders;
  /** Settings that it changes. */
  readonly settings?: Partial<Settings>;
}

/** A process that conducts the study, from its start to its end. */
export function startLife(stage: Stage, host: Host, options: LifeOptions = {}): Life {
  const { world, study } = stage;
  const process = world.spawn(host, ["maestro", "conduct", study.root]);
  const doom: Doom = { ...options.doom, calls: 0 };
  const system = newSystem(world, process, doom);
  process.onSignal = () => world.end(process);
  let settle: (end: ConductEnd | Error | undefined) => void;
  const end = new Promise<ConductEnd | Error | undefined>((resolve) => settle = resolve);
  process.onEnd = () => settle(undefined);
  const life: Life = { process, doom, progress: undefined, end };
  conductOnce(stage, system, process, options, (progress) => life.progress = progress)
    .then(settle!, (error) => settle(error instanceof Killed ? undefined : error))
    .finally(() => world.end(process));
  stage.lives.push(life);
  return life;
}

async function conductOnce(
  stage: Stage,
  system: System,
  process: Process,
  { mode = "whole", orders = newOrders(), settings = {} }: LifeOptions,
  meet: (progress: Progress) => void,
): Promise<ConductEnd> {
  const { study } = stage;
  const { plan } = study;
  const write = (level: string) => (message: string) => {
    if (!process.dead) {
      stage.log.push(`${stamp(stage)} ${process.host.name}:${process.pid} ${level} ${message}`);
    }
  };
  const log: Log = {
    debug: write("debug"),
    info: write("info"),
    warning: write("warning"),
    error: write("error"),
    close() {},
  };
  return await conduct(system, study, {
    log,
    mode,
    orders,
    settings,
    // In every other history a journal is made shorter as often as it can be.
    journalRoom: stage.shortens ? 0 : undefined,
    // In two of three histories readers have a copy of nearly every state.
    copyEvery: stage.copies ? 1 : undefined,
    isScheduled: (node) => isScheduledStep(plan.nodes[node]!.step),
    writeScript: (node, { records }) => writeScript(stage, system, node, records[node.index]!),
    schedulerRunner(progress, wake, system) {
      meet(progress);
      const prepare = (node: PlanNode) => {
        const record = progress.records[node.index]!;
        writeScript(stage, system, node, record);
        return {
          // A fake job finds its job file by its script's name.
          script: jobFile(study.root, node.index, record.attempt) + (record.restarts > 0 ? ".restart" : ""),
          workspace: workspaceOf(plan, node),
          jobName: node.fileBase,
          resources: {},
          batch: plan.study.batch,
          out: "out",
          err: "err",
        };
      };
      return new SchedulerClient({ system, study, progress, scheduler: FAKE_ADAPTER, prepare, log, wake });
    },
  });
}

const stamp = ({ world }: Stage) => ((world.clock.now() - DAWN) / 1000).toFixed(1);

function writeScript(
  { study, scriptTrouble }: Stage,
  system: System,
  node: PlanNode,
  { restarts }: StepRecord,
): string {
  if (scriptTrouble === "Error") throw new Error("a template is wrong");
  if (scriptTrouble !== undefined) throw new FileError(scriptTrouble, "script");
  const workspace = workspaceOf(study.plan, node);
  system.makeDirectory(workspace);
  const script = `${workspace}/${node.fileBase}${restarts > 0 ? ".restart" : ""}.sh`;
  system.writeText(script, "#!/bin/sh\n", 0o744);
  return script;
}

/** The state of the journal, and the same for every reader who begins with a copy. */
export function replayed(stage: Stage): Progress {
  const { world, study } = stage;
  const process = world.spawn(world.host("reader"), []);
  const reader = newSystem(world, process, { calls: 0 });
  if (!isSameState(readState(reader, study), replay(reader, study).progress)) {
    throw new Error("a reader with a copy of the state sees something else than the journal tells");
  }
  const { progress } = replay(reader, study, (node) => isScheduledStep(study.plan.nodes[node]!.step));
  world.end(process);
  return progress;
}

/** All that the journal ever held, but for a line that does not end. */
export function journalText({ world, study }: Stage): string {
  const process = world.spawn(world.host("reader"), []);
  const text = journalReader(newSystem(world, process, { calls: 0 }), study.root)();
  world.end(process);
  return text;
}

/** What of a state a replay must give again. */
export function essence(progress: Progress): Record<string, unknown> {
  return {
    ...Object.fromEntries(
      progress.records.map((record, i) => [
        `record of ${progress.plan.nodes[i]!.name}`,
        JSON.parse(JSON.stringify(record)),
      ]),
    ),
    counts: progress.counts,
    unended: progress.unended,
    cancelling: progress.cancelling,
    settings: progress.settings,
    closed: progress.closed,
    local: [...progress.inFlight.local].sort(),
    scheduled: [...progress.inFlight.scheduled].sort(),
  };
}

/** Lines of the journal that are no events and were not torn by a death. */
export function badLines(stage: Stage): number[] {
  const { unreadable, version } = decodeJournal(journalText(stage));
  return version === 1 ? [...unreadable] : [0];
}
