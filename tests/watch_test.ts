/** `maestro status --watch` on a terminal: it draws, follows the terminal's size, and leaves it as it was. */

import { frame, SCREEN } from "../lib/terminal.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { binFolder, inFreshFolder, ROOT, runIn } from "./maestro.ts";

type Step = ["expect", string] | ["resize", number, number] | ["send", string] | ["signal", number] | [
  "touch",
  string,
];

/** The last frame drawn, as lines. */
function lastFrame(output: string): string[] {
  const drawn = output.split("\x1b[?2026h\x1b[H").at(-1)!.split("\x1b[J")[0]!;
  // deno-lint-ignore no-control-regex
  return drawn.replace(/\x1b\[[\d;?]*[A-Za-z]/g, "").split(/\r*\n/);
}

async function onTerminal(folder: string, size: [number, number], steps: Step[], words: string[]) {
  const script = steps.map((step) => JSON.stringify(step)).join("\n");
  await Deno.writeTextFile(`${folder}/steps`, script + "\n");
  const bin = await binFolder();
  const command = `TERM=xterm NO_COLOR= exec python3 ${ROOT}/tests/on_terminal.py ${
    size.join(" ")
  } ${bin}/maestro ${words.join(" ")} <steps`;
  const outcome = await runIn(folder, ["/bin/sh", "-c", command]);
  assertEquals(outcome.stderr, "");
  return outcome;
}

const SPEC = `description: {name: slow, description: A step that waits for a file.}
study:
  - {name: quick, description: d, run: {cmd: "true"}}
  - {name: slow, description: d, run: {cmd: "until test -e ../go; do sleep 0.1; done", depends: [quick]}}
`;

async function withStudy(body: (folder: string) => Promise<void>): Promise<void> {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
    await runIn(folder, ["maestro", "run", "-y", "-o", "out", "spec.yaml"]);
    try {
      await body(folder);
    } finally {
      await runIn(folder, ["maestro", "cancel", "-y", "out"]);
    }
  });
}

Deno.test("watch: draws, follows the size, and Ctrl-C gives the terminal back", async () => {
  await withStudy(async (folder) => {
    const steps: Step[] = [
      ["expect", "1 of 2 steps ended"],
      ["expect", "slow"],
      ["resize", 4, 30],
      ["expect", "\x1b[?2026h"],
      ["expect", "\x1b[?2026l"],
      ["send", "\x03"],
    ];
    const { code, stdout } = await onTerminal(folder, [20, 70], steps, ["status", "--watch", "out"]);
    assertEquals(code, 130, stdout);
    assert(stdout.startsWith(SCREEN.enter));
    const [, after] = stdout.split(SCREEN.leave);
    assert(after !== undefined, "the terminal was not restored");
    assertStringIncludes(after, "1 FINISHED, 1 RUNNING");
    assertEquals(stdout.split(SCREEN.enter).length, 2);
    const lines = lastFrame(stdout.split(SCREEN.leave)[0]!);
    assert(lines.length <= 4, `${lines.length} lines on a terminal of 4`);
    assert(lines[1]!.length <= 30, JSON.stringify(lines));
  });
});

Deno.test("watch: ends with the study, and what was last seen stays behind", async () => {
  await withStudy(async (folder) => {
    const steps: Step[] = [["expect", "1 of 2 steps ended"], ["touch", "out/go"]];
    const words = ["status", "--watch", "--exit-code", "out"];
    const { code, stdout } = await onTerminal(folder, [20, 70], steps, words);
    assertEquals(code, 0, stdout);
    assertStringIncludes(stdout.split(SCREEN.leave)[1]!, "2 of 2 steps ended");
  });
});

Deno.test("watch: a signal that ends it gives the terminal back as well", async () => {
  await withStudy(async (folder) => {
    for (const signal of [1, 15]) {
      const steps: Step[] = [["expect", "steps ended"], ["signal", signal]];
      const { code, stdout } = await onTerminal(folder, [20, 70], steps, ["status", "--watch", "out"]);
      assertEquals(code, 130, stdout);
      assert(stdout.includes(SCREEN.leave));
    }
  });
});

Deno.test("watch: a frame erases what it does not write over, and does not scroll", () => {
  assertEquals(frame(["a", "b"]), "\x1b[?2026h\x1b[Ha\x1b[0m\x1b[K\r\nb\x1b[0m\x1b[K\x1b[J\x1b[?2026l");
});
