/** Git dependencies: cloned before a study is launched, never asking anyone anything. */

import { EXIT, UserError } from "../errors.ts";
import type { System } from "../system.ts";
import type { GitDependency } from "../spec/types.ts";

/** An hour: large repositories over slow lines. */
const CLONE_TIMEOUT_MS = 3_600_000;

/**
 * Clones each dependency to its folder and checks out the named version. A failure leaves no files. `say`
 * receives progress messages.
 */
export async function acquireGit(
  system: System,
  dependencies: readonly GitDependency[],
  targets: ReadonlyMap<string, string>,
  urlOf: (dependency: GitDependency) => string,
  say: (message: string) => void,
): Promise<void> {
  const made: string[] = [];
  try {
    for (const dependency of dependencies) {
      const target = targets.get(dependency.name)!;
      const url = urlOf(dependency);
      if (system.facts(target) !== undefined) {
        throw failed(
          dependency,
          `${target} exists already`,
          "Remove it, or give the dependency another path.",
        );
      }
      made.push(target);
      say(`Cloning ${dependency.name} from ${url} ...`);
      await git(system, dependency, ["clone", "--quiet", "--", url, target]);
      const ref = dependency.hash ?? (dependency.tag && `tags/${dependency.tag}`) ?? dependency.branch;
      if (ref !== undefined) await git(system, dependency, ["-C", target, "checkout", "--quiet", ref, "--"]);
    }
  } catch (error) {
    // What stayed would be in the way of the next attempt.
    for (const target of made) if (system.facts(target) !== undefined) system.removeTree(target);
    throw error;
  }
}

async function git(system: System, dependency: GitDependency, args: string[]): Promise<void> {
  const env = {
    GIT_TERMINAL_PROMPT: "0",
    GIT_SSH_COMMAND: system.env["GIT_SSH_COMMAND"] ?? "ssh -o BatchMode=yes",
  };
  const result = await system.run(["git", ...args], { env, timeoutMs: CLONE_TIMEOUT_MS, mayAsk: true });
  if (result.code === 0) return;
  const said = result.timedOut ? "it took longer than an hour" : result.stderr.trim();
  throw failed(dependency, said, "Check the URL, the network and your rights to the repository.");
}

function failed(dependency: GitDependency, why: string, hint: string): UserError {
  return new UserError(
    `Git dependency "${dependency.name}" cannot be cloned: ${why}`,
    EXIT.cannotCreate,
    hint,
  );
}
