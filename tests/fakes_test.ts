/**
 * Flux, LSF, PBS and Slurm end to end: the program, with commands on its PATH that answer as the real ones did; and as older
 * ones do, which lack what the program would rather use.
 */

import { parseJobFile } from "../lib/study/claims.ts";
import { assert, assertEquals } from "./assert.ts";
import { inFreshFolder, runIn } from "./maestro.ts";

const FAKES = new URL("fakes/", import.meta.url).pathname;

const SPEC = (type: string) =>
  `description: {name: faked, description: five steps}
batch: {type: ${type}, queue: normal, bank: ceci}
env: {variables: {LEDGER: $(SPECROOT)/ledger}}
study:
  - name: first
    description: the first
    run: {cmd: "echo first >> $(LEDGER)", procs: 1, walltime: 10}
  - name: each
    description: one for each
    run: {cmd: "pwd; echo each$(N) >> $(LEDGER)", nodes: 1, procs: 2, depends: [first]}
  - name: bad
    description: fails
    run: {cmd: "echo bad >> $(LEDGER); exit 3", procs: 1, allow-failure: true}
  - name: last
    description: behind all
    run: {cmd: "echo last >> $(LEDGER)", procs: 1, depends: ["each_*", bad]}
global.parameters:
  N: {values: [1, 2], label: N.%%}
`;

interface StepJson {
  readonly name: string;
  readonly state: string;
  readonly exitCode: number | null;
  readonly workspace: string;
  readonly runTime: number | null;
}

/** Runs shell commands where the fakes are on PATH. */
function shell(folder: string, commands: string, old: boolean) {
  const setup = `export PATH='${FAKES}':$PATH FAKE='${folder}/fake' FAKE_OLD=${old ? "1" : ""}\n`;
  return runIn(folder, ["/bin/sh", "-c", setup + commands]);
}

async function stepsOf(folder: string, study: string): Promise<StepJson[]> {
  const { stdout } = await runIn(folder, ["maestro", "status", "--json", study]);
  return JSON.parse(stdout).steps;
}

const linesOf = (path: string) => {
  try {
    return Deno.readTextFileSync(path).trim().split("\n").sort();
  } catch {
    return [];
  }
};

/** What an old version has to refuse, once each, however often it is asked. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  flux: [
    "flux-jobs: error: unrecognized arguments: --json",
    "flux: `batch' is not a flux command.  See 'flux --help'",
    "flux: `python' is not a flux command.  See 'flux --help'",
  ],
  // As OpenLava 4.0 is recorded; nobody has recorded IBM Spectrum LSF.
  lsf: [
    "Invalid field specs exit_reason",
    "The number of processors must be a positive integer. Job not submitted.",
  ],
  slurm: [],
  pbs: ["qstat: PBS is not configured to maintain job history", "qstat: invalid option -- 'F'"],
};

for (const [type, refused] of Object.entries(REFUSED)) {
  for (const old of type === "lsf" ? [true] : refused.length > 0 ? [false, true] : [false]) {
    const what = `${type}${old ? ", an old one" : ""}`;
    Deno.test(`${what}: a study on its commands, in a folder with an odd name`, () =>
      inFreshFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC(type));
        const study = `${folder}/a b'c"d$HOME`;
        const run = `exec maestro run -y -fg -s 0.3 -o "$1" spec.yaml`;
        const { code, stderr } = await shell(folder, `set -- ${quoted(study)}\n${run}`, old);
        assertEquals(code, 0, stderr);
        assertEquals(linesOf(`${folder}/ledger`), ["bad", "each1", "each2", "first", "last"]);
        const steps = await stepsOf(folder, study);
        const ends = Object.fromEntries(
          steps.map(({ name, state, exitCode }) => [name, `${state} ${exitCode}`]),
        );
        assertEquals(ends, {
          ...{ first: "FINISHED 0", "each_N.1": "FINISHED 0", "each_N.2": "FINISHED 0" },
          ...{ bad: "FAILED 3", last: "FINISHED 0" },
        });
        // Logs are where the script says, and the step ran in its workspace.
        const { workspace } = steps.find(({ name }) => name === "each_N.1")!;
        const log = [...Deno.readDirSync(workspace)].find(({ name }) => name.endsWith(".out"))!;
        assertEquals(Deno.readTextFileSync(`${workspace}/${log.name}`), `${workspace}\n`);
        // OpenLava has no -nnodes: the script that it took asks for slots, and starts programs without jsrun.
        if (type === "lsf") assertEquals(optionsOf(folder, "each_N.1"), ["-n 2"]);
        // Two may be under way when the first one learns it.
        assertEquals([...new Set(linesOf(`${folder}/fake.refused`))], old ? refused : []);
        assert(linesOf(`${folder}/fake.refused`).length <= 3 * refused.length);
      }));
  }

  Deno.test(`${type}: a study on its commands is cancelled`, () =>
    inFreshFolder(async (folder) => {
      const spec = SPEC(type).replace("echo first >> $(LEDGER)", "echo first >> $(LEDGER); exec sleep 600");
      await Deno.writeTextFile(`${folder}/spec.yaml`, spec);
      const commands = `maestro run -y -s 0.3 -o study spec.yaml
        until grep -q first ledger; do sleep 0.1; done
        maestro cancel -y study && maestro wait study`;
      const { code, stderr } = await shell(folder, commands, false);
      assertEquals(code, 3, stderr);
    }));
}

Deno.test("slurm: a study that was laid out by version 0.1 gets the guard of this one, and keeps its own", () =>
  inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC("slurm"));
    const commands =
      `maestro run -n -o study spec.yaml && cd study/.maestro && mv guard-*.sh guard.sh && cd ../..
      exec maestro resume -fg study`;
    const { code, stderr } = await shell(folder, commands, false);
    assertEquals(code, 0, stderr);
    assertEquals(linesOf(`${folder}/ledger`), ["bad", "each1", "each2", "first", "last"]);
    const guards = [...Deno.readDirSync(`${folder}/study/.maestro`)].map(({ name }) => name)
      .filter((name) => name.startsWith("guard"));
    assertEquals(guards.sort(), ["guard-2.sh", "guard.sh"]);
  }));

const CANCEL: Readonly<Record<string, string>> = { flux: "flux cancel", lsf: "bkill", pbs: "qdel" };
const OUTSIDE = (type: string) =>
  `description: {name: faked, description: one step}
batch: {type: ${type}}
study:
  - name: long
    description: too long for someone
    run: {cmd: "touch $(SPECROOT)/began; exec sleep 600", procs: 1}
`;

for (const [type, command] of Object.entries(CANCEL)) {
  Deno.test(`${type}: a job that someone else ends is CANCELLED`, () =>
    inFreshFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/spec.yaml`, OUTSIDE(type));
      const commands = `maestro run -y -s 0.3 -o study spec.yaml
        until [ -e began ] && maestro status --json study | grep -q '"job_id": "'; do sleep 0.1; done
        ${command} "$(maestro status --json study | sed -n 's/.*"jobId": "\\([^"]*\\)".*/\\1/p')"
        maestro wait study`;
      const { code, stderr } = await shell(folder, commands.replace('"job_id": "', '"jobId": "'), false);
      assertEquals(code, 3, stderr);
      assertEquals((await stepsOf(folder, "study"))[0]!.state, "CANCELLED");
    }));
}

Deno.test("slurm: a step that comes and goes between two looks has its run time", () =>
  inFreshFolder(async (folder) => {
    const spec = OUTSIDE("slurm").replace("touch $(SPECROOT)/began; exec sleep 600", "/bin/sleep 2");
    await Deno.writeTextFile(`${folder}/spec.yaml`, spec);
    const { code, stderr } = await shell(folder, "exec maestro run -y -fg -s 5 -o study spec.yaml", false);
    assertEquals(code, 0, stderr);
    const { runTime } = (await stepsOf(folder, "study"))[0]!;
    const { ran } = parseJobFile(Deno.readTextFileSync(`${folder}/study/.maestro/jobs/0/0.1`));
    assert(ran! >= 1);
    assertEquals(runTime, ran);
  }));

Deno.test("flux: many steps go in few processes", () =>
  inFreshFolder(async (folder) => {
    const values = Array.from({ length: 12 }, (_, i) => i + 1).join(", ");
    const spec = SPEC("flux").replace("values: [1, 2]", `values: [${values}]`);
    await Deno.writeTextFile(`${folder}/spec.yaml`, spec);
    const { code, stderr } = await shell(folder, "exec maestro run -y -fg -s 2 -o study spec.yaml", false);
    assertEquals(code, 0, stderr);
    assertEquals(linesOf(`${folder}/ledger`).length, 15);
    const calls = linesOf(`${folder}/fake.calls`);
    assertEquals(calls.filter((call) => call === "batch").length, 15);
    // The twelve together, and maybe the two that can start at once.
    assert([1, 2].includes(calls.filter((call) => call === "python").length), calls.join());
  }));

/** The options of a job's script about its size, and its launcher. */
function optionsOf(folder: string, name: string): string[] {
  const jobs = [...Deno.readDirSync(`${folder}/fake`)].map((job) => `${folder}/fake/${job.name}`);
  const job = jobs.find((job) => Deno.readTextFileSync(`${job}/name`).startsWith(`${name}+`))!;
  return linesOf(`${job}/options`).filter((line) => /^-(?:n|R) /.test(line));
}

for (const nested of [true, false]) {
  Deno.test(`flux: an instance with the anonymous queue alone takes a spec with a queue (nested: ${nested})`, () =>
    inFreshFolder(async (folder) => {
      const spec = SPEC("flux").replaceAll("procs: 1", `procs: 1, nested: ${nested}`);
      await Deno.writeTextFile(`${folder}/spec.yaml`, spec);
      const commands = "export FAKE_ANONYMOUS=1; exec maestro run -y -fg -s 0.3 -o study spec.yaml";
      const { code, stderr } = await shell(folder, commands, false);
      assertEquals(code, 0, stderr);
      assertEquals(linesOf(`${folder}/ledger`), ["bad", "each1", "each2", "first", "last"]);
      // Learnt once, noted in the log, and left out of the scripts, which can be submitted by hand.
      const said = stderr.split("\n").filter((line) => line.includes("named queues"));
      assertEquals(said.length, 1, stderr);
      // Two steps begin together, before it is known.
      assert(linesOf(`${folder}/fake.refused`).length <= 2, stderr);
      const script = await Deno.readTextFile(`${folder}/study/last/last.flux.sh`);
      assert(!script.includes("normal"), script);
    }));
}

/** Runs OUTSIDE's step where the site has a command before sbatch. */
async function wrapped(folder: string, wrapper: string) {
  await Deno.mkdir(`${folder}/site`);
  await Deno.writeTextFile(`${folder}/site/sbatch`, `#!/bin/sh\necho x >>'${folder}/calls'\n${wrapper}\n`, {
    mode: 0o755,
  });
  const spec = OUTSIDE("slurm").replace(/cmd: ".*?"/, 'cmd: "echo ran >> $(SPECROOT)/ledger"');
  await Deno.writeTextFile(`${folder}/spec.yaml`, spec);
  const run = `PATH='${folder}/site':$PATH exec maestro run -y -fg -s 0.2 -o study spec.yaml`;
  return await shell(folder, run, false);
}

Deno.test("slurm: a wrapper that took the job, and ends with an error in another language, is believed by nobody", () =>
  inFreshFolder(async (folder) => {
    const { code, stderr } = await wrapped(
      folder,
      `'${FAKES}/sbatch' "$@" >/dev/null; echo 'Kontingent fast verbraucht' >&2; exit 1`,
    );
    assertEquals(code, 0, stderr);
    assertEquals(linesOf(`${folder}/ledger`), ["ran"]);
    assertEquals(linesOf(`${folder}/calls`).length, 1);
  }));

Deno.test("slurm: a wrapper that refuses in its own words is asked three times, and its words are the reason", () =>
  inFreshFolder(async (folder) => {
    const { code, stderr } = await wrapped(folder, "echo 'Kontingent erschöpft' >&2; exit 1");
    assertEquals(code, 2, stderr);
    assertEquals(linesOf(`${folder}/calls`).length, 3);
    const { stdout } = await runIn(folder, ["maestro", "status", "--json", "study"]);
    assert(JSON.parse(stdout).steps[0].reason.includes("its command printed: Kontingent erschöpft"), stdout);
  }));

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
