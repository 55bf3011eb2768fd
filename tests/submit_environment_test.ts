import { schedulerCommand } from "../lib/conduct/scheduler_poll.ts";
import {
  recordedSubmitEnvironment,
  recordSubmitEnvironment,
  withRecorded,
} from "../lib/conduct/submit_environment.ts";
import { realSystem } from "../lib/system.ts";
import { slurm } from "../adapters/slurm.ts";
import { assertEquals } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";

Deno.test("submit environment: what is there counts first, what is recorded stands behind it", () => {
  const env = { PATH: "/usr/bin:/bin", SLURM_CONF: "/mine", HOME: "/h" };
  const recorded = {
    PATH: "/opt/slurm/bin:.::/bin",
    SLURM_CONF: "/theirs",
    SGE_ROOT: "/sge",
    HOME: "/x",
    LD_PRELOAD: "x",
  };
  assertEquals(withRecorded(env, recorded), {
    PATH: "/usr/bin:/bin:/opt/slurm/bin",
    SLURM_CONF: "/mine",
    SGE_ROOT: "/sge",
    HOME: "/h",
  });
  assertEquals(withRecorded({}, {}), {});
});

Deno.test("submit environment: no secret is recorded, nobody else can read it, a damaged one is none", () =>
  inFreshFolder(async (root) => {
    await Deno.mkdir(`${root}/.maestro`);
    const env = { PATH: "/a:/b", SLURM_CONF: "/c", SLURM_JWT: "secret", AWS_SECRET: "secret", HOME: "/h" };
    const system = { ...realSystem([]), env };
    assertEquals(recordedSubmitEnvironment(system, root), {});
    recordSubmitEnvironment(system, root);
    assertEquals(recordedSubmitEnvironment(system, root), { PATH: "/a:/b", SLURM_CONF: "/c" });
    const file = `${root}/.maestro/submit.json`;
    assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
    for (const text of ['{"PATH": "/a', "null", "[1]", '{"PATH": 7}']) {
      await Deno.writeTextFile(file, text);
      assertEquals(recordedSubmitEnvironment(system, root), {}, text);
    }
  }));

Deno.test("submit environment: a tick of cron finds a command that only the terminal had on its PATH", () =>
  inFreshFolder(async (root) => {
    await Deno.mkdir(`${root}/.maestro`);
    await Deno.mkdir(`${root}/module`);
    const script = '#!/bin/sh\necho "$SLURM_CONF $LC_ALL"\n';
    await Deno.writeTextFile(`${root}/module/only-here`, script, { mode: 0o755 });
    const real = realSystem([]);
    const terminal = { ...real, env: { PATH: `${root}/module:/usr/bin:/bin`, SLURM_CONF: "/etc/ours" } };
    recordSubmitEnvironment(terminal, root);
    const cron = { ...real, env: { PATH: "/usr/bin:/bin" } };
    const without = await schedulerCommand(cron, slurm.scheduler!)(["only-here"], root, 10_000);
    assertEquals(without.code, 127);
    const run = schedulerCommand(cron, slurm.scheduler!, recordedSubmitEnvironment(cron, root));
    assertEquals((await run(["only-here"], root, 10_000)).stdout, "/etc/ours C\n");
  }));
