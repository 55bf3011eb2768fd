/**
 * Errors that the runtime gives no code for, in the real program: a library (`faults/fault.c`) makes one of its calls
 * fail. Without a C compiler these tests are left out.
 */

import { assert, assertEquals, assertMatch } from "./assert.ts";
import { binFolder, ROOT } from "./maestro.ts";
import { inStudyFolder, layOut, sweep, textOf } from "./real_study.ts";

/** Compiled once; undefined where there is no compiler. */
function faultLibrary(): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const folder = Deno.makeTempDirSync({ prefix: "maestro_fault_" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  try {
    const args = ["-shared", "-fPIC", "-o", `${folder}/fault.so`, `${ROOT}/tests/faults/fault.c`, "-ldl"];
    const { success } = new Deno.Command("cc", { args, stderr: "null" }).outputSync();
    return success ? `${folder}/fault.so` : undefined;
  } catch {
    return undefined;
  }
}

const LIBRARY = faultLibrary();

interface Fault {
  readonly call: "open" | "write" | "mkdir" | "stat";
  readonly path: string;
  readonly errno: number;
  readonly first?: number;
  readonly count?: number;
}

/** Conducts a study whose conductor meets a fault; fails if it met none. */
async function conductWith(folder: string, root: string, fault: Fault) {
  const seen = `${folder}/seen-${fault.call}-${fault.errno}`;
  const { code, stdout, stderr } = await new Deno.Command(`${await binFolder()}/maestro`, {
    args: ["-c", "conduct", root],
    env: {
      NO_COLOR: "1",
      LD_PRELOAD: LIBRARY!,
      FAULT_CALL: fault.call,
      FAULT_PATH: fault.path,
      FAULT_ERRNO: String(fault.errno),
      FAULT_FIRST: String(fault.first ?? 1),
      FAULT_COUNT: String(fault.count ?? 1),
      FAULT_IN: Deno.env.get("MAESTRO_UNDER_TEST") ? "maestro" : "deno",
      FAULT_SEEN: seen,
    },
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(exists(seen), `nothing failed: ${said}`);
  return { code, said };
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const NUMBERS = { ENFILE: 23, ESHUTDOWN: 108, ESTALE: 116, EREMOTEIO: 121, EDQUOT: 122 };

function faultTest(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test({
    name: `fault: ${name}`,
    ignore: LIBRARY === undefined || Deno.env.get("MAESTRO_UNDER_TEST") !== undefined,
    fn: () => inStudyFolder(body),
  });
}

for (const [name, errno] of Object.entries(NUMBERS)) {
  faultTest(`${name} at a look at the lease does not end the conductor`, async (folder) => {
    const root = await layOut(folder, sweep(1, "echo $(N) >>../../../ledger"));
    // The first opening makes the lease.
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
const PAUSING: readonly (readonly [fault: Fault, said: RegExp])[] = [
  [
    { call: "mkdir", path: "/work/N.1", errno: NUMBERS.EDQUOT },
    /cannot be started now: Disk quota exceeded/,
  ],
  [
    { call: "open", path: "/work_N.1.sh", errno: NUMBERS.ENFILE },
    /cannot be started now: Too many open files/,
  ],
  // A folder that is there, but could not be looked at.
  [
    { call: "stat", path: "/work/N.2", errno: NUMBERS.ESTALE, count: 2 },
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

/** ENOTDIR, EINVAL and ELOOP come again where they are meant: an error that comes once is the file server's. */
const ONCE: readonly Fault[] = [
  { call: "mkdir", path: ".maestro/jobs", errno: 20 },
  { call: "open", path: "/work_N.1.sh", errno: 22 },
  { call: "mkdir", path: "/work/N.1", errno: 40 },
];

faultTest("an error that is final by its kind fails a step only when it comes again", async (folder) => {
  await Promise.all(ONCE.map(async (fault, i) => {
    const place = `${folder}/${i}`;
    Deno.mkdirSync(place);
    const root = await layOut(place, sweep(1, "echo $(N) >>../../../ledger"));
    const once = await conductWith(place, root, fault);
    assertEquals(once.code, 0, once.said);
    assertMatch(once.said, new RegExp(`cannot be started now: .*os error ${fault.errno}`));
    assertEquals(textOf(`${place}/ledger`), "1\n");
  }));
  const always = `${folder}/always`;
  Deno.mkdirSync(always);
  const root = await layOut(always, sweep(1, "echo $(N) >>../../../ledger"));
  const { code, said } = await conductWith(always, root, { ...ONCE[1]!, count: 1000 });
  assertEquals([code, textOf(`${always}/ledger`)], [2, ""], said);
  assertMatch(said, /FAILED: could not be started: Invalid argument/);
});
