/** `maestro doctor`: whether studies can run from this machine, in this folder. */

import { shellWord } from "../shell_words.ts";
import { resolve } from "@std/path";
import { ADAPTERS } from "../../adapters/mod.ts";
import {
  doctorText,
  type Finding,
  judgeLimits,
  judgeSpace,
  judgeSync,
  mountOf,
  parseFree,
  parseLimits,
} from "../doctor.ts";
import { EXIT, UserError } from "../errors.ts";
import { removeTreePatiently } from "../patience.ts";
import type { System } from "../system.ts";
import type { SchedulerAdapter } from "../../adapters/adapter.ts";
import { commandIn, fittingCommand, queryEnvironment } from "../conduct/scheduler/commands.ts";
import { guarded } from "../app/context.ts";
import { commandsOf, onPath } from "../app/scheduler_commands.ts";

export interface DoctorFlags {
  readonly json?: boolean;
}

const DOCTOR_VERSION = 1;
const ASK_TIMEOUT_MS = 20_000;
const CRON_PATH = ["/usr/bin", "/bin"];

export default guarded<DoctorFlags, [string?]>(async ({ system, version }, { json }, directory = ".") => {
  const folder = resolve(system.cwd, directory);
  if (!system.facts(folder)?.isDirectory) throw new UserError(`No such folder: ${folder}`, EXIT.noInput);
  const { findings: found, outsideCron } = await schedulers(system, folder);
  const findings = [
    ...await host(system, folder),
    ...judgeLimits(parseLimits(readIfAllowed(system, "/proc/self/limits"))),
    ...await inFolder(system, folder),
    ...found,
    ...cron(system, outsideCron),
  ];
  const fine = findings.every(({ level }) => level !== "stop");
  system.stdout.write(
    json
      ? JSON.stringify({
        version: DOCTOR_VERSION,
        maestro: version,
        host: system.host,
        folder,
        fine,
        findings,
      }) + "\n"
      : doctorText(findings),
  );
  return fine ? EXIT.ok : EXIT.tryAgain;
});

function readIfAllowed(system: System, path: string): string {
  try {
    return system.readTextIfAny(path) ?? "";
  } catch {
    return "";
  }
}

/** The output of a command. Undefined if the command does not exist, or failed. */
async function told(system: System, argv: readonly string[], cwd: string): Promise<string | undefined> {
  try {
    const { code, stdout } = await system.run(argv, { cwd, env: { LC_ALL: "C" }, timeoutMs: ASK_TIMEOUT_MS });
    return code === 0 ? stdout : undefined;
  } catch {
    return undefined;
  }
}

async function host(system: System, folder: string): Promise<Finding[]> {
  const kernel = (await told(system, ["uname", "-srm"], folder))?.trim();
  const libc = (await told(system, ["getconf", "GNU_LIBC_VERSION"], folder))?.trim();
  const what = [`${system.host}: ${system.cpus} CPUs`, kernel, libc].filter((text) => text !== undefined);
  const setsid = ["/usr/bin/setsid", "/bin/setsid"].some((path) => system.facts(path) !== undefined);
  const bash = system.facts("/bin/bash") !== undefined;
  return [
    { area: "host", level: "fine", text: what.join(", ") },
    ...(setsid ? [] : [
      {
        area: "host",
        level: "note",
        text: "setsid is not installed: starting a step takes longer",
      } as const,
    ]),
    ...(bash ? [] : [
      {
        area: "host",
        level: "note",
        text: "/bin/bash, the default shell of scripts, is not installed",
        hint: "Name another in the spec: batch: {shell: /bin/sh}",
      } as const,
    ]),
  ];
}

async function inFolder(system: System, folder: string): Promise<Finding[]> {
  const mount = mountOf(readIfAllowed(system, "/proc/self/mounts"), system.realPath(folder));
  const text = mount === undefined ? folder : `${folder}: ${mount.type}, mounted at ${mount.at}`;
  const kibs = parseFree(await told(system, ["df", "-Pk", folder], folder) ?? "");
  const inodes = parseFree(await told(system, ["df", "-Pi", folder], folder) ?? "");
  return [
    { area: "folder", level: "fine", text },
    ...judgeSpace(kibs === undefined ? undefined : kibs * 1024, inodes),
    ...await tried(system, folder),
  ];
}

/** Does in a folder what a conductor does in a study's folder. */
async function tried(system: System, folder: string): Promise<Finding[]> {
  const at = `${folder}/.maestro-doctor-${system.token()}`;
  const stop = (text: string, hint?: string): Finding => ({
    area: "folder",
    level: "stop",
    text,
    ...(hint ? { hint } : {}),
  });
  try {
    system.createDirectory(at);
  } catch (error) {
    return [stop(`cannot create files in it: ${(error as Error).message}`)];
  }
  try {
    const found: Finding[] = [];
    const exclusive = system.createText(`${at}/lease`, "1") && !system.createText(`${at}/lease`, "2");
    if (!exclusive) {
      found.push(stop("two conductors could hold one lease: exclusive creation (O_EXCL) does not work"));
    }
    system.replaceText(`${at}/status`, "old");
    system.replaceText(`${at}/status`, "new");
    if (system.readText(`${at}/status`) !== "new") {
      found.push(stop("renaming a file does not replace an existing one"));
    }
    if (found.length === 0) {
      found.push({ area: "folder", level: "fine", text: "exclusive creation, renaming" });
    }
    system.writeText(`${at}/step.sh`, "#!/bin/sh\n", 0o744);
    if (await told(system, [`${at}/step.sh`], at) === undefined) {
      found.push(stop("scripts in it cannot run", "Is it mounted noexec? Choose another folder with -o."));
    }
    return [...found, judgeSync(syncTimes(system, `${at}/journal`))];
  } catch (error) {
    return [stop(`files cannot be written: ${(error as Error).message}`)];
  } finally {
    await removeTreePatiently(system, at);
  }
}

function syncTimes(system: System, path: string): number[] {
  const journal = system.openAppend(path);
  const times = Array.from({ length: 5 }, () => {
    const start = system.now();
    journal.append("{}\n");
    journal.sync();
    return system.now() - start;
  });
  journal.close();
  return times;
}

/** Why a scheduler does not answer a query. Undefined if it answers. */
async function silence(
  system: System,
  scheduler: SchedulerAdapter,
  cwd: string,
): Promise<string | undefined> {
  const lacks = new Set<string>();
  const env = queryEnvironment(system.env, scheduler);
  const run = fittingCommand(commandIn(system, env), scheduler, lacks, (lack) => lacks.add(lack));
  const query = scheduler.find("doctor");
  const context = { user: system.user, since: system.now() };
  const ask = (lacks: ReadonlySet<string>) => query.argv([], { ...context, lacks });
  const result = await run(ask, cwd, ASK_TIMEOUT_MS);
  if (query.parse(result, []) !== undefined) return undefined;
  if (result.timedOut) return `no answer in ${ASK_TIMEOUT_MS / 1000} s`;
  const lines = (result.stderr || result.stdout).split("\n").map((line) => line.trim());
  return lines.find((line) => line !== "" && !/\bWARNING\b/i.test(line)) ?? `exit code ${result.code}`;
}

async function schedulers(
  system: System,
  cwd: string,
): Promise<{ findings: Finding[]; outsideCron: string[] }> {
  const findings: Finding[] = [];
  const outsideCron: string[] = [];
  for (const [name, { scheduler }] of Object.entries(ADAPTERS)) {
    if (!scheduler || !onPath(system, scheduler.version.program)) continue;
    const found = (await told(system, scheduler.version.argv, cwd))?.trim().split("\n")[0] ??
      "version unknown";
    const commands = commandsOf(scheduler);
    const missing = commands.filter((command) => onPath(system, command) === undefined);
    findings.push({
      area: "schedulers",
      level: missing.length > 0 ? "note" : "fine",
      text: `${name}: ${found}` + (missing.length > 0 ? `; without ${missing.join(", ")}` : ""),
    });
    const silent = missing.length > 0 ? undefined : await silence(system, scheduler, cwd);
    if (silent !== undefined) {
      const hint = "A study waits until it answers. Is the right module loaded, is its server up?";
      findings.push({ area: "schedulers", level: "note", text: `${name}: does not answer: ${silent}`, hint });
    }
    findings.push(...await checked(system, name, scheduler, cwd));
    outsideCron.push(
      ...commands.filter((command) => !CRON_PATH.includes(onPath(system, command) ?? CRON_PATH[0]!)),
    );
  }
  if (findings.length === 0) {
    const text = "none found: steps run on this machine";
    findings.push({ area: "schedulers", level: "note", text, hint: "Does it need a module?" });
  }
  return { findings, outsideCron: [...new Set(outsideCron)] };
}

/** The scheduler's own checks. */
function checked(
  system: System,
  name: string,
  { checks = [] }: SchedulerAdapter,
  cwd: string,
): Promise<Finding[]> {
  return Promise.all(
    checks.map(async ({ argv, fine, failed, hint }) =>
      await told(system, argv, cwd) === undefined
        ? { area: "schedulers", level: "note", text: `${name}: ${failed}`, hint }
        : { area: "schedulers", level: "fine", text: `${name}: ${fine}` }
    ),
  );
}

function cron(system: System, outside: readonly string[]): Finding[] {
  const line = `*/5 * * * * ${system.selfCommand.map(shellWord).join(" ")} conduct --once /path/of/study`;
  const found: Finding[] = [{ area: "cron", level: "fine", text: "a line for crontab", hint: line }];
  if (outside.length === 0) return found;
  const text = `not in cron's PATH (${CRON_PATH.join(":")}): ${outside.join(", ")}`;
  return [...found, { area: "cron", level: "note", text, hint: "`run` records their paths in the study." }];
}
