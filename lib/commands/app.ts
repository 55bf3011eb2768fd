/** The command line: every command, its flags and its help. The code of a command is loaded when it runs. */

import { type Application, buildApplication, buildRouteMap, type Command, numberParser } from "@stricli/core";
import type { FlagTable } from "../command_line.ts";
import type { CancelFlags } from "./cancel.ts";
import { clean } from "./clean_flags.ts";
import type { ConductFlags } from "./conduct.ts";
import type { Context } from "../app/context.ts";
import { type CommandFacts, describe } from "./describe.ts";
import {
  directory,
  flag,
  flagTable,
  grouped,
  lookFlags,
  spec,
  specFlags,
  text,
  texts,
} from "./flag_kinds.ts";
import { conductSettings, runSettings, updateSettings } from "./setting_flags.ts";
import type { HoldFlags } from "./hold.ts";
import { buildCommand } from "./late_command.ts";
import type { LintFlags } from "./lint.ts";
import type { PlanFlags } from "./plan.ts";
import type { RerunFlags } from "./rerun.ts";
import type { ResumeFlags } from "./resume.ts";
import type { RunFlags } from "./run.ts";
import { adapter, doctor, template } from "./site_commands.ts";
import type { UpdateFlags } from "./update.ts";
import type { WaitFlags } from "./wait.ts";
import { usageText } from "./usage_text.ts";
import {
  completionsOf,
  events,
  exportCrate,
  graph,
  helpOf,
  list,
  logs,
  manOf,
  report,
  results,
  status,
  tui,
} from "./view_commands.ts";

const out = text("Folder of the study", "DIR", "<name>_<time> under the spec's OUTPUT_PATH");
const hashws = flag("Number workspaces instead of naming them by their parameters");
const foreground = flag("Stay in the foreground until the study has ended; also -fg");

const run = buildCommand<RunFlags, [string], Context>({
  loader: () => import("./run.ts"),
  parameters: {
    flags: {
      ...grouped("How to start", {
        autoyes: flag("Answer yes to all questions"),
        autono: flag("Answer no: create the study, but do not start it"),
        fg: foreground,
        dry: flag("Write all workspaces and scripts, but run nothing"),
        "trust-adapter": flag("Load the adapter file that the spec names, without a question"),
      }),
      ...runSettings,
      ...specFlags,
      ...grouped("Files", { out, hashws, usetmp: flag("Put scripts in a temporary folder") }),
    },
    aliases: {
      a: "attempts",
      r: "rlimit",
      t: "throttle",
      s: "sleeptime",
      o: "out",
      p: "pgen",
      y: "autoyes",
      n: "autono",
    },
    positional: { kind: "tuple", parameters: [spec] },
  },
  docs: {
    brief: "Start a study",
    fullDescription:
      "Creates a folder for the study, shows what will run, asks, and starts a conductor in the " +
      "background. The conductor continues after you log out.\n\n" +
      "Examples:\n" +
      "  maestro run study.yaml\n" +
      "  maestro run -y -fg study.yaml          runs in the foreground\n" +
      "  maestro run --dry -o out study.yaml    writes all scripts, runs none",
  },
});

const plan = buildCommand<PlanFlags, [string], Context>({
  loader: () => import("./plan.ts"),
  parameters: {
    flags: {
      json: flag("Print one JSON object with every node, command and script"),
      ...lookFlags,
      ...grouped("Files", { out, hashws }),
    },
    aliases: { o: "out", p: "pgen" },
    positional: { kind: "tuple", parameters: [spec] },
  },
  docs: {
    brief: "Show the nodes that a spec expands into, without writing anything",
    fullDescription:
      "Examples:\n  maestro plan study.yaml\n  maestro plan --json study.yaml | jq '.steps[].name'",
  },
});

const lint = buildCommand<LintFlags, string[], Context>({
  loader: () => import("./lint.ts"),
  parameters: {
    flags: {
      json: flag("Print one JSON object with all problems"),
      portable: flag("Do not check path dependencies: the spec is for another machine"),
      ...lookFlags,
    },
    aliases: { p: "pgen" },
    positional: { kind: "array", parameter: spec, minimum: 1 },
  },
  docs: {
    brief: "Report all problems of specs, without writing anything",
    fullDescription:
      "Exit code 0 means no errors, 65 means errors.\n\nExamples:\n  maestro lint study.yaml\n  maestro lint specs/*.yaml",
  },
});

const cancel = buildCommand<CancelFlags, string[], Context>({
  loader: () => import("./cancel.ts"),
  parameters: {
    flags: {
      autoyes: flag("Answer yes to all questions"),
      step: texts("Cancel only this step and its dependents", "NAME"),
      force: flag("Give up jobs whose scheduler does not answer: they may still run"),
      json: flag("Print one JSON object with the outcome for each study"),
    },
    aliases: { y: "autoyes" },
    positional: { kind: "array", parameter: directory, minimum: 1 },
  },
  docs: {
    brief: "Cancel studies and their jobs, and wait for their end",
    fullDescription: "Works with and without a conductor.\n\n" +
      "Examples:\n  maestro cancel last\n  maestro cancel -y --step simulate last",
  },
});

const conduct = buildCommand<ConductFlags, [string], Context>({
  loader: () => import("./conduct.ts"),
  parameters: {
    flags: {
      ...conductSettings,
      once: flag("Make one pass, then exit; for cron. Exit code 4 means that the study has not ended"),
      status: flag("No effect, as in Maestro; use `maestro status`"),
    },
    aliases: { t: "sleeptime", s: "status" },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Carry out a study that has been created, until it has ended",
    fullDescription:
      "`run` starts this command in the background. Exit code 0 means finished, 2 failed, 3 cancelled.\n\n" +
      "Examples:\n  maestro conduct out\n  maestro conduct --once out    for a line of crontab",
  },
});

const resume = buildCommand<ResumeFlags, [string], Context>({
  loader: () => import("./resume.ts"),
  parameters: {
    flags: {
      fg: foreground,
      "trust-adapter": flag("Use the study's adapter as it is now, even if it was changed"),
    },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Continue a study whose conductor is gone",
    fullDescription:
      "No step runs twice. Jobs that ended in the meantime count. Does nothing if the study has a conductor " +
      "or has ended.\n\nExamples:\n  maestro resume last",
  },
});

const rerun = buildCommand<RerunFlags, [string], Context>({
  loader: () => import("./rerun.ts"),
  parameters: {
    flags: {
      failed: flag("Rerun all steps that ended without finishing; the default"),
      step: texts("Rerun this step: a name in the status table, or a step of the spec", "NAME"),
      downstream: flag("Rerun their dependents, too; the default"),
      only: flag("Do not rerun their dependents"),
      dry: flag("Only print what would run again"),
      json: flag("Print one JSON object with the steps"),
    },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Run failed or chosen steps again, in the same study",
    fullDescription: "Keeps earlier logs, and continues the numbers of attempts.\n\n" +
      "Examples:\n  maestro rerun last\n  maestro rerun --step simulate_SIZE.10 last",
  },
});

const wait = buildCommand<WaitFlags, string[], Context>({
  loader: () => import("./wait.ts"),
  parameters: {
    flags: {
      timeout: {
        kind: "parsed",
        parse: numberParser,
        brief: "Stop waiting after this time",
        placeholder: "SEC",
        optional: true,
      },
      json: flag("Print one JSON object with the end of each study"),
    },
    positional: { kind: "array", parameter: directory, minimum: 1 },
  },
  docs: {
    brief: "Wait until studies have ended",
    fullDescription: "Exit code 0 means finished, 2 failed, 3 cancelled, 4 not ended in time.\n\n" +
      "Examples:\n  maestro wait last\n  maestro wait --timeout 3600 last && ./plot.sh",
  },
});

const hold = buildCommand<HoldFlags, [string], Context>({
  loader: async () => (await import("./hold.ts")).hold,
  parameters: {
    flags: { step: texts("Hold only this step", "NAME") },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Hold steps that have not started",
    fullDescription:
      "Without --step, holds all steps that have not started. `maestro release` lets them start.\n\n" +
      "Examples:\n  maestro hold --step plot last",
  },
});

const release = buildCommand<HoldFlags, [string], Context>({
  loader: async () => (await import("./hold.ts")).release,
  parameters: {
    flags: { step: texts("Release only this step", "NAME") },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Release held steps",
    fullDescription: "Without --step, releases all held steps.\n\nExamples:\n  maestro release last",
  },
});

const update = buildCommand<UpdateFlags, string[], Context>({
  loader: () => import("./update.ts"),
  parameters: {
    flags: updateSettings,
    positional: { kind: "array", parameter: directory, minimum: 1 },
  },
  docs: {
    brief: "Change settings of running studies",
    fullDescription:
      "For several studies, write an option once for all of them, or once for each in the same order. " +
      "Without options, asks for the settings.\n\nExamples:\n  maestro update --throttle 10 last",
  },
});

const schema = buildCommand<Record<never, never>, [], Context>({
  loader: () => import("./schema.ts"),
  parameters: { flags: {}, positional: { kind: "tuple", parameters: [] } },
  docs: {
    brief: "Print a JSON Schema of specs, for editors",
    fullDescription:
      "Editors with a YAML language server read the name of the file from the first line of a spec: " +
      "# yaml-language-server: $schema=maestro-schema.json\n\n" +
      "Examples:\n  maestro schema > maestro-schema.json",
  },
});

const help = helpOf(commandFacts, factsOf);

const completions = completionsOf(commandFacts);
const man = manOf(commandFacts);

/** All commands, under the headings of help. */
const GROUPS = {
  "Check a spec": { lint, plan, graph },
  "Run a study": { run, resume, rerun, conduct },
  "Watch": { status, tui, list, logs, events, wait },
  "Change a running study": { cancel, hold, release, update },
  "Use the results": { results, report, export: exportCrate, clean },
  "Set up": { doctor, template, adapter, schema, completions, man, help },
} as const;

const routes = {
  ...GROUPS["Check a spec"],
  ...GROUPS["Run a study"],
  ...GROUPS["Watch"],
  ...GROUPS["Change a running study"],
  ...GROUPS["Use the results"],
  ...GROUPS["Set up"],
};

/** The application that stricli runs: of one command, or of all if the first word names none. */
export function application(word?: string): Application<Context> {
  const one = Object.entries(routes).filter(([name]) => name === word);
  const root = buildRouteMap<string, Context>({
    // stricli compares the options of all commands that it receives, which builds them.
    routes: one.length === 1 ? Object.fromEntries(one) : routes,
    docs: { brief: "Runs studies of many steps" },
  });
  return buildApplication(root, {
    name: "maestro",
    scanner: { caseStyle: "original", allowArgumentEscapeSequence: true },
    localization: { text: usageText },
    documentation: { useAliasInUsageLine: true, onlyRequiredInUsageLine: true, disableAnsiColor: true },
  });
}

/** All commands as data. */
export function commandFacts(): CommandFacts[] {
  return Object.keys(routes).map((name) => factsOf(name)!);
}

/** One command as data. Undefined if there is none with this name. */
function factsOf(name: string): CommandFacts | undefined {
  const found = Object.entries<Readonly<Record<string, Command<Context>>>>(GROUPS)
    .find(([, commands]) => Object.hasOwn(commands, name));
  return found && describe(name, found[0], found[1][name]!);
}

/** Flags of each command, for `command_line.ts`. A table is made on request. */
export const FLAGS = Object.defineProperties(
  {},
  Object.fromEntries(
    Object.entries(routes).map((
      [name, command],
    ) => [name, { enumerable: true, get: () => flagTable(command) }]),
  ),
) as Readonly<Record<keyof typeof routes, FlagTable>>;
