/** Runners of local steps: which one takes which step, what becomes of those that end, what they leave in job files. */

import { assert, assertEquals } from "./assert.ts";
import { type LocalEnd, type LocalJob, localJobs, NOT_RUN } from "../lib/conduct/local/jobs.ts";
import { parseJobFile, voidEmpty } from "../lib/study/claims.ts";
import type { Consumption } from "../lib/process_use.ts";
import { type ProcessEnd, realSystem, type System } from "../lib/system.ts";
import { inFreshFolder, ROOT } from "./maestro.ts";
import { textOf, until } from "./real_study.ts";
import { type Left, runScripts } from "./run_scripts.ts";

/** A runner as the test plays it. */
interface Played {
  readonly pid: number;
  /** Of each step that it was given: its script. */
  readonly scripts: string[];
  hungUp: boolean;
  tell(line: string): void;
  end(end: ProcessEnd): void;
}

function playedRunners(): { system: System; runners: Played[] } {
  const runners: Played[] = [];
  const system = {
    host: "here",
    env: {},
    place: () => ({ boot: "boot", namespace: "1", machine: "m", uid: "0", seesAll: true }),
    converse(argv: readonly string[], _: string, hear: (line: string) => void) {
      let end: (end: ProcessEnd) => void;
      const ended = new Promise<ProcessEnd>((resolve) => end = resolve);
      const runner: Played = {
        pid: runners.length + 1,
        scripts: [argv[8]!],
        hungUp: false,
        tell: hear,
        end: end!,
      };
      runners.push(runner);
      return {
        pid: runner.pid,
        ended,
        say: (text: string) => void runner.scripts.push(text.split("\n")[0]!),
        hangUp: () => void (runner.hungUp = true),
        used: () => undefined,
      };
    },
  };
  return { system: system as unknown as System, runners };
}

const job = (script: string): LocalJob => ({ script, logs: "s", jobFile: `${script}.job`, workspace: "/" });
const KILLED: ProcessEnd = { code: 137, signal: "SIGKILL" };

Deno.test("local jobs: a runner that has reported its step takes the next one", async () => {
  const { system, runners } = playedRunners();
  const jobs = localJobs(system, "/study");
  const [a, b] = [jobs.start(job("a")), jobs.start(job("b"))];
  assertEquals([a.pid, b.pid], [1, 2]);
  runners[1]!.tell("3");
  assertEquals(await b.ended, { code: 3 });
  const c = jobs.start(job("c"));
  assertEquals(c.pid, 2);
  runners[1]!.tell("0");
  runners[0]!.tell("0");
  assertEquals([await a.ended, await c.ended], [{ code: 0 }, { code: 0 }]);
  assertEquals(runners.map(({ scripts }) => scripts.join(" ")), ["a", "b c"]);
});

Deno.test("local jobs: a runner that ends takes its step with it, and no other", async () => {
  const { system, runners } = playedRunners();
  const jobs = localJobs(system, "/study");
  const a = jobs.start(job("a"));
  runners[0]!.end(KILLED);
  assertEquals(await a.ended, { runner: KILLED });
  const b = jobs.start(job("b"));
  assertEquals(b.pid, 2);
  runners[1]!.tell("0");
  // It ends while it is idle.
  runners[1]!.end(KILLED);
  assertEquals(await b.ended, { code: 0 });
  await Promise.resolve();
  assertEquals(jobs.start(job("c")).pid, 3);
});

Deno.test("local jobs: what is no line is not passed as one", () => {
  const { system, runners } = playedRunners();
  const jobs = localJobs(system, "/study");
  jobs.start(job("a"));
  runners[0]!.tell("0");
  assertEquals(jobs.start(job("two\nlines")).pid, 2);
  assertEquals(runners[1]!.scripts, ["two\nlines"]);
  assertEquals(jobs.start(job("b")).pid, 1);
});

Deno.test("local jobs: in the end no runner is signalled", () => {
  const { system, runners } = playedRunners();
  const jobs = localJobs(system, "/study");
  jobs.start(job("a"));
  jobs.start(job("b"));
  runners[1]!.tell("0");
  jobs.close();
  assertEquals(runners.map(({ hungUp }) => hungUp), [true, true]);
});

/** The same in a process that has these variables too: tests of one run share one environment. */
async function runScriptsWith(
  env: Readonly<Record<string, string>>,
  folder: string,
  texts: readonly string[],
): Promise<Left[]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", "--no-check", `${ROOT}/tests/run_scripts.ts`, folder, ...texts],
    env: { ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  assertEquals([code, text.decode(stderr)], [0, ""]);
  return JSON.parse(text.decode(stdout));
}

Deno.test("local jobs: exported functions, BASH_ENV and the user's own variables reach the script", async () => {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/loaded`, "LOADED=$((LOADED + 1)); export LOADED; echo loaded\n");
    const env = {
      ...{ "BASH_FUNC_f%%": "() {  echo hi\n}", BASH_ENV: `${folder}/loaded`, SHLVL: "4" },
      ...{
        host: "1",
        boot: "2",
        place: "3",
        log: "4",
        code: "5",
        script: "6",
        logs: "7",
        job: "8",
        folder: "9",
      },
    };
    const script = "#!/bin/bash\nf; echo $LOADED $SHLVL $host$boot$place$log$code$script$logs$job$folder\n";
    const left = await runScriptsWith(env, folder, [script, script]);
    for (const { out, end } of left) {
      assertEquals([end, out], [{ code: 0 }, "loaded\nhi\n1 5 123456789\n"]);
    }
  });
});

Deno.test("local jobs: real steps of one runner know nothing of each other", async () => {
  await inFreshFolder(async (folder) => {
    const script = 'pwd; echo "${OLDPWD-none} ${left-none}"; cat; left=over; echo $$; exit 3';
    const left = await runScripts(folder, [script, script]);
    for (const [i, { end, job, out, file, pid }] of left.entries()) {
      assertEquals(end, { code: 3 });
      // The job id is the number of the script's own process.
      assertEquals(out, `${folder}/it's a "\\n" $(folder) ${i}\nnone none\n${job}\n`);
      const system = realSystem([]);
      const { boot, seesAll: _, ...place } = system.place();
      const { start, ...facts } = parseJobFile(file);
      assertEquals(facts, { pid, host: system.host, ...place, job: String(job), exitCode: 3, claimed: true });
      assertEquals(start?.boot, boot);
      assert(Number(start?.process) > 0);
    }
    assertEquals(left[0]!.pid, left[1]!.pid);
    assert(left[0]!.job !== left[1]!.job);
  });
});

Deno.test("local jobs: a script has the environment and the signals of its conductor, and one variable more", async () => {
  const names = ["host", "boot", "log", "job", "code", "stat", "start", "root"];
  const theirs = Object.fromEntries(names.map((name) => [name, `the user's ${name}`]));
  await inFreshFolder(async (folder) => {
    const [left] = await runScriptsWith(theirs, folder, [
      "env -0 >../env; grep ^Sig /proc/self/status >../signals",
    ]);
    assertEquals(left!.end, { code: 0 });
    const wanted: Record<string, string> = {
      ...Deno.env.toObject(),
      ...theirs,
      MAESTRO_ATTEMPT: `${folder}/0.1`,
    };
    const found: Record<string, string> = Object.fromEntries(
      textOf(`${folder}/env`).split("\0").filter((line) => line !== "").map((line) => {
        const end = line.indexOf("=");
        return [line.slice(0, end), line.slice(end + 1)];
      }),
    );
    for (const name of ["PWD", "OLDPWD", "_", "SHLVL"]) for (const env of [wanted, found]) delete env[name];
    // `deno task` exports its own "?"; no shell passes such a name on.
    for (const name of Object.keys(wanted)) if (!/^\w+$/.test(name)) delete wanted[name];
    assertEquals(found, wanted);
    const masks = (text: string) =>
      [...text.matchAll(/^(Sig(?:Blk|Ign)):\s*(\w+)$/gm)].map(([, name, mask]) => `${name} ${mask}`);
    const plain = await new Deno.Command("grep", { args: ["^Sig", "/proc/self/status"] }).output();
    assertEquals(masks(textOf(`${folder}/signals`)), masks(new TextDecoder().decode(plain.stdout)));
  });
});

Deno.test("local jobs: a step whose folder cannot be entered, or whose logs cannot be made, has not run", async () => {
  await inFreshFolder(async (folder) => {
    const jobs = localJobs(realSystem([]), folder);
    const awake = setInterval(() => {}, 1000);
    Deno.writeTextFileSync(`${folder}/run.sh`, `#!/bin/sh\necho ran >>${folder}/ledger\n`, { mode: 0o755 });
    const step = (workspace: string, logs: string) =>
      jobs.start({ script: `${folder}/run.sh`, logs, jobFile: `${folder}/0.1`, workspace });
    for (const [workspace, logs] of [[`${folder}/none`, "run"], [folder, "none/run"]] as const) {
      assertEquals(await step(workspace, logs).ended, { code: 96 });
      assertEquals(realSystem([]).facts(`${folder}/0.1`), undefined);
    }
    assertEquals((await step(folder, "run").ended as { code: number }).code, 0);
    assertEquals(textOf(`${folder}/ledger`), "ran\n");
    jobs.close();
    clearInterval(awake);
  });
});

for (const [signal, code] of [["SIGTERM", 143], ["SIGKILL", 137]] as const) {
  Deno.test(`local jobs: ${signal} to the job id ends the step, and all that it started`, async () => {
    await inFreshFolder(async (folder) => {
      const system = realSystem([]);
      const alive = (pid: number) => system.processStart(pid) !== undefined;
      const numbers = (file: string) => textOf(`${folder}/${file}`).trim().split("\n").map(Number);
      const scripts = [
        `sleep 600 & echo $! >${folder}/left`,
        `echo $$ >${folder}/job; sh -c 'echo $$ >${folder}/mine; exec sleep 600'`,
      ];
      const run = runScripts(folder, scripts);
      while (textOf(`${folder}/mine`) === "") await system.sleep(20);
      const [[left], [job], mine] = [numbers("left"), numbers("job"), numbers("mine")];
      try {
        Deno.kill(job!, signal);
        assertEquals((await run).map(({ end }) => end), [{ code: 0 }, { code }]);
        while (mine.some(alive)) await system.sleep(20);
        assert(alive(left!), "what an earlier step left was ended");
      } finally {
        for (const pid of [left!, ...mine].filter(alive)) Deno.kill(pid, "SIGKILL");
      }
    });
  });
}

Deno.test("local jobs: a step whose attempt is claimed does not run, and its runner takes the next", async () => {
  await inFreshFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/0.1`, "void\n");
    const left = await runScripts(folder, ["echo ran", "echo ran"]);
    assertEquals(left.map(({ end }) => end), [{ code: 96 }, { code: 0 }]);
    assertEquals(left.map(({ out }) => out), ["", "ran\n"]);
    assertEquals(left[0]!.file, "void\n");
    assertEquals(left[0]!.pid, left[1]!.pid);
  });
});

Deno.test("local jobs: a step is ended with all that it started, and nothing that an earlier one left", async () => {
  await inFreshFolder(async (folder) => {
    const system = realSystem([]);
    const pids = (file: string) =>
      (system.readTextIfAny(`${folder}/${file}`) ?? "").trim().split("\n").map(Number);
    const alive = (pid: number) => system.processStart(pid) !== undefined;
    const scripts = [
      `sleep 600 & echo $! >${folder}/left`,
      // A child, one in a new session, and one whose parent has ended.
      `(sleep 600 & echo $! >>${folder}/mine); sleep 600 & echo $! >>${folder}/mine; echo $$ >>${folder}/mine; wait`,
    ];
    const cancelled = runScripts(folder, scripts);
    while (pids("mine").length < 3) await system.sleep(20);
    const [left] = pids("left");
    const mine = pids("mine");
    try {
      assertEquals([left!, ...mine].map(alive), [true, true, true, true]);
      const runner = Number(/^pid (\d+)/m.exec(system.readText(`${folder}/1.1`))![1]);
      system.signalStep(runner, "SIGKILL");
      assertEquals((await cancelled).map(({ end }) => end), [{ code: 0 }, { code: 137 }]);
      while (mine.some(alive)) await system.sleep(20);
      assert(alive(left!));
    } finally {
      for (const pid of [left!, ...mine].filter(alive)) Deno.kill(pid, "SIGKILL");
    }
  });
});

Deno.test("conversation: a character that comes in two pieces is one", async () => {
  const lines: string[] = [];
  const said = 'printf "go\\n\\303"; read -r word; printf "\\251%s\\n" "$word"';
  const awake = setInterval(() => {}, 1000);
  const talk = realSystem([]).converse(["/bin/sh", "-c", said], "/", (line) => {
    // Its first byte has come by now, for it was written with this line; the second is still to be written.
    if (lines.push(line) === 1) talk.say("é\n");
  });
  await talk.ended;
  clearInterval(awake);
  assertEquals(lines, ["go", "éé"]);
});

/** A real runner that is frozen between making its claim and writing it, until `go` is called. */
async function frozenRunner(body: (stage: { jobFile: string; go(): void }) => void): Promise<boolean> {
  return await inFreshFolder(async (root) => {
    const jobFile = `${root}/claim`;
    Deno.writeTextFileSync(`${root}/script`, "#!/bin/sh\n: >ran\n", { mode: 0o755 });
    // An exported function, which bash uses in place of the command.
    const cd = `() { builtin cd "$@"; : >frozen; until [ -e go ]; do sleep 0.01; done; }`;
    const machine = realSystem([]);
    const system: System = {
      ...machine,
      env: { ...machine.env, "BASH_FUNC_cd%%": cd },
      converse: (argv, ...rest) => machine.converse(["env", `BASH_FUNC_cd%%=${cd}`, ...argv], ...rest),
    };
    const jobs = localJobs(system, root);
    const { ended } = jobs.start({ script: `${root}/script`, logs: "log", jobFile, workspace: root });
    await until("it is frozen", () => machine.facts(`${root}/frozen`) !== undefined);
    body({ jobFile, go: () => Deno.writeTextFileSync(`${root}/go`, "") });
    let end: LocalEnd | undefined;
    ended.then((how) => end = how);
    await until("it has ended", () => end !== undefined);
    jobs.close();
    const ran = machine.facts(`${root}/ran`) !== undefined;
    const { used: _, ...how } = end as { code: number; used?: Consumption };
    assertEquals(how, ran ? { code: 0, job: Number(parseJobFile(textOf(jobFile)).job) } : { code: NOT_RUN });
    return ran;
  });
}

Deno.test("local jobs: a claim that a conductor makes void before it is written stops its script", async () => {
  const machine = realSystem([]);
  const ran = await frozenRunner(({ jobFile, go }) => {
    assertEquals(textOf(jobFile), "");
    assertEquals(voidEmpty(machine, jobFile), true);
    go();
  });
  assertEquals(ran, false);
});

Deno.test("local jobs: a claim that is written before a conductor makes it void stays one", async () => {
  const machine = realSystem([]);
  let jobFile = "";
  const ran = await frozenRunner((stage) => {
    jobFile = stage.jobFile;
    stage.go();
  });
  assertEquals(ran, true);
  await inFreshFolder((folder) => {
    const path = `${folder}/${jobFile.split("/").at(-1)}`;
    machine.writeText(path, "job 7\npid 6\nhost h\n");
    assertEquals(voidEmpty(machine, path), false);
    assertEquals(parseJobFile(textOf(path)).job, "7");
    return Promise.resolve();
  });
});
