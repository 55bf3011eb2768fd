/** The texts that a start prints without loading the program are equal to those of the program. */

import { assertEquals } from "./assert.ts";
import { runProgram } from "../lib/commands/program.ts";
import { realSystem } from "../lib/system.ts";
import { ROOT } from "./maestro.ts";

async function printed(...words: string[]): Promise<string> {
  const machine = realSystem([]);
  let text = "";
  const stdout = {
    ...machine.stdout,
    columns: () => 80,
    write: (more: string | Uint8Array) => void (text += more),
  };
  assertEquals(await runProgram({ ...machine, stdout }, words, "from source"), 0);
  return text;
}

Deno.test("templates/help.txt is the program's help at 80 columns; UPDATE=1 rewrites it", async () => {
  const help = await printed("--help");
  const path = `${ROOT}/templates/help.txt`;
  if (Deno.env.get("UPDATE") === "1") Deno.writeTextFileSync(path, help);
  assertEquals(Deno.readTextFileSync(path), help);
  for (const words of [["-h"], ["help"], []]) assertEquals(await printed(...words), help);
});

Deno.test("--version and -v print the same with and without the program", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", `${ROOT}/cli.ts`, "-v"],
  }).output();
  assertEquals(new TextDecoder().decode(stdout), await printed("--version"));
});
