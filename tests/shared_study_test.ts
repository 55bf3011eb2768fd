/** A study, and the other users of its machine: members of its group, and strangers. */

import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { makeBundle } from "./bundle.ts";
import { binFolder, inFreshFolder, runIn } from "./maestro.ts";

const SPEC = `description: {name: shared, description: two steps}
study:
  - {name: good, description: d, results: {v: {regex: "value=(.*)"}}, run: {cmd: "echo value=7"}}
  - {name: bad, description: d, run: {cmd: "echo oops >&2; exit 3"}}
`;
const GROUP = 64_100;

/** Numbers of users that no machine has. */
interface Person {
  readonly uid: number;
  readonly gid: number;
}
const MEMBER: Person = { uid: 64_101, gid: GROUP };
const STRANGER: Person = { uid: 64_102, gid: 64_102 };

const available = Deno.uid() === 0 && await hasSetpriv();

async function hasSetpriv(): Promise<boolean> {
  try {
    return (await new Deno.Command("setpriv", { args: ["--version"], stdout: "null" }).output()).success;
  } catch {
    return false;
  }
}

if (!available) {
  console.error("LEFT OUT: how a study is shared with other users. It needs root and setpriv (util-linux).");
  Deno.test("studies shared with other users are tried in CI", () => {
    assert(Deno.env.get("CI") !== "true", "CI runs these tests as root, with setpriv");
  });
}

let copies: Promise<string> | undefined;

/** A folder with a runtime and a program that another user can start; gone when the tests end. */
async function toolFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "maestro_tools_" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  await Deno.chmod(folder, 0o755);
  await Deno.copyFile(await Deno.realPath(Deno.execPath()), `${folder}/deno`);
  await makeBundle(`${folder}/program`);
  return folder;
}

async function programIn(folder: string): Promise<readonly string[]> {
  const program = Deno.env.get("MAESTRO_UNDER_TEST");
  if (program !== undefined) return [await Deno.realPath(program)];
  const at = `${folder}/program`;
  return [`${folder}/deno`, "run", "--allow-all", "--quiet", "--config", `${at}/deno.json`, `${at}/cli.ts`];
}

/** Runs maestro as another user, who has a separate home. */
async function as({ uid, gid }: Person, tools: string, program: readonly string[], words: readonly string[]) {
  const home = `${tools}/home-${uid}`;
  await Deno.mkdir(home, { recursive: true });
  await Deno.chown(home, uid, gid);
  const args = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--", ...program, ...words];
  const options = { args, cwd: home, clearEnv: true } as const;
  const env = { HOME: home, PATH: "/usr/bin:/bin", DENO_DIR: `${home}/cache`, NO_COLOR: "1", TZ: "UTC" };
  const { code, stdout, stderr } = await new Deno.Command("setpriv", { ...options, env }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** A study of root's in a folder of the group, made under a umask. */
async function withStudy(
  umask: string,
  body: (study: string, ask: (who: Person, ...words: string[]) => ReturnType<typeof as>) => Promise<void>,
  how: "-fg" | "-n" = "-fg",
): Promise<void> {
  await inFreshFolder(async (folder) => {
    await Deno.chmod(folder, 0o755);
    await Deno.mkdir(`${folder}/group`);
    await Deno.chown(`${folder}/group`, 0, GROUP);
    await Deno.chmod(`${folder}/group`, 0o2775);
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
    const study = `${folder}/group/study`;
    const made = await runIn(folder, [
      "sh",
      "-c",
      `umask ${umask}; exec maestro run ${how === "-n" ? how : "-y -fg"} -o ${study} spec.yaml`,
    ]);
    assertEquals(made.code, how === "-n" ? 0 : 2, made.stderr);
    const tools = await (copies ??= toolFolder());
    const program = await programIn(tools);
    await body(study, (who, ...words) => as(who, tools, program, words));
  });
}

Deno.test({
  name: "a study made under umask 007: its group may ask everything, nobody else anything",
  ignore: !available,
  fn: () =>
    withStudy("007", async (study, ask) => {
      for (
        const [words, said, code] of [
          [["status", study], "bad", 0],
          [["status", "--json", study], '"state":', 0],
          [["logs", study, "bad"], "oops", 0],
          [["events", study], "bad", 0],
          [["results", study], "7", 0],
          [["list", study], "1 FINISHED, 1 FAILED", 0],
          [["report", "-o", "report.html", study], "", 0],
        ] as const
      ) {
        const outcome = await ask(MEMBER, ...words);
        assertEquals(outcome.code, code, `${words.join(" ")}: ${outcome.stderr}`);
        assertStringIncludes(outcome.stdout, said, words.join(" "));
        assert(!outcome.stderr.includes("No access"), outcome.stderr);
      }
      const stranger = await ask(STRANGER, "status", study);
      assertEquals([stranger.code, stranger.stdout], [77, ""]);
      assertStringIncludes(
        stranger.stderr,
        `No access to ${study}/.maestro/plan.json: ${study} belongs to root`,
      );
      assertStringIncludes(
        stranger.stderr,
        `hint: root can let the group look at it: cd ${study} && chmod -R g+rX . && chmod go=`,
      );
    }),
});

Deno.test({
  name: "a study made under umask 077: its group learns whose it is, and what helps",
  ignore: !available,
  fn: () =>
    withStudy("077", async (study, ask) => {
      for (const command of ["status", "logs", "events", "results", "report"]) {
        const { code, stderr, stdout } = await ask(MEMBER, command, study);
        assertEquals([code, stdout], [77, ""], `${command}: ${stderr}`);
        assertStringIncludes(stderr, `${study} belongs to root\nhint: root can let the group look`, command);
      }
      // Made by an earlier version, or closed later: it hides no other study.
      await Deno.chmod(study, 0o755);
      await Deno.chmod(`${study}/.maestro`, 0o755);
      await Deno.chmod(`${study}/.maestro/plan.json`, 0o644);
      const listed = await ask(MEMBER, "list", study);
      assertEquals(listed.code, 77);
      assertStringIncludes(listed.stderr, `No access to ${study}/.maestro/`);
      assertStringIncludes(listed.stderr, ": it belongs to root");
      const { stderr } = await ask(MEMBER, "status", study);
      const advice = /hint: root can let the group look at it: (.*)\. With umask/.exec(stderr)![1]!;
      const shared = await new Deno.Command("sh", { args: ["-c", advice] }).output();
      assert(shared.success);
      assertEquals((await ask(MEMBER, "status", study)).code, 0);
      for (const secret of [".maestro/submit.json", "meta/environment.yaml", "meta/run.yaml"]) {
        assertEquals(Deno.statSync(`${study}/${secret}`).mode! & 0o777, 0o600, secret);
      }
    }),
});

Deno.test({
  name: "a study made under umask 027: its group may look, and learns that it may change nothing",
  ignore: !available,
  fn: () =>
    withStudy("027", async (study, ask) => {
      assertEquals((await ask(MEMBER, "status", study)).code, 0);
      for (
        const words of [["conduct"], ["resume"], ["hold"], ["cancel", "-y"], ["update", "--throttle", "3"]]
      ) {
        const { code, stdout, stderr } = await ask(MEMBER, ...words, study);
        assertEquals([code, /taken up/.test(stdout)], [77, false], `${words}: ${stdout}${stderr}`);
        const advice = `root can let the group change the study, too: cd ${study} && chmod -R g+rwX .`;
        assertStringIncludes(stderr, `belongs to root\nhint: ${advice}`, words.join(" "));
      }
    }, "-n"),
});

/** Modes of all files and folders of a study, private ones aside. */
function* modesBelow(folder: string): Generator<[path: string, mode: number, isFolder: boolean]> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    yield [path, Deno.lstatSync(path).mode! & 0o777, isDirectory];
    if (isDirectory) yield* modesBelow(path);
  }
}

for (const umask of [0o022, 0o007, 0o002, 0o077, 0o000]) {
  const octal = umask.toString(8).padStart(3, "0");
  Deno.test(`under umask ${octal} all of a study has the modes that it leaves, and secrets are private`, () =>
    inFreshFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
      await binFolder();
      await runIn(folder, ["sh", "-c", `umask ${octal}; exec maestro run -y -fg -o study spec.yaml`]);
      const odd: string[] = [];
      for (const [path, mode, isFolder] of modesBelow(`${folder}/study`)) {
        const secret = /\/(?:submit\.json|environment\.yaml|run\.yaml)$/.test(path);
        const most = isFolder ? 0o777 : path.endsWith(".sh") && !path.endsWith("guard-3.sh") ? 0o775 : 0o666;
        const wanted = secret ? 0o600 : most & ~umask;
        if (mode !== wanted) odd.push(`${path}: ${mode.toString(8)}, not ${wanted.toString(8)}`);
      }
      assertEquals(odd, []);
    }));
}
