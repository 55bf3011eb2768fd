/** The part of the conductor that does what users ask of it. */

import { outcome } from "../study/state/outcome.ts";
import { studyPaths } from "../paths.ts";
import { isInFlight } from "../study/state/ready.ts";
import { lookForRequests, type OddRequest, type StudyRequest } from "../study/requests.ts";
import { requestEvents } from "./requested.ts";
import type { Shift } from "./context.ts";
import { CHANGEABLE, SETTINGS, type Settings } from "../spec/settings.ts";

/** Between asking a step to end and ending it; a scheduler is only asked again. */
const GRACE_MS = { local: 5000, scheduled: 60_000 };

/** Requests are looked for this often: a study whose steps end all the time need not ask the file server each time. */
const LOOK_MS = 500;

/** Other commands ask by files in the study's folder; `.cancel.lock` is Maestro's. */
export function takeRequests(shift: Shift): void {
  const { system, study, progress, ledger, options: { orders, log } } = shift;
  // Before a study is closed nothing is to be missed.
  if (system.now() < shift.lookAt && !orders.cancel && outcome(progress) === undefined) return;
  shift.lookAt = system.now() + LOOK_MS;
  const { cancelRequest } = studyPaths(study.root);
  const asked = system.facts(cancelRequest) !== undefined;
  const { requests, odd } = lookForRequests(system, study.root);
  for (const request of odd) reportOdd(shift, request);
  if ((asked || orders.cancel) && !progress.cancelling && !progress.closed) {
    log.warning("The study is being cancelled.");
    ledger.note(requestEvents(progress, { ask: "cancel" }, system.now()));
  }
  for (const { file, request } of requests) {
    // While the disk takes no more nothing is begun: whoever asked may give up, and take the request back.
    if (!ledger.flush()) return;
    for (const line of requestLines(request, progress.settings)) log.info(line);
    ledger.note(requestEvents(progress, request, system.now()));
    // A request carried out twice is harmless, one lost is not.
    if (ledger.flush()) system.removeFile(file);
  }
  if (asked && ledger.flush()) system.removeFile(cancelRequest);
}

/** A line in the log for each such file, once. */
function reportOdd({ reported, options: { log } }: Shift, { file, kind }: OddRequest): void {
  if (reported.has(file)) return;
  reported.add(file);
  log.warning(
    kind === "later"
      ? `${file} asks for what only a later version knows: it is kept for that one.`
      : `${file} is not a request: it is passed over.`,
  );
}

/** What the log has of a request; of changes in Maestro's words. */
function requestLines(request: StudyRequest, before: Settings): string[] {
  if (request.ask !== "update") {
    const steps = request.steps ? ` ${request.steps.length} steps` : "";
    return [`Asked to ${request.ask}${steps}.`];
  }
  return CHANGEABLE.flatMap((name) => {
    const after = request.settings[name];
    return after === undefined ? [] : [SETTINGS[name].change!.log(before[name], after)];
  });
}

/** Steps in flight that are to be cancelled are asked to end; those that do not are made to. */
export function endAsked(shift: Shift): void {
  const { system, progress, asked, options: { orders } } = shift;
  const now = system.now();
  if (!progress.cancelling && progress.unwanted.size === 0 && asked.size === 0) return;
  for (const [kind, runner] of [["local", shift.local], ["scheduled", shift.scheduled]] as const) {
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
  }
  for (const node of asked.keys()) if (!isInFlight(progress, node)) asked.delete(node);
}
