/** Scripts of `cli/` that need no separate shell are recognised, and no others. */

import { assertEquals } from "./assert.ts";
import { inFreshFolder, PROCESSES, runIn } from "./maestro.ts";
import { runScript } from "./hosted.ts";
import { readScript } from "./shell_words.ts";

/** Each command as one text: `[words] {variables} out err | pipe`, or as it is written. */
function read(script: string): string[] | undefined {
  return readScript(script)?.map(({ text, maestro }) => {
    if (maestro === undefined) return text;
    const { words, variables, streams, pipedInto } = maestro;
    return JSON.stringify([words, variables, streams.out, streams.err, ...pipedInto ? [pipedInto] : []]);
  });
}

Deno.test("scripts: what a host runs, what a shell runs, and what one shell has to run whole", () => {
  const table: [script: string, commands: string[] | undefined][] = [
    ["maestro status\n", ['[["status"],{},"out","err"]']],
    ["maestro a 'b c' --x=\"d e\" # f; g\n\necho $?", [
      '[["a","b c","--x=d e"],{},"out","err"]',
      "echo $?",
    ]],
    ["maestro a >/dev/null 2>&1; maestro b 2>&1 | head -n 1", [
      '[["a"],{},"nowhere","nowhere"]',
      '[["b"],{},"out","out","head -n 1"]',
    ]],
    ["COLUMNS=80 NO_COLOR= maestro a", ['[["a"],{"COLUMNS":"80","NO_COLOR":""},"out","err"]']],
    ["maestro a 2>/dev/null", ['[["a"],{},"out","nowhere"]']],
    // Only a shell knows these words, files and pipes.
    ["maestro a $HOME", ["maestro a $HOME"]],
    ["maestro a *.yaml", ["maestro a *.yaml"]],
    ["maestro a >file", ["maestro a >file"]],
    ["maestro a <file", ["maestro a <file"]],
    ["echo y | maestro a", ["echo y | maestro a"]],
    ["maestro a && maestro b", ["maestro a && maestro b"]],
    ["echo 'maestro; a'", ["echo 'maestro; a'"]],
    // What one command leaves in the shell for the next, and what nests commands.
    ...[
      "cd a; maestro b",
      "mkdir a && cd a; maestro b",
      "x=1; maestro $x",
      "export X=1\nmaestro a",
      "while maestro a; do :; done",
      "(maestro a)",
      "{ maestro a; }",
      "maestro a &",
      "x=$(maestro a)",
      "echo `maestro a`",
      "maestro a || true",
      "maestro a <<X\nX\n",
      "maestro 'a",
      "maestro a\\;",
    ].map((script): [string, undefined] => [script, undefined]),
  ];
  for (const [script, commands] of table) assertEquals(read(script), commands, script);
});

Deno.test({
  name: "scripts: a host and a shell come to the same end",
  ignore: PROCESSES,
  async fn() {
    const scripts = [
      'maestro status nowhere; echo "exit $?"; maestro nonsense',
      "maestro --version | tr a-z A-Z",
      "maestro nonsense 2>&1 | wc -l; maestro lint nowhere 2>/dev/null",
      "COLUMNS=40 maestro status --help; maestro status --help >/dev/null; ls; false",
    ];
    for (const script of scripts) {
      await inFreshFolder(async (folder) => {
        assertEquals(await runScript(folder, script), await runIn(folder, ["/bin/sh", "-c", script]), script);
      });
    }
  },
});
