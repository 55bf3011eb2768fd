/**
 * Another user may write to a study's folder, and plants links and pipes under the names that the program writes to.
 * Nothing outside of the study is written to or read out, and no command hangs. Needs root and setpriv. WHOLE=1 plants everything under every name; an ordinary run takes a part.
 */

import { assert, assertEquals } from "./assert.ts";
import { inFreshFolder, runIn } from "./maestro.ts";
import { noneLeft, tryTo } from "./faults/stage.ts";

const GROUP = 64_100;
const available = Deno.uid() === 0 && (await runIn("/", ["sh", "-c", "command -v setpriv"])).code === 0;

if (!available) {
  console.error("LEFT OUT: files that another user plants. It needs root and setpriv (util-linux).");
  Deno.test("planted files are tried in CI", () => {
    assert(Deno.env.get("CI") !== "true", "CI runs these tests as root, with setpriv");
  });
}

const SPEC = `description: {name: shared, description: A study in a folder that others write to.}
study:
  - {name: good, description: d, results: {v: {regex: "value=(.*)"}}, run: {cmd: "echo value=7; echo ran >>../../ledger"}}
`;
const PRIVATE = "what only root may read: Tr0ub4dor";

/** What the program writes to or reads in a study. */
const NAMES = [
  ...["heartbeat", "lease", "maker", "requests", "jobs", "jobs/0", "jobs/0/0.1", "journal.next", "state.copy"]
    .map((name) => `.maestro/${name}`),
  ...["journal.jsonl", "plan.json", "submit.json", "guard-3.sh"].map((name) => `.maestro/${name}`),
  ...[
    ".cancel.lock",
    ".study.update.lock",
    "status.csv",
    "logs",
    "logs/shared.log",
    "shared.txt",
    "spec.yaml",
  ],
  ...["good", "good/good.sh", "meta", "meta/run.yaml", "report.html", "batch.info"],
];
const PLANTS: Readonly<Record<string, string>> = {
  "a link to a file": 'ln -s "$2/secret" "$1"',
  "a link to a folder": 'ln -s "$2/private" "$1"',
  "a link to nothing": 'ln -s "$2/private/new" "$1"',
  "a pipe": 'mkfifo "$1"',
  "another name of a file": 'ln "$2/secret" "$1" 2>/dev/null || :',
};
const COMMANDS = [
  ["conduct", "--once", "study"],
  ["report", "study"],
  ["export", "--logs", "-o", "crate", "study"],
  ["cancel", "-y", "study"],
];
/** Whatever takes longer hangs. */
const LIMIT_S = 60;

/** A group's folder with root's study in it, and root's own files beside. */
async function stage(folder: string): Promise<string> {
  const group = `${folder}/group`;
  Deno.chmodSync(folder, 0o755);
  for (const path of [group, `${folder}/private`]) Deno.mkdirSync(path);
  Deno.chownSync(group, 0, GROUP);
  Deno.chmodSync(group, 0o2775);
  Deno.chmodSync(`${folder}/private`, 0o700);
  Deno.writeTextFileSync(`${folder}/secret`, PRIVATE, { mode: 0o600 });
  Deno.writeTextFileSync(`${group}/spec.yaml`, SPEC);
  const made = await asRoot(group, ["run", "-n", "-o", "study", "spec.yaml"]);
  assertEquals(made.code, 0, made.stderr);
  return group;
}

/** Separate processes: what hangs is ended. */
const asRoot = (folder: string, words: readonly string[]) =>
  runIn(folder, ["sh", "-c", 'umask 002; exec timeout "$0" maestro "$@"', String(LIMIT_S), ...words]);

/** What a member of the group does: removes what has a name, and plants something there. */
const plant = (group: string, name: string, how: string) =>
  runIn(group, [
    ...["setpriv", "--reuid=64101", `--regid=${GROUP}`, "--clear-groups", "--", "sh", "-c"],
    `umask 002; mkdir -p "$(dirname "$1")"; rm -rf "$1"; ${how}`,
    ...["sh", `study/${name}`, ".."],
  ]);

/** What is wrong after all commands have met a plant. */
async function tryPlant(folder: string, name: string, how: string): Promise<string[]> {
  const group = await stage(folder);
  await plant(group, name, how.replaceAll("$2", folder));
  const wrong: string[] = [];
  for (const words of COMMANDS) {
    const { code, stdout, stderr } = await asRoot(group, words);
    if (code === 124) wrong.push(`${words.join(" ")} hangs`);
    if (code === 70) wrong.push(`${words.join(" ")}: ${code} ${stderr}`);
    if (/Tr0ub4dor/.test(stdout + stderr)) wrong.push(`${words.join(" ")} prints it: ${stdout}${stderr}`);
    await noneLeft(group, LIMIT_S * 1000);
  }
  if (tryTo(() => Deno.readTextFileSync(`${folder}/secret`)) !== PRIVATE) wrong.push("the file is changed");
  const inside = [...Deno.readDirSync(`${folder}/private`)].map(({ name }) => name);
  if (inside.length > 0) wrong.push(`in the folder: ${inside}`);
  const outputs = ["study/report.html", "crate", "study/status.csv", "study/logs"];
  const { stdout } = await runIn(group, ["grep", "-rl", "-D", "skip", "Tr0ub4dor", ...outputs]);
  // A link is no copy.
  const copies = stdout.split("\n").filter((path) => path && !Deno.lstatSync(`${group}/${path}`).isSymlink);
  if (copies.length > 0) wrong.push(`read out into ${copies}`);
  const ran =
    (tryTo(() => Deno.readTextFileSync(`${group}/ledger`)) ?? "").split("\n").filter(Boolean).length;
  if (ran > 1) wrong.push(`the step ran ${ran} times`);
  return wrong;
}

const SIDE_BY_SIDE = 4;
/** Of the names, each kind of plant takes so many in an ordinary run. */
const PART = Deno.env.get("WHOLE") ? 1 : 4;

for (const [kind, [what, how]] of Object.entries(PLANTS).entries()) {
  Deno.test({
    name: `another user plants ${what} in a study`,
    ignore: !available,
    fn: () =>
      inFreshFolder(async (folder) => {
        const wrong: string[] = [];
        const names = NAMES.filter((_, i) => i % PART === kind % PART);
        Deno.chmodSync(folder, 0o755);
        const work = async () => {
          for (let name = names.pop(); name !== undefined; name = names.pop()) {
            const place = `${folder}/${names.length}`;
            Deno.mkdirSync(place);
            for (const text of await tryPlant(place, name, how)) wrong.push(`${name}: ${text}`);
          }
        };
        await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
        assertEquals(wrong, []);
      }),
  });
}
