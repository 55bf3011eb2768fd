import { acquireGit } from "../lib/conduct/git.ts";
import { EXIT, UserError } from "../lib/errors.ts";
import { realSystem, type System } from "../lib/system.ts";
import type { GitDependency } from "../lib/spec/types.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "./assert.ts";
import { HANG_MS } from "./maestro.ts";

const AUTHOR = {
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@example.org",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

/** A folder with a repository of three commits: the first tagged v1, the second on branch `side`, the third on main. */
async function withRepository(
  work: (system: System, folder: string, url: string, hashes: string[]) => Promise<void>,
): Promise<void> {
  const system = realSystem([]);
  const folder = system.makeTempDirectory("maestro_git_");
  const repository = `${folder}/origin with blanks`;
  const git = async (...args: string[]) => {
    const result = await system.run(["git", "-C", repository, ...args], { env: AUTHOR, timeoutMs: HANG_MS });
    assertEquals([result.code, result.stderr], [0, ""], args.join(" "));
    return result.stdout.trim();
  };
  const commit = async (text: string) => {
    system.writeText(`${repository}/file`, text);
    await git("add", "file");
    await git("commit", "--quiet", "-m", text);
    return await git("rev-parse", "HEAD");
  };
  try {
    system.makeDirectory(repository);
    await git("init", "--quiet", "--initial-branch=main");
    const first = await commit("one");
    await git("tag", "v1");
    await git("checkout", "--quiet", "-b", "side");
    const second = await commit("two");
    await git("checkout", "--quiet", "main");
    const third = await commit("three");
    await work(system, folder, repository, [first, second, third]);
  } finally {
    system.removeTree(folder);
  }
}

/** Clones the dependencies below the folder. Returns git's messages. */
async function acquire(
  system: System,
  folder: string,
  dependencies: readonly GitDependency[],
): Promise<string[]> {
  const said: string[] = [];
  const targets = new Map(dependencies.map(({ name, path }) => [name, `${folder}/${path}/${name}`]));
  await acquireGit(system, dependencies, targets, ({ url }) => url, (message) => said.push(message));
  return said;
}

Deno.test("git: clones, and checks out tag, branch or hash", async () => {
  await withRepository(async (system, folder, url, [first, second]) => {
    const dependencies: (GitDependency & { text: string })[] = [
      { name: "plain", path: "a/b", url, text: "three" },
      { name: "tag", path: "a", url, tag: "v1", text: "one" },
      { name: "branch", path: ".", url, branch: "side", text: "two" },
      { name: "hash", path: ".", url, hash: second!, text: "two" },
      { name: "short hash", path: ".", url, hash: first!.slice(0, 10), text: "one" },
    ];
    const said = await acquire(system, folder, dependencies);
    for (const { name, path, text } of dependencies) {
      assertEquals(system.readText(`${folder}/${path}/${name}/file`), text, name);
    }
    assertEquals(said[0], `Cloning plain from ${url} ...`);
    assertEquals(said.length, dependencies.length);
  });
});

Deno.test("git: an existing folder and its neighbours remain unchanged", async () => {
  await withRepository(async (system, folder, url) => {
    system.makeDirectory(`${folder}/there/mine`);
    system.writeText(`${folder}/there/mine/file`, "mine");
    const before = system.list(folder);
    const error = await assertRejects(
      () =>
        acquire(system, folder, [
          { name: "first", path: "elsewhere", url },
          { name: "mine", path: "there", url },
        ]),
      UserError,
    );
    assertEquals(error.exitCode, EXIT.cannotCreate);
    assertEquals(
      error.message,
      `Git dependency "mine" cannot be cloned: ${folder}/there/mine exists already`,
    );
    assertEquals(system.readText(`${folder}/there/mine/file`), "mine");
    // What was cloned before would be in the way of the next attempt.
    assertEquals(system.facts(`${folder}/elsewhere/first`), undefined);
    assertEquals(system.list(folder).filter((name) => name !== "elsewhere"), before);
  });
});

Deno.test("git: a failed clone is reported in git's words, and leaves no files", async () => {
  await withRepository(async (system, folder, url) => {
    const table: [dependency: Omit<GitDependency, "name" | "path">, said: string][] = [
      [{ url: `${folder}/nowhere` }, "nowhere"],
      [{ url: "--upload-pack=touch pwned" }, "--upload-pack=touch pwned"],
      [{ url, tag: "v2" }, "v2"],
      [{ url, tag: "side" }, "side"],
      [{ url, branch: "nonsense" }, "nonsense"],
      [{ url, hash: "0123456789012345678901234567890123456789" }, "0123456789"],
    ];
    for (const [dependency, said] of table) {
      const error = await assertRejects(
        () => acquire(system, folder, [{ name: "x", path: "t", ...dependency }]),
        UserError,
      );
      assertEquals(error.exitCode, EXIT.cannotCreate, said);
      assertStringIncludes(error.message, 'Git dependency "x" cannot be cloned: ');
      assertStringIncludes(error.message, said);
      assertEquals(system.facts(`${folder}/t/x`), undefined, said);
    }
    assertEquals(system.facts(`${system.cwd}/pwned`), undefined);
  });
});
