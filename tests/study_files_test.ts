/** Files of studies: Maestro's lock for changes, folders with studies, clones of git dependencies. */

import { resolve } from "@std/path";
import { acquireGit } from "../lib/conduct/git.ts";
import { UserError } from "../lib/errors.ts";
import { findStudies, meantFolder, nearestStudy } from "../lib/study/search.ts";
import { leaveUpdate, waitingUpdate } from "../lib/study/update_lock.ts";
import { studyPaths } from "../lib/paths.ts";
import { realSystem, type RunResult } from "../lib/system.ts";
import type { Change } from "../lib/spec/settings.ts";
import type { GitDependency } from "../lib/spec/types.ts";
import { assertEquals } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";

Deno.test("update lock: Maestro's keys are always there, others if they change", () =>
  inFreshFolder((root) => {
    const system = realSystem([]);
    const { updateLock } = studyPaths(root);
    const table: [change: Change, text: string][] = [
      [{}, "rlimit: null\nsleep: null\nthrottle: null\n"],
      [{ throttle: 0 }, "rlimit: null\nsleep: null\nthrottle: 0\n"],
      [{ rlimit: 2, sleep: 1.5, throttle: 3 }, "rlimit: 2\nsleep: 1.5\nthrottle: 3\n"],
      [{ localJobs: 7 }, "localJobs: 7\nrlimit: null\nsleep: null\nthrottle: null\n"],
    ];
    for (const [change, text] of table) {
      assertEquals(leaveUpdate(system, root, change), true);
      assertEquals(Deno.readTextFileSync(updateLock).replace(/^local.jobs/m, "localJobs"), text);
      // Another change waits.
      const { throttle, rlimit, sleep, localJobs } = change;
      if (throttle ?? rlimit ?? sleep ?? localJobs) {
        assertEquals(leaveUpdate(system, root, { throttle: 99 }), false);
        assertEquals(waitingUpdate(system, root), { file: updateLock, settings: change });
      }
      Deno.removeSync(updateLock);
    }
    assertEquals(waitingUpdate(system, root), undefined);
    return Promise.resolve();
  }));

Deno.test("update lock: which texts are changes", () =>
  inFreshFolder((root) => {
    const { updateLock } = studyPaths(root);
    const table: [text: string, settings: Change | "odd"][] = [
      ["throttle: 5\n", { throttle: 5 }],
      ["throttle: 0\nrlimit: 0\nsleep: 0\n", { throttle: 0, rlimit: 0, sleep: 0 }],
      ["throttle: 1.5\nsleep: 1.5\n", { sleep: 1.5 }],
      ["throttle: -1\nsleep: x\nrlimit: 3\n", { rlimit: 3 }],
      ["throttle: 99999999999999999999\n", { throttle: Number.MAX_SAFE_INTEGER }],
      ["throttle: [1]\nother: 3\n", {}],
      ["", "odd"],
      ["- 1\n", "odd"],
      ["words\n", "odd"],
      [`throttle: 5 #${"x".repeat(65_536)}\n`, "odd"],
      [`throttle: 5 #${"x".repeat(65_536 - 14)}\n`, { throttle: 5 }],
    ];
    for (const [text, settings] of table) {
      Deno.writeTextFileSync(updateLock, text);
      const { changedAt } = realSystem([]).facts(updateLock)!;
      const after = (ms: number) => waitingUpdate({ ...realSystem([]), now: () => changedAt + ms }, root);
      const expected = settings === "odd"
        ? [undefined, undefined, { file: updateLock, isOdd: true }]
        : [0, 1, 2].map(() => ({ file: updateLock, settings }));
      // It may be half written for ten seconds.
      assertEquals([0, 10_000, 10_001].map(after) as unknown, expected, text.slice(0, 40));
    }
    Deno.removeSync(updateLock);
    Deno.mkdirSync(updateLock);
    const { changedAt } = realSystem([]).facts(updateLock)!;
    const later = { ...realSystem([]), now: () => changedAt + 10_001 };
    assertEquals(waitingUpdate(later, root), { file: updateLock, isOdd: true });
    return Promise.resolve();
  }));

Deno.test("update lock: what is no change makes room for one", () =>
  inFreshFolder((root) => {
    const { updateLock } = studyPaths(root);
    Deno.writeTextFileSync(updateLock, "words\n");
    const { changedAt } = realSystem([]).facts(updateLock)!;
    const at = (ms: number) => ({ ...realSystem([]), now: () => changedAt + ms });
    assertEquals(leaveUpdate(at(10_000), root, { throttle: 1 }), false);
    assertEquals(leaveUpdate(at(10_001), root, { throttle: 1 }), true);
    return Promise.resolve();
  }));

/** Lays out a study's plan, so many seconds after another. */
function layOutAt(folder: string, seconds: number): void {
  const { plan } = studyPaths(folder);
  Deno.mkdirSync(`${folder}/.maestro`, { recursive: true });
  Deno.writeTextFileSync(plan, "");
  Deno.utimeSync(plan, 1_767_225_600 + seconds, 1_767_225_600 + seconds);
}

Deno.test("search: studies below a folder, newest first, four levels deep", () =>
  inFreshFolder((root) => {
    const system = { ...realSystem([]), cwd: root };
    const names = (folder: string) =>
      findStudies(system, folder).studies.map(({ directory }) => directory.slice(root.length + 1));
    assertEquals(findStudies(system, "."), { studies: [], cut: false });
    assertEquals(nearestStudy({ ...system, cwd: root }), "last");
    for (
      const [folder, seconds] of [
        ["a", 1],
        ["b", 3],
        ["c/d", 2],
        ["c/e/f/g", 5],
        ["c/e/f/h/i", 6],
        ["b/within", 9],
        [".hidden/x", 9],
        ["y", 7],
        ["z", 7],
      ] as const
    ) layOutAt(`${root}/${folder}`, seconds);
    Deno.symlinkSync(`${root}/c/d`, `${root}/link`);
    Deno.mkdirSync(`${root}/empty`);
    Deno.writeTextFileSync(`${root}/file`, "");
    assertEquals(names("."), ["z", "y", "c/e/f/g", "b", "c/d", "a"]);
    assertEquals(names("c"), ["c/e/f/h/i", "c/e/f/g", "c/d"]);
    assertEquals(names("a"), ["a"]);
    assertEquals(findStudies(system, "none"), { studies: [], cut: false });
    const [newest] = findStudies(system, ".").studies;
    assertEquals(newest, { directory: `${root}/z`, createdAt: 1_767_225_607_000 });
    assertEquals(meantFolder(system, "last"), `${root}/z`);
    assertEquals(meantFolder(system, "a"), "a");
    assertEquals(meantFolder(system, "none"), "none");
    Deno.mkdirSync(`${root}/last`);
    const here = { ...system, facts: (path: string) => system.facts(resolve(root, path)) };
    assertEquals(meantFolder(here, "last"), "last");
    assertEquals(nearestStudy({ ...system, cwd: `${root}/a` }), ".");
    assertEquals(nearestStudy({ ...system, cwd: `${root}/a/.maestro` }), `${root}/a`);
    assertEquals(nearestStudy({ ...system, cwd: `${root}/c` }), "last");
    return Promise.resolve();
  }));

Deno.test("search: no study is an error that names the folder", () =>
  inFreshFolder((root) => {
    try {
      meantFolder({ ...realSystem([]), cwd: root }, "last");
    } catch (error) {
      assertEquals(error instanceof UserError && (error as Error).message.includes(root), true);
      return Promise.resolve();
    }
    throw new Error("there is no study");
  }));

Deno.test("git dependencies: what git is asked, and what stays of a failure", () =>
  inFreshFolder(async (root) => {
    const good: RunResult = { code: 0, stdout: "", stderr: "", timedOut: false };
    async function acquire(
      dependencies: readonly GitDependency[],
      answers: Readonly<Record<string, Partial<RunResult>>> = {},
      env: Record<string, string> = {},
    ): Promise<string[]> {
      const out: string[] = [];
      const system = {
        ...realSystem([]),
        env,
        run(argv: readonly string[], options: { env?: Record<string, string>; timeoutMs?: number }) {
          out.push(argv.join(" ").replaceAll(root, "@ROOT@"));
          if (argv[1] === "clone") Deno.mkdirSync(argv.at(-1)!);
          assertEquals([options.env!["GIT_TERMINAL_PROMPT"], options.timeoutMs], ["0", 3_600_000]);
          if (env["GIT_SSH_COMMAND"] ?? "") out.push(options.env!["GIT_SSH_COMMAND"]!);
          else assertEquals(options.env!["GIT_SSH_COMMAND"], "ssh -o BatchMode=yes");
          return Promise.resolve({ ...good, ...answers[argv[1] === "clone" ? argv.at(-2)! : "checkout"] });
        },
      };
      const targets = new Map(dependencies.map(({ name }) => [name, `${root}/${name}`]));
      try {
        await acquireGit(
          system,
          dependencies,
          targets,
          ({ url }) => url,
          (text) => void out.push(`say: ${text}`),
        );
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        out.push(`error ${error.exitCode}: ${error.message} [${error.hint}]`.replaceAll(root, "@ROOT@"));
      }
      out.push(`left: ${[...Deno.readDirSync(root)].map(({ name }) => name).sort().join(" ")}`);
      for (const { name } of Deno.readDirSync(root)) Deno.removeSync(`${root}/${name}`);
      return out;
    }
    const of = (name: string, more: Partial<GitDependency> = {}): GitDependency =>
      ({ name, path: "/p", url: `u/${name}`, ...more }) as GitDependency;
    const cloned = (name: string) => [
      `say: Cloning ${name} from u/${name} ...`,
      `git clone --quiet -- u/${name} @ROOT@/${name}`,
    ];
    assertEquals(await acquire([]), ["left: "]);
    assertEquals(await acquire([of("a"), of("b", { branch: "x" })]), [
      ...cloned("a"),
      ...cloned("b"),
      "git -C @ROOT@/b checkout --quiet x --",
      "left: a b",
    ]);
    assertEquals(await acquire([of("a", { tag: "t", branch: "b" })]), [
      ...cloned("a"),
      "git -C @ROOT@/a checkout --quiet tags/t --",
      "left: a",
    ]);
    assertEquals(await acquire([of("a", { hash: "h", tag: "t" })], {}, { GIT_SSH_COMMAND: "mine" }), [
      ...cloned("a"),
      "mine",
      "git -C @ROOT@/a checkout --quiet h --",
      "mine",
      "left: a",
    ]);
    const hint = "[Check the URL, the network and your rights to the repository.]";
    const failed = (why: string) => new RegExp(`^error 73: Git dependency "b" .*: ${why} `);
    const ends = async (...args: Parameters<typeof acquire>) => (await acquire(...args)).slice(-2);
    for (
      const [answers, why] of [
        [{ "u/b": { code: 128, stderr: " no such thing\n" } }, "no such thing"],
        [{ "u/b": { code: 1, timedOut: true, stderr: "x" } }, "it took longer than an hour"],
        [{ checkout: { code: 1, stderr: "no such tag" } }, "no such tag"],
      ] as const
    ) {
      const [error, left] = await ends([of("a"), of("b", { tag: "t" }), of("c")], answers);
      assertEquals([failed(why).test(error!), error!.endsWith(hint), left], [true, true, "left: "], error);
    }
    Deno.mkdirSync(`${root}/b`);
    const [error, left] = await ends([of("a"), of("b")]);
    assertEquals(failed("@ROOT@/b exists already").test(error!), true, error);
    assertEquals(left, "left: b");
  }));
