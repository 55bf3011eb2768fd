/**
 * Compares standard output with recordings of LLNL's Maestro 1.2.1, for the same command lines in the same
 * order. The commands are `run`, `status`, `cancel`, `update` and `conductor`. Exit codes are Maestro's,
 * except those in `OURS`.
 */

import { assertEquals, assertStringIncludes } from "./assert.ts";
import { runIn } from "./hosted.ts";
import { HANG_MS, inFreshFolder } from "./maestro.ts";

const HANG_S = HANG_MS / 1000;

const HELLO = `description: {name: hello, description: test}
study:
  - {name: hi, description: first, run: {cmd: echo $(NAME)}}
global.parameters:
  NAME: {values: [Pam, Jim], label: NAME.%%}
`;

const FAIL = `description: {name: fails, description: d}
study:
  - {name: bad, description: d, run: {cmd: "exit 3"}}
  - {name: behind, description: d, run: {cmd: echo hi, depends: [bad]}}
`;

const LAUNCH = "Would you like to launch the study? [yn] ";
const OVERWRITE = "Output path already exists. Would you like to overwrite it? [yn] ";
const CLEANING = "Cleaning up existing out path...\n";
const QUITTING = "Opting to quit -- not cleaning up old out path.\n";
const LAUNCHED = "Study launched successfully.\n";
const ABORTED = "Study launch aborted.\n";
const MENU = "Choose study configuration to update, or done/quit to finish/abort\n" +
  " [rlimit/throttle/sleep/done/quit]\n> ";
const THROTTLE = "Enter new throttle limit [Integer, 0 = no throttling]\n> ";
const WRITING = "Writing updated study config to 'e3/.study.update.lock'\n";
const NO_STATUS =
  "\nNo status to report -- the Maestro study in this path either unexpectedly crashed or the " +
  "path does not contain a Maestro study.\n";

/** Shell lines; `wait-for` waits until a study has ended. What Maestro prints, and its exit code where it is not 0. */
const RECORDED: readonly [line: string, stdout: string, exit?: number][] = [
  ["echo y | maestro run hello.yaml", LAUNCH + LAUNCHED],
  ["echo n | maestro run hello.yaml", LAUNCH + ABORTED],
  ["echo yes | maestro run -o e1 hello.yaml", LAUNCH + LAUNCHED],
  ["echo Y | maestro run -o e1b hello.yaml", LAUNCH + LAUNCHED],
  ["maestro run -n -o e2 hello.yaml", ABORTED],
  ["maestro run -n -o e2 hello.yaml", QUITTING],
  ["maestro run -y -o e2 hello.yaml", CLEANING + LAUNCHED],
  ["maestro run -y -fg -s 1 -o e3 hello.yaml", ""],
  ["maestro run -y -fg -s 1 -o e4 fail.yaml", "", 2],
  ["maestro run --dry -o e5 hello.yaml", LAUNCHED],
  ["maestro run --d -o e5b hello.yaml", LAUNCHED],
  ["maestro run -y -f -s 1 -o e6 hello.yaml", ""],
  ["maestro run -y -fg -s 1 -o e3 hello.yaml", CLEANING],
  ["printf 'y\\ny\\n' | maestro run -o e3 hello.yaml", OVERWRITE + CLEANING + LAUNCH + LAUNCHED],
  ["wait-for e3", ""],
  ["echo n | maestro run -o e3 hello.yaml", OVERWRITE + QUITTING],
  ["mkdir empty; maestro run -n -o empty hello.yaml; ls empty", QUITTING],
  ["maestro run -y -fg -o empty hello.yaml", CLEANING],
  ["maestro run --h", "", 2],
  ["maestro run --a 1 -o e7 hello.yaml", "", 2],
  ["maestro run -n -y -o e7 hello.yaml", "", 2],
  ["maestro run -t x -o e7 hello.yaml", "", 2],
  ["maestro run", "", 2],
  ["maestro nonsense", "", 2],
  ["maestro -d x run hello.yaml", "", 2],
  ["maestro status nothere", NO_STATUS],
  ["maestro status --layout x e3", "", 2],
  // `maestro status` without a folder is an error in Maestro. Here it shows the nearest study.
  ["echo n | maestro cancel e3", "Study in '@/e3' to be cancelled.\nAre you sure? [y|[n]]: "],
  ["maestro cancel -y e3", "Study in '@/e3' to be cancelled.\n"],
  [
    "maestro cancel --autoyes e3 e4",
    "Study in '@/e3' to be cancelled.\nStudy in '@/e4' to be cancelled.\n",
  ],
  [
    "maestro cancel nothere",
    "Attempted to cancel '@/nothere' -- study directory not found.\nCancellation aborted.\n",
    1,
  ],
  [
    "maestro cancel -y nothere e3",
    "Attempted to cancel '@/nothere' -- study directory not found.\nStudy in '@/e3' to be cancelled.\n",
    1,
  ],
  ["maestro update --throttle 3 e3", "Updating study at 'e3'\n" + WRITING, 255],
  [
    "maestro update --throttle 3 --rlimit 2 --sleep 4 e3 e4",
    `Updating study at 'e3'\n${WRITING}Updating study at 'e4'\n${WRITING.replace("e3", "e4")}`,
    255,
  ],
  [
    "echo done | maestro update e3",
    `Updating study at 'e3'\n${MENU}No new study config settings provided, skipping update of study at 'e3'\n`,
    255,
  ],
  [
    "printf 'throttle\\n4\\ndone\\n' | maestro update e3",
    `Updating study at 'e3'\n${MENU}${THROTTLE}${MENU}${WRITING}`,
    255,
  ],
  [
    "printf 'foo\\nthrottle\\nx\\n4\\nquit\\n' | maestro update e3",
    `Updating study at 'e3'\n${MENU}Please select one of the available options\n${MENU}${THROTTLE}` +
    `Please enter a valid integer number\n${THROTTLE}${MENU}Discarding updates to study at 'e3'\n`,
    255,
  ],
  ["maestro conduct -t 1 e2", ""],
  ["maestro conduct -t 1 -s e2", ""],
  ["maestro conduct --status e2", ""],
  ["maestro conduct", "", 2],
  ["maestro -l mylogs run -y -fg -s 1 -o e9 hello.yaml; ls e9/logs", "hello.log\n"],
];

/** Exit codes that are ours: a successful update returns 0, and a missing file has a separate code. */
const OURS: Readonly<Record<string, number>> = {
  "maestro status nothere": 66,
  "maestro cancel nothere": 66,
  "maestro cancel -y nothere e3": 66,
};
const exitOf = (line: string, exit: number) => OURS[line] ?? (exit === 255 ? 0 : exit);

Deno.test("words of Maestro: the same command lines print the same on standard output", async () => {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/hello.yaml`, HELLO);
    await Deno.writeTextFile(`${folder}/fail.yaml`, FAIL);
    for (const [line, printed, exit = 0] of RECORDED) {
      const command = line.replace("wait-for", "exec >/dev/null; maestro wait");
      const { code, stdout } = await runIn(folder, ["/bin/sh", "-c", command]);
      const known = [line, printed.replaceAll("@", folder), exitOf(line, exit)];
      assertEquals([line, stdout, code], known);
    }
    await runIn(folder, ["/bin/sh", "-c", "maestro wait e1 e1b out/*"]);
  });
});

Deno.test("words of Maestro: the log's format and last words, in the study and in the folder of -l", async () => {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/fail.yaml`, FAIL);
    await runIn(folder, ["maestro", "run", "-n", "-o", "out", "fail.yaml"]);
    const { code } = await runIn(folder, ["maestro", "-l", "copy", "conduct", "out"]);
    assertEquals(code, 2);
    const log = await Deno.readTextFile(`${folder}/out/logs/fails.log`);
    assertEquals(await Deno.readTextFile(`${folder}/copy/fails.log`), log);
    const lines = log.trimEnd().split("\n");
    const form = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - [\w.]+:\w+:\d+ - (INFO|WARNING) - (.*)$/;
    const texts = lines.map((line) => form.exec(line)?.[2]);
    assertEquals(texts.includes(undefined), false, log);
    assertEquals(texts.slice(-4), [
      "'fails' is complete with failures. Returning.",
      "Study completed with state 'StudyStatus.FAILURE'.",
      "Study exiting, cleaning up...",
      "Squeaky clean!",
    ]);
  });
});

const WAITING = `description: {name: slow, description: d}
study:
  - {name: slow, description: d, run: {cmd: "until test -e ../go; do sleep 0.05; done"}}
  - {name: last, description: d, run: {cmd: echo, depends: [slow]}}
`;

Deno.test("words of Maestro: a conductor reads .study.update.lock from any writer", async () => {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/slow.yaml`, WAITING);
    await runIn(folder, ["maestro", "run", "-y", "-o", "out", "slow.yaml"]);
    // As `maestro update` of LLNL's Maestro writes it, in place.
    const text = "rlimit: 0\nsleep: null\nthrottle: 7\n";
    await Deno.writeTextFile(`${folder}/out/.study.update.lock`, text);
    const taken =
      "until ! test -e out/.study.update.lock; do sleep 0.05; done; touch out/go; maestro wait out";
    const { code, stderr } = await runIn(folder, ["/bin/sh", "-c", taken]);
    assertEquals([code, stderr], [0, ""]);
    const { stdout } = await runIn(folder, ["maestro", "events", "--json", "out"]);
    const updates = stdout.split("\n").filter((line) => line.includes('"updated"'));
    assertEquals(updates.map((line) => JSON.parse(line).settings), [{ rlimit: 0, throttle: 7 }]);
    const log = await Deno.readTextFile(`${folder}/out/logs/slow.log`);
    assertStringIncludes(log, " - INFO - Updating throttle from 0 to 7\n");
    assertStringIncludes(log, " - INFO - Updating restart limit to 0\n");
  });
});

Deno.test("words of Maestro: a lock without a change is waited for, and does not block updates without end", async () => {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/slow.yaml`, WAITING);
    await runIn(folder, ["maestro", "run", "-n", "-o", "out", "slow.yaml"]);
    const lock = `${folder}/out/.study.update.lock`;
    await Deno.writeTextFile(lock, "");
    await runIn(folder, ["touch", "-d", "2026-01-01", lock]);
    assertEquals((await runIn(folder, ["maestro", "update", "--throttle", "2", "out"])).code, 0);
    const { stdout } = await runIn(folder, ["maestro", "events", "--json", "out"]);
    assertStringIncludes(stdout, '"settings":{"throttle":2}');
    // What waits is laid over the study by the command that finds no conductor, and then its own.
    await Deno.writeTextFile(lock, "throttle: 4\n");
    assertEquals((await runIn(folder, ["maestro", "update", "--sleep", "9", "out"])).code, 0);
    const after = await runIn(folder, ["maestro", "events", "--json", "out"]);
    assertStringIncludes(after.stdout, '"settings":{"throttle":4}');
    assertStringIncludes(after.stdout, '"settings":{"sleep":9}');
  });
});

Deno.test("a study has ended for every reader alike, whatever was noted behind its end", async () => {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/fail.yaml`, FAIL);
    await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "fail.yaml"]);
    const update = await runIn(folder, ["maestro", "update", "--throttle", "3", "out"]);
    assertStringIncludes(
      update.stderr,
      "The study has ended (failed): the change applies if steps run again.",
    );
    const waited = await runIn(folder, ["maestro", "wait", "--timeout", `${HANG_S}`, "out"]);
    assertEquals([waited.code, waited.stdout, waited.stderr], [2, `${folder}/out: failed\n`, ""]);
    const followed = await runIn(folder, ["timeout", `${HANG_S}`, "maestro", "events", "-f", "out"]);
    assertEquals(followed.code, 0);
    assertEquals((await runIn(folder, ["maestro", "status", "--exit-code", "out"])).code, 2);
    assertEquals(
      (await runIn(folder, ["timeout", `${HANG_S}`, "maestro", "status", "--watch", "out"])).code,
      0,
    );
  });
});
