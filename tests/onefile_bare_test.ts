/**
 * The one file, built for real and copied alone to a bare machine (see bare_root.ts). Slow: `deno task test:onefile`.
 * ONEFILE names a file that is built already.
 */

import { bundle } from "../.ci/bundle.ts";
import { writeSelfExtracting } from "../.ci/self_extracting.ts";
import { hostTarget } from "../.ci/targets.ts";
import { assertEquals, assertStringIncludes } from "./assert.ts";
import { type BareMachine, canBeBare, onBareMachine } from "./bare_root.ts";
import { inFreshFolder, type Outcome, ROOT, VERSION } from "./maestro.ts";

const ignore = Deno.env.get("WHOLE") !== "1" || !canBeBare();

/** Each step leaves a line; the first one takes long enough for a conductor to be killed meanwhile. */
const COUNTED = `description: {name: counted, description: Each step leaves a line.}
batch: {type: local, shell: /bin/sh}
study:
  - {name: a, description: Slow., run: {cmd: "echo a >> /work/lines; sleep 2"}}
  - {name: b, description: Later., run: {cmd: "echo b >> /work/lines", depends: [a]}}
`;

const VERSION_LINE = `maestro ${VERSION} (self-extracting)\n`;

/** Asserts that a script ended well; returns what it printed. */
function fine({ code, stdout, stderr }: Outcome): string {
  assertEquals({ code, stderr: code === 0 ? "" : stderr }, { code: 0, stderr: "" });
  return stdout;
}

const CASES: Readonly<Record<string, (bare: BareMachine) => Promise<void>>> = {
  "the demo is checked, planned and run": async (bare) => {
    const said = fine(
      await bare.run(
        `/opt/maestro --version && /opt/maestro lint /opt/demo.yaml && /opt/maestro plan /opt/demo.yaml &&
        /opt/maestro run -y -fg -o d /opt/demo.yaml && /opt/maestro status --json --exit-code d && /opt/maestro doctor`,
      ),
    );
    assertStringIncludes(said, VERSION_LINE);
    assertStringIncludes(said, '"state": "finished"');
    assertStringIncludes(said, "Nothing here stops a study.");
  },
  "a detached study, seen from cron": async (bare) => {
    const said = fine(
      await bare.run(`/opt/maestro run -y -o d /opt/counted.yaml && /opt/maestro wait --timeout 60 d &&
        env -i PATH=/usr/bin:/bin /opt/maestro status --exit-code d && ls -ld /tmp/maestro-1000`),
    );
    assertStringIncludes(said, "/work/d: finished");
    assertStringIncludes(said, "drwx------");
  },
  "a conductor is killed and the study resumed: every step ran once": async (bare) => {
    const said = fine(
      await bare.run(`/opt/maestro run -y -o d /opt/counted.yaml >&2 && lease=$(cat d/.maestro/lease) &&
        pid=\${lease#*'"pid":'} && pid=\${pid%%,*} && kill -9 $pid && sleep 0.2 &&
        /opt/maestro status d >&2; /opt/maestro resume -fg d >&2 && cat lines`),
    );
    assertEquals(said, "a\nb\n");
  },
  "eight first starts at once": async (bare) => {
    const script =
      "for n in 1 2 3 4 5 6 7 8; do /opt/maestro --version & done; wait; ls /home/user/.cache/maestro/*";
    assertEquals(
      fine(await bare.run(script)),
      VERSION_LINE.repeat(8) + "deno\nmaestro.js\nready\nstart.js\n",
    );
  },
  "called conductor, it conducts": async (bare) => {
    fine(
      await bare.run(
        "/opt/maestro run -n -o d /opt/counted.yaml && /opt/conductor d && /opt/maestro status --exit-code d",
      ),
    );
  },
  "a read-only home, then no home": async (bare) => {
    const change = 'mount -o remount,ro "$R/home/user"';
    const said = fine(
      await bare.run("/opt/maestro --version; unset HOME; /opt/maestro --version; ls /tmp /var/tmp", change),
    );
    assertEquals(said, `${VERSION_LINE.repeat(2)}/tmp:\nmaestro-1000\n\n/var/tmp:\n`);
  },
  "another user's folder is not trusted": async (bare) => {
    const change = 'mkdir -m 777 "$R/tmp/maestro-1000"; chown 1001 "$R/tmp/maestro-1000"';
    const said = fine(await bare.run("unset HOME; /opt/maestro --version; ls -R /tmp; ls /var/tmp", change));
    assertEquals(said, `${VERSION_LINE}/tmp:\nmaestro-1000\n\n/tmp/maestro-1000:\nmaestro-1000\n`);
  },
  "folders from which nothing can be run": async (bare) => {
    const change = 'for d in home/user tmp var/tmp; do mount -o remount,noexec "$R/$d"; done';
    const { code, stderr } = await bare.run("/opt/maestro --version", change);
    assertEquals(code, 73);
    assertStringIncludes(
      stderr,
      "/home/user/.cache/maestro: programs in it cannot be run (it is mounted noexec)",
    );
    assertStringIncludes(stderr, "TMPDIR=");
    const again = fine(await bare.run("TMPDIR=/scratch /opt/maestro --version; ls /scratch", change));
    assertEquals(again, `${VERSION_LINE}maestro-1000\n`);
  },
  "a limited address space": async (bare) => {
    assertEquals(fine(await bare.run("ulimit -S -v 2000000; /opt/maestro --version")), VERSION_LINE);
    const { code, stderr } = await bare.run("ulimit -v 20000000; /opt/maestro --version");
    assertEquals(code, 75);
    assertStringIncludes(stderr, "limited to 19 GiB");
  },
  "a full disk": async (bare) => {
    const change = 'for d in home/user tmp var/tmp; do mount -o remount,size=50m "$R/$d"; done';
    const { code, stderr } = await bare.run(
      "/opt/maestro --version; code=$?; ls -R /tmp >&2; exit $code",
      change,
    );
    assertEquals(code, 73);
    assertStringIncludes(stderr, "No space left on device");
    assertEquals(/new\./.test(stderr), false);
  },
};

Deno.test("one file: on a bare machine", { ignore }, async (context) => {
  await inFreshFolder(async (folder) => {
    const built = Deno.env.get("ONEFILE");
    const file = built ?? `${folder}/maestro`;
    if (built === undefined) writeSelfExtracting(hostTarget(), file, bundle(), Deno.execPath());
    const demo = await Deno.readTextFile(`${ROOT}/samples/build_archive.yaml`);
    const files = { "demo.yaml": demo, "counted.yaml": COUNTED };
    await onBareMachine({ file, like: Deno.execPath(), files }, async (bare) => {
      for (const [name, check] of Object.entries(CASES)) await context.step(name, () => check(bare));
    });
  });
});
