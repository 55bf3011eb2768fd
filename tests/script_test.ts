import { adapterNames, ADAPTERS, findAdapter } from "../adapters/mod.ts";
import { UserError } from "../lib/errors.ts";
import { fillTemplate, jobName, renderScript, withOwnTemplate } from "../lib/plan/script.ts";
import type { Batch } from "../lib/spec/types.ts";
import type { Resources } from "../lib/plan/types.ts";
import type { ScriptRequest } from "../adapters/adapter.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "./assert.ts";

interface Wanted {
  name?: string;
  description?: string;
  resources?: Resources;
  batch?: Omit<Batch, "type">;
}

function request(
  type: string,
  { name = "a", description = "d", resources = {}, batch = {} }: Wanted,
): ScriptRequest {
  const { logName } = ADAPTERS[type]!;
  const job = jobName(name);
  return {
    jobName: job,
    description,
    resources,
    batch: { ...batch, type },
    out: logName(job, "out"),
    err: logName(job, "err"),
    workspace: "/w/a b",
  };
}

function script(type: string, wanted: Wanted, cmd = "./x", scheduled = true): string {
  return renderScript(ADAPTERS[type]!, request(type, wanted), cmd, scheduled);
}

/** The header lines alone, without the first. */
function header(type: string, wanted: Wanted): string[] {
  return script(type, wanted).split("\n\n")[0]!.split("\n").slice(1);
}

/** The one header line that begins so. */
function line(type: string, wanted: Wanted, start: string): string | undefined {
  return header(type, wanted).find((text) => text.startsWith(start));
}

const FLUX_END = '#flux: --cwd="/w/a b"';
const SLURM_END = ['#SBATCH --chdir="/w/a b"', "#SBATCH --open-mode=append"];

const SITE = { host: "h", bank: "b", queue: "q" };

Deno.test("a slurm script with every key", () => {
  const resources: Resources = {
    procs: 4,
    gpus: 1,
    walltime: "00:10:00",
    exclusive: true,
    qos: "high",
    "cores per task": 2,
  };
  const batch = {
    ...SITE,
    nodes: "3",
    procs: "12",
    reservation: "r",
    qos: "standby",
    shell: "/bin/sh",
    gpus: "2",
  };
  assertEquals(
    script("slurm", { description: 'two\nlines "quoted"', resources, batch }, "srun -n 4 -c 2 ./x"),
    `#!/bin/sh
#SBATCH --nodes=3
#SBATCH --partition=q
#SBATCH --account=b
#SBATCH --time=00:10:00
#SBATCH --job-name="a"
#SBATCH --output="a.%j.out"
#SBATCH --error="a.%j.err"
#SBATCH --comment "two lines 'quoted'"
#SBATCH --reservation="r"
#SBATCH --gres=gpu:1
#SBATCH --ntasks=4
#SBATCH --exclusive
#SBATCH --qos=high
#SBATCH --cpus-per-task=2
#SBATCH --chdir="/w/a b"
#SBATCH --open-mode=append

srun -n 4 -c 2 ./x
`,
  );
});

Deno.test("a slurm step overrides the batch, and has no --ntasks beside its nodes", () => {
  const batch = { ...SITE, nodes: "3", reservation: "r", qos: "standby" };
  assertEquals(
    header("slurm", { resources: { nodes: 2, procs: 8, reservation: "other", qos: "x" }, batch }),
    [
      "#SBATCH --nodes=2",
      "#SBATCH --partition=q",
      "#SBATCH --account=b",
      '#SBATCH --job-name="a"',
      '#SBATCH --output="a.%j.out"',
      '#SBATCH --error="a.%j.err"',
      '#SBATCH --comment "d"',
      '#SBATCH --reservation="other"',
      "#SBATCH --qos=x",
      "#SBATCH --mincpus=4",
      ...SLURM_END,
    ],
  );
});

Deno.test("--ntasks: procs without nodes, or procs in the batch", () => {
  const table: [Resources, Omit<Batch, "type">, string | undefined][] = [
    [{ procs: 2 }, {}, "#SBATCH --ntasks=2"],
    [{ procs: 2 }, { nodes: "0" }, "#SBATCH --ntasks=2"],
    [{ procs: 2 }, { nodes: "3" }, undefined],
    [{ nodes: 1, procs: 2 }, {}, undefined],
    [{ nodes: 1, procs: 2 }, { procs: "12" }, "#SBATCH --ntasks=2"],
    [{ nodes: 1 }, { procs: "12" }, "#SBATCH --ntasks=12"],
    [{ nodes: 1 }, {}, undefined],
  ];
  for (const [resources, batch, ntasks] of table) {
    assertEquals(
      line("slurm", { resources, batch }, "#SBATCH --ntasks"),
      ntasks,
      JSON.stringify([resources, batch]),
    );
  }
});

Deno.test("slurm: --mincpus is for the node with the most tasks; flux: gpus are for the node with the most", () => {
  const mincpus: [Resources, string | undefined][] = [
    [{ nodes: 2, procs: 5 }, "#SBATCH --mincpus=3"],
    [{ nodes: 2, procs: 5, "cores per task": 2 }, "#SBATCH --mincpus=6"],
    [{ nodes: 3 }, undefined],
    [{ nodes: 3, procs: 2 }, undefined],
    [{ nodes: 3, procs: 4 }, "#SBATCH --mincpus=2"],
    [{ nodes: 2, "cores per task": 2 }, "#SBATCH --mincpus=2"],
  ];
  for (const [resources, wanted] of mincpus) {
    assertEquals(line("slurm", { resources }, "#SBATCH --mincpus"), wanted, JSON.stringify(resources));
  }
  const gpus: [Resources, string][] = [
    [{ nodes: 2, procs: 2, gpus: 3 }, "2"],
    [{ nodes: 2, procs: 2, gpus: 4 }, "2"],
    [{ nodes: 3, procs: 3, gpus: 1 }, "1"],
    [{ procs: 2, gpus: 3 }, "3"],
  ];
  for (const [resources, wanted] of gpus) {
    assertEquals(line("flux", { resources }, "#flux: -g"), `#flux: -g ${wanted}`);
  }
});

Deno.test("an lsf script with every key", () => {
  const resources: Resources = { nodes: 2, procs: 8, walltime: "01:59:31" };
  const batch = { ...SITE, nodes: "3", reservation: "r", shell: "/bin/sh" };
  assertEquals(
    script("lsf", { resources, batch }, "jsrun --nrs 8 ./x"),
    `#!/bin/sh
#BSUB -nnodes 2
#BSUB -q q
#BSUB -G b
#BSUB -W 02:00
#BSUB -J a
#BSUB -o a.%J.out
#BSUB -U r
#BSUB -e a.%J.err

jsrun --nrs 8 ./x
`,
  );
});

Deno.test("lsf without -nnodes: slots and one requirement, mpirun, and the user's own lines unchanged", () => {
  const lacks = new Set(["bsub -nnodes", "bsub -G"]);
  const ofOld = (resources: Resources, batch = {}) => {
    const made = { ...request("lsf", { resources, batch: { ...SITE, ...batch } }), lacks };
    const cmd = "#BSUB -nnodes 7\n#BSUB -R select[mem>5]\n#BSUB -G mine\n./x";
    const [head, body] = renderScript(ADAPTERS["lsf"]!, made, cmd, true).split("./x")[0]!.split(
      "#BSUB -nnodes 7",
    );
    assertEquals(body, "\n#BSUB -R select[mem>5]\n#BSUB -G mine\n");
    return head!.split("\n").filter((line) => /-(nnodes|n|R|G|P) /.test(line));
  };
  const both = { mem: "4000", constraint: "avx" };
  assertEquals(ofOld({ procs: 3 }), ["#BSUB -n 3"]);
  assertEquals(ofOld({ nodes: 2 }), ["#BSUB -n 2", "#BSUB -R 'span[ptile=1]'"]);
  assertEquals(ofOld({ nodes: 2, procs: 5 }, both), [
    "#BSUB -n 5",
    "#BSUB -R 'select[avx] rusage[mem=4000] span[ptile=3]'",
  ]);
  // OpenLava takes one -R. One of the user's goes before ours.
  const args = '-R "select[mem>5]" -P proj7';
  assertEquals(ofOld({ nodes: 2 }, { ...both, args }), ["#BSUB -n 2", `#BSUB ${args}`]);
  const launched = ADAPTERS["lsf"]!.launcher({
    nodes: 2,
    procs: 5,
    resources: {},
    batch: { type: "lsf" },
    lacks,
  });
  assertEquals(launched, ["mpirun", "-n", "5"]);
});

Deno.test("lsf: what is not given is no line; nodes come from the step, the batch, or are 1", () => {
  const rest = ["#BSUB -J a", "#BSUB -o a.%J.out", "#BSUB -e a.%J.err"];
  assertEquals(header("lsf", { batch: { queue: "", bank: null } }), ["#BSUB -nnodes 1", ...rest]);
  assertEquals(header("lsf", { resources: { procs: 2 }, batch: { nodes: "3" } }), [
    "#BSUB -nnodes 3",
    ...rest,
  ]);
});

Deno.test("a flux script with every key", () => {
  const resources: Resources = { nodes: 2, procs: 8, walltime: "01:59:31" };
  const batch = { ...SITE, nodes: "3", uri: "ssh://node/flux", shell: "/bin/sh" };
  assertEquals(
    script("flux", { resources, batch }, "flux run -n 8 ./x"),
    `#!/bin/sh
#MAESTRO-INFO (flux_uri) ssh://node/flux
#flux: -N 2
#flux: -n 8
#flux: -t 7171.0s
#flux: -q q
#flux: --bank=b
#flux: --job-name="a"
#flux: --output=a.{{id}}.out
#flux: --error=a.{{id}}.err
#flux: --cwd="/w/a b"

flux run -n 8 ./x
`,
  );
  assertEquals(header("flux", { resources: { procs: 1 }, batch: { flux_uri: "local:///run/flux" } }), [
    "#MAESTRO-INFO (flux_uri) local:///run/flux",
    "#flux: -n 1",
    "#flux: -t 0s",
    '#flux: --job-name="a"',
    "#flux: --output=a.{{id}}.out",
    "#flux: --error=a.{{id}}.err",
    FLUX_END,
  ]);
  const more = { constraint: "gpu", args: ["--flags=debug", "-o verbose"] };
  assertEquals(
    header("flux", { resources: { procs: 1, waitable: true, priority: "high" }, batch: more }).slice(-5),
    [
      "#flux: --requires=gpu",
      "#flux: --urgency=24",
      "#flux: --flags=waitable",
      "#flux: --flags=debug",
      "#flux: -o verbose",
    ],
  );
});

Deno.test("flux: exclusive gives whole nodes; what has no key goes through allocation_args", () => {
  const names = ['#flux: --job-name="a"', "#flux: --output=a.{{id}}.out", "#flux: --error=a.{{id}}.err"];
  const resources: Resources = { nodes: 2, procs: 8, "cores per task": 4, gpus: 3 };
  assertEquals(header("flux", { resources, batch: SITE }), [
    ...["#flux: -N 2", "#flux: -n 8", "#flux: -t 0s", "#flux: -q q", "#flux: --bank=b"],
    ...[...names, "#flux: -c 4", "#flux: -g 2", FLUX_END],
  ]);
  const batch = {
    allocation_args: { conf: { a: { b: "1" } }, S: { c: "x y" }, exclusive: null, other: { d: "1" } },
  };
  assertEquals(header("flux", { resources, batch }), [
    ...["#flux: -N 2", "#flux: -t 0s", ...names, "#flux: --exclusive"],
    ...["#flux: --setattr=c=x y", "#flux: --conf=a.b=1", FLUX_END],
  ]);
  assertEquals(header("flux", { resources: { ...resources, exclusive: false }, batch })[1], "#flux: -n 8");
});

Deno.test("a pbs script with every key", () => {
  const resources: Resources = {
    nodes: 2,
    procs: 5,
    gpus: 1,
    "cores per task": 3,
    walltime: "90",
    exclusive: true,
  };
  const batch = {
    ...SITE,
    mem: "4gb",
    constraint: "arch=zen",
    shell: "/bin/sh",
    args: ["-m n", "-W umask=022"],
  };
  assertEquals(
    script("pbs", { name: "a (1)", resources, batch }, "mpiexec -n 5 ./x"),
    `#!/bin/sh
#PBS -N a__1_
#PBS -q q
#PBS -A b
#PBS -l select=1:ncpus=9:mpiprocs=3:ngpus=1:mem=4gb:arch=zen+1:ncpus=6:mpiprocs=2:ngpus=1:mem=4gb:arch=zen
#PBS -l place=scatter:excl
#PBS -l walltime=01:30:00
#PBS -S /bin/sh
#PBS -m n -W umask=022
: ; [ "\${PBS_ENVIRONMENT-}" != PBS_BATCH ] || cd '/w/a b' || exit 97

mpiexec -n 5 ./x
`,
  );
  const select = (resources: Resources) => line("pbs", { resources }, "#PBS -l select=")?.slice(15);
  assertEquals(select({ procs: 4 }), "4:ncpus=1:mpiprocs=1");
  assertEquals(select({ nodes: 2 }), "2:ncpus=1:mpiprocs=1");
  assertEquals(select({ nodes: 2, procs: 8 }), "2:ncpus=4:mpiprocs=4");
  assertEquals(select({ procs: 4, gpus: 2 }), "1:ncpus=4:mpiprocs=4:ngpus=2");
  assertEquals(line("pbs", { batch: { ...SITE, reservation: "R12" } }, "#PBS -q"), "#PBS -q R12");
});

Deno.test("an sge script with every key", () => {
  const resources: Resources = {
    nodes: 2,
    procs: 8,
    gpus: 1,
    walltime: "00:10:30",
    exclusive: true,
    reservation: "17",
  };
  const more = {
    mem: "4G",
    constraint: "arch=lx-*",
    project: "p",
    shell: "/bin/bash -l",
    args: ["-m n", "-R y"],
  };
  assertEquals(
    script("sge", { name: "1 a", resources, batch: { ...SITE, ...more } }, "mpirun -np 8 ./x"),
    `#!/bin/bash -l
#$ -N _1_a
#$ -S /bin/bash
#$ -wd '/w/a b'
#$ -q q
#$ -A b
#$ -P p
#$ -pe mpi 8
#$ -l h_rt=00:10:30
#$ -l gpu=1
#$ -l exclusive=true
#$ -l h_vmem=4G
#$ -l arch=lx-*
#$ -ar 17
#$ -o 1_a.$JOB_ID.out
#$ -e 1_a.$JOB_ID.err
#$ -m n -R y

mpirun -np 8 ./x
`,
  );
  const slots = (resources: Resources, batch = {}) => line("sge", { resources, batch }, "#$ -pe")?.slice(7);
  assertEquals(slots({ procs: 1 }), undefined);
  assertEquals(slots({ nodes: 1, procs: 4 }), "smp 4");
  assertEquals(slots({ procs: 2, "cores per task": 3 }), "smp 6");
  assertEquals(slots({ procs: 2 }, { pe: "orte" }), "orte 2");
});

Deno.test("what a site needs besides: mem, constraint, gres, args", () => {
  const batch = {
    mem: "4G",
    constraint: "a&b",
    gres: "fpga:1",
    args: ["--mail-type=END", "-x --hint='a b'"],
  };
  assertEquals(header("slurm", { resources: { procs: 1, gpus: 2 }, batch }).slice(3), [
    '#SBATCH --comment "d"',
    "#SBATCH --gres=gpu:2,fpga:1",
    "#SBATCH --ntasks=1",
    "#SBATCH --mem=4G",
    '#SBATCH --constraint="a&b"',
    ...SLURM_END,
    "#SBATCH --mail-type=END -x --hint='a b'",
  ]);
  // Maestro ignores `exclusive` here, and most queues refuse -x.
  assertEquals(header("lsf", { resources: { procs: 1, exclusive: true }, batch }).slice(4), [
    "#BSUB -R 'rusage[mem=4G]'",
    "#BSUB -R 'select[a&b]'",
    "#BSUB --mail-type=END -x --hint='a b'",
  ]);
  // A mapping is Maestro's for Flux's launcher.
  const args = { mpi: "spectrum", mem: "4G", x: null };
  for (const type of ["slurm", "lsf", "pbs", "sge"]) {
    assertEquals(header(type, { batch: { args } }), header(type, { batch: {} }), type);
  }
});

Deno.test("an unscheduled script names the shell and nothing else, whatever the scheduler", () => {
  for (const type of adapterNames) {
    assertEquals(script(type, { batch: SITE }, "./x\n", false), "#!/bin/bash\n\n./x\n\n");
    assertEquals(script(type, { batch: { shell: "/bin/bash -l" } }, "./x", false), "#!/bin/bash -l\n\n./x\n");
  }
  assertEquals(script("local", { resources: { nodes: 1 } }), "#!/bin/bash\n\n./x\n");
});

Deno.test("account and partition are other words for bank and queue", () => {
  const batch = { account: "b", partition: "q" };
  assertEquals(header("slurm", { batch }), header("slurm", { batch: SITE }));
  assertEquals(header("lsf", { batch }), header("lsf", { batch: SITE }));
  assertEquals(header("flux", { batch }), header("flux", { batch: SITE }));
});

Deno.test("walltimes in each scheduler's notation", () => {
  const table: [walltime: string, slurm: string | undefined, lsf: string | undefined, flux: string][] = [
    ["00:10:59", "00:10:59", "00:11", "659.0s"],
    ["00:59:01", "00:59:01", "01:00", "3541.0s"],
    ["100:00:00", "100:00:00", "100:00", "360000.0s"],
    ["12:59:61", "12:59:61", "13:01", "46801.0s"],
    ["10", "10", "10", "600s"],
    ["1:2", "1:2", "1:2", "62.0s"],
    ["1-00:00:00", "1-00:00:00", "24:00", "86400.0s"],
    ["5.5", "00:05:30", "00:06", "330.0s"],
    ["2h", "02:00:00", "02:00", "7200.0s"],
    ["inf", "0", undefined, "0s"],
    ["0", undefined, undefined, "0s"],
    ["", undefined, undefined, "0s"],
    ["soon", "soon", "soon", "soon"],
  ];
  for (const [walltime, slurm, lsf, flux] of table) {
    const wanted = { resources: { nodes: 1, walltime } };
    const after = (type: string, start: string) => line(type, wanted, start)?.slice(start.length);
    assertEquals(after("slurm", "#SBATCH --time="), slurm, walltime);
    assertEquals(after("lsf", "#BSUB -W "), lsf, walltime);
    assertEquals(after("flux", "#flux: -t "), flux, walltime);
  }
});

Deno.test("values cannot break out of their header line", () => {
  const description = 'end with a \\\nrm -rf "$HOME" `id` #\r\n';
  const batch = { bank: "b\nrm -rf ~", queue: "two words", qos: 'a"b#c\\' };
  const name = 'x "y" z\\';
  assertEquals(header("slurm", { name, description, batch }), [
    "#SBATCH --partition=two\\ words",
    "#SBATCH --account=b\\ rm\\ -rf\\ ~",
    `#SBATCH --job-name="x_'y'_z\\\\"`,
    `#SBATCH --output="x_'y'_z\\\\.%j.out"`,
    `#SBATCH --error="x_'y'_z\\\\.%j.err"`,
    "#SBATCH --comment \"end with a \\\\ rm -rf '$HOME' `id` #  \"",
    '#SBATCH --qos=a\\"b\\#c\\\\',
    ...SLURM_END,
  ]);
  assertEquals(header("lsf", { name: 'x "y" [1-9]\\ `id` $HOME', batch }), [
    "#BSUB -nnodes 1",
    "#BSUB -q 'two words'",
    "#BSUB -G 'b rm -rf ~'",
    "#BSUB -J 'x_y_(1-9)__id_$HOME'",
    "#BSUB -o 'x_y_[1-9]__id_$HOME.%J.out'",
    "#BSUB -e 'x_y_[1-9]__id_$HOME.%J.err'",
  ]);
  assertEquals(header("flux", { name, batch: { queue: "q\nid" } }), [
    "#flux: -t 0s",
    '#flux: -q "q id"',
    '#flux: --job-name="x_\\"y\\"_z\\\\"',
    '#flux: --output="x_\\"y\\"_z\\\\.{{id}}.out"',
    '#flux: --error="x_\\"y\\"_z\\\\.{{id}}.err"',
    FLUX_END,
  ]);
});

Deno.test("a description too long for Slurm is cut between characters", () => {
  const comment = line("slurm", { description: "日本".repeat(400) }, "#SBATCH --comment ")!;
  assert(/^#SBATCH --comment "[日本]+\.\.\."$/.test(comment), comment);
  const bytes = new TextEncoder().encode(comment).length;
  assert(bytes > 990 && bytes < 1030, String(bytes));
});

Deno.test("scripts with odd names, texts and keys are syntax to bash", async () => {
  const odd = [
    "a/b c",
    "x:y;z",
    "é.1",
    "it's",
    'q"q',
    "$(id)",
    "`id`",
    "a\nfi\nb",
    "{",
    "(",
    "<<EOF",
    "\\",
    "#",
    "%J",
  ];
  for (const type of adapterNames) {
    for (const name of odd) {
      const batch = { bank: name, queue: name, reservation: name, qos: name, nodes: name };
      const text = script(
        type,
        { name, description: name, resources: { procs: 2, walltime: name }, batch },
        "true",
      );
      const bash = new Deno.Command("bash", { args: ["-n"], stdin: "piped", stderr: "piped" }).spawn();
      const writer = bash.stdin.getWriter();
      await writer.write(new TextEncoder().encode(text));
      await writer.close();
      const { code, stderr } = await bash.output();
      assertEquals(new TextDecoder().decode(stderr), "", text);
      assertEquals(code, 0, text);
      // Comments and the command: nothing of a value became a command.
      const own = ["", "true", `: ; [ "\${PBS_ENVIRONMENT-}" != PBS_BATCH ] || cd '/w/a b' || exit 97`];
      assert(text.split("\n").every((part) => own.includes(part) || part.startsWith("#")), text);
    }
  }
});

Deno.test("fillTemplate drops notes and lines without a value, and reads no value again", () => {
  const template = "#!@shell@\n## a note with @anything@\n#X @a@ @b@\r\n#Y @c@\n\n#Z @a@ me@site.org\n";
  assertEquals(
    fillTemplate(template, { shell: "/bin/sh", a: "@c@", b: undefined, c: "1\n2" }),
    "#!/bin/sh\n#Y 1 2\n\n#Z @c@ me@site.org\n",
  );
});

Deno.test("an unknown field of a template is named, with the known ones", () => {
  const error = assertThrows(() => fillTemplate("#X @quue@", { queue: "q", bank: "b" }), UserError);
  assertEquals(error.message, "Unknown field @quue@ in a script template");
  assertEquals(error.hint, 'Did you mean "queue"? Known are @bank@, @queue@.');
});

Deno.test("a site's template takes the place of an adapter's", () => {
  const adapter = {
    ...ADAPTERS["slurm"]!,
    template: "#!@shell@\n#SBATCH -p @queue@ -C fast\nmodule load mpi\n",
  };
  assertEquals(
    renderScript(adapter, request("slurm", { batch: SITE }), "./x", true),
    "#!/bin/bash\n#SBATCH -p q -C fast\nmodule load mpi\n\n./x\n",
  );
});

Deno.test("a site's template of an earlier version gets the lines that it lacks, behind its head", () => {
  const old = "#!@shell@\n#SBATCH -p @queue@\n\nmodule load mpi\n";
  const wanted = { resources: { nodes: 1, procs: 4 }, batch: SITE };
  const made = (template: string) =>
    renderScript(withOwnTemplate(ADAPTERS["slurm"]!, template), request("slurm", wanted), "./x", true);
  const expected = "#!/bin/bash\n#SBATCH -p q\n#SBATCH --mincpus=4\n\nmodule load mpi\n\n./x\n";
  assertEquals(made(old), expected);
  const current = old.replace("\n\n", "\n#SBATCH --cpus-per-task=@cores@\n#SBATCH --mincpus=@mincpus@\n\n");
  assertEquals(made(current), expected);
  const pbs = ADAPTERS["pbs"]!;
  assertEquals(withOwnTemplate(pbs, "#!@shell@\n#PBS -o @out@\n").template, "#!@shell@\n#PBS -o @out@\n");
});

Deno.test("every adapter is found by its own name, and by no other word", () => {
  for (const name of adapterNames) {
    const adapter = findAdapter(name)!;
    assertEquals(adapter.name, name);
    assertEquals(adapter.infix, name === "local" ? "" : name);
    assertStringIncludes(adapter.template, "#!@shell@");
  }
  for (const word of ["constructor", "__proto__", "toString", "Slurm", ""]) {
    assertEquals(findAdapter(word), undefined, word);
  }
});
