/** What a step on this machine sees of the environment. */

import { assertEquals } from "./assert.ts";
import { inFreshFolder, runIn } from "./maestro.ts";

const SPEC = `description: {name: seen, description: one step}
study:
  - {name: look, description: d, run: {cmd: "env -0 | sort -z > $(SPECROOT)/seen"}}
`;

for (const how of ["-fg", "in the background"]) {
  Deno.test(`a step on this machine sees the environment of the terminal (${how})`, () =>
    inFreshFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
      const run = how === "-fg"
        ? "maestro run -y -fg -o study spec.yaml"
        : "maestro run -y -o study spec.yaml && maestro wait study";
      const odd =
        'export ODD=\'a b"c$HOME\' DENO_LOG=mine DENO_NO_UPDATE_CHECK=1 MAESTRO_SITE=x PATH="bin:$PATH:.:"; ' +
        "ml() { echo; }; export -f ml";
      const { code, stderr } = await runIn(folder, [
        "bash",
        "-c",
        `${odd}; env -0 | sort -z > terminal; ${run}`,
      ]);
      assertEquals(code, 0, stderr);
      const seen = (file: string) =>
        Deno.readTextFileSync(`${folder}/${file}`).split("\0").filter((line) =>
          line !== "" && !/^(?:PWD|OLDPWD|SHLVL|_|MAESTRO_ATTEMPT)=/.test(line)
        );
      assertEquals(seen("seen"), seen("terminal"));
    }));
}
