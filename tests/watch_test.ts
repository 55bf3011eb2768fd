/** `maestro status --watch` and `run -fg` on a terminal: they draw, follow its size, leave it as it was, and outlive it. */

import { frame, SCREEN } from "../lib/view/terminal.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { binFolder, inFreshFolder, ROOT, runIn } from "./maestro.ts";

type Step = ["expect", string] | ["resize", number, number] | ["send", string] | ["signal", number] | [
  "close",
] | [
  "touch",
  string,
];

/** The last frame drawn, as lines. */
function lastFrame(output: string): string[] {
  const drawn = output.split("\x1b[?2026h\x1b[H").at(-1)!.split("\x1b[J")[0]!;
  // deno-lint-ignore no-control-regex
  return drawn.replace(/\x1b\[[\d;?]*[A-Za-z]/g, "").split(/\r*\n/);
}

async function onTerminal(
  folder: string,
  size: [number, number],
  steps: Step[],
  words: string[],
  { term = "xterm", before = "" } = {},
) {
  const script = steps.map((step) => JSON.stringify(step)).join("\n");
  await Deno.writeTextFile(`${folder}/steps`, script + "\n");
  const bin = await binFolder();
  const command = `${before}TERM=${term} NO_COLOR= exec python3 ${ROOT}/tests/on_terminal.py ${
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
      // The conductor sees that a step has begun some moments later.
      ["expect", "1 RUNNING"],
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

const FOREGROUND = ["run", "-y", "-fg", "-o", "out", "spec.yaml"];

async function withSpec(body: (folder: string) => Promise<void>): Promise<void> {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
    await body(folder);
  });
}

Deno.test("run -fg: draws on a terminal, and leaves the summary behind", async () => {
  await withSpec(async (folder) => {
    const steps: Step[] = [["expect", SCREEN.enter], ["expect", "1 of 2 steps ended"], ["touch", "out/go"]];
    const { code, stdout } = await onTerminal(folder, [20, 70], steps, FOREGROUND);
    assertEquals(code, 0, stdout);
    const [before, drawn, ...more] = stdout.split(SCREEN.enter);
    assertStringIncludes(before!, "Output path");
    assertEquals(more.length, 0);
    const [, after] = drawn!.split(SCREEN.leave);
    assertStringIncludes(after!, "2 of 2 steps ended");
    assert(!stdout.includes(" - INFO - "), stdout);
    assertStringIncludes(await Deno.readTextFile(`${folder}/out/logs/slow.log`), " - INFO - ");
  });
});

Deno.test("run -fg: Ctrl-C on its screen cancels, and reports that", async () => {
  await withSpec(async (folder) => {
    const sentence = "Cancelling the study; press Ctrl-C again";
    const steps: Step[] = [["expect", "1 of 2 steps ended"], ["send", "\x03"], ["expect", sentence]];
    const { code, stdout } = await onTerminal(folder, [20, 90], steps, FOREGROUND);
    assertEquals(code, 130, stdout);
    const [drawn, after] = stdout.split(SCREEN.leave);
    assertStringIncludes(lastFrame(drawn!).join("\n"), sentence);
    assertStringIncludes(after!, "1 FINISHED, 1 CANCELLED");
  });
});

Deno.test("run -fg: the log's lines where the terminal cannot draw", async () => {
  await withSpec(async (folder) => {
    const steps: Step[] = [["expect", "INFO]"], ["touch", "out/go"]];
    const { code, stdout } = await onTerminal(folder, [20, 70], steps, FOREGROUND, { term: "dumb" });
    assertEquals(code, 0, stdout);
    assert(!stdout.includes("\x1b["), stdout);
  });
});

Deno.test("run -fg: a terminal that is closed ends the conductor and no step; resume takes the study up", async () => {
  await withSpec(async (folder) => {
    const steps: Step[] = [["expect", "1 of 2 steps ended"], ["close"]];
    const { code, stdout } = await onTerminal(folder, [20, 70], steps, FOREGROUND);
    assertEquals(code, 4, stdout);
    const left = await runIn(folder, ["maestro", "status", "--json", "out"]);
    const { state, conductor, counts } = JSON.parse(left.stdout);
    assertEquals([state, conductor.alive, counts], ["stalled", false, { FINISHED: 1, RUNNING: 1 }]);
    await Deno.writeTextFile(`${folder}/out/go`, "");
    const resumed = await runIn(folder, ["maestro", "resume", "-fg", "out"]);
    assertEquals(resumed.code, 0, resumed.stderr);
    const { steps: [, slow] } = JSON.parse(
      (await runIn(folder, ["maestro", "status", "--json", "out"])).stdout,
    );
    assertEquals([slow.state, slow.restarts], ["FINISHED", 0]);
  });
});

Deno.test("run -fg: with nohup it goes on without its terminal", async () => {
  for (const term of ["xterm", "dumb"]) {
    await withSpec(async (folder) => {
      const steps: Step[] = [["expect", term === "dumb" ? "INFO]" : "1 of 2 steps ended"], ["close"], [
        "touch",
        "out/go",
      ]];
      const before = "trap '' HUP; ";
      const { code, stdout } = await onTerminal(folder, [20, 70], steps, FOREGROUND, { term, before });
      assertEquals(code, 0, stdout);
      const { stdout: status } = await runIn(folder, ["maestro", "status", "--layout", "summary", "out"]);
      assertStringIncludes(status, "2 of 2 steps ended");
    });
  }
});

Deno.test("status: on a terminal the summary is above the table; a long table is omitted, but not in a pipe", async () => {
  await inFreshFolder(async (folder) => {
    const spec = (values: number) =>
      `description: {name: many, description: d}\nstudy: [{name: one, description: d, run: {cmd: "true $(N)"}}]\n` +
      `global.parameters: {N: {values: [${
        Array.from({ length: values }, (_, n) => n).join(", ")
      }], label: N.%%}}\n`;
    for (const [name, values] of [["few", 2], ["many", 150]] as const) {
      await Deno.writeTextFile(`${folder}/${name}.yaml`, spec(values));
      await runIn(folder, ["maestro", "run", "-n", "-o", name, `${name}.yaml`]);
    }
    const few = await onTerminal(folder, [60, 200], [], ["status", "few"]);
    assert(few.stdout.indexOf("0 of 2 steps ended") < few.stdout.indexOf("one_N.1"), few.stdout);
    const many = await onTerminal(folder, [60, 200], [], ["status", "many"]);
    assertStringIncludes(many.stdout, "The table of 150 steps is omitted");
    assert(!many.stdout.includes("one_N.149"), many.stdout);
    const piped = await runIn(folder, ["maestro", "status", "many"]);
    assertStringIncludes(piped.stdout, "one_N.149");
    // What Maestro does not print is not on its stream.
    assert(!piped.stdout.includes("steps ended"), piped.stdout);
    assertStringIncludes(piped.stderr, "0 of 150 steps ended");
  });
});

Deno.test("status: a terminal that reports no size counts as 80 columns and 24 lines", async () => {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/spec.yaml`,
      SPEC.replace("until test -e ../go; do sleep 0.1; done", "true"),
    );
    await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "spec.yaml"]);
    const words = ["status", "--disable-pager", "out"];
    const [unknown, usual] = [
      await onTerminal(folder, [0, 0], [], words),
      await onTerminal(folder, [24, 80], [], words),
    ];
    assertEquals(unknown.stdout, usual.stdout);
    assertStringIncludes(usual.stdout, "2 FINISHED");
  });
});

/** A study that nobody conducts yet. */
async function withLaidOut(body: (folder: string) => Promise<void>): Promise<void> {
  await withSpec(async (folder) => {
    await runIn(folder, ["maestro", "run", "-n", "-o", "out", "spec.yaml"]);
    await body(folder);
  });
}

Deno.test("conduct: shows the study on a terminal, and leaves the summary behind", async () => {
  await withLaidOut(async (folder) => {
    const steps: Step[] = [["expect", SCREEN.enter], ["expect", "1 of 2 steps ended"], ["touch", "out/go"]];
    const { code, stdout } = await onTerminal(folder, [20, 90], steps, ["conduct", "out"]);
    assertEquals(code, 0, stdout);
    const [, after] = stdout.split(SCREEN.leave);
    assertStringIncludes(after!, "2 of 2 steps ended");
    assertStringIncludes(after!, "/out: finished");
  });
});

Deno.test("conduct: Ctrl-C on its screen leaves the study, and shows how it continues", async () => {
  await withLaidOut(async (folder) => {
    const steps: Step[] = [["expect", "1 of 2 steps ended"], ["send", "\x03"]];
    const { code, stdout } = await onTerminal(folder, [20, 90], steps, ["conduct", "out"]);
    assertEquals(code, 130, stdout);
    assertStringIncludes(
      stdout.split(SCREEN.leave)[1]!.replaceAll("\r\n", "\n"),
      "/out: not ended yet; `maestro resume ",
    );
    assertEquals((await runIn(folder, ["maestro", "cancel", "-y", "out"])).code, 0);
  });
});

Deno.test("conduct: goes on when its terminal is closed", async () => {
  await withLaidOut(async (folder) => {
    const steps: Step[] = [["expect", "1 of 2 steps ended"], ["close"], ["touch", "out/go"]];
    const { code, stdout } = await onTerminal(folder, [20, 90], steps, ["conduct", "out"]);
    assertEquals(code, 0, stdout);
  });
});
