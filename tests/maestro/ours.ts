/** This program inside the test's own process: one command line, and the study that it made. */

import { type ApplicationContext, run } from "@stricli/core";
import { ADAPTERS } from "../../adapters/mod.ts";
import { readCommandLine } from "../../lib/command_line.ts";
import { application, FLAGS } from "../../lib/commands/app.ts";
import type { Context } from "../../lib/app/context.ts";
import { openStudy } from "../../lib/study/folder.ts";
import { allParents, paramsOf, workspaceOf } from "../../lib/plan/node_text.ts";
import { nodeScripts } from "../../lib/plan/node_script.ts";
import { realSystem, type System, type Terminal } from "../../lib/system.ts";
import { VERSION } from "../maestro.ts";

/** A node of ours, in the words of `OriginalNode`. */
export interface OurNode {
  readonly name: string;
  readonly workspace: string;
  readonly parents: readonly string[];
  readonly params: readonly (readonly [string, string])[];
  readonly scheduled: boolean;
  readonly script: string;
  readonly restart: string | null;
}

export interface OurRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly nodes: readonly OurNode[];
}

/** Runs a command line; `root` is the study's folder, from which the nodes are read if there is one. */
export async function runOurs(
  words: readonly string[],
  cwd: string,
  root: string,
  offline = false,
): Promise<OurRun> {
  const stdout = terminal();
  const stderr = terminal();
  const real = realSystem([]);
  const system: System = {
    ...real,
    cwd,
    stdout,
    stderr,
    atTerminal: false,
    isAnswered: () => Promise.resolve(false),
    ...(offline ? withoutWorld(real, root) : {}),
  };
  const { args, globals } = readCommandLine(words, FLAGS);
  const process: ApplicationContext["process"] = { stdout, stderr, env: {} };
  const context: Context & ApplicationContext = {
    process,
    system,
    version: VERSION,
    words,
    exitCode: 0,
    globals: { debugLevel: 2, logToTerminal: "logstdout" in globals },
  };
  await run(application(), args, context);
  const code = process.exitCode ? Number(process.exitCode) : context.exitCode;
  const nodes = code === 0 ? await nodesOf(system, root) : [];
  return { code, stdout: stdout.text(), stderr: stderr.text(), nodes };
}

function terminal(): Terminal & { text(): string } {
  let all = "";
  const write = (text: string | Uint8Array) => {
    all += typeof text === "string" ? text : new TextDecoder().decode(text);
  };
  return { write, say: write, isTerminal: false, columns: () => 80, rows: () => 24, text: () => all };
}

/** Clones that succeed without a clone, and paths that exist because somebody needs them. */
function withoutWorld(real: System, root: string): Partial<System> {
  return {
    facts: (path) =>
      real.facts(path) ??
        (path.startsWith(root) ? undefined : { isDirectory: true, size: 0, changedAt: 0 }),
    run: (argv, options) =>
      argv[0] === "git"
        ? Promise.resolve({ code: 0, stdout: "", stderr: "", timedOut: false })
        : real.run(argv, options),
  };
}

async function nodesOf(system: System, root: string): Promise<OurNode[]> {
  const { plan } = await openStudy(system, root);
  const adapter = ADAPTERS[String(plan.study.batch.type)]!;
  return plan.nodes.map((node) => {
    const { scheduled, script, restart } = nodeScripts(plan, node, adapter);
    const workspace = workspaceOf(plan, node);
    return {
      name: node.name,
      workspace,
      parents: allParents(plan, node).map((parent) => plan.nodes[parent]!.name).sort(),
      params: Object.entries(paramsOf(plan, node)).sort(([a], [b]) => a < b ? -1 : 1),
      scheduled,
      script: `${workspace}/${script.file}`,
      restart: restart ? `${workspace}/${restart.file}` : null,
    };
  });
}
