/** One conductor at a time: who has a study, how it is lost, and which message the others get. */

import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "./assert.ts";
import {
  acquireLease,
  conductorView,
  HEARTBEAT_LIMIT_MS,
  holdsLease,
  readLease,
  releaseLease,
} from "../lib/study/lease.ts";
import { UserError } from "../lib/errors.ts";
import { conduct, create, load, type System, thisMachine } from "../mod.ts";
import { inFreshFolder, runIn } from "./maestro.ts";
import { chain, hasEvent, layOut, startMaestro, textOf, timesTaken, until } from "./real_study.ts";
import { newSystem } from "./world/system.ts";
import { newTruth } from "./world/truth.ts";
import { type Host, newWorld, type World } from "./world/world.ts";
import { seededRandom } from "./world/random.ts";

const ROOT = "/study";

function newScene(): World {
  const world = newWorld(seededRandom(1), newTruth([]));
  world.files.makeDirectory(`${ROOT}/.maestro`);
  return world;
}

function someone(world: World, host: Host) {
  const process = world.spawn(host, ["maestro"]);
  return { process, system: newSystem(world, process, { calls: 0 }) };
}

function refused(take: () => unknown): string {
  try {
    take();
  } catch (error) {
    assert(error instanceof UserError && error.exitCode === 75, String(error));
    return error.message;
  }
  throw new Error("the lease was given away");
}

/** Lets the world's clock go on. */
async function passTime(world: World, ms: number): Promise<void> {
  await world.clock.run(new Promise<void>((resolve) => world.clock.after(ms, resolve)), Infinity);
}

Deno.test("a second conductor on the same host reports who has the study", () => {
  const world = newScene();
  const first = someone(world, world.host("login1"));
  acquireLease(first.system, ROOT);
  const second = someone(world, world.host("login1"));
  assertStringIncludes(
    refused(() => acquireLease(second.system, ROOT)),
    `by process ${first.process.pid} of someone on login1`,
  );
  assert(conductorView(second.system, ROOT).alive);
});

Deno.test("a dead holder on the same host loses the lease at once", () => {
  const world = newScene();
  const first = someone(world, world.host("login1"));
  acquireLease(first.system, ROOT);
  world.end(first.process);
  const second = someone(world, world.host("login1"));
  assert(!conductorView(second.system, ROOT).alive);
  const lease = acquireLease(second.system, ROOT);
  assert(holdsLease(second.system, ROOT, lease));
});

Deno.test("a process with a dead holder's number is not mistaken for it", () => {
  const world = newScene();
  const host = world.host("login1");
  const first = someone(world, host);
  acquireLease(first.system, ROOT);
  world.end(first.process);
  host.lastPid = first.process.pid - 1;
  assertEquals(world.spawn(host, ["something", "else"]).pid, first.process.pid);
  acquireLease(someone(world, host).system, ROOT);
});

Deno.test("a host that was started again holds nothing", () => {
  const world = newScene();
  const host = world.host("login1");
  const first = someone(world, host);
  acquireLease(first.system, ROOT);
  host.bootId = "another";
  acquireLease(someone(world, host).system, ROOT);
});

Deno.test("another machine or namespace of the same host name keeps the lease as long as its heart beats", async () => {
  const elsewhere: readonly Partial<Pick<Host, "namespace" | "machine" | "bootId">>[] = [
    { namespace: "2" },
    { machine: "another", bootId: "another" },
    { bootId: "" },
  ];
  for (const change of elsewhere) {
    const world = newScene();
    const host = world.host("login1");
    const first = someone(world, host);
    acquireLease(first.system, ROOT);
    // What has the same name and sees none of the first one's processes.
    const other: Host = { ...host, processes: new Map(), ...change };
    const second = someone(world, other);
    refused(() => acquireLease(second.system, ROOT));
    assert(conductorView(second.system, ROOT).alive);
    await passTime(world, HEARTBEAT_LIMIT_MS);
    const lease = acquireLease(second.system, ROOT);
    assertEquals(lease.presumed, true);
  }
});

Deno.test("a lease of version 0.1: its holder is known by host, boot and start", async () => {
  const world = newScene();
  const host = world.host("login1");
  const first = someone(world, host);
  const { namespace: _, machine: __, uid: ___, ...old } = acquireLease(first.system, ROOT);
  world.files.write("login1", `${ROOT}/.maestro/lease`, JSON.stringify(old) + "\n");
  await passTime(world, 10 * HEARTBEAT_LIMIT_MS);
  const second = someone(world, host);
  refused(() => acquireLease(second.system, ROOT));
  // Its process is not there: it may be in a container with the host's name.
  world.end(first.process);
  world.files.write("login1", `${ROOT}/.maestro/heartbeat`, "");
  refused(() => acquireLease(second.system, ROOT));
  await passTime(world, HEARTBEAT_LIMIT_MS);
  acquireLease(second.system, ROOT);
});

Deno.test("a holder on another host keeps the lease as long as its heart beats", async () => {
  const world = newScene();
  const first = someone(world, world.host("login1"));
  const lease = acquireLease(first.system, ROOT);
  const other = someone(world, world.host("login2"));
  refused(() => acquireLease(other.system, ROOT));
  await passTime(world, HEARTBEAT_LIMIT_MS - 1);
  refused(() => acquireLease(other.system, ROOT));
  await passTime(world, 1);
  acquireLease(other.system, ROOT);
  assert(!holdsLease(first.system, ROOT, lease), "the first still thinks that it has the study");
  await releaseLease(first.system, ROOT, lease);
  assertEquals(readLease(other.system, ROOT)?.host, "login2");
});

const NO_LEASES: readonly string[] = [
  ...["", '{"nonce":"12', "null", "5", "[]", '"words"', "{}", "\0\0\0\0"],
  '{"nonce":5,"host":{},"user":null,"pid":"x","bootId":null,"processStart":[]}',
];

for (const text of NO_LEASES) {
  Deno.test(`a lease that a crash tore, or that is none, belongs to nobody: ${JSON.stringify(text)}`, () => {
    const world = newScene();
    world.files.write("login1", `${ROOT}/.maestro/heartbeat`, "1\n");
    world.files.write("login1", `${ROOT}/.maestro/lease`, text);
    const { system, process } = someone(world, world.host("login1"));
    assertEquals([readLease(system, ROOT), conductorView(system, ROOT).alive], [undefined, false]);
    assertEquals(acquireLease(system, ROOT).pid, process.pid);
  });
}

Deno.test("conducting twice: one works, the other names it and exits 75", async () => {
  await inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("while [ ! -e ../../go ]; do sleep 0.05; done"));
    const first = await startMaestro(folder, "conduct", root);
    await until("s1 runs", () => hasEvent(root, "started"));
    const second = await runIn(folder, ["maestro", "conduct", root]);
    assertEquals(second.code, 75);
    assertStringIncludes(second.stderr, `by process ${first.pid} of`);
    assertEquals((await runIn(folder, ["maestro", "conduct", "--once", root])).code, 4);
    Deno.writeTextFileSync(`${folder}/go`, "");
    assertEquals((await first.ended).code, 0);
    assertEquals(timesTaken(root), 1);
  });
});

Deno.test("a real lease of another host: fresh it is respected, old it is taken over", async () => {
  await inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("echo one >>../../ledger"));
    const lease = {
      nonce: "f00",
      host: "elsewhere",
      user: "someone",
      pid: 4711,
      bootId: "b",
      processStart: "1",
      since: 0,
    };
    Deno.writeTextFileSync(`${root}/.maestro/lease`, JSON.stringify(lease) + "\n");
    Deno.writeTextFileSync(`${root}/.maestro/heartbeat`, "0\n");
    const fresh = await runIn(folder, ["maestro", "conduct", root]);
    assertEquals(fresh.code, 75);
    assertMatch(fresh.stderr, /by process 4711 of someone on elsewhere/);
    const old = (Date.now() - HEARTBEAT_LIMIT_MS) / 1000 - 1;
    Deno.utimeSync(`${root}/.maestro/heartbeat`, old, old);
    assertEquals((await runIn(folder, ["maestro", "conduct", root])).code, 0);
    assertEquals(textOf(`${folder}/ledger`), "one\n");
  });
});

/** A study of one step, conducted where the lease is not there for some of the looks at it, from 1. */
async function conductMissing(isMissing: (look: number) => boolean) {
  return await inFreshFolder(async (folder) => {
    const machine = thisMachine();
    const spec = `description: {name: s, description: d}
study: [{name: one, description: d, run: {cmd: "touch ran"}}]
`;
    const { loaded } = await load(machine, spec, { root: `${folder}/study` });
    let asked = 0;
    const system: System = {
      ...machine,
      readTextIfAny(path) {
        return path.endsWith("/lease") && isMissing(++asked) ? undefined : machine.readTextIfAny(path);
      },
    };
    const end = await conduct(system, await create(system, loaded!));
    return { end, ran: machine.facts(`${folder}/study/one/ran`) !== undefined, asked };
  });
}

Deno.test("a lease that is not there for a moment, in the hand of who took its holder for dead, is not lost", async () => {
  let looks = 0;
  for (let missing = 1; missing === 1 || missing < looks; missing++) {
    const { end, ran, asked } = await conductMissing((look) => look === missing);
    assertEquals([end, ran], ["finished", true], `look ${missing}`);
    looks = asked;
  }
  assert(looks > 2);
});

Deno.test("a lease that stays away is no lease: the study is another's, and nothing is started", async () => {
  const error = await assertRejects(() => conductMissing(() => true), UserError);
  assertEquals(error.exitCode, 75);
});

Deno.test("a lease that another process moved aside before it was written is not considered ours", () => {
  const world = newScene();
  const [first, second] = [someone(world, world.host("login1")), someone(world, world.host("login1"))];
  const slow: System = {
    ...first.system,
    createText(path, text) {
      // It is made, found empty and moved away; then it is written.
      if (!first.system.createText(path, "")) return false;
      acquireLease(second.system, ROOT);
      return text !== "";
    },
  };
  assertStringIncludes(refused(() => acquireLease(slow, ROOT)), `by process ${second.process.pid} of`);
  assertEquals(readLease(second.system, ROOT)?.pid, second.process.pid);
});

Deno.test("a lease that was taken while its dead holder was looked at stays where it is", () => {
  const world = newScene();
  const host = world.host("login1");
  const dead = someone(world, host);
  acquireLease(dead.system, ROOT);
  world.end(dead.process);
  const [first, second] = [someone(world, host), someone(world, host)];
  let looked = false;
  const slow: System = {
    ...second.system,
    processStart(pid) {
      if (pid === dead.process.pid && !looked) {
        looked = true;
        acquireLease(first.system, ROOT);
      }
      return second.system.processStart(pid);
    },
    rename: () => {
      throw new Error("it was moved");
    },
  };
  refused(() => acquireLease(slow, ROOT));
  assert(looked);
});

Deno.test("a whole conductor waits for a process that has the study for a moment", async () => {
  await inFreshFolder(async (folder) => {
    const root = await layOut(folder, chain("echo one >>../../ledger"));
    const machine = thisMachine();
    const brief = acquireLease(machine, root, true);
    assertEquals(conductorView(machine, root).brief, true);
    const first = await startMaestro(folder, "conduct", root);
    await until("the conductor is there", () => textOf(`/proc/${first.pid}/comm`) === "conductor\n");
    assertEquals(timesTaken(root), 0);
    // Another does not take it for one that stays.
    const resumed = runIn(folder, ["maestro", "resume", root]);
    await releaseLease(machine, root, brief);
    assertEquals([(await resumed).code, (await first.ended).code % 75], [0, 0]);
    assertEquals((await runIn(folder, ["maestro", "wait", root])).code, 0);
    assertEquals([textOf(`${folder}/ledger`), timesTaken(root)], ["one\n", 1]);
  });
});
