/**
 * The head of the self-extracting file (.ci/head.sh), in every shell on this machine. A small script replaces
 * the runtime, so that a start takes milliseconds. onefile_bare_test.ts starts the real one.
 */

import { gunzipSync } from "node:zlib";
import { compile, misfitOf, type Tools } from "../.ci/compiled.ts";
import { billOfMaterials, npmRuntime } from "../.ci/release.ts";
import { selfExtracting, writeSelfExtracting } from "../.ci/self_extracting.ts";
import { hostTarget, machineOf, type Target, TARGETS } from "../.ci/targets.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "./assert.ts";
import { inFreshFolder, type Outcome } from "./maestro.ts";

/** Prints what it was started with. */
const RUNTIME = `#!/bin/sh
while [ "\${1##*/}" != start.js ]; do shift; done
printf '%s\\n' "$@" "file $MAESTRO_FILE" "deno $MAESTRO_HAD_DENO_DIR" "limit $(ulimit -v)"
[ "$2" != env ] || exec env
[ "$2" != given ] || tr '\\0' '\\n' <"/proc/$$/environ"
`;

const NO_PARTS: ReadonlyMap<string, string> = new Map();

const SHELLS = ["dash", "bash", "busybox", "ksh"].filter((name) =>
  ["/bin", "/usr/bin"].some((folder) => exists(`${folder}/${name}`))
);

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

interface Machine {
  /** An empty folder; the file is `maestro` in it, `home` is the home folder. */
  readonly folder: string;
  run(script: string, env?: Readonly<Record<string, string>>): Promise<Outcome>;
}

/** Calls `body` once for each shell, which then replaces /bin/sh. */
function eachShell(
  name: string,
  body: (machine: Machine) => Promise<void>,
  options: { target?: Target; change?: (file: Uint8Array) => Uint8Array; ignore?: boolean } = {},
): void {
  const { target = hostTarget(), change = (file) => file, ignore = false } = options;
  for (const shell of SHELLS) {
    Deno.test(
      `one file: ${name} (${shell})`,
      { ignore: ignore || Deno.build.os === "windows" },
      () =>
        inFreshFolder(async (folder) => {
          const file = change(selfExtracting(target, "// The program.\n", new TextEncoder().encode(RUNTIME)));
          await Deno.writeFile(`${folder}/maestro`, file, { mode: 0o755 });
          await Deno.mkdir(`${folder}/home`);
          const words = shell === "busybox" ? ["busybox", "sh"] : [shell];
          await body({
            folder,
            async run(script, env = {}) {
              const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
                args: ["-c", script],
                cwd: folder,
                clearEnv: true,
                env: {
                  PATH: "/usr/bin:/bin",
                  HOME: `${folder}/home`,
                  TMPDIR: `${folder}/tmp`,
                  M: [...words, `${folder}/maestro`].join(" "),
                  ...env,
                },
                stdin: "null",
              }).output();
              const text = new TextDecoder();
              return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
            },
          });
        }),
    );
  }
}

const cached = (folder: string) =>
  [...Deno.readDirSync(folder)].flatMap(({ name }) =>
    [...Deno.readDirSync(`${folder}/${name}`)].map((entry) => entry.name)
  ).sort();
const ALL = ["deno", "maestro.js", "ready", "start.js"];

eachShell(
  "the first start unpacks, later ones do not; words are handed over as they are",
  async ({ folder, run }) => {
    const first = await run(`$M run 'a b' '' '*' "c'd"`, { DENO_DIR: "/their/own" });
    const lines = [
      "run",
      "a b",
      "",
      "*",
      "c'd",
      `file ${folder}/maestro`,
      "deno /their/own",
      "limit unlimited",
    ];
    assertEquals(first.stderr, "");
    assertEquals(first.stdout.split("\n").slice(1, -1), lines);
    assertEquals(cached(`${folder}/home/.cache/maestro`), ALL);
    // Nothing is run but the shell itself.
    const later = await run("set -- $M; word=$(command -v $1); shift; PATH=/nowhere exec $word $@ run");
    assertEquals(later.stderr, "");
    assertEquals(later.stdout.split("\n")[1], "run");
  },
);

eachShell("functions that bash exported reach the program", async ({ run }) => {
  const functions = `'BASH_FUNC_ml%%=() {  echo "it'"'"'s $1"\n}' 'BASH_FUNC_a%%=() {  :\n}'`;
  const { stdout, stderr } = await run(`env ${functions} $M given`);
  assertEquals(stderr, "");
  assertStringIncludes(stdout, `BASH_FUNC_ml%%=() {  echo "it's $1"\n}\n`);
  assertStringIncludes(stdout, "BASH_FUNC_a%%=() {  :\n}\n");
}, { ignore: Deno.build.os !== "linux" });

/** A runtime that prints its environment: what the head changes in it, and what it keeps. */
eachShell("the environment of the user is set aside or left alone, never changed", async ({ run }) => {
  const names = [
    "name",
    "file",
    "id",
    "n",
    "user",
    "system",
    "machine",
    "at",
    "new",
    "try",
    "why",
    "said",
    "sum",
  ];
  const theirs = Object.fromEntries(names.map((name) => [name, `my ${name}`]));
  const runtimes = {
    DENO_DIR: "a b",
    DENO_LOG: "debug",
    DENO_V8_FLAGS: "--x",
    NODE_OPTIONS: "'$(x)' \"\\",
    OTEL_DENO: "",
  };
  // Twice: the first start also unpacks.
  for (const again of [false, true]) {
    const { stdout, stderr } = await run("$M env", { ...theirs, ...runtimes });
    assertEquals(stderr, "");
    const lines = new Set(stdout.split("\n"));
    for (const name of names) assert(lines.has(`${name}=my ${name}`), `${name}, again: ${again}\n${stdout}`);
    for (const [name, text] of Object.entries(runtimes)) {
      assert(lines.has(`MAESTRO_HAD_${name}=${text}`), `${name}\n${stdout}`);
    }
    for (const name of ["DENO_V8_FLAGS", "NODE_OPTIONS", "OTEL_DENO"]) {
      assertEquals(stdout.includes(`\n${name}=`), false, name);
    }
    assert(lines.has("DENO_LOG=error,deno::cache=off"), stdout);
    const ours = /^mae_\w*=/m.exec(stdout);
    assertEquals(ours, null);
  }
});

eachShell("a current folder that was deleted is reported", async ({ run, folder }) => {
  Deno.mkdirSync(`${folder}/gone`);
  const { code, stdout, stderr } = await run(`cd ${folder}/gone && rmdir ${folder}/gone && $M`);
  assertEquals([code, stdout], [66, ""]);
  assertStringIncludes(stderr, "error: The current folder does not exist any more\nhint: ");
});

eachShell("it knows its absolute path, however it is called", async ({ folder, run }) => {
  await Deno.symlink("maestro", `${folder}/conductor`);
  const called = ["./maestro", "home/../maestro", "conductor", "./conductor", "sh maestro"];
  for (const word of called) {
    const { stdout } = await run(`cd ${folder} && ${word}`, { PATH: `${folder}:/usr/bin:/bin` });
    const file = /^file (.*)$/m.exec(stdout)?.[1] ?? "";
    assertEquals(file.startsWith("/"), true, `${word}: ${stdout}`);
    assertEquals(file.split("/").at(-1), word.split(/[ /]/).at(-1));
    assertEquals(Deno.realPathSync(file), `${folder}/maestro`);
  }
});

eachShell("many first starts at once leave one whole copy", async ({ folder, run }) => {
  const { stdout } = await run("for n in 1 2 3 4 5 6 7 8; do $M & done; wait");
  assertEquals(stdout.match(/^file /gm)?.length, 8);
  assertEquals(cached(`${folder}/home/.cache/maestro`), ALL);
});

eachShell("XDG_CACHE_HOME first, then HOME, then TMPDIR", async ({ folder, run }) => {
  const at = async (env: Record<string, string>) =>
    /^(\/.*)\/[^/]+\/start\.js$/m.exec((await run("$M", env)).stdout)?.[1];
  assertEquals(await at({ XDG_CACHE_HOME: `${folder}/xdg` }), `${folder}/xdg/maestro`);
  assertEquals(await at({ XDG_CACHE_HOME: "not/absolute" }), `${folder}/home/.cache/maestro`);
  assertEquals(await at({ HOME: "/dev/null" }), `${folder}/tmp/maestro-${Deno.uid()}`);
  assertEquals(Deno.statSync(`${folder}/tmp/maestro-${Deno.uid()}`).mode! & 0o777, 0o700);
});

eachShell("another user's folder, or a link, is not trusted", async ({ folder, run }) => {
  Deno.mkdirSync(`${folder}/home/.cache/maestro`, { recursive: true });
  Deno.chmodSync(`${folder}/home/.cache/maestro`, 0o777);
  Deno.chownSync(`${folder}/home/.cache/maestro`, 65534, 65534);
  assertStringIncludes((await run("$M")).stdout, `${folder}/tmp/maestro-0/`);
  assertEquals([...Deno.readDirSync(`${folder}/home/.cache/maestro`)], []);
  Deno.removeSync(`${folder}/home/.cache/maestro`);
  Deno.symlinkSync(`${folder}/tmp/maestro-0`, `${folder}/home/.cache/maestro`);
  assertStringIncludes((await run("$M")).stdout, `${folder}/tmp/maestro-0/`);
}, { ignore: Deno.uid() !== 0 });

eachShell("a limit of the address space is raised, or explained", async ({ run }) => {
  assertStringIncludes((await run("ulimit -S -v 2000000; $M")).stdout, "limit unlimited");
  assertStringIncludes(
    (await run("ulimit -S -v 2000000; ulimit -H -v 40000000; $M")).stdout,
    "limit 40000000",
  );
  const { code, stderr } = await run("ulimit -v 9000000; $M");
  assertEquals([code, stderr.split("\n").map((line) => line.split(" ")[0])], [75, ["error:", "hint:", ""]]);
  assertStringIncludes(stderr, "limited to 8 GiB here");
}, { ignore: Deno.build.os !== "linux" });

const cut = (file: Uint8Array) => file.slice(0, -9);
eachShell("a file that was cut short is not unpacked", async ({ run, folder }) => {
  const { code, stdout, stderr } = await run("$M");
  assertEquals([code, stdout], [75, ""]);
  assertStringIncludes(stderr, `error: ${folder}/maestro is damaged: it has `);
}, { change: cut });

const flipped = (file: Uint8Array) => file.with(65_536 + 5, 0);
eachShell("a file that was changed on its way is not run", async ({ run }) => {
  const { code, stdout, stderr } = await run("$M", { HOME: "/dev/null", XDG_CACHE_HOME: "/dev/null" });
  assertEquals([code, stdout], [73, ""]);
  assertStringIncludes(stderr, "wrong checksum");
}, { change: flipped });

const elsewhere = { triple: "sparc", system: "SunOS", machine: "sun4v", loader: "/lib/ld.so.1", npm: "none" };
eachShell("another machine's file says so", async ({ run }) => {
  const { code, stderr } = await run("$M");
  assertEquals(code, 75);
  assertStringIncludes(stderr, "error: This file is for SunOS sun4v; this machine is ");
}, { target: elsewhere });

eachShell("an old or another C library is named", async ({ folder, run }) => {
  const says = async (text: string) => {
    await Deno.mkdir(`${folder}/bin`, { recursive: true });
    await Deno.writeTextFile(`${folder}/bin/getconf`, `#!/bin/sh\necho '${text}'\n`, { mode: 0o755 });
    return (await run("$M", { PATH: `${folder}/bin:/usr/bin:/bin` })).stderr.split("\n")[0];
  };
  const old =
    "error: This system's glibc is 2.17; maestro's runtime needs 2.27 or newer (RHEL 8, Ubuntu 18.04)";
  assertEquals(await says("glibc 2.17"), old);
  assertStringIncludes((await says("musl libc (x86_64)"))!, "C library is musl");
  assertEquals(await says("glibc 2.27"), "");
}, { ignore: Deno.build.os !== "linux" });

eachShell("without gzip it says so", async ({ folder, run }) => {
  Deno.mkdirSync(`${folder}/few`);
  for (const name of ["uname", "getconf", "wc", "id"]) {
    if (exists(`/usr/bin/${name}`)) Deno.symlinkSync(`/usr/bin/${name}`, `${folder}/few/${name}`);
  }
  const { code, stderr } = await run(
    `set -- $M; word=$(command -v $1); shift; PATH=${folder}/few exec $word $@`,
  );
  assertEquals([code, stderr.split("(")[0]], [
    75,
    "error: The first start of maestro needs gzip, which is not in PATH ",
  ]);
});

Deno.test("one file: the same source makes the same bytes, another program another file", () => {
  const make = (program: string) => selfExtracting(hostTarget(), program, new TextEncoder().encode(RUNTIME));
  assertEquals(make("1;\n"), make("1;\n"));
  const id = (file: Uint8Array) => /^mae_id=\S+/m.exec(new TextDecoder().decode(file))![0];
  assertEquals(id(make("1;\n")) === id(make("2;\n")), false);
});

Deno.test("one file: the bill of materials has every package of the lock file that is in it", () => {
  const npm = { "@a/b@1.2.3": { integrity: "sha512-AQI=" }, "c@4.5.6_d@1": { integrity: "sha512-/w==" } };
  const tests = { "playwright-core@1.2.3": { integrity: "sha512-AQI=" } };
  const bill = billOfMaterials({ npm: { ...npm, ...tests } }) as {
    components: { purl: string; hashes?: unknown }[];
  };
  const purls = ["pkg:npm/%40a/b@1.2.3", "pkg:npm/c@4.5.6", `pkg:npm/deno@${Deno.version.deno}`];
  assertEquals(bill.components.map(({ purl }) => purl), purls);
  assertEquals(bill.components[0]!.hashes, [{ alg: "SHA-512", content: "0102" }]);
});

Deno.test("one file: an executable shows its kind of machine; another kind is not packed", () =>
  inFreshFolder((folder) => {
    const head = (start: readonly number[], at: number, kind: readonly number[]) => {
      const bytes = new Uint8Array(64);
      bytes.set(start);
      bytes.set(kind, at);
      return bytes;
    };
    const [elf, mach] = [[0x7f, 0x45, 0x4c, 0x46], [0xcf, 0xfa, 0xed, 0xfe]];
    assertEquals(machineOf(head(elf, 18, [0x3e, 0])), "Linux x86_64");
    assertEquals(machineOf(head(elf, 18, [0xb7, 0])), "Linux aarch64");
    assertEquals(machineOf(head(mach, 4, [7, 0, 0, 1])), "Darwin x86_64");
    assertEquals(machineOf(head(mach, 4, [12, 0, 0, 1])), "Darwin arm64");
    assertEquals(machineOf(head(elf, 18, [0x15, 0])), "an unknown machine");
    assertEquals(machineOf(new TextEncoder().encode(RUNTIME.slice(0, 9))), "no machine");
    Deno.writeFileSync(`${folder}/deno`, head(elf, 18, [0xb7, 0]));
    assertThrows(
      () => writeSelfExtracting(hostTarget(), `${folder}/maestro`, NO_PARTS, `${folder}/deno`),
      Error,
    );
    assertEquals(exists(`${folder}/maestro`), false);
    return Promise.resolve();
  }));

Deno.test("one file: a denort of another version is named before anything is compiled", () =>
  inFreshFolder((folder) => {
    const denort = `${folder}/denort`;
    Deno.writeTextFileSync(denort, "\x7fELF ... Deno/2.6.10Deno/2.6.10+8871ade ...");
    assertEquals(misfitOf(denort, "2.6.8"), undefined);
    assertEquals(
      misfitOf(denort, "2.9.6"),
      `${denort} is of Deno 2.6.10, and Deno 2.9.6 needs a denort 2.9: ` +
        "name that with DENORT_BIN, or a Deno 2.6 with COMPILE_DENO",
    );
    assertEquals(misfitOf(`${folder}/none`, "2.9.6"), `there is no ${folder}/none`);
    return Promise.resolve();
  }));

Deno.test("one file: what is no Deno, or no denort, compiles nothing", async () => {
  const compiled = (tools: Tools) => compile(hostTarget(), "/nowhere/maestro", NO_PARTS, tools);
  assertEquals(await compiled({ COMPILE_DENO: "/bin/ls" }), { why: "COMPILE_DENO=/bin/ls is not a Deno" });
  assertEquals(await compiled({ DENORT_DIR: "/nowhere" }), {
    why: `there is no /nowhere/denort-${hostTarget().triple}`,
  });
});

const WHOLE = Deno.env.get("WHOLE") === "1";
/** The newest that npm ships for all machines; any will do here. */
const SHIPPED = "2.9.5";

Deno.test(
  "one file: what npm ships for other machines is in theirs (needs a network)",
  { ignore: !WHOLE },
  async (context) => {
    for (const target of TARGETS.filter((target) => target !== hostTarget())) {
      await context.step(target.triple, () =>
        inFreshFolder((folder) => {
          const runtime = npmRuntime(target, SHIPPED);
          if ("why" in runtime) throw new Error(runtime.why);
          try {
            writeSelfExtracting(target, `${folder}/maestro`, NO_PARTS, runtime.path, SHIPPED);
          } finally {
            Deno.removeSync(runtime.folder, { recursive: true });
          }
          const file = Deno.readFileSync(`${folder}/maestro`);
          const text = new TextDecoder("latin1").decode(file.subarray(0, 65_536));
          const block = Number(/bs=65536 skip=(\d+) 2>\/dev\/null \|\| :/.exec(text)![1]);
          const payload = gunzipSync(file.subarray(block * 65_536));
          assertEquals(machineOf(payload), `${target.system} ${target.machine}`);
          return Promise.resolve();
        }));
    }
  },
);
