/** Scripts on a real Grid Engine: directives in commands, and scripts by hand. */

import { assertEquals } from "../assert.ts";
import { byHand, SHOW } from "./guard.ts";
import { command, siteOf, specText, trial } from "./trial.ts";

const SITE = await siteOf("alice");

Deno.test("sge: directives in commands are read; what qsub reads is what plain options give", () =>
  trial(
    SITE,
    specText({ type: "sge", queue: "all.q" }, {
      one: {
        cmd: "#$ -l h_rt=77\n# a note\necho ran >> $(LEDGER)\n#$ -ac late=1",
        run: ["procs: 2", "nodes: 1"],
      },
    }),
    async (study) => {
      const outcome = await study.run();
      assertEquals(outcome.code, 0, outcome.stderr);
      const workspace = `${study.study}/one`;
      const plain = `${study.folder}/plain.sh`;
      await Deno.writeTextFile(plain, "#!/bin/bash\nhostname\n", { mode: 0o755 });
      const verify = async (...words: string[]) =>
        (await command([...SITE.prefix, "env", "-C", study.folder, "qsub", "-verify", ...words])).split("\n")
          .filter((line) =>
            /^[a-z_ ]+: /.test(line) && !/^(?:submission_time|job_number|exec_file|script_)/.test(line)
          );
      const options = ["-N", "one", "-S", "/bin/bash", "-wd", workspace, "-q", "all.q", "-pe", "smp", "2"];
      const logs = ["-o", "one.$JOB_ID.out", "-e", "one.$JOB_ID.err"];
      assertEquals(
        await verify(`${workspace}/one.sge.sh`),
        await verify(...options, ...logs, "-l", "h_rt=77", "-ac", "late=1", plain),
      );
    },
  ));

Deno.test("sge: qsub of a step's script by hand is the same job, and leaves the study alone", () =>
  trial(
    SITE,
    specText({ type: "sge", queue: "all.q" }, { one: { cmd: `${SHOW}; exit 3`, run: ["procs: 1"] } }),
    async (study) => {
      assertEquals((await study.run()).code, 2);
      const more = await byHand(study, "one", ["qsub"]);
      assertEquals(more.map((name) => name.replace(/\d+/, "N")).sort(), ["one.N.err", "one.N.out"]);
    },
  ));
