/** `maestro tui` in a shell on a terminal: it draws, takes keys, and leaves the terminal as it was, however it ends. */

import { KEY_SCREEN } from "../lib/view/terminal.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { binFolder, inFreshFolder, ROOT, runIn } from "./maestro.ts";

type Step =
  | ["expect" | "send" | "touch", string]
  | ["resize", number, number]
  | ["foreground", number]
  | ["close"];

const SPEC = `description: {name: swept, description: Four values and one failure.}
study:
  - {name: quick, description: d, run: {cmd: "true"}}
  - {name: work, description: d, run: {cmd: "echo size $(SIZE); test $(SIZE) != 3 -o -e ../../../go", depends: [quick]}}
global.parameters:
  SIZE: {values: [1, 2, 3, 4], label: SIZE.%%}
`;

const MODES = "stty -a | sed 's/rows [0-9]*; columns [0-9]*//'";

/**
 * Types a command into a shell with job control. The modes of the terminal before it and after it must be equal. Returns
 * the exit code of the command, and all that the terminal received.
 */
async function inShell(folder: string, command: string, steps: Step[], env = "TERM=xterm") {
  const line = `${MODES} >before; ${command}; echo "[code $?]"; ${MODES} >after; exit\r`;
  const all: Step[] = [["expect", "$ "], ["send", line], ...steps, ["expect", "[code "], ["expect", "]"]];
  await Deno.writeTextFile(`${folder}/steps`, all.map((step) => `${JSON.stringify(step)}\n`).join(""));
  const bin = await binFolder();
  const shell =
    `${env} NO_COLOR= PROMPT_COMMAND='PS1="$ "' LC_ALL=C.UTF-8 exec python3 ${ROOT}/tests/on_terminal.py 24 80 ` +
    `/bin/bash --norc --noprofile --noediting -i <steps`;
  const { stdout, stderr } = await runIn(folder, ["/bin/sh", "-c", shell.replaceAll("@bin", bin)]);
  assertEquals(stderr, "", stdout);
  const [, code] = /\[code (\d+)\]/.exec(stdout) ?? [];
  assert(code !== undefined, JSON.stringify(stdout));
  const [before, after] = ["before", "after"].map((name) => Deno.readTextFileSync(`${folder}/${name}`));
  assertStringIncludes(before!, "icanon");
  assertEquals(after, before);
  const count = (text: string) => stdout.split(text).length - 1;
  assertEquals(count(KEY_SCREEN.leave), count(KEY_SCREEN.enter), JSON.stringify(stdout));
  assert(stdout.lastIndexOf(KEY_SCREEN.leave) >= stdout.lastIndexOf(KEY_SCREEN.enter));
  return { code: Number(code), stdout };
}

async function withStudy(body: (folder: string) => Promise<void>): Promise<void> {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
    await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "spec.yaml"]);
    await body(folder);
  });
}

Deno.test("tui: from the list into a study, a step and its log, through changes of the size, and out", async () => {
  await withStudy(async (folder) => {
    const { code, stdout } = await inShell(folder, "maestro tui", [
      ["expect", "Studies"],
      ["expect", "failed"],
      ["send", "\r"],
      ["expect", "work"],
      ["send", "\x1b[B\x1b[C"],
      ["expect", "work_SIZE.4"],
      ["resize", 10, 40],
      ["expect", "\x1b[2J"],
      ["expect", "work_SIZE.1"],
      ["resize", 30, 100],
      ["expect", "\x1b[2J"],
      ["send", "\x1b[B"],
      ["send", "\r"],
      ["expect", "SIZE=1"],
      ["send", "o"],
      ["expect", "size 1"],
      ["send", "t"],
      ["expect", "#!"],
      ["send", "q"],
    ]);
    assertEquals(code, 0);
    assertEquals(stdout.split("\x1b[2J").length - 1, 3, "it was drawn as a whole once, and for each size");
  });
});

Deno.test("tui: a rerun asks, runs, and shows what became of it; a log follows", async () => {
  await withStudy(async (folder) => {
    const { code } = await inShell(folder, "maestro tui out", [
      ["expect", "1 FAILED"],
      ["send", "R"],
      ["expect", "maestro rerun"],
      ["touch", `${folder}/go`],
      ["send", "y"],
      ["expect", "5 FINISHED"],
      ["send", "\x1b"],
      ["expect", "Studies"],
      ["send", "q"],
    ]);
    assertEquals(code, 0);
    const { stdout } = await runIn(folder, [
      "maestro",
      "status",
      "--exit-code",
      "--layout",
      "summary",
      "out",
    ]);
    assertStringIncludes(stdout, "5 FINISHED");
  });
});

/** How it may end, and its exit code. */
const ENDS: Readonly<Record<string, readonly [steps: Step[], code: number]>> = {
  "q": [[["send", "q"]], 0],
  "Ctrl-C": [[["send", "\x03"]], 0],
  "SIGINT": [[["foreground", 2]], 130],
  "SIGTERM": [[["foreground", 15]], 130],
  "SIGHUP": [[["foreground", 1]], 130],
  "SIGTERM with the mouse on and a question open": [[["send", "mR"], ["expect", "maestro rerun"], [
    "foreground",
    15,
  ]], 130],
};

Deno.test("tui: the terminal is as it was after every kind of end", async () => {
  await withStudy(async (folder) => {
    for (const [name, [steps, wanted]] of Object.entries(ENDS)) {
      const { code } = await inShell(folder, "maestro tui out", [["expect", "work"], ...steps]);
      assertEquals(code, wanted, name);
    }
  });
});

Deno.test("tui: Ctrl-Z and SIGTSTP give the terminal to the shell, and fg goes on", async () => {
  await withStudy(async (folder) => {
    for (const stop of [["send", "\x1a"], ["foreground", 20], ["foreground", 19]] as const) {
      const isKilled = stop[1] === 19;
      const line = `${MODES} >before; maestro tui out\r`;
      const all: Step[] = [
        ["expect", "$ "],
        ["send", line],
        ["expect", "work"],
        [...stop] as unknown as Step,
        ["expect", "Stopped"],
        // SIGSTOP gives no time to restore anything: the shell restores the modes.
        ["send", `${MODES} >stopped; fg\r`],
        ["expect", "\x1b[2J"],
        ["expect", "work"],
        ["send", "q"],
        ["expect", "$ "],
        ["send", `${MODES} >after; exit\r`],
      ];
      await Deno.writeTextFile(`${folder}/steps`, all.map((step) => `${JSON.stringify(step)}\n`).join(""));
      const shell = `TERM=xterm PROMPT_COMMAND='PS1="$ "' exec python3 ${ROOT}/tests/on_terminal.py 24 80 ` +
        `/bin/bash --norc --noprofile --noediting -i <steps`;
      const { code, stdout } = await runIn(folder, ["/bin/sh", "-c", shell]);
      assertEquals(code, 0, stdout);
      const read = (name: string) => Deno.readTextFileSync(`${folder}/${name}`);
      assertEquals(read("after"), read("before"));
      assertEquals(read("stopped"), read("before"));
      if (isKilled) continue;
      const stopped = stdout.indexOf("Stopped");
      assert(stdout.lastIndexOf(KEY_SCREEN.leave, stopped) > stdout.lastIndexOf(KEY_SCREEN.enter, stopped));
    }
  });
});

Deno.test("tui: an error of the program restores the terminal first, and is reported", async () => {
  await withStudy(async (folder) => {
    for (const kind of ["thrown", "rejected", "exit"]) {
      const program = `${Deno.execPath()} run --allow-all --quiet --no-check --config ${ROOT}/deno.json`;
      const { code, stdout } = await inShell(
        folder,
        `${program} ${ROOT}/tests/tui_broken.ts ${kind} out`,
        [],
      );
      assertEquals(code, kind === "rejected" ? 1 : 70, stdout);
      const after = stdout.slice(stdout.lastIndexOf(KEY_SCREEN.leave));
      if (kind !== "exit") assertStringIncludes(after, "an error of the program");
    }
  });
});

/** A job in the background that waits until the test lets it go on. */
const WAIT = "(until test -e now; do sleep 0.1; done; ";

Deno.test("tui: a study whose folder goes away leads back to the list; one that comes in its place is read again", async () => {
  await withStudy(async (folder) => {
    const other = SPEC.replace("[1, 2, 3, 4]", "[5, 6]");
    await Deno.writeTextFile(`${folder}/other.yaml`, other);
    await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "other", "other.yaml"]);
    const gone = await inShell(folder, `${WAIT}mv out gone; mv other out) & maestro tui out`, [
      ["expect", "4 FINISHED"],
      ["touch", `${folder}/now`],
      // The other study is there at once, or after a look between the two.
      ["expect", "3 FINISHED"],
      ["send", "q"],
    ]);
    assertEquals(gone.code, 0);
    await Deno.remove(`${folder}/now`);
    const left = await inShell(folder, `${WAIT}rm -r out) & maestro tui out`, [
      ["expect", "3 FINISHED"],
      ["touch", `${folder}/now`],
      ["expect", "No study in"],
      ["send", "q"],
    ]);
    assertEquals(left.code, 0);
  });
});

Deno.test("tui: it ends when its terminal has gone, even if SIGHUP is ignored", async () => {
  await withStudy(async (folder) => {
    const steps: Step[] = [["expect", "work"], ["close"]];
    await Deno.writeTextFile(`${folder}/steps`, steps.map((step) => `${JSON.stringify(step)}\n`).join(""));
    const script = `trap '' HUP; maestro tui out; echo \\$? >ended`;
    const shell = `TERM=xterm exec python3 ${ROOT}/tests/on_terminal.py 24 80 /bin/sh -c "${script}" <steps`;
    await runIn(folder, ["/bin/sh", "-c", shell]);
    assertEquals(Deno.readTextFileSync(`${folder}/ended`), "130\n");
  });
});

Deno.test("tui: TERM=dumb and an output that is no terminal are refused with exit code 64", async () => {
  await withStudy(async (folder) => {
    const dumb = await inShell(folder, "maestro tui out", [], "TERM=dumb");
    assertEquals(dumb.code, 64);
    assertStringIncludes(dumb.stdout, "cannot move its cursor");
    const piped = await inShell(folder, "set -o pipefail; maestro tui out | cat", []);
    assertEquals(piped.code, 64);
    assertStringIncludes(piped.stdout, "needs a terminal");
  });
});
