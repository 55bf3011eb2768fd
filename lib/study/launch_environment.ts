/**
 * The environment of a study's launch, as `.maestro/submit.json` keeps it: where a scheduler's commands are. A tick of
 * cron has loaded no module. It takes from here what its own environment does not have.
 */

import { shortHash } from "../names.ts";
import { isTransient, type System } from "../system.ts";
import type { SchedulerAdapter } from "../../adapters/adapter.ts";

export type Environment = Readonly<Record<string, string>>;

/** The variables by which a scheduler's commands find their server; none of a study whose steps all run here. */
type Servers = Pick<SchedulerAdapter, "environment"> | undefined;

const fileOf = (root: string) => `${root}/.maestro/submit.json`;

/** What differs from one terminal to the next, and changes no result. */
const OF_TERMINALS =
  /^(?:_|PWD|OLDPWD|SHLVL|TERM(?:_\w+)?|COLORTERM|COLUMNS|LINES|TTY|SSH_\w+|TMUX\w*|STY|WINDOW(?:ID)?|DISPLAY|XDG_SESSION_\w+|DBUS_\w+|PS1|PROMPT_COMMAND|INVOCATION_ID|JOURNAL_STREAM|MAIL|MOTD_SHOWN|LS_COLORS)$/;

/** Of each variable as much as shows whether it is still the same, and not what it is. */
function printsOf(system: System, salt: string): Record<string, string> {
  const names = Object.keys(system.env).filter((name) => !OF_TERMINALS.test(name)).sort();
  return Object.fromEntries(names.map((name) => [name, shortHash(`${salt}\0${name}\0${system.env[name]}`)]));
}

/** Names of the variables that are not as they were at the launch; none where that is not recorded. */
export function changedSinceLaunch(system: System, root: string): string[] {
  const { salt, prints: then } = recordedAt(system, root);
  if (salt === undefined || then === undefined) return [];
  const now = printsOf(system, salt);
  return [...new Set([...Object.keys(then), ...Object.keys(now)])].filter((name) => then[name] !== now[name])
    .sort();
}

/** Writes down, for its owner only, what a later conductor may need. */
export function recordSubmitEnvironment(system: System, root: string, scheduler: Servers): void {
  const kept = Object.fromEntries(
    ["PATH", ...scheduler?.environment ?? []].flatMap((name) =>
      system.env[name] === undefined ? [] : [[name, system.env[name]!]]
    ),
  );
  const salt = system.token();
  const record = { ...kept, salt, prints: printsOf(system, salt) };
  system.replaceText(fileOf(root), JSON.stringify(record) + "\n", 0o600);
}

/**
 * Notes the server of a conductor that was started where another server is meant: `resume` in a new instance. The rest
 * of the record stays that of the launch.
 */
export function keepServers(system: System, root: string, scheduler: Servers): void {
  const { env, salt, prints } = recordedAt(system, root);
  const now = (scheduler?.environment ?? []).flatMap((name) =>
    system.env[name] === undefined ? [] : [[name, system.env[name]!]]
  );
  if (now.every(([name, value]) => env[name!] === value)) return;
  const record = { ...env, ...Object.fromEntries(now), ...(prints ? { salt, prints } : {}) };
  try {
    system.replaceText(fileOf(root), JSON.stringify(record) + "\n", 0o600);
  } catch (error) {
    if (!isTransient(error)) throw error;
  }
}

/** Names of the variables by which commands find another server here than those of the last conductor. */
export function otherServers(system: System, root: string, scheduler: Servers): string[] {
  const { env } = recordedAt(system, root);
  return (scheduler?.environment ?? []).filter((name) => {
    const here = system.env[name];
    return here !== undefined && here !== env[name];
  });
}

/** What was written down; nothing where that cannot be read, or a study has none. */
export function recordedSubmitEnvironment(system: System, root: string): Environment {
  return recordedAt(system, root).env;
}

function recordedAt(system: System, root: string): Recorded {
  let text: string | undefined;
  try {
    text = system.readTextIfAny(fileOf(root));
  } catch (error) {
    if (!isTransient(error)) throw error;
  }
  return parse(text ?? "{}");
}

interface Recorded {
  readonly env: Environment;
  readonly salt?: string;
  readonly prints?: Environment;
}

function parse(text: string): Recorded {
  try {
    const { salt, prints, ...entries } = JSON.parse(text) as Record<string, unknown>;
    const whole = typeof salt === "string" && typeof prints === "object" && prints !== null;
    return { env: textsOf(entries), ...(whole ? { salt, prints: textsOf(prints) } : {}) };
  } catch {
    return { env: {} };
  }
}

function textsOf(values: object): Environment {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === "string"));
}

/**
 * An environment in which commands are found as at the launch, and know their servers. The PATH of the launch
 * precedes that of a conductor from cron: two schedulers may have a command of one name. An equal PATH is
 * unchanged.
 */
export function withRecorded(
  env: Environment,
  recorded: Environment,
  scheduler: Servers,
): Record<string, string> {
  const variables = Object.entries(recorded).filter(([name]) => scheduler?.environment.includes(name));
  const path = joined(recorded["PATH"], env["PATH"]);
  return { ...Object.fromEntries(variables), ...env, ...(path === undefined ? {} : { PATH: path }) };
}

/** The first one, and behind it what only the second one has. */
function joined(first: string | undefined, second: string | undefined): string | undefined {
  if (first === undefined || second === undefined || first === second) return first ?? second;
  const known = new Set(first.split(":"));
  const more = second.split(":").filter((folder) => folder.startsWith("/") && !known.has(folder));
  return [first, ...more].join(":");
}
