/** Turns the state of a study into the view of it for readers. */

import { paramsOf } from "../plan/node_text.ts";
import { nameAt, nodeOf, workspaceAt } from "../plan/plan_nodes.ts";
import { ranFor } from "../study/attempt.ts";
import { attemptsOf, attemptsOfLife, lastAttempt, usedBy } from "../study/state/attempts.ts";
import { studyEnd } from "../study/state/outcome.ts";
import { isSatisfied } from "../study/state/ready.ts";
import type { Usage } from "../study/usage.ts";
import type { Columns } from "../study/state/step_columns.ts";
import type { Progress } from "../study/state/progress.ts";
import { queued } from "../study/queue_look.ts";
import { shownFacts } from "../study/study_facts.ts";
import type { ConductorView } from "../study/lease.ts";
import type { PlanStep } from "../plan/types.ts";
import type { EndedBy, StatusAttempt, StatusStep, StatusTotals, StatusView } from "./status_view.ts";
import { endedBy, failuresAmong, sumOfTallies, tallyOf } from "./tally.ts";
import { type Waiting, Waits } from "./waiting.ts";
import { type StepState, STUDY_STATE, type StudyState } from "../study/states.ts";

/** The view of a study at a time. */
export function statusView(progress: Progress, conductor: ConductorView, now: number): StatusView {
  const { plan } = progress;
  const state = studyState(progress, conductor, now);
  const waits = new Waits(progress, now, () => haltOf(progress, state, conductor));
  const moment = { progress, now, waits };
  let totals: StatusTotals | undefined;
  let steps: StatusStep[] | undefined;
  function* eachStep(): Iterable<StatusStep> {
    for (const step of plan.steps) {
      for (let node = step.first; node < step.end; node++) yield new StatusRow(moment, step, node);
    }
  }
  return {
    study: plan.study.name,
    directory: plan.study.root,
    state,
    conductor: state === "running" ? conductor : withoutTroubles(conductor),
    facts: shownFacts(progress, conductor.alive),
    ...(progress.look.at === undefined ? {} : { askedAt: progress.look.at }),
    ...(progress.original ? { originalAt: progress.taken?.at ?? 0 } : {}),
    counts: progress.counts,
    get tally() {
      return sumOfTallies(this.totals.ofStep.map(({ tally }) => tally));
    },
    get totals() {
      return totals ??= totalsOf(progress);
    },
    get steps() {
      return steps ??= [...eachStep()];
    },
    eachStep,
  };
}

/** From the columns alone: of a large study, records and rows are many objects. */
function totalsOf(progress: Progress): StatusTotals {
  const { plan, columns } = progress;
  const { state, submittedAt, endedAt, stuck } = columns;
  let start = Infinity;
  let end = -Infinity;
  const byReason = new Map<string, number[]>();
  const ofStep = plan.steps.map(({ name, first, end: behind }) => {
    const counts: Partial<Record<StepState, number>> = {};
    for (let node = first; node < behind; node++) {
      const word = state.get(node);
      counts[word] = (counts[word] ?? 0) + 1;
      const submitted = submittedAt.get(node);
      if (submitted !== undefined && submitted < start) start = submitted;
      const ended = endedAt.get(node);
      if (ended !== undefined && ended > end) end = ended;
      const reason = stuck.get(node);
      if (reason === undefined) continue;
      const alike = byReason.get(reason);
      if (alike) alike.push(node);
      else byReason.set(reason, [node]);
    }
    const tally = tallyOf(counts, failuresAmong(columns, counts, first, behind));
    return { name, total: behind - first, counts, tally };
  });
  return {
    steps: plan.size,
    ...(start === Infinity ? {} : { submittedAt: start }),
    ...(end === -Infinity ? {} : { endedAt: end }),
    ofStep,
    stuck: [...byReason].map(([reason, nodes]) => ({
      reason,
      first: plan.nodes[nodes[0]!]!.name,
      nodes: nodes.length,
    })),
    ...queueOf(progress),
  };
}

/** Jobs that wait or are suspended, by reason, the most frequent first; nothing if there are none. */
function queueOf({ look, columns }: Progress): Pick<StatusTotals, "queue"> {
  const { at, jobs } = look;
  if (at === undefined) return {};
  const waiting = new Map<string, number>();
  const paused = new Map<string, number>();
  let firstStartAt = Infinity;
  for (const [node, job] of jobs) {
    const state = columns.state.get(node);
    if (job.attempt !== columns.attempt.get(node)) continue;
    if (state === "RUNNING" && job.paused !== undefined) count(paused, job.paused);
    if (state !== "PENDING" || job.reason === undefined) continue;
    count(waiting, job.reason);
    firstStartAt = Math.min(firstStartAt, job.expectedStartAt ?? Infinity);
  }
  if (waiting.size + paused.size === 0) return {};
  const start = firstStartAt === Infinity ? {} : { firstStartAt };
  return { queue: { at, waiting: mostFirst(waiting), paused: mostFirst(paused), ...start } };
}

function count(counts: Map<string, number>, reason: string): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
}

const mostFirst = (counts: ReadonlyMap<string, number>) =>
  [...counts].map(([reason, nodes]) => ({ reason, nodes })).sort((a, b) => b.nodes - a.nodes);

/** What keeps every step from starting: that nobody conducts the study, or what its conductor is in trouble with. */
function haltOf(
  { stoppedAt }: Progress,
  state: StudyState,
  { troubles = [] }: ConductorView,
): string | undefined {
  if (STUDY_STATE[state].ended) return undefined;
  if (state === "stalled") return "nobody conducts the study: `maestro resume` continues it";
  if (state === "initialized") return "the study was never launched: `maestro conduct` launches it";
  if (stoppedAt !== undefined) return "the time of its conductor is up (stop-after): it submits nothing new";
  return troubles[0]?.what;
}

/** Nobody is at work: what the last conductor met may be over. */
function withoutTroubles({ troubles: _, ...conductor }: ConductorView): ConductorView {
  return conductor;
}

/** A study that is conducted by single passes is stalled when none has come for this long. */
const TICK_LIMIT_MS = 3_600_000;

function studyState(progress: Progress, conductor: ConductorView, now: number): StudyState {
  const ended = studyEnd(progress);
  if (ended) return ended;
  if (conductor.alive) return "running";
  if (progress.taken === undefined) return "initialized";
  // Between single passes nobody conducts: that is as it should be, for a while.
  const lastSeen = Math.max(progress.taken.at, conductor.heartbeatAt ?? 0);
  return progress.taken.once && now - lastSeen < TICK_LIMIT_MS ? "running" : "stalled";
}

const secondsOf = (ms: number | undefined) => ms === undefined ? undefined : ms / 1000;

/** Times in ms; undefined where one is not known. */
export function secondsFrom(from: number | undefined, until: number | undefined): number | undefined {
  return from === undefined || until === undefined ? undefined : Math.max(0, until - from) / 1000;
}

/** What the rows of one view share. */
interface Moment {
  readonly progress: Progress;
  readonly now: number;
  readonly waits: Waits;
}

/** The workspace of a combination where a name of the two is empty, or ".". */
const FOLDER_ABOVE = /^[^/]*$|(^|\/)\.?(\/|$)/;

/** A row whose texts are worked out when they are asked for: most readers ask for a few of many. */
class StatusRow implements StatusStep {
  private readonly columns: Columns;

  constructor(private readonly moment: Moment, private readonly planned: PlanStep, readonly node: number) {
    this.columns = moment.progress.columns;
  }

  get name(): string {
    return nameAt(this.planned, this.node);
  }

  get step(): string {
    return this.planned.name;
  }

  get workspace(): string {
    return `${this.moment.progress.plan.study.root}/${workspaceAt(this.planned, this.node)}`;
  }

  get shortWorkspace(): string {
    const below = workspaceAt(this.planned, this.node);
    if (this.planned.uses.length === 0 || !FOLDER_ABOVE.test(below)) return below;
    // A name with nothing safe in it: the folder above, and as in Maestro the one that holds that.
    const parts = `${this.moment.progress.plan.study.root}/${below}`.split("/");
    return parts.filter((part) => part !== "" && part !== ".").slice(-2).join("/");
  }

  get state(): StepState {
    return this.columns.state.get(this.node);
  }

  get params(): Readonly<Record<string, string>> {
    return paramsOf(this.moment.progress.plan, nodeOf(this.planned, this.node));
  }

  get restarts(): number {
    return this.columns.restarts.get(this.node);
  }

  get jobId(): string | undefined {
    return this.columns.jobId.get(this.node);
  }

  get submittedAt(): number | undefined {
    return this.columns.submittedAt.get(this.node);
  }

  /** Of the first attempt that began. */
  get startedAt(): number | undefined {
    if (this.hasOneAttempt) return this.columns.startedAt.get(this.node);
    return attemptsOfLife(this.columns, this.node).find(({ startedAt }) => startedAt !== undefined)
      ?.startedAt;
  }

  get endedAt(): number | undefined {
    return this.columns.endedAt.get(this.node);
  }

  get runTime(): number | undefined {
    const { columns, node, moment: { now } } = this;
    const last = lastAttempt(columns, node) ?? attemptsOfLife(columns, node).at(-1);
    return last && secondsOf(ranFor(last, now));
  }

  get totalRunTime(): number | undefined {
    if (this.hasOneAttempt) return this.runTime;
    const ran = attemptsOf(this.columns, this.node).flatMap((each) => ranFor(each, this.moment.now) ?? []);
    return ran.length === 0 ? undefined : secondsOf(ran.reduce((sum, ms) => sum + ms));
  }

  get elapsedTime(): number | undefined {
    return this.since(this.submittedAt);
  }

  get attempts(): readonly StatusAttempt[] {
    const { now } = this.moment;
    return attemptsOf(this.columns, this.node).map((attempt) => ({
      ...attempt,
      runTime: secondsOf(ranFor(attempt, now)),
    }));
  }

  get used(): Usage | undefined {
    return usedBy(this.columns, this.node);
  }

  get waiting(): Waiting | undefined {
    return this.moment.waits.of(this.node);
  }

  get ended(): EndedBy | undefined {
    return endedBy(this.columns, this.node);
  }

  private get hasOneAttempt(): boolean {
    return this.columns.earlier.get(this.node).length === 0;
  }

  get exitCode(): number | undefined {
    return this.columns.exitCode.get(this.node);
  }

  get reason(): string | undefined {
    const { columns, node } = this;
    const reason = columns.reason.get(node);
    const retry = this.moment.waits.retryText(node);
    if (retry !== undefined) return reason === undefined ? retry : `${retry}: ${reason}`;
    return reason ?? columns.stuck.get(node) ?? this.paused;
  }

  /** Its job was suspended when its scheduler was last asked. */
  private get paused(): string | undefined {
    if (this.state !== "RUNNING") return undefined;
    return queued(this.moment.progress.look, this.node, this.columns.attempt.get(this.node))?.paused;
  }

  get skipped(): true | undefined {
    return this.columns.skipped.get(this.node);
  }

  get allowed(): true | undefined {
    return this.state !== "FINISHED" && isSatisfied(this.moment.progress, this.node) ? true : undefined;
  }

  private since(from: number | undefined): number | undefined {
    return secondsFrom(
      from,
      this.endedAt ?? (this.columns.over.get(this.node) ? undefined : this.moment.now),
    );
  }
}
