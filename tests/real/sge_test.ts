/** Studies on a real Grid Engine (`tests/clusters/sge.sh`), as its user alice. */

import { sge } from "../../adapters/sge/mod.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { ROOT } from "../maestro.ts";
import { command, sideBySide, siteOf, specText, type StepText, type Trial, trial, until } from "./trial.ts";

const SITE = await siteOf("alice");
const BATCH = { type: "sge", queue: "all.q" };
const cluster = (...words: string[]) => command([`${ROOT}/tests/clusters/sge.sh`, ...words]);
const asAlice = (...words: string[]) => command([...SITE.prefix, ...words]);

const says = (line: string, more: Partial<StepText> = {}): StepText => ({
  cmd: `echo ${line} >> $(LEDGER)`,
  run: ["procs: 1"],
  ...more,
});
const told = (name: string, more: Partial<StepText> = {}): StepText => ({
  cmd:
    `echo ${name} began >> $(LEDGER)\nwhile [ ! -e $(LEDGER).go ]; do sleep 0.2; done\necho ${name} >> $(LEDGER)`,
  run: ["procs: 1"],
  ...more,
});
const go = (study: Trial) => Deno.writeTextFile(`${study.folder}/ledger.go`, "");
const onSge = (
  steps: Readonly<Record<string, StepText>>,
  body: (trial: Trial) => Promise<void>,
  batch: Readonly<Record<string, string>> = {},
  rest = "",
) => trial(SITE, specText({ ...BATCH, ...batch }, steps, rest), body);
const sweep = (count: number) =>
  `global.parameters:\n  N: {values: [${Array.from({ length: count }, (_, i) => i + 1)}], label: N.%%}`;
const numbers = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);

const funnel = () =>
  onSge(
    {
      here: says("here", { run: [] }),
      one: says("one$(N)", { depends: ["here"] }),
      all: says("all", { depends: ["one_*"], run: ["procs: 2", "nodes: 1"] }),
    },
    async (study) => study.finished(await study.run(), ["all", "here", ...numbers("one", 20)]),
    {},
    sweep(20),
  );

const timeout = () =>
  onSge({
    long: {
      cmd: "echo began >> $(LEDGER)\nexec sleep 600",
      run: ["procs: 1", 'walltime: "0:03"', 'restart: "echo again >> $(LEDGER)"'],
    },
    next: says("next", { depends: ["long"] }),
  }, async (study) => {
    study.finished(await study.run(), ["again", "began", "next"]);
    const relapsed = study.events().filter((event) => event.event === "relapsed");
    assertEquals(relapsed.map(({ state, again }) => [state, again]), [["TIMEDOUT", "restart"]]);
  });

const ENDLESS = { cmd: "echo began >> $(LEDGER)\nexec sleep 600", run: ["procs: 1"] };

const cancelledByUs = () =>
  onSge({ long: ENDLESS, behind: says("behind", { depends: ["long"] }) }, async (study) => {
    const run = study.beginRun();
    await study.wrote("began");
    assertEquals((await study.maestro("cancel", "-y", study.study)).code, 0);
    assertEquals((await run.ended).code, 3);
    assertEquals(await study.states(), { long: "CANCELLED", behind: "CANCELLED" });
  });

const cancelledOutside = () =>
  onSge({ long: ENDLESS, other: says("other") }, async (study) => {
    const run = study.beginRun();
    await study.wrote("began");
    await asAlice("qdel", await study.jobOf("long"));
    assertEquals((await run.ended).code, 3);
    assertEquals(await study.states(), { long: "CANCELLED", other: "FINISHED" });
  });

/** A server that started a moment ago may have lost a job, and nobody knows then whether it was deleted. */
const hasRunFor = (ms: number) => {
  const { argv, parse } = sge.scheduler!.uptime!;
  const asked = { user: SITE.user, since: Date.now() };
  return until(`the server has run for ${ms} ms`, async () => {
    const stdout = await command(argv(asked));
    return (parse({ code: 0, stdout, stderr: "", timedOut: false }) ?? 0) > ms;
  });
};

/** Jobs that wait: Grid Engine forgets one that is deleted, in every list. */
const WAITS = says("never", { run: ["procs: 1", "args: [-h]"] });
const submitted = (study: Trial) => study.events().filter(({ event }) => event === "submitting").length;

const deletedWaiting = async () => {
  await hasRunFor(90_000);
  await onSge({ waits: WAITS, younger: WAITS }, async (study) => {
    const run = study.beginRun();
    const deleted = await study.jobOf("younger");
    await until(
      "both were listed",
      () => study.events().filter(({ event }) => event === "stuck").length > 1 || undefined,
    );
    await asAlice("qdel", deleted);
    await until(
      "its step has ended",
      async () => (await study.states())["younger"] === "CANCELLED" || undefined,
    );
    // The other one has no older job beside it: it depends on how long the server has run.
    await asAlice("qdel", await study.jobOf("waits"));
    assertEquals((await run.ended).code, 3);
    const reasons = (await study.steps()).map(({ reason }) => reason);
    assertEquals([reasons, submitted(study)], [Array(2).fill("deleted before it began"), 2]);
    assertEquals(study.ledger(), []);
  });
};

const cancelledWaiting = () =>
  onSge({ waits: WAITS }, async (study) => {
    const run = study.beginRun();
    await study.jobOf("waits");
    assertEquals((await study.maestro("cancel", "-y", study.study)).code, 0);
    assertEquals((await run.ended).code, 3);
    assertEquals([await study.states(), submitted(study)], [{ waits: "CANCELLED" }, 1]);
  });

const rejected = () =>
  onSge({ impossible: says("never") }, async (study) => {
    assertEquals((await study.run()).code, 2);
    const [step] = await study.steps();
    assertStringIncludes(step!.reason ?? "", "does not exist");
    assertEquals(study.ledger(), []);
  }, { project: "nosuch" });

/** Exit code 100 is Grid Engine's word for "put it into the error state". */
const inError = () =>
  onSge({ bad: { cmd: "echo began >> $(LEDGER)\nexit 100", run: ["procs: 1"] } }, async (study) => {
    assertEquals((await study.run()).code, 2);
    const [step] = await study.steps();
    assertEquals([step!.state, study.ledger()], ["FAILED", ["began"]]);
    await until(
      "the job has left the queue",
      async () => !(await asAlice("qstat", "-u", "alice")).includes(step!.jobId!),
    );
  });

/** `qsub` takes the job, and nobody hears of it. */
const killedAfterQsub = () =>
  onSge({ one: says("one"), two: says("two", { depends: ["one"] }) }, async (study) => {
    await study.wrap("qsub", `#!/bin/sh\n/usr/bin/qsub "$@" >/dev/null && exec sleep 20\n`);
    const run = study.beginRun();
    await study.wrote("one");
    const { pid } = study.events().find((event) => event.event === "taken") as { pid: number };
    Deno.kill(pid, "SIGKILL");
    await run.ended;
    study.unwrap();
    study.finished(await study.maestro("resume", "-fg", study.study), ["one", "two"]);
  });

const ticks = () =>
  onSge({ one: says("one"), two: says("two", { depends: ["one"] }) }, async (study) => {
    assertEquals((await study.maestro("run", "-n", "-s", "1", "-o", study.study, "spec.yaml")).code, 0);
    const last = await until("a tick ends it", async () => {
      const outcome = await study.maestro("conduct", "--once", study.study);
      return outcome.code === 4 ? undefined : outcome;
    });
    study.finished(last, ["one", "two"]);
  });

sideBySide("sge: side by side", {
  "twenty combinations and a funnel": funnel,
  "over its time, then its restart command": timeout,
  "cancelled by maestro": cancelledByUs,
  "cancelled by qdel": cancelledOutside,
  "a waiting job deleted by qdel": deletedWaiting,
  "a waiting job cancelled by maestro": cancelledWaiting,
  "a project that is not there": rejected,
  "a job in the error state is taken out of the queue": inError,
  "conductor killed between qsub and its record": killedAfterQsub,
  "single passes": ticks,
});

Deno.test("sge: sge_qmaster stopped and started while jobs run", async () => {
  try {
    await onSge({ one: told("one"), two: says("two", { depends: ["one"] }) }, async (study) => {
      const run = study.beginRun();
      await study.wrote("one began");
      await study.jobOf("one");
      await cluster("master", "stop");
      await go(study);
      await study.wrote("one");
      await cluster("master", "start");
      study.finished(await run.ended, ["one", "one began", "two"]);
    });
  } finally {
    await cluster("up");
  }
});

Deno.test("sge: a host killed with what runs on it", async () => {
  try {
    const run = ["procs: 1", "retry: {limit: 1, delay: 1, on: [hwfailure]}"];
    await onSge({ fragile: told("fragile", { run }) }, async (study) => {
      const run = study.beginRun();
      await study.wrote("fragile began");
      await study.jobOf("fragile");
      await cluster("exec", "kill");
      await cluster("exec", "start");
      await go(study);
      study.finished(await run.ended, ["fragile", "fragile began", "fragile began"]);
      const relapsed = study.events().filter((event) => event.event === "relapsed");
      assertEquals(relapsed.map(({ state, again }) => [state, again]), [["HWFAILURE", "retry"]]);
    });
  } finally {
    await cluster("up");
  }
});
