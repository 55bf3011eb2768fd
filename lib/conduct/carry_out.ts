/** Does what users ask of a conductor. */

import { outcome } from "../study/state/outcome.ts";
import { basename } from "@std/path";
import { studyPaths } from "../paths.ts";
import { readHistory } from "../study/journal/reader.ts";
import type { StudyEvent } from "../study/events.ts";
import type { System } from "../system.ts";
import { isInFlight } from "../study/state/ready.ts";
import { lookForRequests, type OddRequest, type StudyRequest } from "../study/requests.ts";
import { report } from "./observe.ts";
import { requestEvents } from "./requested.ts";
import type { ConductorContext } from "./context.ts";
import { CHANGEABLE, SETTINGS, type Settings } from "../spec/settings.ts";

/** Between asking a step to end and ending it; a scheduler is only asked again. */
const GRACE_MS = { local: 5000, scheduled: 60_000 };

/** Requests are looked for this often: a study whose steps end all the time need not ask the file server each time. */
const LOOK_MS = 500;

/** Requests of other commands: files in the study's folder. `.cancel.lock` is Maestro's. */
export class Requests {
  private nextLook = 0;
  /** Files that are no requests, and are in the log. */
  private readonly reported = new Set<string>();

  /** Names of requests whose effect is in the journal; looked for when there is a request. */
  private carriedOut: Set<string> | undefined;

  constructor(private readonly context: ConductorContext, private readonly endings: Pick<Endings, "force">) {}

  /** Carries out what was asked, if it is time to look for it. */
  take(): void {
    const { system, study, progress, ledger, options: { orders, log } } = this.context;
    // Before a study is closed no request is missed.
    if (system.now() < this.nextLook && !orders.cancel && outcome(progress) === undefined) return;
    this.nextLook = system.now() + LOOK_MS;
    const { cancelRequest } = studyPaths(study.root);
    const asked = system.facts(cancelRequest) !== undefined;
    const { requests, odd } = lookForRequests(system, study.root);
    for (const request of odd) this.reportOdd(request);
    if ((asked || orders.cancel) && !progress.cancelling && !progress.closed) {
      const events = requestEvents(progress, { ask: "cancel" }, system.now());
      ledger.note(events);
      report(this.context, events);
    }
    if (requests.length > 0) this.carriedOut ??= requestsIn(system, study.root);
    for (const { file, request } of requests) {
      // While the disk is full, no request is begun: the user may give up, and withdraw the request.
      if (!ledger.flush()) return;
      const name = basename(file);
      // Its conductor may have died, or the disk failed, before the file was removed.
      if (request.ask === "update" || !this.carriedOut!.has(name)) {
        for (const line of requestLines(request, progress.settings)) log.info(line);
        ledger.note(named(requestEvents(progress, request, system.now()), name));
        this.carriedOut!.add(name);
      }
      if (request.ask === "cancel" && request.force) this.endings.force();
      if (request.ask === "leave") orders.stop = true;
      if (ledger.flush()) system.removeFile(file);
    }
    if (asked && ledger.flush()) system.removeFile(cancelRequest);
  }

  /** Of a study that has ended: its disk may have refused the journal until now. */
  dropCancel(): void {
    const { system, study, progress, ledger } = this.context;
    if (!progress.closed || !ledger.flush()) return;
    dropCancel(system, study.root);
  }

  /** A line in the log for each such file, once. */
  private reportOdd({ file, kind }: OddRequest): void {
    if (this.reported.has(file)) return;
    this.reported.add(file);
    this.context.options.log.warning(
      kind === "later"
        ? `${file} asks for what only a later version knows: it is kept for that one.`
        : `${file} is not a request: it is ignored.`,
    );
  }
}

/** Removes the request to cancel a study that has ended: a rerun must not find it. */
export function dropCancel(system: System, root: string): void {
  const { cancelRequest } = studyPaths(root);
  if (system.facts(cancelRequest) !== undefined) system.removeFile(cancelRequest);
}

/** The first event of a request names it. */
function named([first, ...others]: readonly StudyEvent[], request: string): readonly StudyEvent[] {
  if (first === undefined) return [];
  const isNamed = ["cancelling", "held", "released", "reset"].includes(first.event);
  return isNamed ? [{ ...first, request } as StudyEvent, ...others] : [first, ...others];
}

/** Requests that were carried out, by the journal's word. */
function requestsIn(system: System, root: string): Set<string> {
  const names = new Set<string>();
  readHistory(system, root, () => ({
    take: (lines) => lines.matchAll(/"request":"([^"\\]+)"/g).forEach(([, name]) => names.add(name!)),
  }));
  return names;
}

/** What the log has of a request; of changes in Maestro's words. */
function requestLines(request: StudyRequest, before: Settings): string[] {
  if (request.ask === "leave") return ["Asked to leave the study to another conductor."];
  if (request.ask !== "update") {
    const steps = request.steps ? ` ${request.steps.length} steps` : "";
    return [`Asked to ${request.ask}${steps}.`];
  }
  return CHANGEABLE.flatMap((name) => {
    const after = request.settings[name];
    return after === undefined ? [] : [SETTINGS[name].change!.log(before[name], after)];
  });
}

/** Cancels steps in flight: first asks them to end, and ends them after a while. */
export class Endings {
  /** Nodes asked to end, and when. */
  private readonly asked = new Map<number, number>();
  private forced = false;

  constructor(private readonly context: ConductorContext) {}

  /** Gives up what cannot be asked, as soon as its scheduler does not answer. */
  force(): void {
    this.forced = true;
  }

  /** Asks those that were not asked yet, and ends those that take too long. */
  press(): void {
    const { system, progress, local, scheduled, options: { orders } } = this.context;
    const { asked } = this;
    const now = system.now();
    if (!progress.cancelling && progress.unwanted.size === 0 && asked.size === 0) return;
    for (const [kind, runner] of [["local", local], ["scheduled", scheduled]] as const) {
      const inFlight = progress.inFlight[kind];
      const wanted = progress.cancelling
        ? [...inFlight]
        : [...progress.unwanted].filter((node) => inFlight.has(node));
      const fresh = wanted.filter((node) => !asked.has(node));
      const late = wanted.filter((node) =>
        asked.has(node) && (orders.kill || now - asked.get(node)! > GRACE_MS[kind])
      );
      if (fresh.length > 0) runner?.cancel(fresh, false);
      if (late.length > 0) runner?.cancel(late, true);
      for (const node of [...fresh, ...late]) asked.set(node, now);
      if (this.forced && wanted.length > 0 && runner?.unreachable) runner.giveUp?.(wanted);
    }
    for (const node of asked.keys()) if (!isInFlight(progress, node)) asked.delete(node);
  }

  /**
   * A single pass stays until what was asked to end has ended: nobody else will press for it. Only the command that
   * cancels jobs of a scheduler waits for them, and not while the scheduler does not answer.
   */
  mustWait(): boolean {
    const { progress: { inFlight }, scheduled, options: { mode } } = this.context;
    const stays = mode === "requests" && !scheduled?.unreachable;
    return [...this.asked.keys()].some((node) =>
      inFlight.local.has(node) || (stays && inFlight.scheduled.has(node))
    );
  }
}
