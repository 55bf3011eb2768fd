/** Where a study comes from, for its report: the original spec, who ran it where, with which settings. */

import { readIfMay } from "./denied.ts";
import { studyPaths } from "../paths.ts";
import { readRunYaml } from "../study/provenance.ts";
import type { Provenance } from "../view/report_data.ts";
import type { Study } from "../study/folder.ts";
import type { System } from "../system.ts";
import { formatLocalTime } from "../times.ts";
import type { StudyEvent } from "../study/events.ts";
import { SETTING_NAMES, SETTINGS, type Settings } from "../spec/settings.ts";

/** A longer spec is cut: the report shows it to readers only. */
const LONGEST_SPEC = 500_000;

export function provenanceOf(
  system: System,
  { root, file, plan }: Study,
  events: readonly StudyEvent[],
  settings: Settings,
): Provenance {
  const { parameters, steps } = plan.study;
  // The options of `run`. This reader may lack access to the file.
  const { command, folder, user, host, pgen } = readRunYaml(readIfMay(system, `${root}/meta/run.yaml`) ?? "");
  const combinations = parameters[0]?.values.length ?? 0;
  const facts: [string, string | undefined][] = [
    ["Folder", root],
    ["Spec", `${root}/${file.spec}`],
    ["Laid out", `${formatLocalTime(file.createdAt)} by maestro ${file.maestro}`],
    ["Command", command],
    ["In", folder],
    ["User", user && host ? `${user} on ${host}` : user],
    ["Conducted on", hostsOf(events)],
    ["Batch system", batchText(plan.study.batch)],
    ["Settings", settingsText(settings)],
    ["Parameters", parameters.length === 0 ? "none" : parameters.map(({ key }) => key).join(", ")],
    ["Generator", pgen],
    ["Combinations", combinations === 0 ? undefined : String(combinations)],
    ["Steps", `${steps.length} in the spec, ${plan.nodes.length} with their combinations`],
    ["Scripts and output", `${root}/<step>/<combination>/, named as in the table`],
    ["Journal", studyPaths(root).journal],
  ];
  return {
    specFile: file.spec,
    spec: specText(system, `${root}/${file.spec}`),
    facts: facts.filter((fact): fact is [string, string] => fact[1] !== undefined),
  };
}

function specText(system: System, path: string): string {
  const text = readIfMay(system, path) ?? "";
  return text.length > LONGEST_SPEC ? `${text.slice(0, LONGEST_SPEC)}\n…` : text;
}

function hostsOf(events: readonly StudyEvent[]): string | undefined {
  const hosts = events.flatMap((event) => event.event === "taken" ? [event.host] : []);
  return hosts.length === 0 ? undefined : [...new Set(hosts)].join(", ");
}

function batchText(batch: Study["plan"]["study"]["batch"]): string {
  const more = Object.entries(batch).filter(([key, value]) => key !== "type" && typeof value === "string");
  return [batch.type, ...more.map(([key, value]) => `${key} ${value}`)].join(", ");
}

function settingsText(settings: Settings): string {
  return SETTING_NAMES.map((name) => SETTINGS[name].text(settings[name])).join(", ");
}
