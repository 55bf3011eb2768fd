/** What Maestro accepts we accept, and what it refuses we refuse or accept on purpose: the list is here. */

import { checkSpec, type KnownScheduler } from "../lib/spec/spec.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { bindStudy } from "../lib/plan/bind.ts";
import { assert, assertEquals } from "./assert.ts";

const GOLDEN = new URL("golden/", import.meta.url);
const SCHEDULERS: KnownScheduler[] = ["local", "slurm", "flux", "lsf", "pbs"].map((name) => ({
  name,
  batchKeys: [],
}));

/** Accepted by Maestro, refused by us. */
const REFUSED_BY_US: Readonly<Record<string, string>> = {
  "quirk-param-empty": 'Parameter "A" has no values',
  "quirk-steps-same-name": 'Two steps have the name "a"',
};

/** Refused by Maestro while it loads the spec. `true`: by us too; else why not. */
const LOAD: Readonly<Record<string, true | string>> = {
  "quirk-dep-null": "nothing is an empty list",
  "quirk-dep-text": true,
  "quirk-dep-twice": true,
  "quirk-description-no-name": true,
  "quirk-env-extra": true,
  "quirk-env-null": "nothing is an empty section",
  "quirk-label-list": "a list of labels is what Maestro's own samples promise",
  "quirk-no-description": true,
  "quirk-param-lengths": true,
  "quirk-param-name": "$(KEY.name) is documented by Maestro",
  "quirk-step-bad-type": "every scalar is text: a step may be named 5",
  "quirk-step-cmd-number": "every scalar is text",
  "quirk-step-empty-cmd": true,
  "quirk-step-extra-key": true,
  "quirk-step-no-cmd": true,
  "quirk-step-no-name": true,
  "quirk-step-no-run": true,
  "quirk-step-nodes-zero": true,
  "quirk-step-priority-bad": true,
  "quirk-step-procs-text": true,
  "quirk-study-mapping": true,
  "quirk-values-equals": "a plain = is text",
  "quirk-variable-bool": "every scalar is text",
  "quirk-variable-empty": true,
  "quirk-variable-list": true,
  "quirk-yaml-bad": true,
  "tests-duplicate_dependency": true,
  "tests-empty_variables": true,
  "tests-error_parameterized": true,
  "tests-extra_study_params": true,
  "tests-missing_step": true,
  "tests-missing_step_desc": true,
};

/** Refused by Maestro later on. `true`: by the check of the spec; else whose matter it is, or why it is accepted. */
const LATER: Readonly<Record<string, true | string>> = {
  "quirk-batch-unknown": "pbs is a scheduler here",
  "quirk-batch-uppercase": "types are read in any case",
  "quirk-dep-forward": "steps may be in any order",
  "quirk-dep-self": true,
  "quirk-dep-unknown": true,
  "quirk-funnel-unknown": true,
  "quirk-globals-null": "nothing is an empty section",
  "quirk-path-missing": "found when the study is run",
  "quirk-variable-dup-label": true,
  "quirk-variable-in-step-name": "names are replaced before steps are linked",
  "quirk-ws-after-param": "tokens that touch are told apart",
  "quirk-ws-not-ancestor": "the planner's matter",
  "quirk-ws-own": "the planner's matter",
  "quirk-ws-touching": "tokens that touch are told apart",
  "quirk-ws-unknown": "the planner's matter",
  "tests-lulesh_sample1_unix": "found when the study is run",
};

interface Expected {
  readonly ok: boolean;
  readonly error?: { readonly stage: string };
}

function read(name: string, file: string): string {
  return Deno.readTextFileSync(new URL(`${name}/${file}`, GOLDEN));
}

/** The errors of a golden spec, and its warnings. */
function check(name: string): { errors: string[]; warnings: string[] } {
  const { value, problems } = parseYaml(read(name, "spec.yaml"));
  const syntax = problems.some(({ level }) => level === "error");
  const all = syntax ? problems : [...problems, ...checkSpec(value, SCHEDULERS).problems];
  const messages = (wanted: string) =>
    all.filter(({ level }) => level === wanted).map(({ message }) => message);
  return { errors: messages("error"), warnings: messages("warning") };
}

const cases = [...Deno.readDirSync(GOLDEN)].filter(({ isDirectory }) => isDirectory).map(({ name }) => name)
  .sort();
const expected = new Map(cases.map((name) => [name, JSON.parse(read(name, "expected.json")) as Expected]));

Deno.test("checkSpec accepts every golden spec that Maestro accepts, with few exceptions", () => {
  const refused = cases.filter((name) => expected.get(name)!.ok).flatMap((name) => {
    const [error] = check(name).errors;
    return error === undefined ? [] : [[name, error]];
  });
  assertEquals(Object.fromEntries(refused), REFUSED_BY_US);
});

Deno.test("checkSpec refuses the golden specs that Maestro refuses, or accepts them on purpose", () => {
  const refused = cases.filter((name) => !expected.get(name)!.ok);
  assertEquals(refused, Object.keys({ ...LOAD, ...LATER }).sort());
  for (const name of refused) {
    const list = expected.get(name)!.error!.stage === "load" ? LOAD : LATER;
    const { errors } = check(name);
    assertEquals(errors.length > 0, list[name] === true, `${name}: ${errors.join("; ")}`);
  }
});

Deno.test("Maestro's own samples have no warning but right ones", () => {
  const warned = cases.filter((name) => name.startsWith("samples-")).map((name) => {
    const { value } = parseYaml(read(name, "spec.yaml"));
    const { spec } = checkSpec(value, SCHEDULERS);
    const { problems } = bindStudy(spec!, { root: "/o", specRoot: "/s", cwd: "/", hashWorkspaces: false });
    return [name, problems.map(({ level, message }) => `${level}: ${message}`)] as const;
  });
  assert(warned.length > 15);
  const unknown = (token: string) => `warning: $(${token}) in step "echo-params" is not defined in this spec`;
  assertEquals(Object.fromEntries(warned.filter(([, list]) => list.length > 0)), {
    // It is for a generator, which is not named here.
    "samples-batched_parameters-batched_parameters_demo": ["PARAM1", "PARAM2", "PARAM3"].map(unknown),
    "samples-hello_world-hello_world_multi": ['warning: No step uses parameter "GREETING"'],
  });
});

Deno.test("checkSpec warns of nothing in an ordinary golden spec", () => {
  // The random specs have "pre" here and there.
  const wanted = (message: string) => !/^Key "pre" .* is never used$/.test(message);
  const warned = cases.map((name) => [name, check(name).warnings.filter(wanted)] as const);
  assertEquals(Object.fromEntries(warned.filter(([, list]) => list.length > 0)), {
    "quirk-top-level-extra": ['Unknown key "extra" in the spec is ignored'],
    "quirk-yaml-dup-key": ["Duplicate key in one mapping: the last one counts"],
    "samples-lulesh-lulesh_sample1_unix_slurm": ['Unknown key "gres" in "batch" is ignored'],
  });
});
