/** The lines around a step's commands, in real shells. */

import { wrapCommands } from "../lib/plan/wrap.ts";
import type { Batch, NamedText } from "../lib/spec/types.ts";
import { assertEquals } from "./assert.ts";
import { bind } from "./make.ts";
import { inFreshFolder, runIn } from "./maestro.ts";

const SHELLS = ["/bin/sh", "/bin/bash", "/bin/dash", "/bin/ksh", "/bin/zsh"].filter((shell) => {
  try {
    return Deno.statSync(shell).isFile;
  } catch {
    return false;
  }
});

async function run(shell: string, cmd: string, batch: Partial<Batch>, env: NamedText[] = []) {
  return await inFreshFolder(async (folder) => {
    const text = wrapCommands(cmd, { type: "local", ...batch } as Batch, env);
    await Deno.writeTextFile(`${folder}/script`, `#!${shell}\n\n${text}\n`, { mode: 0o755 });
    const { code, stdout } = await runIn(folder, [`${folder}/script`]);
    return [code, stdout];
  });
}

Deno.test("commands alone remain unchanged", () => {
  assertEquals(wrapCommands("a\nb", { type: "local" }, []), "a\nb");
});

Deno.test("exported values reach programs unchanged, whatever they are", async () => {
  const values = [
    "plain",
    "",
    "two words",
    "it's",
    '"$HOME" `id` $(id) \\n \\',
    "line\nline\n",
    "ü *? ~ ! # = %s",
  ];
  const env = values.map((text, i) => ({ name: `V${i}`, text }));
  const cmd = values.map((_, i) => `printenv V${i}`).join("; ");
  for (const shell of SHELLS) {
    assertEquals(await run(shell, cmd, {}, env), [0, values.map((value) => value + "\n").join("")], shell);
  }
});

Deno.test("commands before and behind, however the step's own end", async () => {
  const table: [cmd: string, pre: string, code: number, out: string][] = [
    ["echo cmd", "echo pre", 0, "pre\ncmd\npost 0\n"],
    ["echo cmd; exit 3", "echo pre", 3, "pre\ncmd\npost 3\n"],
    ["false", "", 1, "post 1\n"],
    ["false\necho cmd", "set -e", 1, "post 1\n"],
    ["cat <<END\nx\nEND", "X=1\n", 0, "x\npost 0\n"],
    ["# the last line is a comment", "", 0, "post 0\n"],
  ];
  for (const shell of SHELLS) {
    for (const [cmd, pre, code, out] of table) {
      const batch = { ...(pre === "" ? {} : { pre }), post: 'echo "post $maestro_code"\nfalse' };
      assertEquals(await run(shell, cmd, batch), [code, out], `${shell}: ${cmd}`);
    }
  }
});

Deno.test("a step's own shell counts, and shells that cannot do what is asked are named", () => {
  const env = [{ name: "A", text: "1" }];
  const table: [batch: Partial<Batch>, step: { shell?: string; env?: NamedText[] }, messages: string[]][] = [
    [{}, { env }, []],
    [{ shell: "/bin/tcsh -f" }, { env }, []],
    [{ shell: "/usr/bin/env python3" }, { env }, ['error: "env" of step "a" cannot be exported in python3']],
    [{ shell: "/usr/bin/env python3" }, { env, shell: "/bin/bash -l" }, []],
    [{ shell: "/bin/csh", post: "x" }, {}, ['error: "post" of "batch" is not possible in csh']],
    [{ post: "x" }, { shell: "/usr/bin/python3" }, [
      'error: "post" of "batch" is not possible in python3',
    ]],
    [{ pre: "x" }, { shell: "/usr/bin/python3" }, []],
  ];
  for (const [batch, step, messages] of table) {
    const more = { batch: { type: "local", ...batch } as Batch };
    assertEquals(
      bind({ steps: [["a", "x", [], step]], more }).messages,
      messages,
      JSON.stringify([batch, step]),
    );
  }
});
