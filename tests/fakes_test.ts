/** Flux, LSF, PBS and Slurm end to end: the program, with commands on its PATH that answer as the real ones did. */

import { assertEquals } from "./assert.ts";
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

for (const type of ["flux", "lsf", "pbs", "slurm"]) {
  Deno.test(`${type}: a study on its commands`, () =>
    inFreshFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC(type));
      const command =
        `PATH='${FAKES}':$PATH FAKE='${folder}/fake' exec maestro run -y -fg -s 0.3 -o study spec.yaml`;
      const { code, stderr } = await runIn(folder, ["/bin/sh", "-c", command]);
      assertEquals(code, 0, stderr);
      const ledger = Deno.readTextFileSync(`${folder}/ledger`).trim().split("\n").sort();
      assertEquals(ledger, ["bad", "each1", "each2", "first", "last"]);
      const { stdout } = await runIn(folder, ["maestro", "status", "--json", "study"]);
      const steps: { name: string; state: string; exitCode: number | null; workspace: string }[] =
        JSON.parse(stdout).steps;
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
    }));

  Deno.test(`${type}: a study on its commands is cancelled`, () =>
    inFreshFolder(async (folder) => {
      const spec = SPEC(type).replace("echo first >> $(LEDGER)", "echo first >> $(LEDGER); exec sleep 60");
      await Deno.writeTextFile(`${folder}/spec.yaml`, spec);
      const command = `PATH='${FAKES}':$PATH FAKE='${folder}/fake'
        export PATH FAKE
        maestro run -y -s 0.3 -o study spec.yaml
        until grep -q first ledger; do sleep 0.1; done
        maestro cancel -y study && maestro wait study`;
      const { code, stderr } = await runIn(folder, ["/bin/sh", "-c", command]);
      assertEquals(code, 3, stderr);
    }));
}
