/**
 * Studies on real schedulers, as a user runs them: processes on a machine, each with a deadline. Steps write
 * their actions into a ledger. maestro's view comes from its status and its journal.
 */

import { decodeJournal } from "../../lib/study/journal/format.ts";
import type { StepJson } from "../../lib/view/render_json.ts";
import type { StudyEvent } from "../../lib/study/events.ts";
import { assertEquals } from "../assert.ts";
import { HANG_MS, ROOT } from "../maestro.ts";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A maestro under way. */
export interface Started {
  readonly pid: number;
  readonly ended: Promise<Outcome>;
  /** SIGKILL. */
  kill(): void;
}

/** Who runs maestro, and how. */
export interface Site {
  /** Words before every command: `runuser -u alice --`. */
  readonly prefix: readonly string[];
  readonly deno: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
}

/** Nothing here takes longer, unless it hangs. */
const DEADLINE_MS = HANG_MS;

export const SITE_OF_ROOT: Site = { prefix: [], deno: Deno.execPath(), env: {}, user: "root" };

/** A user who may not read root's home: gets a copy of the runtime and its downloads. */
export async function siteOf(user: string): Promise<Site> {
  const home = await Deno.makeTempDir({ prefix: "maestro_site_" });
  addEventListener("unload", () => Deno.removeSync(home, { recursive: true }));
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  await Deno.copyFile(await Deno.realPath(Deno.execPath()), `${home}/deno`);
  await command(["cp", "-r", denoDir, `${home}/cache`]);
  await command(["chown", "-R", user, home]);
  return {
    prefix: ["runuser", "-u", user, "--"],
    deno: `${home}/deno`,
    env: { DENO_DIR: `${home}/cache` },
    user,
  };
}

/** Runs a command that must succeed; gives what it printed. */
export async function command(argv: readonly string[], timeoutMs = HANG_MS): Promise<string> {
  const { code, stdout, stderr } = await start(argv, {}, undefined, timeoutMs).ended;
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${stderr}${stdout}`);
  return stdout;
}

function start(
  argv: readonly string[],
  env: Record<string, string>,
  cwd?: string,
  timeoutMs = DEADLINE_MS,
): Started {
  // `runuser` has children: at the deadline, the group is ended.
  const child = new Deno.Command("setsid", {
    args: [...argv],
    env,
    ...(cwd === undefined ? {} : { cwd }),
    ...{ stdin: "null", stdout: "piped", stderr: "piped" } as const,
  }).spawn();
  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  const deadline = setTimeout(() => Deno.kill(-child.pid, "SIGKILL"), timeoutMs);
  const text = new TextDecoder();
  const ended = child.output().then(({ code, stdout, stderr }) => ({
    code,
    stdout: text.decode(stdout),
    stderr: text.decode(stderr),
  })).finally(() => clearTimeout(deadline));
  return { pid: child.pid, ended, kill };
}

/** Waits until something holds. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = HANG_MS,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`after ${timeoutMs / 1000} s not yet: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** A spec's folder, the study that is made of it, and what its steps did. */
export class Trial {
  /** For PATH, before all else. */
  private readonly words: string[] = [];
  /** The output of the last maestro. */
  last: Outcome | undefined;

  private constructor(readonly folder: string, readonly site: Site) {}

  static async make(site: Site, spec: string): Promise<Trial> {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "maestro_real_" }));
    await Deno.chmod(folder, 0o755);
    await Deno.writeTextFile(`${folder}/spec.yaml`, spec.replaceAll("@LEDGER@", `${folder}/ledger`));
    await Deno.writeTextFile(`${folder}/ledger`, "");
    if (site.prefix.length > 0) await command(["chown", "-R", site.user, folder]);
    return new Trial(folder, site);
  }

  get study(): string {
    return `${this.folder}/study`;
  }

  /** Puts a program of that name before the real one. */
  async wrap(name: string, script: string): Promise<string> {
    const bin = `${this.folder}/bin`;
    await Deno.mkdir(bin, { recursive: true });
    await Deno.writeTextFile(`${bin}/${name}`, script, { mode: 0o755 });
    if (!this.words.includes(bin)) this.words.push(bin);
    return bin;
  }

  unwrap(): void {
    this.words.length = 0;
  }

  begin(...args: string[]): Started {
    const { deno, env, prefix } = this.site;
    const path = [...this.words, env["PATH"] ?? Deno.env.get("PATH")].join(":");
    const program = [
      deno,
      "run",
      "--allow-all",
      "--quiet",
      "--config",
      `${ROOT}/deno.json`,
      `${ROOT}/cli.ts`,
    ];
    const given = prefix.length > 0 ? [...prefix, "env", `PATH=${path}`] : [];
    const started = start(
      [...given, ...program, ...args],
      { ...env, PATH: path, NO_COLOR: "1" },
      this.folder,
    );
    started.ended.then((outcome) => this.last = outcome);
    return started;
  }

  maestro(...args: string[]): Promise<Outcome> {
    return this.begin(...args).ended;
  }

  /** Runs the study to its end, looking at the scheduler every second. */
  run(...flags: string[]): Promise<Outcome> {
    return this.maestro("run", "-y", "-fg", "-s", "1", ...flags, "-o", this.study, "spec.yaml");
  }

  beginRun(...flags: string[]): Started {
    return this.begin("run", "-y", "-fg", "-s", "1", ...flags, "-o", this.study, "spec.yaml");
  }

  events(): StudyEvent[] {
    try {
      return [...decodeJournal(Deno.readTextFileSync(`${this.study}/.maestro/journal.jsonl`)).events];
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  /** The latest job of a step, once it has one. */
  jobOf(step: string): Promise<string> {
    return until(`${step} has a job`, () => {
      const submitted = this.events().findLast((event) => event.event === "submitted" && event.step === step);
      return submitted?.event === "submitted" ? submitted.jobId : undefined;
    });
  }

  async steps(): Promise<StepJson[]> {
    const { stdout } = await this.maestro("status", "--json", this.study);
    return JSON.parse(stdout).steps;
  }

  async states(): Promise<Record<string, string>> {
    return Object.fromEntries((await this.steps()).map(({ name, state }) => [name, state]));
  }

  /** What steps wrote, sorted. */
  ledger(): string[] {
    return Deno.readTextFileSync(`${this.folder}/ledger`).split("\n").filter((line) => line !== "").sort();
  }

  wrote(line: string, timeoutMs?: number): Promise<true> {
    return until(`the ledger has ${line}`, () => this.ledger().includes(line) || undefined, timeoutMs);
  }

  /** The study ended well, and its steps wrote this and nothing else. */
  finished(outcome: Outcome, lines: readonly string[]): void {
    if (outcome.code !== 0) {
      throw new Error(`exit code ${outcome.code}\n${outcome.stderr}\n${outcome.stdout}`);
    }
    assertEquals(this.ledger(), [...lines].sort());
  }
}

/** Runs a body with a new study. Its folder remains if it fails. */
export async function trial(site: Site, spec: string, body: (trial: Trial) => Promise<void>): Promise<void> {
  const made = await Trial.make(site, spec);
  try {
    await body(made);
  } catch (error) {
    const { stderr = "", code } = made.last ?? {};
    throw new Error(
      `${(error as Error).message}\nleft in ${made.folder}; maestro ended with ${code}: ${stderr}`,
    );
  }
  await Deno.remove(made.folder, { recursive: true });
}

export interface StepText {
  readonly cmd: string;
  /** Lines of `run`. */
  readonly run?: readonly string[];
  readonly depends?: readonly string[];
}

/** A spec from few words. */
export function specText(
  batch: Readonly<Record<string, string>>,
  steps: Readonly<Record<string, StepText>>,
  rest = "",
): string {
  const of = ([name, { cmd, run = [], depends }]: [string, StepText]) =>
    [
      `  - name: ${name}`,
      "    description: a step of a trial",
      "    run:",
      "      cmd: |",
      ...cmd.split("\n").map((line) => `        ${line}`),
      ...run.map((line) => `      ${line}`),
      ...(depends === undefined ? [] : [`      depends: [${depends.join(", ")}]`]),
    ].join("\n");
  return [
    "description: {name: trial, description: a trial}",
    `env: {variables: {LEDGER: "@LEDGER@"}}`,
    "batch:",
    ...Object.entries(batch).map(([key, value]) => `  ${key}: ${value}`),
    "study:",
    ...Object.entries(steps).map(of),
    rest,
    "",
  ].join("\n");
}

/** Trials that do not get into each other's way run side by side, each with its own verdict. */
export function sideBySide(name: string, bodies: Readonly<Record<string, () => Promise<void>>>): void {
  const loose = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  Deno.test({
    name,
    ...loose,
    fn: async (test) => {
      const steps = Object.entries(bodies).map(([what, fn]) => test.step({ name: what, fn, ...loose }));
      await Promise.all(steps);
    },
  });
}
