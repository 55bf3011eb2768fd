/**
 * Submissions to a scheduler: some at a time, or many in one process where its commands take long to start. Those of
 * which nobody knows whether they came through are looked up (`lookups.ts`) before anything else becomes of them.
 */

import {
  lookUpAll,
  type SubmissionOptions,
  SUBMIT_TIMEOUT_MS,
  tokenOf,
  type Unclear,
  type Unnamed,
} from "./lookups.ts";
import type { CommandResult, Submission, SubmitRequest } from "../../../adapters/adapter.ts";
import type { PlanNode } from "../../plan/types.ts";

/** Submissions under way at a time. */
const PARALLEL = 8;
/** Jobs of a round, before the scheduler has taken any: no more are intended than it may take, and so few withdrawn. */
const FIRST_ROUND = 2 * PARALLEL;
/** Jobs of any round: their scripts are written before anything else is seen to. */
const LARGEST_ROUND = 500;
/** Submissions begun in a second: more than any command line makes one after the other, less than hurts a scheduler. */
const MOST_A_SECOND = 200;
/** After a limit of the scheduler was hit. */
const LIMIT_PAUSE_MS = 30_000;

export interface Submissions {
  /** One job for these nodes: one, or a pack. `again` writes its scripts anew, for a scheduler that lacks something. */
  add(nodes: readonly PlanNode[], request: SubmitRequest, again?: Rewrite): void;
  /** Nobody knows whether this one was made. */
  doubt(node: number): void;
  /**
   * Looks for the jobs of submissions that nobody confirmed. What is not there is kept from ever starting. Gives those
   * that have begun in a job that was not found.
   */
  lookUp(): Promise<Unnamed[]>;
  /** Takes those back that have not been made; which they were. */
  takeBack(wanted: ReadonlySet<number>): number[];
  /**
   * Jobs of the next round: none before all of the last one are on their way, nor for a while after a limit of the
   * scheduler was hit. Rounds grow with what it has taken since.
   */
  round(): number;
  /** Makes those that had to wait, of which some may go now; ms until more of them may, where only our own limit holds. */
  goOn(): number;
  /** Lets go of those that still wait. */
  giveBack(): void;
}

type Rewrite = (lacks: ReadonlySet<string>) => SubmitRequest;

/** One job to be: its nodes, and what its submission says. */
interface Waiting {
  readonly nodes: readonly PlanNode[];
  request: SubmitRequest;
  /** How much the scheduler was known to lack when its scripts were written. */
  known: number;
  readonly again: Rewrite | undefined;
}

/** The request for a scheduler that lacks so much. Its scripts are written anew if more has been learnt. */
function fitted(entry: Waiting, lacks: ReadonlySet<string>): SubmitRequest {
  if (entry.again && entry.known !== lacks.size) {
    entry.request = entry.again(lacks);
    entry.known = lacks.size;
  }
  return entry.request;
}

export function submissionsOf(options: SubmissionOptions): Submissions {
  const { system, scheduler, task, lacks } = options;
  const waiting: Waiting[] = [];
  const unclear: Unclear = new Map();
  const state = {
    underWay: 0,
    fullUntil: 0,
    full: "",
    begun: false,
    since: 0,
    made: 0,
    accepted: 0,
    together: true,
  };
  const bulk = () => state.together ? scheduler.bulk : undefined;
  /** How many may go now, in one process. Those that go together go one bundle at a time: its start takes long. */
  const room = (): number => {
    const now = system.now();
    // Whether there is room again is for one to find out.
    if (now < state.fullUntil || (state.full !== "" && state.underWay > 0)) return 0;
    if (state.underWay >= (bulk() ? 1 : PARALLEL)) return 0;
    if (now - state.since >= 1000) Object.assign(state, { since: now, made: 0 });
    const most = state.full !== "" ? 1 : bulk()?.most ?? 1;
    return Math.min(most, Math.max(MOST_A_SECOND - state.made, 0));
  };
  const pump = () => {
    for (let most; waiting.length > 0 && (most = room()) > 0;) {
      const bundle = waiting.splice(0, most);
      state.underWay++;
      state.made += bundle.length;
      const work = bundle.length > 1 ? submitBundle(bundle) : submit(bundle[0]!);
      task(work.finally(() => {
        state.underWay--;
        pump();
      }));
    }
  };
  const take = (entry: Waiting, result: CommandResult) => {
    const answer = scheduler.parseSubmit(result);
    if (answer.kind === "refused" && answer.again) {
      Object.assign(state, { fullUntil: system.now() + LIMIT_PAUSE_MS, full: answer.reason, accepted: 0 });
    } else if (answer.kind === "accepted") {
      state.full = "";
      state.accepted++;
    }
    heed(options, unclear, entry, answer);
  };
  const submit = async (entry: Waiting) => {
    const { workspace } = entry.request;
    const argv = (lacks: ReadonlySet<string>) => scheduler.submit(fitted(entry, lacks), lacks);
    const result = await options.submit(argv, workspace, SUBMIT_TIMEOUT_MS).catch((error: Error) => error);
    if (result instanceof Error) unwritten(entry, result);
    else take(entry, result);
  };
  /** Its scripts could not be written anew: nothing of it has been submitted. */
  const unwritten = (entry: Waiting, { message: reason }: Error) =>
    heed(options, unclear, entry, { kind: "refused", reason, again: true });
  const submitBundle = async (entries: readonly Waiting[]) => {
    const { argv, input, parse } = scheduler.bulk!;
    const bundle = entries.filter((entry) => {
      try {
        return fitted(entry, lacks) !== undefined;
      } catch (error) {
        unwritten(entry, error as Error);
        return false;
      }
    });
    const before = new Set(lacks);
    const text = input(
      bundle.map(({ request }) => ({ argv: scheduler.submit(request, lacks), cwd: request.workspace })),
    );
    const result = await options.submit(() => argv, options.study.root, SUBMIT_TIMEOUT_MS, text);
    const results = parse(result, bundle.length);
    state.together = results?.every(Boolean) ?? false;
    // It could not be run at all: nothing was submitted. Of one that it does not tell of nothing is known.
    if (results === undefined) waiting.unshift(...bundle);
    else {
      for (const [i, entry] of bundle.entries()) {
        const own = results[i];
        const lack = own && scheduler.lacking?.(own);
        if (lack === undefined || before.has(lack)) take(entry, own ?? { ...result, code: 0, stdout: "" });
        else {
          options.learn(lack);
          waiting.push(entry);
        }
      }
    }
  };
  return {
    add(nodes, request, again) {
      waiting.push({ nodes, request, known: request.lacks?.size ?? 0, again });
      // The scripts of the next ones are written while the scheduler has this one.
      if (!bulk()) return pump();
      if (state.begun) return;
      state.begun = true;
      // All that is added in one go is there when the first is taken.
      task(
        Promise.resolve().then(() => {
          state.begun = false;
          pump();
        }),
      );
    },
    doubt: (node) => unclear.set(node, { token: tokenOf(options, node), times: 0 }),
    lookUp: () => lookUpAll(options, unclear),
    takeBack(wanted) {
      const back = waiting.filter(({ nodes }) => nodes.every(({ index }) => wanted.has(index)));
      for (const entry of back) waiting.splice(waiting.indexOf(entry), 1);
      return back.flatMap(({ nodes }) => nodes.map(({ index }) => index));
    },
    round() {
      if (waiting.length > 0 || system.now() < state.fullUntil) return 0;
      if (state.full !== "") return 1;
      return Math.min(Math.max(bulk()?.most ?? FIRST_ROUND, 2 * state.accepted), LARGEST_ROUND);
    },
    goOn() {
      pump();
      const held = waiting.length > 0 && state.made >= MOST_A_SECOND && system.now() >= state.fullUntil;
      return held ? Math.max(state.since + 1000 - system.now(), 1) : 0;
    },
    giveBack() {
      const at = system.now();
      for (const { nodes } of waiting.splice(0)) {
        const reason = state.full || "not submitted yet";
        for (const { index: node } of nodes) options.see({ see: "refused", node, at, reason, again: true });
      }
    },
  };
}

/** What a scheduler said to a submission. */
function heed(
  { system, see, log, pollSoon, fruitless }: SubmissionOptions,
  unclear: Unclear,
  { nodes, request }: Waiting,
  answer: Submission,
): void {
  const at = system.now();
  if (answer.kind === "refused") {
    const { reason, again } = answer;
    for (const { index: node } of nodes) see({ see: "refused", node, at, reason, again });
    return;
  }
  pollSoon();
  if (answer.kind === "accepted") {
    const { jobId, cluster } = answer;
    const job = { jobId, ...(cluster === undefined ? {} : { cluster }) };
    for (const { index: node } of nodes) {
      fruitless.delete(node);
      see({ see: "accepted", node, at, ...job });
    }
    return;
  }
  log.warning(
    `Whether step '${nodes[0]!.name}' was submitted is not known (${answer.reason}): looking it up.`,
  );
  for (const { index } of nodes) {
    unclear.set(index, { token: request.token, times: 0, reason: answer.reason });
  }
}
