/**
 * Conductors in PID and UTS namespaces of one machine. They share a boot id and usually a host name, and the
 * same process number means different processes in them. Needs root, and unshare(1).
 */

import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { binFolder, runIn } from "./maestro.ts";
import { chain, hasEvent, inStudyFolder, isAlive, layOut, textOf, timesTaken, until } from "./real_study.ts";

function canUnshare(): boolean {
  try {
    const args = ["-u", "-pf", "--mount-proc", "--kill-child", "true"];
    return new Deno.Command("unshare", { args, stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

const CAN_UNSHARE = Deno.build.os === "linux" && canUnshare();

const PIDS = ["-pf", "--mount-proc", "--kill-child"];

/** Runs a shell script in new namespaces; `maestro` is on its PATH. */
async function inNamespaces(folder: string, kinds: readonly string[], script: string) {
  const child = new Deno.Command("unshare", {
    args: [...kinds, "sh", "-c", script],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    env: { NO_COLOR: "1", USER: "someone", PATH: `${await binFolder()}:${Deno.env.get("PATH")}` },
  }).spawn();
  let over = false;
  const ended = child.status.then(({ code }) => {
    over = true;
    return code;
  });
  return {
    ended,
    kill: () => {
      if (!over) child.kill("SIGKILL");
    },
  };
}

function namespaceTest(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test({ name: `namespaces: ${name}`, ignore: !CAN_UNSHARE, fn: () => inStudyFolder(body) });
}

const STEP = "echo ran >>../../ledger; while [ ! -e ../../go ]; do sleep 0.05; done";

/** The conductor's number, seen from outside. */
async function conductorOf(root: string): Promise<number> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-f", `conduct ${root}$`] }).output();
  const pids = new TextDecoder().decode(stdout).trim().split("\n").map(Number);
  // The shells around it have its command line in theirs.
  return pids.find((pid) => !/^(unshare|sh|dash|bash)\n/.test(textOf(`/proc/${pid}/comm`)))!;
}

namespaceTest("`resume` outside leaves a study alone that is conducted inside", async (folder) => {
  const root = await layOut(folder, chain(STEP));
  const inside = await inNamespaces(folder, PIDS, `maestro conduct ${root}`);
  try {
    await until("the step runs", () => textOf(`${folder}/ledger`) === "ran\n" && hasEvent(root, "started"));
    // Even when its heart has not beaten for long: its process is seen from here.
    Deno.utimeSync(`${root}/.maestro/heartbeat`, 0, 0);
    const { code, stderr } = await runIn(folder, ["maestro", "resume", root]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "nothing to do");
    Deno.writeTextFileSync(`${folder}/go`, "");
    assertEquals(await inside.ended, 0);
    assertEquals([textOf(`${folder}/ledger`), timesTaken(root)], ["ran\n", 1]);
  } finally {
    inside.kill();
  }
});

namespaceTest(
  "a study that is conducted outside, or in another one, is left alone inside",
  async (folder) => {
    const root = await layOut(folder, chain(STEP));
    const first = await inNamespaces(folder, PIDS, `maestro conduct ${root}`);
    try {
      await until("the step runs", () => textOf(`${folder}/ledger`) === "ran\n" && hasEvent(root, "started"));
      const second = await inNamespaces(folder, PIDS, `maestro conduct ${root}`);
      assertEquals(await second.ended, 75);
      Deno.writeTextFileSync(`${folder}/go`, "");
      assertEquals(await first.ended, 0);
      assertEquals([textOf(`${folder}/ledger`), timesTaken(root)], ["ran\n", 1]);
    } finally {
      first.kill();
    }
  },
);

namespaceTest(
  "a step inside whose conductor is dead is waited for outside, and not run again",
  async (folder) => {
    const root = await layOut(folder, chain(STEP));
    const inside = await inNamespaces(folder, PIDS, `maestro conduct ${root}; sleep 600`);
    try {
      await until("the step runs", () => textOf(`${folder}/ledger`) === "ran\n" && hasEvent(root, "started"));
      Deno.kill(await conductorOf(root), "SIGKILL");
      const outside = await inNamespaces(folder, [], `exec maestro conduct ${root}`);
      await until("it is taken over", () => timesTaken(root) === 2);
      // What it does when it takes the study is done before the next request.
      assertEquals((await runIn(folder, ["maestro", "update", root, "--local-jobs", "2"])).code, 0);
      assert(!hasEvent(root, "ended"), "the step was given up");
      Deno.writeTextFileSync(`${folder}/go`, "");
      assertEquals(await outside.ended, 0);
      assertEquals(textOf(`${folder}/ledger`), "ran\n");
    } finally {
      inside.kill();
    }
  },
);

namespaceTest("what has the numbers of another namespace's runner is not signalled", async (folder) => {
  const root = await layOut(folder, chain(STEP));
  const first = await inNamespaces(folder, PIDS, `maestro conduct ${root}; sleep 600`);
  // Groups without their leaders, with all the low numbers; then a conductor that believes the first one dead.
  const strangers = `for i in $(seq 300); do setsid sh -c 'sleep 600 &'; done
until [ "$(pgrep -cx sleep)" -ge 300 ]; do sleep 0.1; done
pgrep -cx sleep >${folder}/before; maestro conduct ${root}; pgrep -cx sleep >${folder}/after`;
  try {
    await until("the step runs", () => textOf(`${folder}/ledger`) === "ran\n" && hasEvent(root, "started"));
    Deno.kill(await conductorOf(root), "SIGKILL");
    Deno.utimeSync(`${root}/.maestro/heartbeat`, 0, 0);
    const second = await inNamespaces(folder, PIDS, strangers);
    try {
      await until("it is taken over", () => timesTaken(root) === 2);
      // The step cannot be ended from there: it is cancelled, and what runs is let alone.
      const cancelled = await runIn(folder, ["maestro", "cancel", "-y", root]);
      assertEquals(cancelled.code, 0, cancelled.stderr);
      await until("all is counted", () => textOf(`${folder}/after`) !== "");
      assertEquals(textOf(`${folder}/after`), textOf(`${folder}/before`));
      const logs = [...Deno.readDirSync(`${root}/logs`)].map(({ name }) => textOf(`${root}/logs/${name}`));
      assertStringIncludes(logs.join(""), "are not visible from here. Waiting for their exit codes");
      assertStringIncludes(textOf(`${root}/.maestro/journal.jsonl`), "cannot be ended from");
    } finally {
      second.kill();
    }
  } finally {
    first.kill();
  }
});

namespaceTest("another host name on the same machine is the same machine", async (folder) => {
  const root = await layOut(folder, chain(STEP));
  const renamed = await inNamespaces(folder, ["-u"], `hostname elsewhere; exec maestro conduct ${root}`);
  try {
    await until("the step runs", () => textOf(`${folder}/ledger`) === "ran\n" && hasEvent(root, "started"));
    const resumed = await runIn(folder, ["maestro", "resume", root]);
    assertStringIncludes(resumed.stderr, "on elsewhere: nothing to do");
    renamed.kill();
    await renamed.ended;
    // Its process is seen to be gone, and its step to live.
    const { pid } = JSON.parse(textOf(`${root}/.maestro/lease`));
    assert(!isAlive(pid));
    const next = await inNamespaces(folder, [], `exec maestro conduct ${root}`);
    await until("it is taken over", () => timesTaken(root) === 2);
    Deno.writeTextFileSync(`${folder}/go`, "");
    assertEquals(await next.ended, 0);
    assertEquals(textOf(`${folder}/ledger`), "ran\n");
  } finally {
    renamed.kill();
  }
});
