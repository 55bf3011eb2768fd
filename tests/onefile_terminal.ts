/**
 * Every command of a built file on a terminal, and its bundle in a bare runtime. The runtime has a cache folder, and
 * therefore reports nothing. The outputs must be equal byte by byte: any difference is foreign output.
 */

import { adapterNames } from "../adapters/mod.ts";
import { commandFacts } from "../lib/commands/app.ts";
import { assertEquals } from "./assert.ts";
import { ROOT, VERSION } from "./maestro.ts";
import type { OneFile } from "./onefile_kinds.ts";

const [ROWS, COLUMNS] = [24, 80];

/** Command lines of each command: on `study`, which has ended, and with what else is in the folder. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  run: ["run --dry -y -o dry spec.yaml", "run -n -o laid spec.yaml", "run -y -fg -o ran spec.yaml"],
  plan: ["plan spec.yaml", `plan --run-generators ${ROOT}/samples/pgen_python.yaml`],
  lint: ["lint spec.yaml", "lint wrong.yaml", "lint nothing.yaml"],
  status: ["status study", "status --layout legacy study", "status --watch study", "status --json study"],
  tui: ["tui nothing"],
  list: ["list"],
  logs: ["logs study print"],
  events: ["events study"],
  graph: ["graph study --format mermaid"],
  results: ["results study"],
  report: ["report -o report.html study"],
  export: ["export -o crate.zip study"],
  wait: ["wait study"],
  cancel: ["cancel -y study"],
  hold: ["hold study"],
  release: ["release study"],
  update: ["update --throttle 3 study"],
  resume: ["resume study"],
  rerun: ["rerun study"],
  conduct: ["conduct laid"],
  schema: ["schema"],
  template: ["template slurm", "template nothing"],
  doctor: ["doctor"],
  adapter: ["adapter check slurm", "adapter test nothing.js"],
  completions: ["completions bash", "completions zsh", "completions fish"],
  man: ["man"],
  help: ["help", "help run"],
  clean: ["clean --dry-run study", "clean -y study"],
};

/** Environments of a terminal, as the words of env(1). */
const ENVIRONMENTS: Readonly<Record<string, string>> = {
  "a home": "TERM=xterm",
  "no home": "-u HOME TERM=xterm",
  "TERM=dumb": "TERM=dumb",
  "NO_COLOR": "TERM=xterm NO_COLOR=1",
};

/** A step, a hook, a generator and a pager that print the environment that they get. */
const SHOW_ENVIRONMENT =
  "env | grep -v -e ^_= -e PWD= -e ^SHLVL= -e ^PPID= -e MAESTRO_SPEC -e MAESTRO_OUTPUT | sort";
const FILES: Readonly<Record<string, string>> = {
  "spec.yaml": `description: {name: shown, description: Prints what it is given.}
batch: {type: local, shell: /bin/sh}
study:
  - {name: print, description: Prints., run: {cmd: "echo printed"}}
`,
  "wrong.yaml":
    "description: {name: wrong}\nstudy:\n  - {name: a, description: d, run: {cmd: x, depend: []}}\n",
  "environment.yaml": `description: {name: environment, description: Prints the environment.}
batch: {type: local, shell: /bin/sh}
conductor:
  on: {finished: "${SHOW_ENVIRONMENT} > hook.txt"}
study:
  - {name: print, description: Prints., run: {cmd: "${SHOW_ENVIRONMENT} > $(OUTPUT_PATH)/step.$(N).txt"}}
`,
  "generate.sh": `#!/bin/sh
${SHOW_ENVIRONMENT} > generator.txt
echo N
echo 1
`,
  "pager.sh": `#!/bin/sh\ncat >/dev/null; ${SHOW_ENVIRONMENT}\n`,
};

/** What a user may have set for another Deno, and variables that a shell script may have, too. */
const THEIRS =
  `DENO_DIR=/their/cache DENO_LOG=off DENO_V8_FLAGS=--max-lazy NODE_OPTIONS=--their-own OTEL_DENO= name=my file=my
  n=my id=my user=my system=my at=my new=my said=my why=my MAESTRO_OWN=my`.replace(/\s+/g, " ");

function script(withHelp: boolean): string {
  const known = commandFacts().map(({ name }) => name);
  const missing = known.filter((name) => LINES[name] === undefined);
  assertEquals(missing, [], "every command is tried on a terminal");
  const lines = [
    "--version",
    "--help",
    "nonsense",
    ...known.flatMap((name) => [...withHelp ? [`${name} --help`] : [], ...LINES[name]!]),
  ];
  const tried = lines.map((line) => `echo "== ${line}"; maestro ${line}; echo "-- $?"`);
  return [
    'cp -Rp "$STUDY" study',
    ...tried,
    "maestro run -o asked spec.yaml",
    'echo "== environment"',
    // A table that is longer than the terminal goes to the pager.
    `stty rows 4; env ${THEIRS} MANPAGER=./pager.sh maestro status study; stty rows ${ROWS}`,
    `env ${THEIRS} maestro run -y -fg -o environment -p generate.sh environment.yaml >/dev/null 2>&1`,
    "cat generator.txt environment/hook.txt environment/step.*.txt",
  ].join("\n") + "\n";
}

/** Runs the script on a terminal with a program as `maestro`; returns what was on the terminal. */
async function onTerminal(folder: string, program: string, environment: string): Promise<string> {
  const base = folder.slice(0, folder.lastIndexOf("/"));
  for (const name of ["bin", "home"]) Deno.mkdirSync(`${folder}/${name}`);
  Deno.symlinkSync(program, `${folder}/bin/maestro`);
  for (const [name, text] of Object.entries(FILES)) {
    Deno.writeTextFileSync(`${folder}/${name}`, text, { mode: name.endsWith(".sh") ? 0o755 : 0o644 });
  }
  // The help is the same whatever the environment.
  Deno.writeTextFileSync(`${folder}/script`, script(environment === ENVIRONMENTS["a home"]));
  const steps = [["expect", "[yn]"], ["send", "n\n"]].map((step) => JSON.stringify(step) + "\n").join("");
  Deno.writeTextFileSync(`${folder}/steps`, steps);
  const terminal = `python3 ${ROOT}/tests/on_terminal.py ${ROWS} ${COLUMNS}`;
  const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", `exec env ${environment} ${terminal} /bin/sh script <steps`],
    cwd: folder,
    clearEnv: true,
    env: {
      PATH: `${folder}/bin:/usr/bin:/bin`,
      HOME: `${folder}/home`,
      STUDY: `${base}/study`,
      XDG_CACHE_HOME: `${base}/cache`,
      DENO_DIR: `${base}/deno`,
      PAGER: "cat",
      MANPAGER: "cat",
      USER: "someone",
      LC_ALL: "C.UTF-8",
    },
  }).output();
  const text = new TextDecoder();
  assertEquals(text.decode(stderr), "");
  const output = text.decode(stdout);
  assertEquals(code, 0, output.slice(-2000));
  return output;
}

/** What `doctor` reports about schedulers, each with the lines below it. */
const SCHEDULER_LINES = new RegExp(`^ +[a-z]+ +(?:${adapterNames.join("|")}): .*\n(?: {8}.*\n)*`, "gm");

/** Without what differs from run to run: the folder, times, numbers of processes, the kind of program. */
function steady(output: string, folder: string): string {
  return output.replaceAll(folder, "FOLDER").replaceAll("\r\n", "\n")
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, "TIME").replace(/\d{8}-\d{6}\b/g, "TIME")
    .replace(/(fsync: |free \w+: |load: )[\d.,]+/g, "$1N").replace(/\b(pid|job) \d+/g, "$1 N")
    .replace(/("?(?:pid|jobId|at|Ms)"?: ?)"?\d+"?/g, "$1N")
    // Schedulers of this machine come and go: other tests stop and start them.
    .replace(SCHEDULER_LINES, "")
    // How the program starts itself again.
    .replace(/\* \/.* conduct --once/, "* maestro conduct --once")
    .replace(`maestro ${VERSION} (from source)`, `maestro ${VERSION} (KIND)`)
    .replace(/maestro \S+ \((compiled|self-extracting)\)/, `maestro ${VERSION} (KIND)`);
}

/** The bundle in a folder as a program, and a study in `study` that it has run. */
async function bareProgram(folder: string): Promise<string> {
  const path = `${folder}/bare`;
  if (Deno.readDirSync(folder).some(({ name }) => name === "study")) return path;
  const runtime = [
    Deno.execPath(),
    "run",
    "--allow-all",
    "--quiet",
    "--no-config",
    `${folder}/bundle/cli.js`,
  ];
  Deno.writeTextFileSync(path, `#!/bin/sh\nexec ${runtime.join(" ")} "$@"\n`, { mode: 0o755 });
  Deno.writeTextFileSync(`${folder}/spec.yaml`, FILES["spec.yaml"]!);
  const { code, stderr } = await new Deno.Command(path, {
    args: ["run", "-y", "-fg", "-o", "study", "spec.yaml"],
    cwd: folder,
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return path;
}

/** Compares files with the bundle in `${folder}/bundle`, in each environment. */
export async function quietOnTerminals(folder: string, files: readonly OneFile[]): Promise<void> {
  const bare = await bareProgram(folder);
  let runs = 0;
  for (const [name, environment] of Object.entries(ENVIRONMENTS)) {
    const run = async (program: string) => {
      // Always as long: a title is centred by the length of the path in it.
      const at = `${folder}/on_${String(runs++).padStart(3, "0")}`;
      Deno.mkdirSync(at);
      return steady(await onTerminal(at, program, environment), at);
    };
    const expected = await run(bare);
    for (const { kind, path } of files) assertEquals(await run(path), expected, `${kind}, with ${name}`);
  }
}
