/** The command line: every command, its flags and its help. The commands themselves are loaded when they are run. */

import { type Application, buildApplication, buildRouteMap, numberParser } from "@stricli/core";
import type { FlagTable } from "../command_line.ts";
import type { CancelFlags } from "./cancel.ts";
import type { ConductFlags } from "./conduct.ts";
import type { Context } from "../app/context.ts";
import { type CommandFacts, describe } from "./describe.ts";
import { directory, flag, flagTable, spec, specFlags, text, texts } from "./flag_kinds.ts";
import { conductSettings, runSettings, updateSettings } from "./setting_flags.ts";
import type { DoctorFlags } from "./doctor.ts";
import type { HoldFlags } from "./hold.ts";
import { buildCommand } from "./late_command.ts";
import type { LintFlags } from "./lint.ts";
import type { PlanFlags } from "./plan.ts";
import type { RerunFlags } from "./rerun.ts";
import type { ResumeFlags } from "./resume.ts";
import type { ResultsFlags } from "./results.ts";
import type { RunFlags } from "./run.ts";
import type { UpdateFlags } from "./update.ts";
import type { WaitFlags } from "./wait.ts";
import { usageText } from "./usage_text.ts";
import {
  completionsOf,
  events,
  exportCrate,
  graph,
  list,
  logs,
  manOf,
  report,
  status,
} from "./view_commands.ts";

const out = text(
  "Folder of the study, exactly so; default <name>_<time> under the spec's OUTPUT_PATH",
  "DIR",
);

const run = buildCommand<RunFlags, [string], Context>({
  loader: () => import("./run.ts"),
  parameters: {
    flags: {
      ...runSettings,
      ...specFlags,
      out,
      dry: flag("Write all workspaces and scripts, run nothing"),
      fg: flag("Stay in the foreground until the study has ended (also -fg)"),
      hashws: flag("Number workspaces instead of naming them by their parameters"),
      usetmp: flag("Put scripts in a temporary folder"),
      autoyes: flag("Answer yes to questions"),
      autono: flag("Answer no: lay the study out, do not launch it"),
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
    brief: "Launch a study",
    fullDescription:
      "Lays a study out and launches it. Options of all commands stand before or after the command:\n" +
      "  -d 1..5 (debug to critical), -l DIR (folder for logs), -c (log to the terminal).\n\n" +
      "Examples:\n" +
      "  maestro run study.yaml            asks, then runs in the background\n" +
      "  maestro run -y -fg study.yaml     runs here, to the end\n" +
      "  maestro run --dry -o out study.yaml    writes all scripts, runs none",
  },
});

const plan = buildCommand<PlanFlags, [string], Context>({
  loader: () => import("./plan.ts"),
  parameters: {
    flags: {
      json: flag("One JSON object with every step, command and script"),
      ...specFlags,
      out,
      hashws: flag("Number workspaces instead of naming them by their parameters"),
    },
    aliases: { o: "out", p: "pgen" },
    positional: { kind: "tuple", parameters: [spec] },
  },
  docs: {
    brief: "Show what a spec expands into; writes nothing",
    fullDescription:
      "Examples:\n  maestro plan study.yaml\n  maestro plan --json study.yaml | jq '.steps[].name'",
  },
});

const lint = buildCommand<LintFlags, string[], Context>({
  loader: () => import("./lint.ts"),
  parameters: {
    flags: {
      json: flag("One JSON object with every problem"),
      portable: flag("Do not look for path dependencies: the spec is for another machine"),
      ...specFlags,
    },
    aliases: { p: "pgen" },
    positional: { kind: "array", parameter: spec, minimum: 1 },
  },
  docs: {
    brief: "Show all that is wrong with specs; creates nothing",
    fullDescription:
      "Exit code 0 without errors, 65 with.\n\nExamples:\n  maestro lint study.yaml\n  maestro lint specs/*.yaml",
  },
});

const cancel = buildCommand<CancelFlags, string[], Context>({
  loader: () => import("./cancel.ts"),
  parameters: {
    flags: {
      autoyes: flag("Answer yes to questions"),
      step: texts("Only this step, and those behind it", "NAME"),
    },
    aliases: { y: "autoyes" },
    positional: { kind: "array", parameter: directory, minimum: 1 },
  },
  docs: {
    brief: "Cancel studies, and wait until they are",
    fullDescription:
      "Works with and without a conductor.\n\nExamples:\n  maestro cancel -y my_study_20260131-120000",
  },
});

const conduct = buildCommand<ConductFlags, [string], Context>({
  loader: () => import("./conduct.ts"),
  parameters: {
    flags: {
      ...conductSettings,
      once: flag("One pass, then exit; for cron. Exit code 4: not ended yet"),
      status: flag("Without effect, as in Maestro; `maestro status` shows how a study stands"),
    },
    aliases: { t: "sleeptime", s: "status" },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Carry out a study that is laid out, until it has ended",
    fullDescription: "What `run` starts in the background. Exit code 0 finished, 2 failed, 3 cancelled.\n\n" +
      "Examples:\n  maestro run -n -o out study.yaml\n  maestro conduct out",
  },
});

const resume = buildCommand<ResumeFlags, [string], Context>({
  loader: () => import("./resume.ts"),
  parameters: {
    flags: { fg: flag("Stay in the foreground until the study has ended (also -fg)") },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Take up a study whose conductor is gone",
    fullDescription:
      "Nothing that ran runs again; what ended meanwhile counts. Harmless on a study that is conducted or\n" +
      "has ended.\n\nExamples:\n  maestro resume my_study_20260131-120000",
  },
});

const rerun = buildCommand<RerunFlags, [string], Context>({
  loader: () => import("./rerun.ts"),
  parameters: {
    flags: {
      failed: flag("All steps that ended without finishing; the default"),
      step: texts(
        "This step: a name in the status table, or a step of the spec for all its combinations",
        "NAME",
      ),
      downstream: flag("And all steps behind them; the default"),
      only: flag("Not the steps behind them"),
      dry: flag("Only say what would run again"),
    },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Run failed or chosen steps again, in the same study",
    fullDescription: "Earlier logs are kept; attempts are counted on.\n\n" +
      "Examples:\n  maestro rerun my_study_20260131-120000\n  maestro rerun --step simulate_SIZE.10 my_study_20260131-120000",
  },
});

const wait = buildCommand<WaitFlags, string[], Context>({
  loader: () => import("./wait.ts"),
  parameters: {
    flags: {
      timeout: {
        kind: "parsed",
        parse: numberParser,
        brief: "Wait no longer than this",
        placeholder: "SEC",
        optional: true,
      },
    },
    positional: { kind: "array", parameter: directory, minimum: 1 },
  },
  docs: {
    brief: "Sleep until studies have ended",
    fullDescription: "Exit code 0 finished, 2 failed, 3 cancelled, 4 not ended in time.\n\n" +
      "Examples:\n  maestro wait --timeout 3600 my_study_20260131-120000 && ./plot.sh",
  },
});

const hold = buildCommand<HoldFlags, [string], Context>({
  loader: async () => (await import("./hold.ts")).hold,
  parameters: {
    flags: { step: texts("This step; default all that have not started", "NAME") },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Keep steps that have not started from starting",
    fullDescription: "Examples:\n  maestro hold --step plot my_study_20260131-120000",
  },
});

const release = buildCommand<HoldFlags, [string], Context>({
  loader: async () => (await import("./hold.ts")).release,
  parameters: {
    flags: { step: texts("This step; default all that are held", "NAME") },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Let held steps start again",
    fullDescription: "Examples:\n  maestro release my_study_20260131-120000",
  },
});

const update = buildCommand<UpdateFlags, string[], Context>({
  loader: () => import("./update.ts"),
  parameters: {
    flags: updateSettings,
    positional: { kind: "array", parameter: directory, minimum: 1 },
  },
  docs: {
    brief: "Change how studies are conducted, while they are",
    fullDescription:
      "One value for all studies, or a flag repeated once for each. Without flags it asks.\n\n" +
      "Examples:\n  maestro update --throttle 10 my_study_20260131-120000",
  },
});

const results = buildCommand<ResultsFlags, [string], Context>({
  loader: () => import("./results.ts"),
  parameters: {
    flags: {
      csv: flag("Comma-separated, with a row of names"),
      json: flag("One JSON object"),
    },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Show parameters and results as one table",
    fullDescription:
      "What the steps' `results` in the spec pick from the output of steps that have finished.\n\n" +
      "Examples:\n  maestro results my_study_20260131-120000\n" +
      "  maestro results --csv my_study_20260131-120000 > results.csv",
  },
});

const schema = buildCommand<Record<never, never>, [], Context>({
  loader: () => import("./schema.ts"),
  parameters: { flags: {}, positional: { kind: "tuple", parameters: [] } },
  docs: {
    brief: "Print the JSON Schema of specs, for editors",
    fullDescription: "Examples:\n  maestro schema > maestro-schema.json\n\n" +
      "A spec names it in its first line, for editors with a YAML language server:\n" +
      "  # yaml-language-server: $schema=maestro-schema.json",
  },
});

const template = buildCommand<Record<never, never>, [string?], Context>({
  loader: () => import("./template.ts"),
  parameters: {
    flags: {},
    positional: {
      kind: "tuple",
      parameters: [{ brief: "A scheduler", parse: String, placeholder: "NAME", optional: true }],
    },
  },
  docs: {
    brief: "Print a scheduler's batch script, to start a site's own from",
    fullDescription:
      "Without a name: which there are. A spec names a site's own as `template` in its `batch`.\n\n" +
      "Examples:\n  maestro template slurm > site.sh",
  },
});

const doctor = buildCommand<DoctorFlags, [string?], Context>({
  loader: () => import("./doctor.ts"),
  parameters: {
    flags: { json: flag("One JSON object with every finding") },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Folder; default this one", parse: String, placeholder: "DIR", optional: true }],
    },
  },
  docs: {
    brief: "Tell whether studies can be run from here",
    fullDescription:
      "Looks at this host, its limits, the file system of a folder, schedulers, and what cron would miss.\n" +
      "Exit code 0 if nothing stops a study, 75 if something does.\n\n" +
      "Examples:\n  maestro doctor\n  maestro doctor /scratch/me",
  },
});

const completions = completionsOf(commandFacts);
const man = manOf(commandFacts);

const routes = {
  run,
  plan,
  lint,
  status,
  list,
  logs,
  events,
  graph,
  results,
  report,
  export: exportCrate,
  wait,
  cancel,
  hold,
  release,
  update,
  resume,
  rerun,
  conduct,
  schema,
  template,
  doctor,
  completions,
  man,
};

/** The application, for stricli to run: of one command, or of all where the first word is the name of none. */
export function application(word?: string): Application<Context> {
  const one = Object.entries(routes).filter(([name]) => name === word);
  const root = buildRouteMap<string, Context>({
    // stricli compares the options of all commands that it gets, and so builds them.
    routes: one.length === 1 ? Object.fromEntries(one) : routes,
    docs: {
      brief: "The Maestro Workflow Conductor: specifies, launches and manages studies",
      fullDescription: "The Maestro Workflow Conductor: specifies, launches and manages studies.\n\n" +
        "Examples:\n  maestro run study.yaml\n  maestro status study_20260131-120000\n  maestro COMMAND --help",
    },
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
  return describe(routes);
}

/** Flags of each command, for `command_line.ts`. A table is made when it is asked for. */
export const FLAGS = Object.defineProperties(
  {},
  Object.fromEntries(
    Object.entries(routes).map((
      [name, command],
    ) => [name, { enumerable: true, get: () => flagTable(command) }]),
  ),
) as Readonly<Record<keyof typeof routes, FlagTable>>;
