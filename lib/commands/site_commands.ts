/** Commands about schedulers and machines: their words and flags. */

import type { Context } from "../app/context.ts";
import type { AdapterFlags } from "./adapter.ts";
import type { DoctorFlags } from "./doctor.ts";
import { flag, text } from "./flag_kinds.ts";
import { buildCommand } from "./late_command.ts";

export const template = buildCommand<Record<never, never>, [string?], Context>({
  loader: () => import("./template.ts"),
  parameters: {
    flags: {},
    positional: {
      kind: "tuple",
      parameters: [{
        brief: "Name of a scheduler; without it, the names are listed",
        parse: String,
        placeholder: "NAME",
        optional: true,
      }],
    },
  },
  docs: {
    brief: "Print a scheduler's template of batch scripts",
    fullDescription:
      "It is a starting point for a site's own template, which a spec names as `template` in `batch`.\n\n" +
      "Examples:\n  maestro template slurm > site.sh",
  },
});

export const adapter = buildCommand<AdapterFlags, [string, string], Context>({
  loader: () => import("./adapter.ts"),
  parameters: {
    flags: {
      fake: text("Run whole studies on these commands, which answer like the scheduler's", "DIR"),
      real: flag("Run whole studies on the scheduler that PATH leads to"),
      limits: flag("The fake ends jobs at their walltime, a second for a minute"),
      recorded: text("Answers of the real scheduler: a folder with a folder for each version", "DIR"),
      update: flag("Write expected.txt of the recordings anew"),
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "test: the whole suite; check: what needs no process",
          parse: String,
          placeholder: "ACTION",
        },
        { brief: "A JavaScript file, or an adapter's name", parse: String, placeholder: "FILE" },
      ],
    },
  },
  docs: {
    brief: "Test the adapter of a scheduler",
    fullDescription:
      "Runs the suite that all adapters pass, and prints what passed, what failed, and what is not proven.\n" +
      "Exit code 0 if all passed, 65 if not.\n\n" +
      "Examples:\n  maestro adapter check my.js\n  maestro adapter test my.js --fake fake --recorded recorded",
  },
});

export const doctor = buildCommand<DoctorFlags, [string?], Context>({
  loader: () => import("./doctor.ts"),
  parameters: {
    flags: { json: flag("Print one JSON object with all findings") },
    positional: {
      kind: "tuple",
      parameters: [{
        brief: "Folder for studies (default: the current folder)",
        parse: String,
        placeholder: "DIR",
        optional: true,
      }],
    },
  },
  docs: {
    brief: "Check whether studies can run from here",
    fullDescription:
      "Checks this host, its limits, the file system of a folder, the schedulers, and the environment of cron. " +
      "Exit code 0 means that studies can run, 75 that they cannot.\n\n" +
      "Examples:\n  maestro doctor\n  maestro doctor /scratch/me",
  },
});
