/** Specs and steps that one program takes and the other refuses. */

import { type Rule, withNodes } from "./rule.ts";

/** Specs that the original refuses and we take. */
const ACCEPTED: readonly (Omit<Rule, "apply"> & { readonly error: RegExp })[] = [
  {
    name: "workspaces of any step",
    reason: "$(x.workspace) may name a step that this one does not depend on",
    betterFor:
      "who reads what an independent step wrote; whether the original takes it depends on the order of siblings",
    error: /^Exception: Workspace for '.*' is being used before it would be generated/,
  },
  {
    name: "steps in any order",
    reason: "A step may stand before those that it depends on",
    betterFor: "who sorts or splits a study",
    error: /^ValueError: Attempted to create edge \(.*\), but node .* does not exist/,
  },
  {
    name: "more keys",
    reason: "A step may have keys that the original does not know: shell, after, retry, env, mem and others",
    betterFor: "who needs them; no spec for the original has them",
    error:
      /^ValidationError: Unrecognized key '(shell|after|retry|env|mem|constraint|gres|args|batch|pack|results)' found in study step/,
  },
  {
    name: "more schedulers",
    reason:
      "batch.type may be any scheduler that we know, in capitals too, and needs neither host nor bank nor queue",
    betterFor: "who has PBS or Grid Engine, or no bank; the original's conductor dies",
    error: /adapter must be specfied in ScriptAdapterFactory|^KeyError: '(host|bank|queue)'/,
  },
  {
    name: "nothing is an empty section",
    reason: "A section with nothing in it is as good as absent",
    betterFor: "who comments the last item of a section out; the original ends with a traceback",
    error: /^KeyError: 'run\.depends'|'NoneType' object (is not subscriptable|has no attribute 'items')/,
  },
  {
    name: "more forms of parameters",
    reason:
      "A parameter may have a list of labels and a name, values may be ranges; beside a generator it is not read",
    betterFor: "who needs them: the original's code and docs have both, its schema refuses them",
    error:
      /label must be of type 'string', but found 'list'|is missing from global\.params|Unrecognized key '\w+' found in global\.params/,
  },
  {
    name: "every scalar is text",
    reason: "A number or a truth value is its text where a text is wanted",
    betterFor: "who names a step 5, or sets a variable to true; the original ends with a traceback",
    error:
      /must be of type 'string', but found '(int|float|bool)'|^KeyError: 'run\.(cmd|restart)'|^ValidationError: The value '(True|False)' in field variables/,
  },
  {
    name: "an equals sign is text",
    reason: "A lone = is text",
    betterFor: "who sweeps over operators; the original ends with a traceback",
    error: /^ConstructorError: could not determine a constructor for the tag 'tag:yaml\.org,2002:value'/,
  },
  {
    name: "long names",
    reason: "A name that is too long for a file system is cut, and gets a hash",
    betterFor: "who has long labels; the original's conductor dies",
    error: /File name too long/,
  },
  {
    name: "folders below the step's",
    reason: "A combination that is called .. has a folder of its own",
    betterFor: "who sweeps over paths: the original writes above the step's folder, or dies",
    error: /^FileExistsError: .*\/\.\.'$/,
  },
];

function acceptRule({ error, ...words }: typeof ACCEPTED[number]): Rule {
  return {
    ...words,
    apply: (theirs, ours) => ours.refused === null && error.test(theirs.refused ?? "") ? ours : theirs,
  };
}

/** Specs that we refuse and the original takes. */
const REFUSED: readonly (Omit<Rule, "apply"> & { readonly problem: RegExp })[] = [
  {
    name: "numbers are numbers",
    reason: "What a token makes of nodes, procs, gpus or walltime must be a number or a time",
    betterFor: "who would wait for a job with --nodes=alpha, which no scheduler takes",
    problem: /^error: "[\w ]+" of step ".*" must be (a whole number|a time such as|true or false)/m,
  },
  {
    name: "silent nothings are refused",
    reason: "A parameter without values, or a second step of a name, is an error",
    betterFor: "whose steps would vanish without a word",
    problem: /^error: (Parameter ".*" has no values|Two steps have the name)/m,
  },
  {
    name: "no Merlin specs",
    reason: "A spec for Merlin is an error where its samples or its own names would be ignored",
    betterFor: "who has a Merlin spec: the original runs it without its samples",
    problem: /^error: .*(is a Merlin spec|is Merlin's)/m,
  },
];

function refuseRule({ problem, ...words }: typeof REFUSED[number]): Rule {
  return {
    ...words,
    apply: (theirs, ours) =>
      theirs.refused === null && problem.test(ours.refused ?? "")
        ? { ...theirs, refused: ours.refused }
        : theirs,
  };
}

/** Scripts that the original dies over and we write. */
const WRITTEN: readonly (Omit<Rule, "apply"> & { readonly error: RegExp })[] = [
  {
    name: "walltimes in more forms",
    reason: "A walltime for Flux may be a fraction of minutes, or have a unit",
    betterFor: "who computes walltimes; the original's conductor dies",
    error: /^ValueError: Walltime value '.*' is not an integer or colon-separated string/,
  },
];

function writtenRule({ error, ...words }: typeof WRITTEN[number]): Rule {
  return {
    ...words,
    apply: (theirs, ours) =>
      withNodes(theirs, (node) => {
        const counterpart = ours.nodes.find(({ name }) => name === node.name);
        return node.died !== null && counterpart && error.test(node.died) ? { ...counterpart } : node;
      }),
  };
}

export const ACCEPTANCE_RULES: readonly Rule[] = [
  ...ACCEPTED.map(acceptRule),
  ...REFUSED.map(refuseRule),
  ...WRITTEN.map(writtenRule),
];
