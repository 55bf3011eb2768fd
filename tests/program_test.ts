/** The texts that a start prints without loading the program: they are the program's own. */

import { assertEquals } from "./assert.ts";
import { runProgram } from "../lib/commands/program.ts";
import { realSystem } from "../lib/system.ts";
import { ROOT } from "./maestro.ts";

async function printed(...words: string[]): Promise<string> {
  const machine = realSystem([]);
  let text = "";
  const stdout = { ...machine.stdout, write: (more: string | Uint8Array) => void (text += more) };
  assertEquals(await runProgram({ ...machine, stdout }, words, "from source"), 0);
  return text;
}

Deno.test("templates/help.txt is what the program prints as help; UPDATE=1 writes it anew", async () => {
  const help = await printed("--help");
  const path = `${ROOT}/templates/help.txt`;
  if (Deno.env.get("UPDATE") === "1") Deno.writeTextFileSync(path, help);
  assertEquals(Deno.readTextFileSync(path), help);
  assertEquals(await printed("-h"), help);
});

Deno.test("--version and -v print the same with and without the program", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", `${ROOT}/cli.ts`, "-v"],
  }).output();
  assertEquals(new TextDecoder().decode(stdout), await printed("--version"));
});
