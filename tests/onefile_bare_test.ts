/**
 * Both kinds of the one file, built for real: copied alone to a bare machine (see bare_root.ts), and on terminals (see
 * onefile_terminal.ts). Slow: `deno task test:onefile`. ONEFILE names a file that is built already.
 */

import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { type BareMachine, canBeBare, onBareMachine } from "./bare_root.ts";
import { blocksOf } from "./docs_blocks.ts";
import { inFreshFolder, type Outcome, ROOT, VERSION } from "./maestro.ts";
import { type OneFile, oneFiles } from "./onefile_kinds.ts";
import { quietOnTerminals } from "./onefile_terminal.ts";

const ignore = Deno.env.get("WHOLE") !== "1" || !canBeBare();

/** Each step leaves a line; the first one takes long enough for a conductor to be killed meanwhile. */
const COUNTED = `description: {name: counted, description: Each step leaves a line.}
batch: {type: local, shell: /bin/sh}
study:
  - {name: a, description: Slow., run: {cmd: "echo a >> /work/lines; sleep 2"}}
  - {name: b, description: Later., run: {cmd: "echo b >> /work/lines", depends: [a]}}
`;

const VERSION_LINE = `maestro ${VERSION} (self-extracting)\n`;

/** This machine has no Python: generators in Python are among the commands of onefile_terminal.ts. */
const GENERATOR = `#!/bin/sh
printf 'N\\n1\\n2\\n'
`;
const GENERATED = `description: {name: generated, description: A step for each value.}
batch: {type: local, shell: /bin/sh}
study:
  - {name: a, description: One of them., run: {cmd: "echo $(N) > n"}}
`;

/** The example of the docs. */
const ADAPTER_FILE = blocksOf(Deno.readTextFileSync(`${ROOT}/docs/add-a-scheduler.md`))
  .find(({ language }) => language === "js")!.text;

/** Asserts that a script ended well; returns what it printed. */
function fine({ code, stdout, stderr }: Outcome): string {
  assertEquals({ code, stderr: code === 0 ? "" : stderr }, { code: 0, stderr: "" });
  return stdout;
}

type Cases = Readonly<Record<string, (bare: BareMachine) => Promise<void>>>;

/** What a file of either kind does. */
const CASES: Cases = {
  "the demo is checked, planned and run": async (bare) => {
    const said = fine(
      await bare.run(
        `/opt/maestro --version && /opt/maestro lint /opt/demo.yaml && /opt/maestro plan /opt/demo.yaml &&
        /opt/maestro run -y -fg -o d /opt/demo.yaml && /opt/maestro status --json --exit-code d && /opt/maestro doctor`,
      ),
    );
    assertStringIncludes(said, '"state": "finished"');
    assertStringIncludes(said, "No problem here prevents a study from running.");
  },
  "a detached study, seen from cron": async (bare) => {
    const said = fine(
      await bare.run(`/opt/maestro run -y -o d /opt/counted.yaml && /opt/maestro wait --timeout 600 d &&
        env -i PATH=/usr/bin:/bin /opt/maestro status --exit-code d && ls -l /tmp`),
    );
    assertStringIncludes(said, "/work/d: finished");
    // A cache that others can read or foresee would be one that they can fill.
    const made = said.slice(said.indexOf("total")).trim().split("\n").slice(1);
    assertEquals(made.filter((line) => !line.startsWith("drwx------ ")), []);
  },
  "a conductor is killed and the study resumed: every step ran once": async (bare) => {
    const said = fine(
      await bare.run(`/opt/maestro run -y -o d /opt/counted.yaml >&2 && lease=$(cat d/.maestro/lease) &&
        pid=\${lease#*'"pid":'} && pid=\${pid%%,*} && kill -9 $pid && sleep 0.2 &&
        /opt/maestro status d >&2; /opt/maestro resume -fg d >&2 && cat lines`),
    );
    assertEquals(said, "a\nb\n");
  },
  "called conductor, it conducts": async (bare) => {
    fine(
      await bare.run(
        "/opt/maestro run -n -o d /opt/counted.yaml && /opt/conductor d && /opt/maestro status --exit-code d",
      ),
    );
  },
  "the conductor, and no other process, has the name conductor": async (bare) => {
    const named =
      'for p in /proc/[0-9]*; do read -r n <$p/comm && [ "$n" = conductor ] && echo "${p#/proc/}"; done';
    const said = fine(
      await bare.run(`/opt/maestro run -y -o d /opt/counted.yaml >&2; until [ -e lines ]; do sleep 0.1; done
        lease=$(cat d/.maestro/lease); pid=\${lease#*'"pid":'}; echo "\${pid%%,*}"; ${named}
        /opt/maestro wait d >&2; echo ended; ${named}; true`),
    );
    const [pid, ...names] = said.trim().split("\n");
    assertEquals(names, [pid!, "ended"]);
  },
  "completions, reports, templates, generators": async (bare) => {
    const said = fine(
      await bare.run(
        `cat /opt/generator.sh >generator.sh; chmod 755 generator.sh
        /opt/maestro run -y -fg -o d -p generator.sh /opt/generated.yaml >&2; cat d/a/*/n
        for shell in bash zsh fish; do /opt/maestro completions $shell | wc -l; done
        /opt/maestro report -o r.html d >&2; read -r line <r.html; echo "$line"; wc -c <r.html
        /opt/maestro export -o crate d >&2; ls crate/ro-crate-metadata.json
        for name in slurm lsf pbs sge flux; do /opt/maestro template $name | wc -l; done`,
      ),
    );
    const [one, two, bash, zsh, fish, page, bytes, crate, ...templates] = said.trim().split("\n");
    assertEquals([one, two, page, crate], ["1", "2", "<!doctype html>", "crate/ro-crate-metadata.json"]);
    for (const lines of [bash, zsh, fish, ...templates]) assert(Number(lines) > 3, said);
    assertEquals(templates.length, 5);
    assert(Number(bytes) > 50_000, said);
  },
  "an adapter in a file is loaded, and its errors have their places": async (bare) => {
    const said = fine(
      await bare.run(
        "cat /opt/adapter.js >own.js; /opt/maestro adapter check own.js; /opt/maestro adapter check slurm",
      ),
    );
    assert(/^tsp: \d+ passed, 0 failed$/m.test(said) && /^slurm: \d+ passed, 0 failed$/m.test(said), said);
    const spec = "description: {name: a, description: b}\\nbatch: {type: ./own.js}\\n" +
      "study: [{name: s, description: d, run: {cmd: echo, procs: 1}}]";
    const script = fine(
      await bare.run(`cat /opt/adapter.js >own.js; printf '${spec}\\n' >s.yaml
        /opt/maestro run --dry --trust-adapter -o d s.yaml >&2; cat d/s/s.tsp.sh`),
    );
    assertStringIncludes(script, "\n\necho\n");
    const { code, stderr } = await bare.run(
      "printf 'export default {\\n  a: ),\\n};\\n' >bad.js; /opt/maestro adapter check bad.js",
    );
    assertEquals(code, 65);
    assertStringIncludes(stderr, "/work/bad.js:2:6");
  },
  "a problem in a spec is shown with its place": async (bare) => {
    const { code, stdout, stderr } = await bare.run(
      "echo 'study: [{name: a}]' >s.yaml; /opt/maestro lint s.yaml",
    );
    assertEquals(code, 65);
    assertStringIncludes(stdout + stderr, "s.yaml:1:9");
  },
};

/** What only a self-extracting file has to do. */
const UNPACKING: Cases = {
  "eight first starts at once": async (bare) => {
    const script =
      "for n in 1 2 3 4 5 6 7 8; do /opt/maestro --version & done; wait; ls /home/user/.cache/maestro/*";
    assertEquals(
      fine(await bare.run(script)),
      VERSION_LINE.repeat(8) + "deno\nmaestro.js\nready\nstart.js\n",
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

async function onABareMachine(context: Deno.TestContext, { kind, path, like }: OneFile): Promise<void> {
  const demo = await Deno.readTextFile(`${ROOT}/samples/build_archive.yaml`);
  const files = {
    "demo.yaml": demo,
    "counted.yaml": COUNTED,
    "generator.sh": GENERATOR,
    "generated.yaml": GENERATED,
    "adapter.js": ADAPTER_FILE,
  };
  const cases = { ...CASES, ...kind === "self-extracting" ? UNPACKING : {} };
  await onBareMachine({ file: path, like, files }, async (bare) => {
    for (const [name, check] of Object.entries(cases)) {
      await context.step(`${kind}: ${name}`, () => check(bare));
    }
  });
}

Deno.test("one file: on a bare machine and on terminals", { ignore }, async (context) => {
  await inFreshFolder(async (folder) => {
    const files = await oneFiles(folder);
    await context.step("quiet on terminals", () => quietOnTerminals(folder, files));
    for (const file of files) await onABareMachine(context, file);
  });
});
