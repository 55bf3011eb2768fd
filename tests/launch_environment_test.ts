import { commandIn, jobEnvironment, queryEnvironment } from "../lib/conduct/scheduler/commands.ts";
import {
  changedSinceLaunch,
  keepServers,
  recordedSubmitEnvironment,
  recordSubmitEnvironment,
  withRecorded,
} from "../lib/study/launch_environment.ts";
import { environmentNotes } from "../lib/commands/run.ts";
import { realSystem } from "../lib/system.ts";
import { ADAPTERS } from "../adapters/mod.ts";
import { flux } from "../adapters/flux/mod.ts";
import { lsf } from "../adapters/lsf/mod.ts";
import { pbs } from "../adapters/pbs/mod.ts";
import { sge } from "../adapters/sge/mod.ts";
import { slurm } from "../adapters/slurm/mod.ts";
import type { Adapter } from "../adapters/adapter.ts";
import type { Spec } from "../lib/spec/types.ts";
import { assert, assertEquals } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";

Deno.test("submit environment: the PATH of the launch goes before cron's, other variables behind one's own", () => {
  const env = { PATH: "/usr/bin:/bin:.", SLURM_CONF: "/mine", HOME: "/h" };
  const recorded = {
    PATH: "/opt/pbs/bin:.::/bin:/bin",
    SLURM_CONF: "/theirs",
    SGE_ROOT: "/sge",
    HOME: "/x",
    LD_PRELOAD: "x",
  };
  const path = "/opt/pbs/bin:.::/bin:/bin:/usr/bin";
  assertEquals(withRecorded(env, recorded, slurm.scheduler), { PATH: path, SLURM_CONF: "/mine", HOME: "/h" });
  // Variables of another scheduler are not those of this study.
  assertEquals(withRecorded({}, recorded, sge.scheduler), { PATH: recorded.PATH, SGE_ROOT: "/sge" });
  assertEquals(withRecorded({}, recorded, undefined), { PATH: recorded.PATH });
  assertEquals(withRecorded({}, {}, slurm.scheduler), {});
});

Deno.test("submit environment: a job sees the PATH unchanged, with relative folders and duplicates", () => {
  for (const PATH of ["bin:/a:/a::/b:.", "", ":"]) {
    assertEquals(jobEnvironment({ PATH }, slurm.scheduler!, { PATH })["PATH"], PATH);
    assertEquals(jobEnvironment({ PATH }, slurm.scheduler!)["PATH"], PATH);
  }
});

Deno.test("submit environment: a study of one scheduler never gets another one's qsub from cron", () =>
  inFreshFolder(async (root) => {
    for (const name of ["pbs", "sge"]) {
      await Deno.mkdir(`${root}/${name}`);
      await Deno.writeTextFile(`${root}/${name}/qsub`, `#!/bin/sh\necho ${name}\n`, { mode: 0o755 });
    }
    const recorded = { PATH: `${root}/pbs:/usr/bin:/bin` };
    const env = jobEnvironment({ PATH: `${root}/sge:/usr/bin:/bin` }, pbs.scheduler!, recorded);
    assertEquals((await commandIn(realSystem([]), env)(["qsub"], root, 10_000)).stdout, "pbs\n");
  }));

/** Variables that a user and a site may set for all their jobs, and variables that only a job has. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  slurm: [
    "SBATCH_ACCOUNT SBATCH_QOS SBATCH_PARTITION SBATCH_RESERVATION SBATCH_CONSTRAINT SBATCH_CLUSTERS SBATCH_EXPORT",
    "SBATCH_TIMELIMIT SBATCH_REQUEUE SBATCH_SIGNAL SBATCH_MEM_PER_CPU SLURM_CONF SLURM_CLUSTERS SLURM_CPU_BIND",
    "SLURM_HINT SLURM_EXPORT_ENV SLURM_MPI_TYPE",
  ],
  lsf: ["LSB_DEFAULTQUEUE LSB_DEFAULTPROJECT LSB_JOB_REPORT_MAIL LSB_NTRIES LSB_ESUB_METHOD LSF_ENVDIR"],
  flux: ["FLUX_URI FLUX_F58_FORCE_ASCII FLUX_SHELL_RC_PATH"],
  pbs: ["PBS_DEFAULT PBS_SERVER PBS_CONF_FILE PBS_EXEC PBS_O_HOST PBS_JOBNAME"],
  sge: ["SGE_ROOT SGE_CELL SGE_CLUSTER_NAME SGE_QMASTER_PORT JOB_NAME"],
};
const LOST: Readonly<Record<string, readonly string[]>> = {
  slurm: ["SBATCH_WAIT SBATCH_OUTPUT SBATCH_ERROR SBATCH_JOB_NAME SBATCH_HOLD SBATCH_ARRAY_INX SBATCH_DEBUG"],
  lsf: ["BSUB_QUIET BSUB_QUIET2 BSUB_STDERR BSUB_CHK_RESREQ LSB_SUB_PARM_FILE LSB_SUB_ABORT_VALUE"],
  flux: ["FLUX_JOB_ID FLUX_ENCLOSING_ID FLUX_TASK_RANK FLUX_KVS_NAMESPACE"],
  pbs: ["PBS_DPREFIX"],
  sge: ["SGE_DEBUG_LEVEL"],
};
const LOST_INSIDE: Readonly<Record<string, readonly string[]>> = {
  slurm: ["SLURM_JOB_ID SLURM_NTASKS SLURM_MEM_PER_CPU SLURM_NODELIST SLURM_ARRAY_TASK_ID SLURM_EXPORT_ENV"],
  lsf: ["LSB_JOBID LSB_QUEUE LSB_HOSTS LSB_JOBINDEX LSB_JOBNAME"],
  flux: [],
  pbs: ["PBS_JOBID PBS_NODEFILE PBS_O_HOST PBS_JOBNAME PBS_ARRAY_INDEX"],
  sge: ["JOB_ID JOB_NAME SGE_TASK_ID PE_HOSTFILE NSLOTS"],
};
const names = (lists: readonly string[] | undefined) => (lists ?? []).flatMap((list) => list.split(" "));

Deno.test("submit environment: what user and site set reaches the job, what is of one job does not", () => {
  for (const name of Object.keys(KEPT)) {
    const scheduler = ADAPTERS[name]!.scheduler!;
    const [kept, lost, inside] = [names(KEPT[name]), names(LOST[name]), names(LOST_INSIDE[name])];
    assert(kept.length > 0 && lost.length > 0, name);
    const every = ["LC_ALL", "LANG", "HOME", "MYVAR", ...kept];
    const env = Object.fromEntries([...every, ...lost].map((variable) => [variable, "x"]));
    assertEquals(Object.keys(jobEnvironment(env, scheduler)).sort(), [...every].sort(), name);
    if (inside.length === 0) continue;
    const job = {
      ...env,
      ...Object.fromEntries(inside.map((variable) => [variable, "x"])),
      [scheduler.jobIdVariables[0]!]: "7",
    };
    const seen = jobEnvironment(job, scheduler);
    assertEquals(inside.filter((variable) => seen[variable] !== undefined), [], name);
    assertEquals(seen["MYVAR"], "x");
  }
});

Deno.test("submit environment: only queries are in English", () => {
  const env = { LC_ALL: "ja_JP.UTF-8", LANG: "ja_JP.UTF-8", SBATCH_ACCOUNT: "a", SQUEUE_FORMAT: "%i" };
  assertEquals(queryEnvironment(env, slurm.scheduler!), { LC_ALL: "C", LANG: "ja_JP.UTF-8", TZ: "UTC0" });
  assertEquals(jobEnvironment(env, slurm.scheduler!), env);
});

Deno.test("submissions are read in any language, and only a refusal of the scheduler's own form is one", () => {
  const said = ({ scheduler }: Adapter, code: number, stdout: string, stderr = "") => {
    const answer = scheduler!.parseSubmit({ code, stdout, stderr, timedOut: false });
    return answer.kind === "accepted" ? answer.jobId : answer.kind;
  };
  assertEquals(said(lsf, 0, "ジョブ <123> はキュー <normal> に投入されました。\n"), "123");
  assertEquals(said(lsf, 0, "Der Job <7> wurde an Queue <normal> gegeben.\n"), "7");
  assertEquals(said(sge, 0, 'Ihr Auftrag 12 ("x") wurde übergeben\n'), "12");
  assertEquals(said(flux, 0, "ƒ2Yz\n"), "ƒ2Yz");
  assertEquals(said(slurm, 1, "", "sbatch: error: ungültige Partition\n"), "refused");
  for (const adapter of [slurm, lsf, flux, pbs, sge]) {
    // A wrapper of a site may well have handed the job over.
    for (const text of ["Kontingent fast verbraucht", "残高不足", "Warnung: alt"]) {
      assertEquals(said(adapter, 1, "", `${text}\n`), "unclear", adapter.name);
    }
  }
});

Deno.test("run notes which variable overrides a key of the spec", () => {
  const spec = {
    batch: { type: "slurm", bank: "ceci", queue: "debug" },
    steps: [{ resources: { walltime: "10" }, batch: { qos: "high" } }],
  } as unknown as Spec;
  const env = {
    SBATCH_ACCOUNT: "proj",
    SBATCH_PARTITION: "debug",
    SBATCH_QOS: "low",
    SBATCH_TIMELIMIT: "",
    SBATCH_CONSTRAINT: "gpu",
  };
  assertEquals(environmentNotes(env, spec, slurm), [
    'Note: SBATCH_ACCOUNT=proj in the environment overrides "bank" of the spec, as in a submission by hand.',
    'Note: SBATCH_QOS=low in the environment overrides "qos" of the spec, as in a submission by hand.',
  ]);
  assertEquals(environmentNotes(env, spec, pbs), []);
});

Deno.test("submit environment: no secret is recorded, nobody else can read it, a damaged one is none", () =>
  inFreshFolder(async (root) => {
    await Deno.mkdir(`${root}/.maestro`);
    const env = { PATH: "/a:/b", SLURM_CONF: "/c", SLURM_JWT: "secret", AWS_SECRET: "secret", HOME: "/h" };
    const system = { ...realSystem([]), env };
    assertEquals(recordedSubmitEnvironment(system, root), {});
    recordSubmitEnvironment(system, root, slurm.scheduler);
    assertEquals(recordedSubmitEnvironment(system, root), { PATH: "/a:/b", SLURM_CONF: "/c" });
    const file = `${root}/.maestro/submit.json`;
    assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
    assert(!(await Deno.readTextFile(file)).includes('"secret"'));
    for (const text of ['{"PATH": "/a', "null", "[1]", '{"PATH": 7}']) {
      await Deno.writeTextFile(file, text);
      assertEquals(recordedSubmitEnvironment(system, root), {}, text);
      assertEquals(changedSinceLaunch(system, root), [], text);
    }
  }));

Deno.test("submit environment: names of variables that are not as at the launch, and never those of a terminal", () =>
  inFreshFolder(async (root) => {
    await Deno.mkdir(`${root}/.maestro`);
    const real = realSystem([]);
    const launch = {
      PATH: "/a",
      LANG: "de",
      SECRET: "s",
      TERM: "xterm",
      SSH_TTY: "/dev/pts/1",
      OMP_NUM_THREADS: "4",
    };
    recordSubmitEnvironment({ ...real, env: launch }, root, undefined);
    assertEquals(changedSinceLaunch({ ...real, env: { ...launch, TERM: "dumb", SHLVL: "2" } }, root), []);
    const cron = { PATH: "/b", LANG: "de", SECRET: "t", HOME: "/h" };
    assertEquals(changedSinceLaunch({ ...real, env: cron }, root), [
      "HOME",
      "OMP_NUM_THREADS",
      "PATH",
      "SECRET",
    ]);
  }));

Deno.test("submit environment: a tick of cron finds a command that only the terminal had on its PATH", () =>
  inFreshFolder(async (root) => {
    await Deno.mkdir(`${root}/.maestro`);
    await Deno.mkdir(`${root}/module`);
    const script = '#!/bin/sh\necho "$SLURM_CONF $LC_ALL"\n';
    await Deno.writeTextFile(`${root}/module/only-here`, script, { mode: 0o755 });
    const real = realSystem([]);
    const terminal = { ...real, env: { PATH: `${root}/module:/usr/bin:/bin`, SLURM_CONF: "/etc/ours" } };
    recordSubmitEnvironment(terminal, root, slurm.scheduler);
    const cron = { ...real, env: { PATH: "/usr/bin:/bin" } };
    const run = (recorded = {}) =>
      commandIn(cron, queryEnvironment(cron.env, slurm.scheduler!, recorded))(["only-here"], root, 10_000);
    assertEquals((await run()).code, 127);
    assertEquals((await run(recordedSubmitEnvironment(cron, root))).stdout, "/etc/ours C\n");
  }));

Deno.test("submit environment: a resume in another instance is what a later tick of cron talks to", () =>
  inFreshFolder(async (root) => {
    await Deno.mkdir(`${root}/.maestro`);
    const real = realSystem([]);
    const launch = { PATH: "/launch", FLUX_URI: "local:///first", FLUX_EXEC_PATH: "/c" };
    recordSubmitEnvironment({ ...real, env: launch }, root, flux.scheduler);
    keepServers({ ...real, env: { PATH: "/bare" } }, root, flux.scheduler);
    assertEquals(recordedSubmitEnvironment(real, root), launch);
    keepServers({ ...real, env: { PATH: "/bare", FLUX_URI: "local:///second" } }, root, flux.scheduler);
    assertEquals(recordedSubmitEnvironment(real, root), { ...launch, FLUX_URI: "local:///second" });
    assertEquals(changedSinceLaunch({ ...real, env: launch }, root), []);
    assertEquals((await Deno.stat(`${root}/.maestro/submit.json`)).mode! & 0o777, 0o600);
  }));
