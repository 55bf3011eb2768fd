import { assert, assertEquals } from "../../tests/assert.ts";
import { testAdapter, testOnFake } from "../../tests/test_adapter.ts";
import { prefixed } from "../../lib/app/adapter_suite/heads.ts";
import type { Stage } from "../../lib/app/adapter_suite/end_to_end.ts";
import { chainSpec } from "../../lib/app/adapter_suite/end_to_end.ts";
import type { Transcript } from "../../lib/app/adapter_suite/cases.ts";
import { parseJobFile } from "../../lib/study/claims.ts";
import { slurm } from "./mod.ts";

const OPTIONS = {
  fake: import.meta.resolve("./fake"),
  recorded: import.meta.resolve("./recorded"),
  limits: true,
  prepare: columns,
  directives: {
    mark: "#SBATCH",
    /** sbatch(1): it reads directives up to the first line that is neither blank nor a comment. */
    read(script: string) {
      const lines = script.split("\n");
      const end = lines.findIndex((line) => !/^\s*(?:#|$)/.test(line));
      return lines.slice(0, end < 0 ? lines.length : end).flatMap(prefixed(/^#SBATCH(?=\s)/));
    },
  },
};

testAdapter(slurm, OPTIONS);

/** The answer of sacct with other columns than those that the adapter asks for, in the adapter's columns. */
function columns({ command, result }: Transcript): Transcript {
  const format = /^.*sacct .*-o (\S+)/.exec(command)?.[1]?.split(",");
  // The columns that show what jobs used are the adapter's.
  if (format === undefined || command.includes("--noconvert")) return { command, result };
  const place = ["JobID", "State", "ExitCode", "Start", "End"].map((name) =>
    format.indexOf(name) < 0 ? format.indexOf("JobIDRaw") : format.indexOf(name)
  );
  const lines = result.stdout.split("\n").filter((line) => line !== "" && !line.startsWith("JobID|"));
  const stdout = lines.map((line) => place.map((i) => line.split("|")[i] ?? "").join("|") + "|").join("\n");
  return { command, result: { ...result, stdout } };
}

const ONE_STEP = (cmd: string) =>
  `description: {name: faked, description: one step}
batch: {type: slurm}
study:
  - name: long
    description: one job
    run: {cmd: "${cmd}", procs: 1}
`;

testOnFake(
  "a study of version 0.1 gets the guard of this one, and keeps its own",
  slurm,
  OPTIONS,
  async (stage) => {
    Deno.writeTextFileSync(`${stage.folder}/spec.yaml`, chainSpec({ type: "slurm" }));
    const { code, stderr } = await stage.shell(
      `maestro run -n -o study spec.yaml && mv study/.maestro/guard-*.sh study/.maestro/guard.sh
    exec maestro resume -fg study`,
    );
    assertEquals(code, 0, stderr);
    assertEquals(stage.lines("ledger"), ["bad", "each1", "each2", "first", "last"]);
    const guards = [...Deno.readDirSync(`${stage.folder}/study/.maestro`)].map(({ name }) => name)
      .filter((name) => name.startsWith("guard"));
    assertEquals(guards.sort(), ["guard-3.sh", "guard.sh"]);
  },
);

testOnFake(
  "a step that comes and goes between two queries has its run time",
  slurm,
  OPTIONS,
  async (stage) => {
    Deno.writeTextFileSync(`${stage.folder}/spec.yaml`, ONE_STEP("/bin/sleep 2"));
    const { code, stderr } = await stage.shell("exec maestro run -y -fg -s 5 -o study spec.yaml");
    assertEquals(code, 0, stderr);
    const { runTime } = (await stage.steps("study"))[0]!;
    const { ran } = parseJobFile(Deno.readTextFileSync(`${stage.folder}/study/.maestro/jobs/0/0.1`));
    assert(ran! >= 1);
    assertEquals(runTime, ran);
  },
);

/** Runs a step where the site has a command before sbatch. */
async function wrapped({ folder, shell }: Stage, wrapper: string) {
  Deno.mkdirSync(`${folder}/site`);
  const text = `#!/bin/sh\necho x >>'${folder}/calls'\n${wrapper}\n`;
  Deno.writeTextFileSync(`${folder}/site/sbatch`, text, { mode: 0o755 });
  Deno.writeTextFileSync(`${folder}/spec.yaml`, ONE_STEP("echo ran >> $(SPECROOT)/ledger"));
  return await shell(`PATH='${folder}/site':$PATH exec maestro run -y -fg -s 0.2 -o study spec.yaml`);
}

const SBATCH = new URL("./fake/sbatch", import.meta.url).pathname;

testOnFake("the error of a wrapper that took the job is not a refusal", slurm, OPTIONS, async (stage) => {
  const wrapper = `'${SBATCH}' "$@" >/dev/null; echo 'Kontingent fast verbraucht' >&2; exit 1`;
  const { code, stderr } = await wrapped(stage, wrapper);
  assertEquals(code, 0, stderr);
  assertEquals(stage.lines("ledger"), ["ran"]);
  assertEquals(stage.lines("calls").length, 1);
});

testOnFake(
  "a wrapper that refuses in its own words is called again after a minute",
  slurm,
  OPTIONS,
  async (stage) => {
    const run = wrapped(stage, "echo 'Kontingent erschöpft' >&2; exit 1");
    const words = "the scheduler never got it: unclear submission, answered by: Kontingent erschöpft";
    const { code, stderr } = await stage.shell(
      `until grep -qs '${words}' study/.maestro/journal.jsonl; do sleep 0.1; done; sleep 1; exec maestro cancel -y study`,
    );
    assertEquals(code, 0, stderr);
    assertEquals((await run).code, 3);
    assertEquals(stage.lines("calls").length, 1);
  },
);
