/**
 * Disks that are full or cannot be written: the conductor pauses, reports that, loses nothing and continues.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "./assert.ts";
import { inFreshFolder, runIn } from "./maestro.ts";
import { hasEvent, layOut, startMaestro, sweep, textOf, until } from "./real_study.ts";

const IS_ROOT = Deno.uid() === 0;
const SIZE = 1024 * 1024;

async function sh(command: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("/bin/sh", { args: ["-c", command] }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}

/** Whether this machine lets us mount a small disk. */
async function canMount(): Promise<boolean> {
  if (!IS_ROOT) return false;
  const folder = await Deno.makeTempDir({ prefix: "maestro_mount_" });
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", `mount -t tmpfs -o size=64k maestro ${folder} && umount ${folder}`],
    stderr: "null",
  }).output();
  await Deno.remove(folder);
  return success;
}

const CAN_MOUNT = await canMount();

/** A test with a separate small disk, below its folder. */
function diskTest(
  name: string,
  use: (folder: string, disk: string) => Promise<void>,
  options = `size=${SIZE}`,
): void {
  Deno.test({
    name,
    ignore: !CAN_MOUNT,
    async fn() {
      await inFreshFolder(async (folder) => {
        const disk = `${folder}/disk`;
        await Deno.mkdir(disk);
        await sh(`mount -t tmpfs -o ${options} maestro ${disk}`);
        try {
          await use(folder, disk);
        } finally {
          await sh(`umount -l ${disk}`);
        }
      });
    },
  });
}

diskTest(
  "a full disk: the conductor pauses, says so, and recovers when there is space (needs root: mounts a tmpfs)",
  conductOnFullDisk,
);

const GUARD = new URL("../templates/guard.sh", import.meta.url).pathname;

diskTest(
  "a full disk: a scheduled script is not run without its claim, and its exit code waits for space",
  guardOnFullDisk,
);

const fillUp = (disk: string) =>
  `head -c ${
    2 * SIZE
  } /dev/zero >${disk}/filler 2>/dev/null || :; while echo xxxxxxxx >>${disk}/more; do :; done 2>/dev/null || :`;

/** Whether a process has a `sleep` under it. */
function sleeping(pid: string | undefined): boolean {
  const children = pid === undefined ? "" : textOf(`/proc/${pid}/task/${pid}/children`);
  return children.split(" ").filter(Boolean)
    .some((child) => textOf(`/proc/${child}/comm`) === "sleep\n" || sleeping(child));
}

async function guardOnFullDisk(folder: string, disk: string): Promise<void> {
  const job = `${disk}/job`;
  const run = (script: string) => {
    Deno.writeTextFileSync(`${folder}/s.sh`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return runIn(folder, ["/bin/sh", GUARD, job, `${folder}/s.sh`, folder, "=12"]);
  };
  const empty = async () => {
    for (const name of ["filler", "more"]) await Deno.remove(`${disk}/${name}`);
  };
  await sh(fillUp(disk));
  const refused = await run(`echo ran >${folder}/ran`);
  assertEquals([refused.code, textOf(`${folder}/ran`)], [97, ""]);
  assertStringIncludes(refused.stderr, "the step was not run");
  await empty();
  // The script fills the disk, and with empty lines what is left of the claim's own page.
  const ended = run(`${fillUp(disk)}\nhead -c 5000 /dev/zero | tr '\\0' '\\n' >>${job} 2>/dev/null\nexit 3`);
  await until("the guard waits for space", () => sleeping(/^pid (\d+)$/m.exec(textOf(job))?.[1]));
  assertEquals(/^exit/m.test(textOf(job)), false);
  await empty();
  assertEquals((await ended).code, 3);
  assertMatch(textOf(job), /\nexit 3\n$/);
}

async function conductOnFullDisk(folder: string, disk: string): Promise<void> {
  // The ledger and what releases a step are on another disk.
  const spec = sweep(
    6,
    `echo $(N) >>${folder}/ledger; while [ ! -e ${folder}/go.$(N) ]; do sleep 0.05; done`,
  );
  const root = await layOut(disk, spec, "--local-jobs", "2");
  const logs = `${folder}/logs`;
  await Deno.mkdir(logs);
  const conductor = await startMaestro(folder, "-l", logs, "conduct", root);
  const ledger = () => textOf(`${folder}/ledger`).split("\n").slice(0, -1).sort().join(" ");
  await until("two run", () => ledger() === "1 2");
  await sh(fillUp(disk));
  for (const n of [1, 2]) Deno.writeTextFileSync(`${folder}/go.${n}`, "");
  const log = () => [...Deno.readDirSync(logs)].map(({ name }) => textOf(`${logs}/${name}`)).join("");
  await until("the conductor says so", () => /ERROR.*(ENOSPC|No space left)/.test(log()));
  assertEquals(ledger(), "1 2", "a step was started although the journal could not be written");
  const status = await runIn(folder, ["maestro", "status", "--layout", "summary", root]);
  assertEquals(status.code, 0);
  assertStringIncludes(status.stdout, "running");
  for (const name of ["filler", "more"]) await Deno.remove(`${disk}/${name}`);
  for (const n of [3, 4, 5, 6]) Deno.writeTextFileSync(`${folder}/go.${n}`, "");
  const { code, said } = await conductor.ended;
  assertEquals(code, 0, said);
  assertEquals(ledger(), "1 2 3 4 5 6");
}

Deno.test({
  name:
    "a study that may not be written: the reason is reported, nothing is started (as root: mounts it read-only)",
  ignore: IS_ROOT && !CAN_MOUNT,
  fn: () => inFreshFolder(conductUnwritable),
});

async function conductUnwritable(folder: string): Promise<void> {
  const root = await layOut(folder, sweep(1, `echo $(N) >>${folder}/ledger`));
  if (IS_ROOT) await sh(`mount --bind ${root} ${root} && mount -o remount,bind,ro ${root}`);
  else await sh(`chmod -R a-w ${root}`);
  try {
    const { code, stderr } = await runIn(folder, ["maestro", "conduct", root]);
    assertEquals(code, 73);
    assertMatch(stderr, /^error: .*(Read-only file system|Permission denied)/m);
    const status = await runIn(folder, ["maestro", "status", "--layout", "summary", root]);
    assertEquals(status.code, 0);
    assertStringIncludes(status.stdout, "initialized");
  } finally {
    await sh(IS_ROOT ? `umount ${root}` : `chmod -R u+w ${root}`);
  }
  assertEquals(textOf(`${folder}/ledger`), "");
  assert(!hasEvent(root, "taken"));
}

diskTest(
  "a disk without inodes: steps wait and do not fail, and run when there are some (needs root: mounts a tmpfs)",
  conductWithoutInodes,
  "size=8m,nr_inodes=60",
);

async function conductWithoutInodes(folder: string, disk: string): Promise<void> {
  const root = await layOut(disk, sweep(4, `echo $(N) >>${folder}/ledger`), "--local-jobs", "2");
  await sh(`i=0; while touch ${disk}/f$i; do i=$((i + 1)); done 2>/dev/null; :`);
  // Room for the lease, the journal and little else.
  await sh(`rm ${disk}/f0 ${disk}/f1 ${disk}/f2 ${disk}/f3 ${disk}/f4`);
  const logs = `${folder}/logs`;
  await Deno.mkdir(logs);
  const conductor = await startMaestro(folder, "-l", logs, "conduct", root);
  const log = () => [...Deno.readDirSync(logs)].map(({ name }) => textOf(`${logs}/${name}`)).join("");
  await until("the conductor reports it", () => /cannot be started now|did not start it/.test(log()));
  await sh(`rm ${disk}/f*`);
  const { code, said } = await conductor.ended;
  assertEquals([code, textOf(`${folder}/ledger`).split("\n").sort().join("")], [0, "1234"], said);
  assert(!hasEvent(root, "ended", '"FAILED"'));
}

/** Whether files of this file system can be made immutable. */
async function canFreeze(): Promise<boolean> {
  if (!IS_ROOT) return false;
  const file = await Deno.makeTempFile({ prefix: "maestro_immutable_" });
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", `chattr +i ${file} && chattr -i ${file}`],
    stderr: "null",
  }).output();
  await Deno.remove(file);
  return success;
}

Deno.test({
  name: "a journal that cannot be written: cancel and hold report it, and neither is lost or done by halves",
  ignore: !await canFreeze(),
  fn: () =>
    inFreshFolder(async (folder) => {
      const root = await layOut(folder, sweep(1, `echo $(N) >>${folder}/ledger`));
      const journal = `${root}/.maestro/journal.jsonl`;
      await sh(`chattr +i ${journal}`);
      try {
        const hold = await runIn(folder, ["maestro", "hold", root]);
        assertEquals([hold.code !== 0, hold.code !== 70], [true, true], hold.stderr);
        assertEquals([...Deno.readDirSync(`${root}/.maestro/requests`)], []);
        const cancel = await runIn(folder, ["maestro", "cancel", "-y", root]);
        assertEquals(cancel.code, 75, cancel.stderr);
      } finally {
        await sh(`chattr -i ${journal}`);
      }
      // The request to cancel stays, as its message states.
      const { code, stderr } = await runIn(folder, ["maestro", "conduct", root]);
      assertEquals([code, textOf(`${folder}/ledger`)], [3, ""], stderr);
    }),
});
