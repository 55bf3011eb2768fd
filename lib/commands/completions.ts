/** `maestro completions SHELL`: a small script with which a shell asks this program for completions. */

import { complete, type Known } from "../view/complete.ts";
import { EXIT } from "../errors.ts";
import bash from "../../templates/completions.bash" with { type: "text" };
import fish from "../../templates/completions.fish" with { type: "text" };
import zsh from "../../templates/completions.zsh" with { type: "text" };
import { openStudyToRead } from "../study/folder.ts";
import { findStudies } from "../study/search.ts";
import { listOf } from "../plan/parameters.ts";
import type { System } from "../system.ts";
import type { Plan } from "../plan/types.ts";
import { noSuchShell } from "../view_errors.ts";
import { guarded } from "../app/context.ts";
import { type CommandFacts, COMMON_FLAGS } from "./describe.ts";

const SCRIPTS: Readonly<Record<string, string>> = { bash, zsh, fish };

/**
 * With words after the shell's name: candidates for the last of them, one a line, each with a description
 * after a tab.
 */
export default (commands: readonly CommandFacts[]) =>
  guarded<Record<never, never>, string[]>(async ({ system }, _flags, shell, ...words) => {
    const script = Object.hasOwn(SCRIPTS, shell!) ? SCRIPTS[shell!] : undefined;
    if (script === undefined) throw noSuchShell(shell!, Object.keys(SCRIPTS));
    if (words.length === 0) {
      system.stdout.write(script);
      return EXIT.ok;
    }
    const candidates = await complete(words, commands, COMMON_FLAGS, knownTo(system));
    system.stdout.write(
      candidates.map(({ word, about }) => shell === "bash" ? `${word}\n` : `${word}\t${about}\n`).join(""),
    );
    return EXIT.ok;
  });

/** Candidates are a help, not a promise: if a file cannot be read, there are none. */
function knownTo(system: System): Known {
  const planOf = async (directory: string): Promise<Plan | undefined> => {
    try {
      return (await openStudyToRead(system, directory)).plan;
    } catch {
      return undefined;
    }
  };
  return {
    studies: () =>
      findStudies(system, ".").studies.map(({ directory }) =>
        directory === system.cwd ? "." : directory.slice(system.cwd.replace(/\/$/, "").length + 1)
      ),
    async steps(directory) {
      const plan = await planOf(directory);
      return plan ? [...new Set([...plan.steps, ...plan.nodes].map(({ name }) => name))] : [];
    },
    async parameters(directory) {
      const plan = await planOf(directory);
      const pairs = plan?.study.parameters.flatMap(({ key, values }) =>
        listOf(values).map((value) => `${key}=${value}`)
      );
      return [...new Set(pairs)];
    },
  };
}
