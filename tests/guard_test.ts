/** The guard of scheduled scripts, run for real: scripts as they are rendered, started as a scheduler would. */

import { quote } from "../lib/shell_words.ts";
import { adapterNames, ADAPTERS } from "../adapters/mod.ts";
import { parseJobFile } from "../lib/study/claims.ts";
import { isGuarded, renderScript } from "../lib/plan/script.ts";
import { GUARD_VERSION } from "../lib/paths.ts";
import { HANG_MS } from "./maestro.ts";
import type { Batch } from "../lib/spec/types.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";

const RUNNER = new URL("../templates/guard.sh", import.meta.url).pathname;
const SHELLS = ["sh", "dash", "bash", "ksh", "mksh", "zsh"].map((name) => `/bin/${name}`).filter((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

const TOKEN = "k3x9-17-1";

interface Job {
  readonly folder: string;
  readonly script: string;
  readonly file: string;
  /** Runs it as its submission would have it run, or by hand. */
  run(id: string, more?: { from?: string; byHand?: boolean; env?: Record<string, string> }): Deno.Command;
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
  const guard = { jobFile: file, runner: `${folder}/it's the guard.sh`, script, folder, token: TOKEN };
  await Deno.copyFile(RUNNER, guard.runner);
  await Deno.writeTextFile(
    script,
    renderScript(adapter, { ...request, workspace: folder }, cmd, true, guard),
  );
  await Deno.chmod(script, 0o755);
  // A scheduler runs a copy of the script.
  await Deno.copyFile(script, `${top}/spooled`);
  const { jobIdVariables, jobNameVariables = [] } = adapter.scheduler!;
  const named = jobNameVariables.length > 0;
  const run: Job["run"] = (id, { from = `${top}/spooled`, byHand = false, env = {} } = {}) =>
    new Deno.Command(shell, {
      args: [from, ...(byHand || named ? [] : [TOKEN])],
      cwd: top,
      env: {
        [jobIdVariables[0]!]: id,
        ...Object.fromEntries(jobNameVariables.map((name) => [name, byHand ? "a" : `a+${TOKEN}`])),
        ...(type === "pbs" ? { PBS_ENVIRONMENT: "PBS_BATCH" } : {}),
        ...env,
      },
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

const exists = (path: string) => {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
};

for (const shell of SHELLS) {
  Deno.test(`guard, ${shell}: claims, runs in the folder, keeps the exit code`, () =>
    withJob('pwd; echo "$#"; cat; exit 3', shell, async ({ folder, run, told }) => {
      const { code, out, err } = await output(run("12"));
      assertEquals([code, err], [3, ""]);
      assertEquals(out, `${folder}\n0\n`);
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

  Deno.test(`guard, ${shell}: records when its script began and ended`, () =>
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

  Deno.test(`guard, ${shell}: a file made void before the claim is written stops the script`, () =>
    withJob("echo ran", shell, async ({ folder, file, run, told }) => {
      // In place of the program that the guard asks for the host while it writes its claim.
      await Deno.mkdir(`${folder}/bin`);
      await Deno.writeTextFile(`${folder}/bin/uname`, '#!/bin/sh\necho void >>"$JOB"\necho host\n', {
        mode: 0o755,
      });
      const env = { JOB: file, PATH: `${folder}/bin:${Deno.env.get("PATH")}` };
      const { code, out, err } = await output(run("12", { env }));
      assertEquals([code, out], [96, ""]);
      assertStringIncludes(err, `${file} is void`);
      assertEquals(parseJobFile(told()).void, true);
    }));

  Deno.test(`guard, ${shell}: a signal for the batch shell reaches the script, whose end is waited for`, () =>
    withJob('trap "echo saved; exit 5" USR1; echo ready; while :; do sleep 0.1; done', shell, async (job) => {
      const child = job.run("12").spawn();
      await child.stdin.close();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      assertEquals((await reader.read()).value, "ready\n");
      child.kill("SIGUSR1");
      // zsh, interrupted before it has flushed its output, writes its buffer once more.
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
  for (const type of adapterNames.filter((name) => ADAPTERS[name]!.scheduler?.jobIdVariables.length)) {
    await withJob("pwd", "/bin/sh", async ({ folder, run, told }) => {
      assertEquals((await output(run("ƒ12.x[3]"))).out, `${folder}\n`, type);
      assertStringIncludes(told(), "\njob ƒ12.x[3]\n");
    }, type);
  }
});

const SCHEDULERS = adapterNames.filter((name) => ADAPTERS[name]!.scheduler);

for (const type of SCHEDULERS) {
  for (const shell of ["/bin/sh", "/bin/bash", "/bin/tcsh"].filter(exists)) {
    const csh = shell.endsWith("csh");
    Deno.test(`guard, ${type}, ${shell}: nothing but the submission arms it`, () =>
      withJob(
        `pwd; echo $#argv; exit 3`.replace(csh ? "#" : "$#argv", csh ? "#" : '"$#"'),
        shell,
        async (job) => {
          const { file, run, folder, script } = job;
          for (const from of [script, undefined]) {
            const { code, out, err } = await output(run("12", { byHand: true, ...(from ? { from } : {}) }));
            // PBS starts jobs in the home directory, so its script goes to the workspace; the others have an option.
            const where = type === "pbs" ? folder : folder.slice(0, folder.lastIndexOf("/a b"));
            assertEquals([code, out, err, exists(file)], [3, `${where}\n0\n`, "", false]);
          }
          assertEquals((await output(run("12"))).code, 3);
          assertStringIncludes(job.told(), "\nexit 3\n");
          const before = job.told();
          assertEquals((await output(run("12", { byHand: true }))).code, 3);
          assertEquals(job.told(), before);
        },
        type,
      ));
  }

  Deno.test(`guard, ${type}: a step that starts the script again, or another one, finds it unarmed`, () =>
    withJob(
      '[ -z "$AGAIN" ] || { echo "inner $#"; exit; }\nexport AGAIN=1\n/bin/bash "$0"; echo outer',
      "/bin/bash",
      async ({ run, told }) => {
        const { code, out, err } = await output(run("12"));
        assertEquals([code, out, err], [0, "inner 0\nouter\n", ""]);
        assertEquals(told().includes("again"), false, told());
      },
      type,
    ));

  Deno.test(`guard, ${type}: the script finds the environment, the folder and the signals of plain submission`, () =>
    withJob(
      `env | sort; grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; ulimit -a; umask; pwd; type -t f; echo "$BASH_ENV" "$#"`,
      "/bin/bash",
      async ({ run, folder, script }) => {
        const loaded = await Deno.makeTempFile();
        const more = {
          ...{ "BASH_FUNC_f%%": "() {  echo hi\n}", BASH_ENV: loaded, SHLVL: "3", OLDPWD: "/usr" },
          // Names that a program of ours might use.
          ...{
            file: "1",
            job: "2",
            code: "3",
            script: "4",
            child: "5",
            before: "6",
            told: "7",
            signal: "8",
            name: "9",
          },
        };
        await Deno.writeTextFile(loaded, "LOADED=$((LOADED + 1))\nexport LOADED\n");
        const plain = await output(run("12", { byHand: true, from: script, env: more }));
        const armed = await output(run("12", { env: more }));
        const stable = (text: string) =>
          text.replace(/^(?:_|OLDPWD|PWD)=.*\n/gm, "").replace(/\n\/.*\nfunction/, "\nfunction");
        assertEquals([armed.code, armed.err, plain.err], [0, "", ""]);
        assertEquals(stable(armed.out), stable(plain.out));
        if (type !== "pbs") assertStringIncludes(armed.out, "\nOLDPWD=/usr\n");
        // The user of the tests may have variables of ours.
        const given = new Set(plain.out.split("\n"));
        const added = armed.out.replaceAll(folder, "").split("\n").filter((line) => !given.has(line));
        assert(!added.some((line) => /maestro/i.test(line)), added.join("\n"));
      },
      type,
    ));
}

Deno.test("guard: an exported function reaches the script, though /bin/sh may drop it", () =>
  withJob("f", "/bin/bash", async ({ run }) => {
    assertEquals((await output(run("12", { env: { "BASH_FUNC_f%%": "() {  echo hi\n}" } }))).out, "hi\n");
  }));

Deno.test("guard: without its workspace the script does not run, and nothing is claimed", () =>
  withJob("echo ran", "/bin/sh", async ({ folder, file, run }) => {
    const moved = `${folder} moved`;
    const runner = `${folder}/it's the guard.sh`;
    const text = await Deno.readTextFile(runner);
    await Deno.rename(folder, moved);
    const direct = (from: string) =>
      output(
        new Deno.Command("/bin/sh", {
          args: [from, `${moved}/job 1`, `${moved}/s.sh`, folder, "=12"],
          ...{ stdin: "piped", stdout: "piped", stderr: "piped" } as const,
        }),
      );
    await Deno.writeTextFile(`${moved}/guard.sh`, text);
    const { code, out, err } = await direct(`${moved}/guard.sh`);
    assertEquals([code, out], [97, ""]);
    assertStringIncludes(err, `maestro: cannot enter ${folder} on `);
    assertEquals(exists(`${moved}/job 1`), false);
    await Deno.rename(moved, folder);
    assertEquals(exists(file), false);
    assertEquals((await output(run("12"))).out, "ran\n");
  }));

/** Runs a job in a new session, signals it once it is ready, and returns all its output. */
async function signalled(job: Job, kill: (pid: number) => void, env: Record<string, string> = {}) {
  const { args, cwd } = { args: ["--wait", "/bin/sh", "-c", 'echo "$$"; exec "$@"', "sh"], cwd: job.folder };
  const child = new Deno.Command("setsid", {
    args: [...args, "env", "--default-signal=INT,QUIT", "/bin/bash", job.script, TOKEN],
    cwd,
    env: { SLURM_JOB_ID: "12", ...env },
    ...{ stdin: "null", stdout: "piped", stderr: "null" } as const,
  }).spawn();
  let text = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    const wasReady = text.includes("ready\n");
    text += piece;
    if (!wasReady && text.includes("ready\n")) kill(Number(text.split("\n")[0]));
  }
  return { code: (await child.status).code, lines: text.trim().split("\n").slice(1) };
}

/** Waits for its signal, and then long enough for a second copy: the guard passes a signal on after half a second. */
const traps = (signal: string) =>
  `trap 'echo ${signal}; got=1' ${signal}
sleep 0 & wait
echo ready
until [ "$got" ]; do sleep 0.05; done
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 0.1; done
exit 5`;

for (const signal of ["TERM", "INT", "QUIT", "USR1", "HUP", "XCPU"] as const) {
  const name = `SIG${signal}` as Deno.Signal;
  Deno.test(`guard: ${signal} reaches a trap once, sent to the batch shell or to all processes`, async () => {
    for (const all of [false, true]) {
      await withJob(traps(signal), "/bin/bash", async (job) => {
        const { code, lines } = await signalled(job, (pid) => Deno.kill(all ? -pid : pid, name));
        assertEquals([code, lines], [5, ["ready", signal]], `to ${all ? "all" : "one"}`);
        assertStringIncludes(job.told(), "\nexit 5\n");
      });
    }
  });
}

for (const shell of ["/bin/sh", "/bin/bash"]) {
  Deno.test(`guard, ${shell}: the exit code outlives a signal to all processes that ends the script at once`, () =>
    withJob(
      "trap 'exit 7' TERM\necho ready\nwhile :; do sleep 0.1; done",
      "/bin/bash",
      async ({ folder, script }) => {
        // bash loses the end of a child in some of a hundred rounds.
        const round = async (i: number) => {
          const job = `${folder}/round ${i}`;
          const child = new Deno.Command("setsid", {
            args: ["--wait", shell, RUNNER, job, script, folder, "=12"],
            ...{ stdin: "null", stdout: "piped", stderr: "null" } as const,
          }).spawn();
          const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
          assertEquals((await reader.read()).value, "ready\n");
          const leader = Number(/^pid (\d+)$/m.exec(Deno.readTextFileSync(job))![1]!);
          // At another moment of the script each time.
          await new Promise((resolve) => setTimeout(resolve, (i * 7) % 100));
          Deno.kill(-leader, "SIGTERM");
          // A shell that has lost its child waits without end.
          const hang = setTimeout(() => Deno.kill(-leader, "SIGKILL"), HANG_MS);
          assertEquals((await child.status).code, 7);
          clearTimeout(hang);
          await reader.cancel();
          assertEquals(Deno.readTextFileSync(job).match(/^exit .*\n/gm), ["exit 7\n"]);
        };
        for (let i = 0; i < 100; i += 10) {
          await Promise.all(Array.from({ length: 10 }, (_, j) => round(i + j)));
        }
      },
    ));
}

Deno.test("guard: KeyboardInterrupt in Python, as without a guard", () =>
  withJob(
    `exec python3 -c '
import time
try:
    print("ready", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("interrupted")
    raise SystemExit(7)'`,
    "/bin/bash",
    async (job) => {
      const { code, lines } = await signalled(job, (pid) => Deno.kill(-pid, "SIGINT"));
      assertEquals([code, lines], [7, ["ready", "interrupted"]]);
    },
  ));

Deno.test("guard: what the job ignores the script ignores", () =>
  withJob("grep SigIgn /proc/self/status", "/bin/bash", async ({ script, folder }) => {
    for (const signals of ["INT", "QUIT", "HUP", "INT QUIT TERM"]) {
      const ignoring = (argument: string) =>
        output(
          new Deno.Command("/bin/sh", {
            args: ["-c", `trap '' ${signals}; exec /bin/bash "$0" ${argument}`, script],
            cwd: folder,
            env: { SLURM_JOB_ID: signals },
            ...{ stdin: "piped", stdout: "piped", stderr: "piped" } as const,
          }),
        );
      const [plain, armed] = [await ignoring(""), await ignoring(TOKEN)];
      assertEquals(armed, plain, signals);
      await Deno.remove(`${folder}/job 1`);
    }
  }));

Deno.test("guard: a shell that traces its commands does not show it", () =>
  withJob("echo ran", "/bin/bash", async ({ script }) => {
    await Deno.writeTextFile(
      script,
      (await Deno.readTextFile(script)).replace("#!/bin/bash", "#!/bin/bash -x"),
    );
    for (const args of [[], [TOKEN]]) {
      const command = new Deno.Command(script, {
        args,
        env: { SLURM_JOB_ID: "1" },
        ...{ stdin: "piped", stdout: "piped", stderr: "piped" } as const,
      });
      assertEquals(await output(command), { code: 0, out: "ran\n", err: "+ echo ran\n" });
    }
  }));

Deno.test("guard: a login shell that the scheduler starts is one for the script, from where the job began", () =>
  withJob(
    "shopt -q login_shell && echo login; echo $PROFILED; mine",
    "/bin/bash",
    async ({ script, folder }) => {
      await Deno.writeTextFile(
        `${folder}/.bash_profile`,
        "export PROFILED=x$PROFILED\nmine() { echo mine; }\n",
      );
      const job = (argument: string) =>
        output(
          new Deno.Command("/bin/bash", {
            args: ["-l", script, ...(argument === "" ? [] : [argument])],
            cwd: folder,
            env: { SLURM_JOB_ID: "12", HOME: folder },
            ...{ stdin: "piped", stdout: "piped", stderr: "piped" } as const,
          }),
        );
      const plain = await job("");
      assertEquals(plain, { code: 0, out: "login\nx\nmine\n", err: "" });
      assertEquals(await job(TOKEN), plain);
    },
  ));

Deno.test("guard: a job of version 0.1 that is still queued runs once under its own guard, whatever became of its script", () =>
  withJob("echo new; exit 4", "/bin/bash", async ({ folder, script, file, told }) => {
    const runner = `${folder}/guard.sh`;
    await Deno.copyFile(new URL("guard-0.1.sh", import.meta.url), runner);
    const [j, r, s] = [file, runner, script].map(quote);
    const spooled = `${folder}/spooled`;
    await Deno.writeTextFile(
      spooled,
      `#!/bin/bash\n[ "\${MAESTRO_GUARD-}" = ${j} ] || exec env MAESTRO_GUARD=${j} /bin/sh ${r} ${j} ${s} "\${SLURM_JOB_ID-}"\n` +
        "echo old; exit 3\n",
    );
    const job = (id: string) =>
      output(
        new Deno.Command("/bin/bash", {
          args: [spooled],
          env: { SLURM_JOB_ID: id },
          ...{ stdin: "piped", stdout: "piped", stderr: "piped" } as const,
        }),
      );
    assertEquals(await job("7"), { code: 4, out: "new\n", err: "" });
    assertStringIncludes(told(), "\njob 7\n");
    assertEquals((await job("8")).code, 96);
  }));

Deno.test("guard: one that changes gets another number, for jobs may run the earlier one", async () => {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(RUNNER));
  const sum = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  // Before 1.0 the number may stay if no release has this one.
  assertEquals([GUARD_VERSION, sum.slice(0, 12)], [3, "993a70be80bc"]);
});

Deno.test("guard: only where the shell is like sh, and something is scheduled", () => {
  const table: [shell: string, guarded: boolean][] = [
    ["/bin/bash", true],
    ["/bin/bash -l", true],
    ["/usr/bin/env bash", true],
    ["/usr/bin/env -S A=b zsh", true],
    ["/opt/ksh93", true],
    ["/bin/csh", true],
    ["/bin/tcsh -f", true],
    ["/usr/bin/env python3", false],
    ["/usr/bin/fish", false],
  ];
  const guard = { jobFile: "/j", runner: "/r", script: "/s", folder: "/f", token: TOKEN };
  for (const [shell, guarded] of table) {
    const batch: Batch = { type: "slurm", shell };
    assertEquals(isGuarded(batch), guarded, shell);
    const request = { jobName: "a", description: "", resources: { procs: 1 }, batch, out: "o", err: "e" };
    const script = (scheduled: boolean) => renderScript(ADAPTERS["slurm"]!, request, "./x", scheduled, guard);
    assertEquals(script(true).includes(TOKEN), guarded, shell);
    assertEquals(script(false), `#!${shell}\n\n./x\n`);
  }
});

Deno.test("guard: two lines behind the header, and nothing else", () => {
  const text = (type: string) => {
    const batch = { type, queue: "q" };
    const request = { jobName: "a", description: "", resources: { procs: 1 }, batch, out: "o", err: "e" };
    const guard = {
      jobFile: "/w/it's/1",
      runner: "/w/guard.sh",
      script: "/w/s.sh",
      folder: "/w",
      token: TOKEN,
    };
    return renderScript(ADAPTERS[type]!, request, "./x", true, guard).split("\n").slice(-6).join("\n");
  };
  assertEquals(
    text("slurm"),
    `
# maestro: where the study's conductor submitted this script, a guard runs it once. By hand it is just a script.
{ case "\${1-}" in k3x9-17-1) set -- '/w/guard.sh' '/w/it'\\''s/1' '/w/s.sh' '/w' 'SLURM_JOB_ID' '' "\${BASH_ENV-}" "$(shopt -q login_shell && echo login)"; mapfile -td "" maestro_env </proc/$$/environ && exec env -i "\${maestro_env[@]}" BASH_ENV= "$BASH" "$@" 2>&9 9>&-; BASH_ENV= exec "\${BASH:-/bin/sh}" "$@" 2>&9 9>&- ;; esac; } 9>&2 2>/dev/null

./x
`,
  );
  assertStringIncludes(text("sge"), `\n{ case "\${JOB_NAME-}" in *+k3x9-17-1) set -- `);
});

/** Of jobs in which a conductor may run: an allocation of one scheduler with another one in it. */
const INHERITED = Object.fromEntries(
  Object.values(ADAPTERS).flatMap(({ scheduler }) => scheduler?.jobIdVariables ?? []).map((
    name,
  ) => [name, "77"]),
);

for (const [type, { scheduler }] of Object.entries(ADAPTERS)) {
  const [own] = scheduler?.jobIdVariables ?? [];
  if (own === undefined) continue;
  Deno.test(`guard, ${type}: the id of a job is its own, whatever other schedulers have set around it`, () =>
    withJob("echo ran", "/bin/sh", async ({ run, told }) => {
      const env = (id: string) => ({ env: { ...INHERITED, [own]: id } });
      assertEquals((await output(run("12", env("12")))).out, "ran\n");
      assertStringIncludes(told(), "\njob 12\n");
      // Another job that inherited the same is not the first one again.
      assertEquals((await output(run("13", env("13")))).code, 96);
    }, type));
}
