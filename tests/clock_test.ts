/** Somebody sets the clock while the real program conducts a study. Needs a C compiler for the clock. */

import { assert, assertEquals } from "./assert.ts";
import { ROOT, runIn } from "./maestro.ts";
import { hasEvent, inStudyFolder, layOut, textOf, until } from "./real_study.ts";

/** The library in a folder; undefined where it cannot be compiled. */
function clockLibrary(folder: string): string | undefined {
  try {
    const args = [
      "-O1",
      "-shared",
      "-fPIC",
      "-o",
      `${folder}/clock.so`,
      `${ROOT}/tests/clock/clock.c`,
      "-ldl",
    ];
    const { success } = new Deno.Command("cc", { args }).outputSync();
    return success ? `${folder}/clock.so` : undefined;
  } catch {
    return undefined;
  }
}

const HOUR = 3600;

const SPEC = `description: {name: clocks, description: Steps that wait for a file each.}
study:
  - name: first
    description: Waits.
    run: {cmd: "echo first >>../ledger; while [ ! -e ../go.first ]; do sleep 0.05; done"}
  - name: second
    description: Fails once, and waits.
    run:
      depends: [first]
      retry: {limit: 1, delay: 1}
      cmd: |
        echo second >>../ledger
        [ "$(grep -c second ../ledger)" -gt 1 ] || exit 1
        while [ ! -e ../go.second ]; do sleep 0.05; done
`;

Deno.test({
  name: "a clock that is set by an hour, forward and back, moves no run time and delays no step",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inStudyFolder(async (folder) => {
      const library = clockLibrary(folder);
      if (library === undefined) {
        assert(Deno.env.get("CI") !== "true", "CI has a C compiler");
        return console.error("LEFT OUT: no C compiler for the clock");
      }
      for (const steps of [[HOUR, -HOUR], [-HOUR, HOUR]] as const) await conduct(folder, library, steps);
    }),
});

async function conduct(folder: string, library: string, [first, second]: readonly [number, number]) {
  const root = await layOut(folder, SPEC);
  const clock = `${folder}/clock`;
  Deno.writeTextFileSync(clock, "0");
  Deno.writeTextFileSync(
    `${folder}/run`,
    `LD_PRELOAD=${library} CLOCK_FILE=${clock} exec maestro conduct ${root}\n`,
  );
  const ended = runIn(folder, ["sh", "run"]);
  try {
    await until("the first step runs", () => hasEvent(root, "started", "first"));
    Deno.writeTextFileSync(clock, String(first));
    // Its conductor is not deaf.
    assertEquals((await runIn(folder, ["maestro", "update", root, "--local-jobs", "2"])).code, 0);
    Deno.writeTextFileSync(`${root}/go.first`, "");
    await until("the second step runs again", () => textOf(`${root}/ledger`) === "first\nsecond\nsecond\n");
    Deno.writeTextFileSync(clock, String(second));
    Deno.writeTextFileSync(`${root}/go.second`, "");
    const { code, stderr } = await ended;
    assertEquals(code, 0, stderr);
    assertEquals(textOf(`${root}/ledger`), "first\nsecond\nsecond\n");
    const { stdout } = await runIn(folder, ["maestro", "status", "--json", root]);
    const times = [...stdout.matchAll(/"(?:runTime|elapsedTime)": ?(-?[\d.]+)/g)].map(([, s]) => Number(s));
    assert(times.length >= 4 && times.every((seconds) => seconds >= 0 && seconds < HOUR / 2), stdout);
  } finally {
    for (const step of ["first", "second"]) Deno.writeTextFileSync(`${root}/go.${step}`, "");
    await ended;
    Deno.removeSync(root, { recursive: true });
  }
}
