/**
 * Errors that the runtime gives no code for, in the real program: a library (`faults/fault.c`) makes one of its calls
 * fail. Without a C compiler these tests are left out.
 */

import { assert, assertEquals, assertMatch } from "./assert.ts";
import { countedIn, type Fault, faultLibrary, faultVariables } from "./faults/library.ts";
import { binFolder, runIn } from "./maestro.ts";
import { inStudyFolder, layOut, sweep, textOf, until } from "./real_study.ts";

type Met = Required<Pick<Fault, "call" | "path" | "errno">> & Pick<Fault, "first" | "count">;

/** Conducts a study whose conductor meets a fault; fails if it met none. */
async function conductWith(folder: string, root: string, met: Met) {
  const state = `${folder}/seen-${met.call}-${met.errno}`;
  const programs = [Deno.env.get("MAESTRO_UNDER_TEST") ? "maestro" : "deno"];
  const { code, stdout, stderr } = await new Deno.Command(`${await binFolder()}/maestro`, {
    args: ["-c", "conduct", root],
    env: { NO_COLOR: "1", ...faultVariables({ ...met, programs, state }) },
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(countedIn(state).hits > 0, `nothing failed: ${said}`);
  return { code, said };
}

const NUMBERS = { ENFILE: 23, ESHUTDOWN: 108, ESTALE: 116, EREMOTEIO: 121, EDQUOT: 122 };

function faultTest(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test({
    name: `fault: ${name}`,
    ignore: faultLibrary() === undefined || Deno.env.get("MAESTRO_UNDER_TEST") !== undefined,
    fn: () => inStudyFolder(body),
  });
}

for (const [name, errno] of Object.entries(NUMBERS)) {
  faultTest(`${name} at a look at the lease does not end the conductor`, async (folder) => {
    const root = await layOut(folder, sweep(1, "echo $(N) >>../../../ledger"));
    // The first opening is that of the lease that was just made.
    const { code, said } = await conductWith(folder, root, {
      call: "open",
      path: ".maestro/lease",
      errno,
      first: 2,
    });
    assertEquals(code, 0, said);
    assertMatch(said, new RegExp(`cannot be used \\(.*os error ${errno}\\)`));
    assertEquals(textOf(`${folder}/ledger`), "1\n");
  });
}

/** After such a fault the conductor pauses: all pauses pass at the same time. */
const PAUSING: readonly (readonly [fault: Met, said: RegExp])[] = [
  [
    { call: "mkdir", path: "/work/N.1", errno: NUMBERS.EDQUOT },
    /cannot be started now: Disk quota exceeded/,
  ],
  [
    { call: "create", path: "/work_N.1.sh", errno: NUMBERS.ENFILE },
    /cannot be started now: Too many open files/,
  ],
  // A folder that is there, but could not be looked at.
  [
    { call: "stat", path: "/work/N.2", errno: NUMBERS.ESTALE, count: 6 },
    /cannot be started now: Stale file handle/,
  ],
  [
    { call: "write", path: "/journal.jsonl", errno: NUMBERS.EREMOTEIO, first: 2 },
    /journal cannot be written \(Remote I\/O error\)/,
  ],
];

faultTest(
  "a step waits where its folder, its script or the journal cannot be written now",
  async (folder) => {
    await Promise.all(PAUSING.map(async ([fault, expected], i) => {
      const place = `${folder}/${i}`;
      Deno.mkdirSync(place);
      const root = await layOut(place, sweep(2, "echo $(N) >>../../../ledger"), "--local-jobs", "1");
      Deno.mkdirSync(`${root}/work/N.2`, { recursive: true });
      const { code, said } = await conductWith(place, root, fault);
      assertEquals(code, 0, said);
      assertMatch(said, expected);
      assertEquals(textOf(`${place}/ledger`).trimEnd().split("\n").sort(), ["1", "2"]);
    }));
  },
);

/** They come again where they are meant. */
const FINAL: readonly Met[] = [
  { call: "mkdir", path: ".maestro/jobs", errno: 20 },
  { call: "create", path: "/work_N.1.sh", errno: 22 },
  { call: "mkdir", path: "/work/N.1", errno: 40 },
];

faultTest("an error that is final by its kind keeps a step waiting, and fails none", async (folder) => {
  await Promise.all(FINAL.map(async (fault, i) => {
    const place = `${folder}/${i}`;
    Deno.mkdirSync(place);
    const root = await layOut(place, sweep(1, "echo $(N) >>../../../ledger"));
    const { code, said } = await conductWith(place, root, { ...fault, count: 3 });
    assertEquals(code, 0, said);
    assertMatch(said, new RegExp(`cannot be started now: .*os error ${fault.errno}`));
    assertMatch(said, new RegExp(`No longer: step 'work_N.1' cannot be started: .*os error ${fault.errno}`));
    assertEquals(textOf(`${place}/ledger`), "1\n");
  }));
});

faultTest(
  "status shows what keeps a step from starting, and since when; the step can be cancelled",
  async (folder) => {
    const root = await layOut(folder, sweep(1, "echo $(N) >>../../../ledger"));
    const state = `${folder}/seen`;
    const conductor = new Deno.Command(`${await binFolder()}/maestro`, {
      args: ["conduct", root],
      env: {
        NO_COLOR: "1",
        ...faultVariables({ ...FINAL[1]!, until: `${folder}/never`, programs: ["deno", "maestro"], state }),
      },
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    const shown = async () =>
      (await runIn(folder, ["maestro", "status", "--layout", "summary", root])).stdout;
    const trouble =
      /trouble {4}since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d: step 'work_N\.1' cannot be started: Invalid argument/;
    await until("the trouble is shown", async () => trouble.test(await shown()));
    const cancelled = await runIn(folder, ["maestro", "cancel", "-y", root]);
    assertEquals([cancelled.code, (await conductor.status).code], [0, 3], cancelled.stderr);
    assertEquals(textOf(`${folder}/ledger`), "");
  },
);

faultTest(
  "a script that the system does not start has not run: the step waits, and runs once",
  async (folder) => {
    await Promise.all((["exec", "fork"] as const).map(async (call) => {
      const place = `${folder}/${call}`;
      Deno.mkdirSync(place);
      const root = await layOut(place, sweep(1, "echo $(N) >>../../../ledger"));
      const state = `${place}/seen`;
      // The runner of steps forks once for each, and executes once there.
      const met = { call, path: root, errno: NUMBERS.ENFILE, count: 2, programs: ["sh"], state };
      const conducted = await new Deno.Command(`${await binFolder()}/maestro`, {
        args: ["-c", "conduct", root],
        env: { NO_COLOR: "1", ...faultVariables(met) },
        stdin: "null",
      }).output();
      const said = new TextDecoder().decode(conducted.stderr);
      assertEquals([conducted.code, textOf(`${place}/ledger`)], [0, "1\n"], said);
      assertMatch(said, /did not start: the system did not start it/);
      assertEquals(countedIn(state).hits, 2);
    }));
  },
);
