/** Input that is broken, or meant to harm: commands end with a message, in bounded time and memory. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "./assert.ts";
import { inFreshFolder, runIn } from "./maestro.ts";
import { layOut, sweep } from "./real_study.ts";

const spec = (rest: string, cmd = "echo x") =>
  `description: {name: hostile, description: A spec for a test.}
study:
  - name: a
    description: Does something.
    run:
      cmd: ${cmd}
${rest}`;

/** What grows when it is expanded; each ends with a message, within the memory of a small process. */
const BOMBS: Readonly<Record<string, readonly [text: string, code: number, said: RegExp]>> = {
  "variables that hold each other twice": [
    spec(
      "env:\n  variables:\n    V0: xxxxxxxxxx\n" +
        Array.from({ length: 40 }, (_, i) => `    V${i + 1}: $(V${i})$(V${i})\n`).join(""),
      "echo $(V40)",
    ),
    ...[65, /^error: A text becomes longer than 16,777,216 characters/m] as const,
  ],
  "a long value that is used often": [
    spec(
      `global.parameters:\n  P: {values: ["${"x".repeat(5000)}"], label: P.%%}\n`,
      `"${"$(P)".repeat(100_000)}"`,
    ),
    ...[65, /^error: A text becomes longer than 16,777,216 characters/m] as const,
  ],
  "aliases that stand for each other ten times": [
    spec(
      "x:\n  l0: &l0 [a, a]\n" +
        Array.from({ length: 20 }, (_, i) => `  l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`)}]\n`).join(
          "",
        ),
    ),
    ...[0, /Unknown key "x"/] as const,
  ],
  "lists within lists": [spec(`x: ${"[".repeat(100_000)}`), 65, /nested too deeply/],
  "a hundred thousand unknown keys": [
    spec(Array.from({ length: 100_000 }, (_, i) => `k${i}: ${i}\n`).join("")),
    ...[0, /has 99000 more unknown keys[^]*0 errors, 1001 warnings/] as const,
  ],
  "thousands of wrong names": [
    `description: {name: x, description: y}\nstudy:\n` +
    Array.from(
      { length: 2000 },
      (_, i) => `- {name: a${i}, description: b, run: {cmd: x, depends: [b${i}]}}\n`,
    )
      .join(""),
    ...[65, /2000 errors/] as const,
  ],
};

for (const [what, [text, code, said]] of Object.entries(BOMBS)) {
  Deno.test(`hostile: ${what}`, () =>
    inFreshFolder(async (folder) => {
      Deno.writeTextFileSync(`${folder}/spec.yaml`, text);
      const limited = 'exec 2>&1; maestro lint spec.yaml; echo "exit $?"';
      const { stdout } = await runIn(folder, ["sh", "-c", limited]);
      assertEquals(/exit (\d+)\n$/.exec(stdout)?.[1], String(code), stdout.slice(-500));
      assertMatch(stdout, said);
    }));
}

Deno.test("hostile: what is no file is not read: pipes, devices, files of the kernel", () =>
  inFreshFolder(async (folder) => {
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    Deno.symlinkSync("/dev/zero", `${folder}/zero.csv`);
    Deno.writeTextFileSync(
      `${folder}/file.yaml`,
      spec("global.parameters:\n  P: {file: zero.csv, label: P.%%}\n", "echo $(P)"),
    );
    for (const name of ["pipe", "/dev/zero", "/proc/kmsg", "file.yaml"]) {
      const { code, stderr } = await runIn(folder, ["maestro", "lint", name]);
      assertEquals([code, /Not a file/.test(stderr)], [66, true], stderr);
    }
    const piped = await runIn(folder, [
      "bash",
      "-c",
      "maestro lint <(sed 's/file: zero.csv/values: [1]/' file.yaml)",
    ]);
    assertEquals(piped.code, 0, piped.stderr);
  }));

Deno.test("hostile: special files in place of a study's are no reason to hang", () =>
  inFreshFolder(async (folder) => {
    const root = await layOut(folder, sweep(2, "echo $(N) >>../../../ledger"));
    for (const file of ["plan.json", "journal.jsonl", "lease", "heartbeat"]) {
      const path = `${root}/.maestro/${file}`;
      const kept = await Deno.readFile(path).catch(() => undefined);
      if (kept) Deno.removeSync(path);
      await new Deno.Command("mkfifo", { args: [path] }).output();
      for (
        const words of [["status", root], ["conduct", "--once", root], ["cancel", "-y", root], [
          "report",
          root,
        ]]
      ) {
        const { code, stderr } = await runIn(folder, ["maestro", ...words]);
        assert(code !== 70 && code !== 0 || file === "heartbeat", `${words} with ${file}: ${code} ${stderr}`);
      }
      Deno.removeSync(path);
      if (kept) Deno.writeFileSync(path, kept);
    }
  }));

Deno.test("hostile: a search that never ends is left out, and reported", () =>
  inFreshFolder(async (folder) => {
    const results = "    results:\n      slow: {regex: '(a+)+\\1$'}\n      quick: {regex: 'value (\\d)'}\n";
    const cmd = `echo $(N); printf '%s\\nvalue 7\\n' ${"a".repeat(200)}b`;
    const text = sweep(1, cmd).replace("\nglobal.parameters", () => `${results}\nglobal.parameters`);
    const root = await layOut(folder, text);
    assertEquals((await runIn(folder, ["maestro", "conduct", root])).code, 0);
    const { code, stdout, stderr } = await runIn(folder, ["maestro", "results", "--csv", root]);
    assertEquals([code, stdout], [0, "N,slow,quick\n1,,7\n"], stderr);
    assertStringIncludes(stderr, 'The search for result "slow" of work_N.1 takes longer than 5 s');
  }));

Deno.test("hostile: a plan that is JSON and no plan is a damaged one, and list shows the other studies", () =>
  inFreshFolder(async (folder) => {
    await layOut(folder, sweep(1, "true"));
    Deno.mkdirSync(`${folder}/bad/.maestro`, { recursive: true });
    for (
      const text of [
        "{}",
        "null",
        "[]",
        '"x"',
        '{"version":2,"study":{}}',
        '{"version":2,"study":{"steps":5}}',
      ]
    ) {
      Deno.writeTextFileSync(`${folder}/bad/.maestro/plan.json`, text);
      const bad = await runIn(folder, ["maestro", "status", "bad"]);
      assertEquals([bad.code, /plan\.json cannot be read/.test(bad.stderr)], [66, true], bad.stderr);
      const { code, stdout } = await runIn(folder, ["maestro", "list", folder]);
      assertEquals([code, stdout.includes("out")], [66, true]);
    }
  }));

Deno.test("hostile: a file beside another is created, under a name that nobody can guess", () =>
  inFreshFolder(async (folder) => {
    const root = await layOut(folder, sweep(1, "true"));
    const { stderr, code } = await runIn(folder, [
      ...["strace", "-f", "-e", "trace=open,openat", "-o", "trace", "sh", "-c", `maestro report ${root}`],
    ]).catch(() => ({ code: 0, stderr: "no strace" }));
    if (stderr === "no strace") return console.log("LEFT OUT: there is no strace here");
    assertEquals(code, 0, stderr);
    const [line] = Deno.readTextFileSync(`${folder}/trace`).split("\n").filter((line) =>
      line.includes(".tmp")
    );
    assertMatch(line!, /report\.html\.[0-9a-f]{16}\.tmp", O_WRONLY\|O_CREAT\|O_EXCL/);
  }));

Deno.test("hostile: a spec runs nothing when it is only looked at, and git takes none of its words for an option", () =>
  inFreshFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/evil.sh`, "#!/bin/sh\ntouch ran; echo P; echo 1\n", { mode: 0o755 });
    Deno.writeTextFileSync(`${folder}/spec.yaml`, spec("conductor: {pgen: evil.sh}\n", "echo $(P)"));
    const codes = { lint: 0, plan: 64, graph: 64 };
    for (const [command, expected] of Object.entries(codes)) {
      const { code, stderr } = await runIn(folder, ["maestro", command, "spec.yaml"]);
      assertEquals([code, Array.from(Deno.readDirSync(folder), ({ name }) => name).includes("ran")], [
        expected,
        false,
      ]);
      assertMatch(stderr, /evil\.sh is not run/);
    }
    const agreed = await runIn(folder, ["maestro", "plan", "--run-generators", "spec.yaml"]);
    assertEquals([agreed.code, Deno.statSync(`${folder}/ran`).isFile], [0, true], agreed.stderr);
    const words = ["branch: '--orphan=x'", "hash: '-f'", "tag: '-d'"];
    for (
      const [word, name] of [...words.map((word) => [word, "x"]), ["tag: v1", "../../x"], ["tag: v1", ".."]]
    ) {
      const git = `env:\n  dependencies:\n    git:\n      - {name: ${name}, path: ., url: u, ${word}}\n`;
      Deno.writeTextFileSync(`${folder}/git.yaml`, spec(git));
      const { code, stderr } = await runIn(folder, ["maestro", "lint", "git.yaml"]);
      assertEquals(
        [code, /would be an option of git|leads out of its "path"/.test(stderr)],
        [65, true],
        stderr,
      );
    }
  }));
