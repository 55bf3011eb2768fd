/** The guard of scheduled scripts, run for real: scripts as they are rendered, started as a scheduler would. */

import { adapterNames, ADAPTERS } from "../adapters/mod.ts";
import { parseJobFile } from "../lib/conduct/local_jobs.ts";
import { isGuarded, renderScript } from "../lib/plan/script.ts";
import type { Batch } from "../lib/types.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";

const RUNNER = new URL("../templates/guard.sh", import.meta.url).pathname;
const SHELLS = ["sh", "dash", "bash", "ksh", "mksh", "zsh"].map((name) => `/bin/${name}`).filter((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

interface Job {
  readonly folder: string;
  readonly script: string;
  readonly file: string;
  run(id: string, from?: string): Deno.Command;
  told(): string;
}

/** A step's folder with its script in it; gone when the test is over. */
async function withJob(cmd: string, shell: string, test: (job: Job) => Promise<void>, type = "slurm") {
  const top = await Deno.makeTempDir();
  const folder = `${top}/a b'c"d$HOME\`id\`\\*`;
  await Deno.mkdir(folder);
  const adapter = ADAPTERS[type]!;
  const [script, file] = [`${folder}/s.sh`, `${folder}/job 1`];
  const batch = { type, shell };
  const request = { jobName: "a", description: "", resources: { procs: 1 }, batch, out: "o", err: "e" };
  const guard = { jobFile: file, runner: `${folder}/it's the guard.sh`, script };
  await Deno.copyFile(RUNNER, guard.runner);
  await Deno.writeTextFile(script, renderScript(adapter, request, cmd, true, guard));
  await Deno.chmod(script, 0o755);
  // A scheduler runs a copy of its own.
  await Deno.copyFile(script, `${top}/spooled`);
  const name = adapter.scheduler!.jobIdVariable;
  const run = (id: string, from = `${top}/spooled`) =>
    new Deno.Command(shell, {
      args: [from],
      cwd: folder,
      env: { [name]: id, PBS_O_WORKDIR: folder, MAESTRO_GUARD: "another" },
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" } as const,
    });
  try {
    await test({ folder, script, file, run, told: () => Deno.readTextFileSync(file) });
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

async function output(command: Deno.Command): Promise<{ code: number; out: string; err: string }> {
  const child = command.spawn();
  await child.stdin.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

for (const shell of SHELLS) {
  Deno.test(`guard, ${shell}: claims, runs in the folder, keeps the exit code`, () =>
    withJob('pwd; echo "$MAESTRO_GUARD"; cat; exit 3', shell, async ({ folder, file, run, told }) => {
      const { code, out, err } = await output(run("12"));
      assertEquals([code, err], [3, ""]);
      assertEquals(out, `${folder}\n${file}\n`);
      assert(/^pid \d+\njob 12\nhost \S+\nbegan \d+\nended \d+\nexit 3\n$/.test(told()), told());
    }));

  Deno.test(`guard, ${shell}: a second job of the same attempt does nothing`, () =>
    withJob("echo ran", shell, async ({ file, run, told }) => {
      assertEquals((await output(run("12"))).out, "ran\n");
      const before = told();
      const second = await output(run("13"));
      assertEquals([second.code, second.out], [96, ""]);
      assertStringIncludes(second.err, `maestro: ${file} is claimed by 12`);
      assertEquals((await output(run(""))).code, 96);
      assertEquals(told(), before);
    }));

  Deno.test(`guard, ${shell}: the same job runs again when it is requeued`, () =>
    withJob("echo ran; [ -e again ] || { touch again; exit 4; }", shell, async ({ run, told }) => {
      assertEquals((await output(run("12"))).code, 4);
      assertEquals((await output(run("12"))).code, 0);
      const lines = told().replace(/^pid \d+\njob 12\nhost \S+\n/, "").replace(/^(began|ended) \d+$/gm, "$1");
      assertEquals(lines, "began\nended\nexit 4\nagain\nbegan\nended\nexit 0\n");
    }));

  Deno.test(`guard, ${shell}: says when its script began and ended`, () =>
    withJob("sleep 1.2", shell, async ({ run, told }) => {
      const before = Date.now();
      await output(run("12"));
      const { beganAt, endedAt, ran } = parseJobFile(told());
      assert(before - 1000 < beganAt! && beganAt! <= endedAt! - 1000 && endedAt! <= Date.now(), told());
      assertEquals(ran, (endedAt! - beganAt!) / 1000);
    }));

  Deno.test(`guard, ${shell}: a voided attempt never begins`, () =>
    withJob("echo ran", shell, async ({ file, run, told }) => {
      await Deno.writeTextFile(file, "void\n");
      const { code, out } = await output(run("12"));
      assertEquals([code, out, told()], [96, "", "void\n"]);
    }));

  Deno.test(`guard, ${shell}: a signal for the batch shell reaches the script, whose end is waited for`, () =>
    withJob('trap "echo saved; exit 5" USR1; echo ready; while :; do sleep 0.1; done', shell, async (job) => {
      const child = job.run("12").spawn();
      await child.stdin.close();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      assertEquals((await reader.read()).value, "ready\n");
      child.kill("SIGUSR1");
      // zsh, interrupted before it has flushed its output, writes what stands there once more.
      assertEquals((await reader.read()).value?.replace(/^ready\n/, ""), "saved\n");
      assertEquals((await child.status).code, 5);
      await Promise.all([reader.cancel(), child.stderr.cancel()]);
      assertStringIncludes(job.told(), "\nexit 5\n");
    }));
}

Deno.test("guard: a script killed by a signal, and one that cannot be claimed", async () => {
  await withJob("kill -SEGV $$", "/bin/sh", async ({ run, told }) => {
    assertEquals((await output(run("12"))).code, 139);
    assert(/\nended \d+\nexit 139\n$/.test(told()), told());
  });
  await withJob("echo ran", "/bin/sh", async ({ file, run }) => {
    await Deno.mkdir(file);
    const { code, out, err } = await output(run("12"));
    assertEquals([code, out], [97, ""]);
    assertStringIncludes(err, "the step was not run");
  });
});

Deno.test("guard: every scheduler's scripts find their job's id", async () => {
  for (const type of adapterNames.filter((name) => ADAPTERS[name]!.scheduler)) {
    await withJob("pwd", "/bin/sh", async ({ folder, run, told }) => {
      assertEquals((await output(run("ƒ12.x[3]"))).out, `${folder}\n`, type);
      assertStringIncludes(told(), "\njob ƒ12.x[3]\n");
    }, type);
  }
});

Deno.test("guard: only where the shell is like sh, and something is scheduled", () => {
  const table: [shell: string, guarded: boolean][] = [
    ["/bin/bash", true],
    ["/bin/bash -l", true],
    ["/usr/bin/env bash", true],
    ["/usr/bin/env -S A=b zsh", true],
    ["/opt/ksh93", true],
    ["/bin/csh", false],
    ["/bin/tcsh -f", false],
    ["/usr/bin/env python3", false],
    ["/usr/bin/fish", false],
  ];
  const guard = { jobFile: "/j", runner: "/r", script: "/s" };
  for (const [shell, guarded] of table) {
    const batch: Batch = { type: "slurm", shell };
    assertEquals(isGuarded(batch), guarded, shell);
    const request = { jobName: "a", description: "", resources: { procs: 1 }, batch, out: "o", err: "e" };
    const script = (scheduled: boolean) => renderScript(ADAPTERS["slurm"]!, request, "./x", scheduled, guard);
    assertEquals(script(true).includes("MAESTRO_GUARD"), guarded, shell);
    assertEquals(script(false), `#!${shell}\n\n./x\n`);
  }
});

Deno.test("guard: two lines between header and command, and nothing else", () => {
  const batch = { type: "slurm", queue: "q" };
  const request = { jobName: "a", description: "", resources: { procs: 1 }, batch, out: "o", err: "e" };
  const guard = { jobFile: "/w/it's/1", runner: "/w/guard.sh", script: "/w/s.sh" };
  assertEquals(
    renderScript(ADAPTERS["slurm"]!, request, "./x", true, guard).split("\n").slice(-6).join("\n"),
    `
# maestro: runs once for an attempt, and leaves its exit code.
[ "\${MAESTRO_GUARD-}" = '/w/it'\\''s/1' ] || exec env MAESTRO_GUARD='/w/it'\\''s/1' /bin/sh '/w/guard.sh' '/w/it'\\''s/1' '/w/s.sh' "\${SLURM_JOB_ID-}"

./x
`,
  );
});
