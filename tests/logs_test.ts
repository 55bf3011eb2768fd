/**
 * Journals of every version of the format, unchanged since they were written. They must remain readable with
 * the same meaning. Each folder of `logs/<version>/` has a study's `plan.json` and `journal.jsonl`, and the
 * `status.csv` that they give. Nothing here is ever rewritten. A new version of the format gets a new folder.
 * `plan-2`: a plan of format 2. One value has changed: the run time of a step is that of its last attempt.
 */

import { assert, assertEquals } from "./assert.ts";
import { parseCsv } from "../lib/csv.ts";
import { decodeJournal } from "../lib/study/journal/format.ts";
import { runIn } from "./hosted.ts";
import { inFreshFolder } from "./maestro.ts";

const LOGS = new URL("logs/", import.meta.url).pathname;
const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

// `study-*` are whole studies, of `earlier_version_test.ts`.
for (const version of namesIn(LOGS).filter((name) => /^\d+$/.test(name))) {
  for (const name of namesIn(LOGS + version)) {
    Deno.test(`a journal of format ${version} is read: ${name}`, async () => {
      const kept = `${LOGS}${version}/${name}`;
      const journal = Deno.readTextFileSync(`${kept}/journal.jsonl`);
      assertEquals(decodeJournal(journal).version, Number(version));
      await inFreshFolder(async (folder) => {
        await Deno.mkdir(`${folder}/study/.maestro`, { recursive: true });
        await Deno.copyFile(`${kept}/plan.json`, `${folder}/study/.maestro/plan.json`);
        await Deno.copyFile(`${kept}/journal.jsonl`, `${folder}/study/.maestro/journal.jsonl`);
        const { code, stdout, stderr } = await runIn(folder, ["maestro", "status", "--csv", "study"]);
        assertEquals({ code, stderr }, { code: 0, stderr: "" });
        // The columns of `status.csv` come first.
        const columns = parseCsv(stdout).map((row) => row.slice(0, 11));
        assertEquals(columns, parseCsv(Deno.readTextFileSync(`${kept}/status.csv`)));
        const again = await runIn(folder, ["maestro", "conduct", "study"]);
        const closed = /"closed".*"state":"(\w+)"\}\n$/.exec(journal)?.[1];
        assert(closed !== undefined, "a study that has ended is kept, so that reading it changes nothing");
        assertEquals(again.code, { finished: 0, failed: 2, cancelled: 3 }[closed], again.stderr);
        assertEquals(Deno.readTextFileSync(`${folder}/study/.maestro/journal.jsonl`), journal);
      });
    });
  }
}
