/** `status.csv` as LLNL's Maestro writes it: fields are not quoted, and a name or value may hold commas. */

import { STEP_STATES, type StepState } from "../states.ts";

/** Times in ms since 1970. */
export interface OriginalRow {
  readonly name: string;
  readonly jobId: string | undefined;
  /** Below the study's folder. */
  readonly workspace: string;
  readonly state: StepState;
  readonly startedAt: number | undefined;
  readonly submittedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly restarts: number;
  readonly params: Readonly<Record<string, string>>;
}

/** A row from its fixed fields: the fields before and after them may contain commas. */
const ROW = new RegExp(
  `^(?<name>.*),(?<jobId>[^,]*),(?<workspace>[^,]*),(?<state>${STEP_STATES.join("|")})` +
    ",[^,]*,[^,]*,(?<start>[^,]*),(?<submit>[^,]*),(?<end>[^,]*),(?<restarts>\\d+),(?<params>.*)$",
  "s",
);

/** The rows of the file, and what is left of a row that is cut short. A name with a line break makes two lines of one row. */
export function parseStatusCsv(text: string): { rows: OriginalRow[]; rest: string } {
  const rows: OriginalRow[] = [];
  let pending = "";
  for (const line of text.split("\n").slice(1)) {
    const match = ROW.exec(pending + line);
    if (match) {
      rows.push(rowOf(match.groups as Record<string, string>));
      pending = "";
    } else pending = pending === "" && line === "" ? "" : `${pending}${line}\n`;
  }
  return { rows, rest: pending };
}

function rowOf(fields: Record<string, string>): OriginalRow {
  const { name, jobId, workspace, state, start, submit, end, restarts, params } = fields;
  return {
    name: name!,
    jobId: jobId === "--" ? undefined : jobId,
    workspace: workspace!,
    state: state as StepState,
    startedAt: localTime(start!),
    submittedAt: localTime(submit!),
    endedAt: localTime(end!),
    restarts: Number(restarts),
    params: Object.fromEntries(
      params!.split(";").filter((pair) => pair.includes(":")).map((pair) => {
        const colon = pair.indexOf(":");
        return [pair.slice(0, colon), pair.slice(colon + 1)];
      }),
    ),
  };
}

/** `2021-05-17 22:45:23`, in the zone of this process. */
function localTime(text: string): number | undefined {
  const match = /^(\d+)-(\d+)-(\d+) (\d+):(\d+):(\d+)/.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  return new Date(year!, month! - 1, day, hour, minute, second).getTime();
}
