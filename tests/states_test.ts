/** Every word of every manual, each by itself, through the query that reads it. */

import { ADAPTERS } from "../adapters/mod.ts";
import { fluxIdNumber } from "../adapters/flux/ids.ts";
import { FLUX_STATES } from "../adapters/flux/jobs.ts";
import { LSF_REASONS } from "../adapters/lsf/history.ts";
import { LSF_STATES } from "../adapters/lsf/jobs.ts";
import { PBS_EXIT_CODES, PBS_STATES } from "../adapters/pbs/jobs.ts";
import { SGE_FAILED } from "../adapters/sge/jobs.ts";
import { SLURM_STATES } from "../adapters/slurm/jobs.ts";
import type { JobPhase, JobSighting, Query } from "../adapters/adapter.ts";
import { assertEquals } from "./assert.ts";

type Words = Partial<Record<JobPhase, string>>;

function query(name: string, index: number): Query {
  return ADAPTERS[name]!.scheduler!.queries[index]!;
}

/** What a query makes of a scheduler's answer about job 7. */
function ask(asked: Query, stdout: string): JobSighting[] | undefined {
  return asked.parse({ code: 0, stdout, stderr: "", timedOut: false }, ["7"]);
}

/** One test a word: its phase, or `not there`. */
function testWords(
  what: string,
  words: Words & { "not there"?: string },
  answer: (word: string) => string,
  asked: Query,
) {
  for (const [phase, list] of Object.entries(words)) {
    for (const word of list.split(" ")) {
      Deno.test(`${what}: ${word} is ${phase}`, () => {
        assertEquals(ask(asked, answer(word))?.[0]?.phase ?? "not there", phase);
      });
    }
  }
}

/** That the lists here are all that the table has. */
function testTable(what: string, table: Readonly<Record<string, JobPhase>>, words: Words) {
  Deno.test(`${what}: the table has these words and no others`, () => {
    assertEquals(
      { ...table },
      Object.fromEntries(
        Object.entries(words).flatMap(([phase, list]) => list.split(" ").map((word) => [word, phase])),
      ),
    );
  });
}

const slurm: Words = {
  pending: "PENDING CONFIGURING EXPEDITING LAUNCH_FAILED POWER_UP_NODE RECONFIG_FAIL REQUEUED REQUEUE_FED " +
    "REQUEUE_HOLD RESV_DEL_HOLD REVOKED SPECIAL_EXIT",
  running: "RUNNING SUSPENDED COMPLETING RESIZING SIGNALING STAGE_OUT STOPPED UPDATE_DB",
  finished: "COMPLETED",
  failed: "FAILED DEADLINE",
  timedout: "TIMEOUT",
  hwfailure: "NODE_FAIL BOOT_FAIL",
  preempted: "PREEMPTED",
  oom: "OUT_OF_MEMORY",
  cancelled: "CANCELLED",
};
testTable("squeue", SLURM_STATES, slurm);
testWords(
  "squeue",
  { ...slurm, unknown: "BRAND_NEW constructor" },
  (word) => `7|${word}|None|(null)\n`,
  query("slurm", 0),
);
// slurmctld was asked before, and knows nothing of the job: what sacct calls alive is not.
const { pending, running, ...ended } = slurm;
testWords(
  "sacct",
  { ...ended, "not there": `${pending} ${running}`, unknown: "BRAND_NEW" },
  (word) => `7|${word}|0:0|\n`,
  query("slurm", 1),
);

const lsf: Words = {
  pending: "PEND PROV PSUSP WAIT",
  running: "RUN USUSP SSUSP UNKWN ZOMBI",
  finished: "DONE",
  failed: "EXIT",
};
testTable("bjobs", LSF_STATES, lsf);
testWords("bjobs -o", { ...lsf, unknown: "NEW" }, (word) => `7|${word}|-|-|name+t-1\n`, query("lsf", 0));
// The table of `bjobs -w` does not show how a job ended (OpenLava calls some that were killed DONE): bhist does.
const { failed: _, finished: __, ...inTable } = lsf;
testWords(
  "bjobs -w",
  { ...inTable, "not there": "EXIT DONE", unknown: "NEW" },
  (word) =>
    `JOBID USER STAT QUEUE FROM_HOST EXEC_HOST JOB_NAME SUBMIT_TIME\n7 carol ${word} normal a b x+t-1 Nov 22 09:40\n`,
  query("lsf", 0),
);

const reasons: Words = {
  cancelled: "TERM_ADMIN TERM_BUCKET_KILL TERM_FORCE_ADMIN TERM_FORCE_OWNER TERM_ORPHAN_SYSTEM TERM_OWNER " +
    "TERM_REQUEUE_ADMIN TERM_REQUEUE_OWNER",
  failed:
    "TERM_CHKPNT TERM_CWD_NOTEXIST TERM_DEADLINE TERM_EXTERNAL_SIGNAL TERM_KUBE TERM_OTHER TERM_PRE_EXEC_FAIL " +
    "TERM_PROCESSLIMIT TERM_RMS TERM_SLURM TERM_THREADLIMIT TERM_UNKNOWN",
  timedout: "TERM_CPULIMIT TERM_RUNLIMIT",
  hwfailure: "TERM_CSM_ALLOC TERM_REMOVE_HUNG_JOB TERM_ZOMBIE",
  preempted: "TERM_LOAD TERM_MC_RECALL TERM_PREEMPT TERM_RC_RECLAIM TERM_REQUEUE_RC TERM_WINDOW",
  oom: "TERM_MEMLIMIT TERM_SWAP",
};
testTable("bjobs, termination reasons", LSF_REASONS, reasons);
testWords(
  "bjobs exit_reason",
  reasons,
  (word) => `7|EXIT|140|${word}: job killed after something|a+t-1\n`,
  query("lsf", 0),
);

const HISTORY = (end: string, limit = "") =>
  `Job <7>, Job Name <a+t-1>, User <carol>, Project <default>, Command <true>
Sun Nov 22 23:59:40: Submitted from host <lava1>, to Queue <normal>, CWD <$HOME
                     /l>;
${limit}Sun Nov 22 23:59:41: Starting (Pid 7);
${end}
`;
testWords(
  "bhist",
  reasons,
  (word) => HISTORY(`Sun Nov 22 23:59:59: Completed <exit>; ${word}: job killed after something;`),
  query("lsf", 1),
);

Deno.test("bhist: what ended a job, where it has no word for that", () => {
  const LIMIT = "\n RUNLIMIT                \n 1.0 min of lava1        \n";
  const table: [text: string, end: string | undefined][] = [
    [HISTORY("Sun Nov 22 23:59:59: Done successfully. The CPU time used is 0.0 seconds;"), "finished 0"],
    [
      HISTORY(
        "Sun Nov 22 23:59:59: Exited with exit code 3. The CPU time used is 0.0 second\n                     s;",
      ),
      "failed 3",
    ],
    [HISTORY("Sun Nov 22 23:59:59: Exited;"), "failed undefined"],
    // A script that traps the signal of the limit may end with anything; one that ends sooner has its own reason.
    [HISTORY("Sun Nov 22 23:59:59: Exited with exit code 140.", LIMIT), "failed 140"],
    [HISTORY("Mon Nov 23 00:00:46: Exited with exit code 42.", LIMIT), "timedout 42"],
    [HISTORY("Sun Nov 22 23:59:59: Exited with exit code 42.", LIMIT), "failed 42"],
    [HISTORY("Sun Nov 22 23:59:59: Exited with exit code 140."), "failed 140"],
    [
      HISTORY(
        "Sun Nov 22 23:59:50: Signal <KILL> requested by user or administrator <carol>;\nSun Nov 22 23:59:59: Exited with exit code 130;",
      ),
      "cancelled undefined",
    ],
    // It lives: bjobs is the one to ask.
    [HISTORY("Sun Nov 22 23:59:42: Running with execution home </home/carol>;"), undefined],
  ];
  for (const [text, end] of table) {
    const job = ask(query("lsf", 1), text)?.[0];
    assertEquals(job && `${job.phase} ${job.exitCode}`, end, text);
    if (job) assertEquals(job.token, "t-1");
  }
  const gone = { code: 255, stdout: "", stderr: "No matching job found\n", timedOut: false };
  assertEquals(query("lsf", 1).parse(gone, ["7"]), []);
  // OpenLava's way.
  assertEquals(query("lsf", 1).parse({ ...gone, stdout: gone.stderr, stderr: "" }, ["7"]), []);
});

const flux: Words = {
  pending: "NEW DEPEND PRIORITY SCHED",
  running: "RUN CLEANUP",
  finished: "COMPLETED",
  failed: "FAILED",
  cancelled: "CANCELED",
  timedout: "TIMEOUT",
};
testTable("flux jobs", FLUX_STATES, flux);
testWords(
  "flux jobs",
  { ...flux, unknown: "INACTIVE ODD" },
  (word) => `{"id": 7, "status": "${word}"}`,
  query("flux", 0),
);
testWords(
  "flux jobs -o, of an older Flux",
  { ...flux, unknown: "INACTIVE ODD" },
  (word) => `7|${word}|0|name+t-1\n`,
  query("flux", 0),
);

const pbs: Words = { pending: "H M Q T W", running: "B E R S U", finished: "C F X" };
testTable("qstat of PBS", PBS_STATES, pbs);
const pbsJob = (state: string, more: object) =>
  JSON.stringify({ Jobs: { "7.host": { job_state: state, Job_Name: "a", ...more } } });
testWords(
  "qstat of PBS",
  { ...pbs, unknown: "Z" },
  (word) => pbsJob(word, { Exit_status: 0 }),
  query("pbs", 0),
);
const codes: Words = {
  failed: "-1 -2 -7 -10 -12 -13 -15 -16 -17 -18 -19 -21 -22 -23 -24 -25 -30",
  hwfailure: "-3 -4 -5 -6 -11 -14 -20",
  oom: "-26 -27",
  timedout: "-28 -29",
};
testTable("Exit_status of PBS", PBS_EXIT_CODES, codes);
testWords(
  "Exit_status of PBS",
  { ...codes, finished: "0", failed: `${codes.failed} -99 1 271` },
  (code) => pbsJob("F", { Exit_status: Number(code) }),
  query("pbs", 0),
);

/** Words that qstat makes of its letters, those of the manual and those seen. */
const sge: Words = {
  pending: "qw hqw hRwq Rq Rqw dqw",
  running: "r t hr hRr Rr Rt s ts S tS T tT Rs Rts RS RtS RT RtT dr dt dRr ds dS dT P N",
  failed: "Eqw Ehqw EhRqw Eq",
  unknown: "Zq x",
};
testWords(
  "qstat of Grid Engine",
  sge,
  (word) =>
    `<job_info><job_list state="x"><JB_job_number>7</JB_job_number><JB_name>a</JB_name><state>${word}</state></job_list></job_info>`,
  query("sge", 0),
);
const failures: Words = {
  failed: "1 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 20 26 27 28 29 30 31 32 33 34 35 36 38",
  hwfailure: "19 21",
  pending: "24 25",
  timedout: "37",
};
testTable("qacct, failed", SGE_FAILED, failures);
const record = (failed: string, exit: number, more = "") =>
  `=====\njobname      a+t-1               \njobnumber    7                   \nfailed       ${failed}\nexit_status  ${exit}\n${more}`;
const { pending: again, ...over } = failures;
testWords(
  "qacct, failed",
  { ...over, "not there": again!, finished: "0", unknown: "77" },
  (word) => record(`${word}  : text`, 0),
  query("sge", 1),
);

Deno.test("qacct: a job ended by a signal", () => {
  const of = (exit: number, more = "") =>
    ask(query("sge", 1), record("100 : assumedly after job", exit, more))![0]!;
  assertEquals([of(137).phase, of(138).phase, of(139).phase, of(139).exitCode], [
    "cancelled",
    "timedout",
    "failed",
    139,
  ]);
  assertEquals(of(137, "ru_wallclock 5s\ncategory     -l h_rt=5\n").phase, "timedout");
  assertEquals(of(137, "ru_wallclock 4s\ncategory     -l h_rt=5\n").phase, "cancelled");
});

Deno.test("many submissions to Flux: what each came to, and when none was begun", () => {
  const { parse, input } = ADAPTERS["flux"]!.scheduler!.bulk!;
  const result = (stdout: string, more: object = {}) => ({
    code: 0,
    stdout,
    stderr: "",
    timedOut: false,
    ...more,
  });
  const one = { code: 0, stdout: "f1", stderr: "", timedOut: false };
  const table: [result: ReturnType<typeof result>, parsed: unknown][] = [
    [result('[0, 0, "f1", ""]\n[1, 2, "", "no"]\n'), [one, { ...one, code: 2, stdout: "", stderr: "no" }]],
    // A job that is not listed, or was not asked for, is unknown.
    [result('[2, 0, "f3", ""]\nodd\n[0.5, 0, "", ""]\n[1, 0, "f1", ""]\n'), [undefined, one]],
    [result("", { code: 1 }), [undefined, undefined]],
    [result("", { code: 3 }), undefined],
    [result("", { code: 126 }), undefined],
    [result("", { code: 127 }), undefined],
    [result("", { code: 1, stderr: "flux: 'python' is not a flux command" }), undefined],
    [result("", { code: 3, timedOut: true }), [undefined, undefined]],
    [result('[0, 0, "f1", ""]\n', { code: 3 }), [one, undefined]],
  ];
  for (const [given, parsed] of table) assertEquals(parse(given, 2), parsed as never, JSON.stringify(given));
  assertEquals(
    input([{ argv: ["a"], cwd: "/w" }, { argv: [], cwd: "/" }]),
    '{"argv":["a"],"cwd":"/w"}\n{"argv":[],"cwd":"/"}\n',
  );
});

Deno.test("ids of Flux are the same in every spelling, and beyond what a double holds", () => {
  const id = 11127169744896n;
  for (const spelling of ["ƒ63HvtTPM", "f63HvtTPM", "11127169744896", "0xa1ebf000000"]) {
    assertEquals(fluxIdNumber(spelling), id);
  }
  assertEquals(fluxIdNumber("abc-def"), undefined);
  const big = "9007199254740993123";
  const jobs = query("flux", 0).parse(
    { code: 0, stdout: `{"jobs": [{"id": ${big}, "status": "RUN"}]}`, stderr: "", timedOut: false },
    [big],
  );
  assertEquals(jobs, [{ jobId: big, phase: "running", word: "RUN" }]);
});

Deno.test("a token is read from each scheduler's own place, and no other text is mistaken for one", () => {
  const { find, submit } = ADAPTERS["slurm"]!.scheduler!;
  const request = {
    script: "/s",
    workspace: "/w",
    jobName: "a",
    token: "ab-1-2",
    description: 'c++ "x" | 5',
  };
  const comment = submit({ ...request, resources: {}, batch: { type: "slurm" }, out: "o", err: "e" })
    .find((word) => word.startsWith("--comment="))!.slice(10);
  const told = `12|RUNNING|None|${comment}\n13|RUNNING|None|${comment}3\n14|RUNNING|None|c++ x\nCLUSTER: a\n`;
  const found = find("ab-1-2").parse({ code: 0, stdout: told, stderr: "", timedOut: false }, []);
  assertEquals(found, [{ jobId: "12", phase: "running", word: "RUNNING", token: "ab-1-2" }]);
});

Deno.test("accounting that is switched off is asked, and knows nothing", () => {
  const stderr = "Slurm accounting storage is disabled\n";
  assertEquals(query("slurm", 1).parse({ code: 1, stdout: "", stderr, timedOut: false }, ["7"]), []);
});

Deno.test("a user whom squeue does not know for the moment has no fewer jobs", () => {
  const result = { code: 0, stdout: "", stderr: "squeue: error: Invalid user: alice\n", timedOut: false };
  assertEquals(ADAPTERS["slurm"]!.scheduler!.find("ab-1-2").parse(result, []), undefined);
});

Deno.test("what qstat of PBS prints is read even where it is no JSON", () => {
  const text =
    '{\n\t"timestamp":\t1,\n\t"Jobs":\t{\n\t\t"7.host":\t{\n\t\t\t"Job_Name":\t"a+t-1",\n\t\t\t"job_state":\t"F",\n' +
    '\t\t\t"substate":\t92,\n\t\t\t"Variable_List":\t{\n\t\t\t\t"A":\tq"uote\\,\n\t\t\t},\n\t\t\t"Exit_status":\t3\n\t\t}\n\t}\n}\n';
  assertEquals(ask(query("pbs", 0), text), [
    { jobId: "7", phase: "failed", word: "F", exitCode: 3, token: "t-1" },
  ]);
  assertEquals(ask(query("pbs", 0), '{"timestamp": 1, "Jobs": {"7.ho'), undefined);
});

Deno.test("limits are for now, other refusals for good", () => {
  const table: [scheduler: string, message: string, again: boolean][] = [
    [
      "slurm",
      "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      true,
    ],
    [
      "slurm",
      "sbatch: error: AssocGrpSubmitJobsLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      true,
    ],
    [
      "slurm",
      "sbatch: error: QOSMaxWallDurationPerJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      false,
    ],
    [
      "slurm",
      "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      true,
    ],
    ["lsf", "User <carol>: Pending job threshold reached. Job not submitted.", true],
    ["lsf", "The maximum number of pending jobs has been reached. Job not submitted.", true],
    ["lsf", "Bad argument for option -W. Job not submitted.", false],
    [
      "sge",
      "Unable to run job: job rejected: Only 5 jobs are allowed per user (current job count: 5).\nExiting.",
      true,
    ],
    ["pbs", "qsub: would exceed queue workq's per-user limit of jobs in 'Q' state", true],
    ["pbs", "qsub: Maximum number of jobs already in queue workq", true],
    ["flux", "flux-batch: ERROR: user has max active jobs", true],
  ];
  for (const [scheduler, stderr, again] of table) {
    const answer = ADAPTERS[scheduler]!.scheduler!.parseSubmit({
      code: 1,
      stdout: "",
      stderr,
      timedOut: false,
    });
    assertEquals([answer.kind, answer.kind === "refused" && answer.again], ["refused", again], stderr);
  }
});
