import { ADAPTERS } from "../adapters/mod.ts";
import { nodeScripts } from "../lib/plan/node_script.ts";
import { isScheduled, schedulingOf } from "../lib/plan/scheduling.ts";
import { grow, typedResources } from "../lib/plan/resources.ts";
import type { Resources } from "../lib/plan/types.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "./assert.ts";
import { makePlan, type SpecWords, type StepWords } from "./make.ts";

const SITE = { host: "h", bank: "b", queue: "q" };

function scripts(type: string, step: StepWords, words: Partial<SpecWords> = {}, node = 0) {
  const more = { ...words.more, batch: { ...SITE, type } };
  const plan = makePlan({ ...words, steps: [step], more });
  return nodeScripts(plan, plan.nodes[node]!, ADAPTERS[type]!);
}

Deno.test("resources become typed, or are refused with what was wanted", () => {
  const read = (texts: Record<string, string>) => {
    const refused: string[] = [];
    const typed = typedResources(texts, (...told) => refused.push(told.join(" | ")));
    return { typed, refused };
  };
  assertEquals(
    read({
      nodes: "2",
      procs: "1_000",
      gpus: "0",
      "cores per task": "4.0",
      "rs per node": "3",
      exclusive: "yes",
      nested: "False",
      walltime: "00:10:00",
      reservation: "r",
      bind: "none",
      priority: "0.5",
      qos: "",
    }),
    {
      typed: {
        nodes: 2,
        procs: 1000,
        gpus: 0,
        "cores per task": 4,
        "rs per node": 3,
        exclusive: true,
        nested: false,
        walltime: "00:10:00",
        reservation: "r",
        bind: "none",
        priority: "0.5",
      },
      refused: [],
    },
  );
  assertEquals(read({ nodes: "0", procs: "two", exclusive: "2", walltime: "soon", gpus: "-1", qos: "x" }), {
    typed: { qos: "x" },
    refused: [
      "nodes | 0 | a whole number from 1",
      "procs | two | a whole number from 1",
      "exclusive | 2 | true or false",
      "walltime | soon | a time such as 10, 10:00 or 01:30:00",
      "gpus | -1 | a whole number from 0",
    ],
  });
  // A key that is not known is text.
  assertEquals(read({ constructor: "x" }).typed as Record<string, unknown>, { constructor: "x" });
});

Deno.test("a step is scheduled if it asks for nodes or procs and there is a scheduler", () => {
  const table: [type: string, resources: Resources, scheduled: boolean][] = [
    ["local", { nodes: 1, procs: 1 }, false],
    ["slurm", { nodes: 1 }, true],
    ["slurm", { procs: 1 }, true],
    ["slurm", { walltime: "10", gpus: 1 }, false],
    ["flux", {}, false],
  ];
  for (const [type, resources, scheduled] of table) {
    assertEquals(isScheduled(type, resources), scheduled, `${type} ${JSON.stringify(resources)}`);
  }
});

Deno.test("schedulingOf decides by node, with or without parameters", () => {
  const batch = { ...SITE, type: "slurm" };
  const steps: StepWords[] = [
    ["fixed", "$(P)", [], { resources: { procs: "2" } }],
    ["none", "$(P)"],
    ["some", "$(P)", [], { resources: { procs: "$(P)" } }],
  ];
  const plan = makePlan({
    steps,
    parameters: { P: ["", "4"] },
    labels: { P: ["no", "yes"] },
    more: { batch },
  });
  const scheduled = schedulingOf(plan, "slurm");
  assertEquals(
    plan.nodes.filter(({ index }) => scheduled(index)).map(({ name }) => name),
    ["fixed_no", "fixed_yes", "some_yes"],
  );
  const local = schedulingOf(plan, "local");
  assertEquals(plan.nodes.some(({ index }) => local(index)), false);
});

Deno.test("a scheduled script has its header, its launcher and its restart beside it", () => {
  const resources = { nodes: "1", procs: "$(P)", walltime: "10" };
  const step: StepWords = ["run me", "$(LAUNCHER) ./x $(P)", [], {
    resources,
    restart: "$(LAUNCHER)[2p] ./x again",
  }];
  const found = scripts("slurm", step, { parameters: { P: ["4"] } });
  assertEquals([found.scheduled, found.problems], [true, []]);
  assertEquals(found.script.file, "run_me_P.4.slurm.sh");
  assertEquals(found.restart!.file, "run_me_P.4.restart.slurm.sh");
  assertStringIncludes(found.script.text, "\n#SBATCH --nodes=1\n");
  assertStringIncludes(found.script.text, '\n#SBATCH --output="run_me_P.4.%j.out"\n');
  assertMatch(found.script.text, /\n\nsrun -n 4 -N 1 \.\/x 4\n$/);
  assertMatch(found.restart!.text, /\n\nsrun -n 2 \.\/x again\n$/);
});

Deno.test("a script that runs here has no header and no launcher, whatever the scheduler", () => {
  for (const type of Object.keys(ADAPTERS)) {
    const found = scripts(type, ["s", "$(LAUNCHER)[2n, 4p] ./x\n$(LAUNCHER) ./y\n"]);
    assertEquals([found.scheduled, found.script.text], [false, "#!/bin/bash\n\n./x\n./y\n\n"], type);
    assertEquals(found.restart, undefined);
  }
});

Deno.test("a script has the node's whole name, as long as that fits with its ending", () => {
  const names = (length: number) => {
    const plan = makePlan({
      steps: [["s", "$(V)", [], { restart: "again" }]],
      parameters: { V: ["x".repeat(length)] },
      labels: { V: ["x".repeat(length)] },
    });
    const { script, restart } = nodeScripts(plan, plan.nodes[0]!, ADAPTERS["local"]!);
    return [script.file, restart!.file];
  };
  const whole = (length: number) => `s_${"x".repeat(length)}`;
  assertEquals(names(10), [`${whole(10)}.sh`, `${whole(10)}.restart.sh`]);
  const [script, restart] = names(250);
  assertEquals(script, `${whole(250)}.sh`);
  assert(/^s_x+-[0-9a-f]{8}\.restart\.sh$/.test(restart!) && restart!.length <= 255, restart);
  assert(names(255).every((name) => name.length <= 255));
});

Deno.test("job and logs have the node's name, where nobody reads something into it", () => {
  const table: [value: string, job: string][] = [
    ["1", "s_1"],
    ["a b", "s_a_b"],
    ["x=1:2+3;*", "s_x=1:2+3;*"],
    ["é", "s_é"],
    ["a/b", "s_ab"],
    ["50%", "s_50"],
    ["a\\b", "s_ab"],
    ["it's", "s_its"],
    ["a\nb", "s_ab"],
    ["{{id}}", "s_id"],
  ];
  for (const [value, job] of table) {
    const step: StepWords = ["s", "$(V)", [], { resources: { procs: "1" } }];
    const { script, request } = scripts("slurm", step, {
      parameters: { V: [value] },
      labels: { V: [value] },
    });
    const safe = job.replace(/[^-_.() A-Za-z0-9]/g, "");
    assertEquals(request.jobName.replace(/-[0-9a-f]{8}$/, ""), job, value);
    assertEquals(request.out, `${request.jobName}.out`);
    assertEquals(script.file.replace(/-[0-9a-f]{8}/, ""), `${safe}.slurm.sh`, value);
  }
  const long = "x".repeat(5000);
  const { request, script } = scripts("slurm", ["s", "$(V)", [], { resources: { procs: "1" } }], {
    parameters: { V: [long] },
    labels: { V: [long] },
  });
  assertMatch(request.jobName, /^s_x{227}-[0-9a-f]{8}$/);
  assertEquals(script.file, `${request.jobName}.slurm.sh`);
});

Deno.test("what only shows in a node is reported with its parameters", () => {
  const step: StepWords = ["s", "$(LAUNCHER)[9p] ./x", [], { resources: { procs: "4", nodes: "$(N)" } }];
  const { problems } = scripts("slurm", step, { parameters: { N: ["2", "many"] } }, 1);
  assertEquals(problems.map(({ message, path }) => [message, path.join(".")]), [
    ['"nodes" of step "s" must be a whole number from 1, but is "many" for N=many', "study.0.run.nodes"],
    ['In step "s": $(LAUNCHER)[9p] asks for 9 procs, but the step has 4', "study.0.run.cmd"],
  ]);
});

Deno.test("later attempts have separate logs; retries increase the resources of the policy", () => {
  const retry = { limit: 3, delay: 0, on: ["any"], scale: { procs: 2 } };
  const step: StepWords = ["s", "$(LAUNCHER) x", [], { resources: { procs: "3" }, retry }];
  const plan = makePlan({ steps: [step], more: { batch: { ...SITE, type: "slurm" } } });
  const again = nodeScripts(plan, plan.nodes[0]!, ADAPTERS["slurm"]!, { attempt: 3, retries: 2 });
  assertEquals([again.request.out, again.request.err], ["s.3.out", "s.3.err"]);
  assertMatch(again.script.text, /\nsrun -n 12 x\n$/);
  assertEquals(again.script.file, "s.slurm.sh");
});

Deno.test("each retry multiplies once more; counts and seconds are rounded up", () => {
  const table: [scale: Record<string, number>, retries: number, grown: Resources][] = [
    [{ procs: 3 }, 0, {}],
    [{ procs: 3 }, 1, { procs: 9 }],
    [{ procs: 3 }, 3, { procs: 81 }],
    [{ procs: 1.5 }, 1, { procs: 5 }],
    [{ procs: 1.5 }, 3, { procs: 11 }],
    [{ walltime: 1.5 }, 1, { walltime: "00:01:32" }],
    [{ walltime: 3 }, 4, { walltime: "01:22:21" }],
    [{ walltime: 10, nodes: 2 }, 3, { walltime: "16:56:40", nodes: 16 }],
    [{ gpus: 2 }, 3, {}],
  ];
  for (const [scale, retries, grown] of table) {
    const before: Resources = { procs: 3, nodes: 2, walltime: "00:01:01" };
    const after = { ...before };
    grow(after, scale, retries);
    assertEquals(after, { ...before, ...grown }, JSON.stringify([scale, retries]));
  }
  for (const walltime of ["inf", "later"]) {
    const after: Resources = { walltime };
    grow(after, { walltime: 2 }, 1);
    assertEquals(after, { walltime });
  }
});
