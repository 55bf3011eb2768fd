/** What the program prints, as it can be compared: paths, times, processes and hosts replaced by marks. */

import { ROOT, VERSION } from "./maestro.ts";

/** The text without what differs from run to run and from machine to machine. */
export function steady(text: string, folder: string): string {
  const plain = text
    .replaceAll(folder, "@DIR@")
    .replaceAll(ROOT, "@ROOT@")
    .replace(`maestro ${VERSION}`, "maestro @VERSION@")
    // Which kind a file is, is for bundle_test.ts and onefile_bare_test.ts.
    .replace(/@VERSION@ \((?:from source|compiled|self-extracting)\)/, "@VERSION@ (@KIND@)")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d/g, "@TIME@")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "0000-00-00 00:00:00")
    .replace(/_\d{8}-\d{6}\b/g, "_@TIME@")
    .replace(/\d+d:\d\dh:\d\dm:\d\ds/g, "0d:00h:00m:00s")
    .replace(/("(?:runTime|elapsedTime|totalRunTime)": ?)[\d.]+/g, "$10")
    .replace(/("(?:pid|at)": ?)\d+/g, "$10")
    .replace(/("(?:cpuSeconds|maxRssBytes|readBytes|writtenBytes)": ?)[\d.]+/g, "$1null")
    // Figures of usage at the end of a row of `status --csv`, behind the study's folder.
    .replace(/(,@DIR@[^,\n]*)(?:,(?:[\d.]+|--)){7}$/gm, "$1,--,--,--,--,--,--,--")
    .replace(/,"used": ?\{[^}]*\}/g, "")
    .replace(/("jobId": ?)"\d+"/g, '$1"@PID@"')
    .replace(/("host": ?)"[^"]+"/g, '$1"@HOST@"')
    .replace(/process \d+ of \S+ on \S+/g, "process @PID@ of @USER@ on @HOST@")
    .replace(/\bpid \d+ on \S+?(?=[\s,)]|$)/gm, "pid @PID@ on @HOST@")
    .replace(/conductor on \S+ \(pid \d+\)/g, "conductor on @HOST@ (pid @PID@)")
    .replace(/\bjob \d+\b/g, "job @PID@")
    .replace(/\.\d+\.(out|err)\b/g, ".@PID@.$1")
    .replace(/^ +(Study: .*)/gm, "$1")
    // The title of an empty table is as wide as the table was.
    .replace(/^ +$(?=\n\d+ of \d+ steps shown)/gm, "")
    .replace(/^ +(STUDY: .*?) +$/gm, "$1")
    // A row of status.csv: the job's id comes after the step's name.
    .replace(/^([^,\n]+|"[^"]*"),\d+,/gm, "$1,@PID@,")
    .replace(
      /(Job ID +)(\d+)( *)/g,
      (_, label, id, blanks) => label + "@PID@".padEnd(id.length + blanks.length),
    );
  return plain.split(/(?<=\n)(?=┏)|(?<=┘\n)/).map(steadyTable).join("");
}

/** A table whose column of job ids has one width, however long the ids are. */
function steadyTable(text: string): string {
  const lines = text.split("\n");
  const cells = (line: string) => line.split(/(?<=[┏┡├└┃│┳╇┼┴])|(?=[┓┩┤┘┃│┳╇┼┴])/);
  const column = cells(lines[1] ?? "").findIndex((cell) => cell.trim() === "Job ID");
  if (!text.startsWith("┏") || column < 0) return text;
  const width = /\S/.test(cells(lines[1]!)[column]![0]!) ? 6 : 8;
  return lines.map((line) => {
    const row = cells(line);
    const cell = row[column];
    if (cell === undefined) return line;
    row[column] = /^[━─]+$/.test(cell)
      ? cell[0]!.repeat(width)
      : cell.replace(/\d+/, "@PID@").trimEnd().padEnd(width);
    return row.join("");
  }).join("\n");
}
