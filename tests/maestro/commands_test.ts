/** Fixed command lines through the console script of LLNL's Maestro and through this program: exit code, output, files. */

import { assertEquals } from "../assert.ts";
import { binFolder } from "../maestro.ts";
import { COMMAND_LINES, type CommandLine, FILES } from "./command_lines.ts";
import { COMMAND_RULES, type Outcome, steadyText } from "./command_rules.ts";
import { installed } from "./original.ts";
import { exists } from "./picture.ts";

const theirs = Deno.env.get("MAESTRO_CORPUS") === undefined ? await installed() : undefined;
const fired = new Map<string, number>();

interface CommandOutcome extends Outcome {
  readonly leaves: Readonly<Record<string, boolean>>;
}

async function run(bin: string, folder: string, line: CommandLine): Promise<CommandOutcome> {
  Deno.mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(FILES)) Deno.writeTextFileSync(`${folder}/${file}`, text);
  let outcome: Outcome = { code: 0, stdout: "" };
  for (const [i, words] of line.commands.entries()) {
    const last = i === line.commands.length - 1;
    const child = new Deno.Command(`${bin}/maestro`, {
      args: [...words],
      cwd: folder,
      env: { PATH: `${bin}:${Deno.env.get("PATH")}`, COLUMNS: "200", TERM: "dumb", NO_COLOR: "1", TZ: "UTC" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    // A program that asks nothing has ended before.
    await writer.write(new TextEncoder().encode(last ? line.input ?? "" : "")).catch(() => {});
    await writer.close().catch(() => {});
    const { code, stdout } = await child.output();
    outcome = { code, stdout: steadyText(new TextDecoder().decode(stdout), folder) };
  }
  const leaves = Object.fromEntries((line.leaves ?? []).map((file) => [file, exists(`${folder}/${file}`)]));
  return { ...outcome, leaves };
}

/** Removes a folder in which a conductor may still be at work: it ends by itself. */
async function removeWhenQuiet(folder: string): Promise<void> {
  for (let tries = 600;; tries--) {
    try {
      return Deno.removeSync(folder, { recursive: true });
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

for (const line of COMMAND_LINES) {
  Deno.test({
    name: `command lines: ${line.name}`,
    ignore: theirs === undefined,
    fn: async () => {
      const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "maestro_commands_" }));
      try {
        // Names of one length: titles are centred over tables.
        const [original, ours] = [
          await run(theirs!, `${folder}/theirs`, line),
          await run(await binFolder(), `${folder}/ours__`, line),
        ];
        const words = line.commands.at(-1)!;
        const { leaves, ...rest } = original;
        const wanted = COMMAND_RULES.reduce((outcome: Outcome, { name, apply }) => {
          const changed = apply(outcome, words, ours);
          if (changed !== outcome) fired.set(name, (fired.get(name) ?? 0) + 1);
          return changed;
        }, rest);
        assertEquals(ours, { ...wanted, leaves });
      } finally {
        await removeWhenQuiet(folder);
      }
    },
  });
}

Deno.test({
  name: "command lines: every rule is needed",
  ignore: theirs === undefined,
  fn: () => assertEquals(COMMAND_RULES.filter(({ name }) => !fired.has(name)).map(({ name }) => name), []),
});
