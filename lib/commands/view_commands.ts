/** The commands that look at studies and change nothing: their flags and their help. */

import type { Context } from "../app/context.ts";
import type { CommandFacts } from "./describe.ts";
import type { EventsFlags } from "./events.ts";
import type { ExportFlags } from "../app/export_files.ts";
import { directory, flag, number, specFlags, text, texts } from "./flag_kinds.ts";
import type { GraphFlags } from "./graph.ts";
import { buildCommand } from "./late_command.ts";
import type { ListFlags } from "./list.ts";
import type { LogsFlags } from "./logs.ts";
import type { ReportFlags } from "./report.ts";
import type { StatusFlags } from "./status.ts";

export const status = buildCommand<StatusFlags, string[], Context>({
  loader: () => import("./status.ts"),
  parameters: {
    flags: {
      layout: {
        kind: "enum",
        values: ["summary", "flat", "narrow", "legacy"],
        brief: "How it looks; flat, the default: summary and table",
        optional: true,
      },
      step: texts("Only this step: a name in the table, or a step of the spec", "NAME"),
      state: texts("Only steps in this state", "STATE"),
      param: texts("Only steps with this value of a parameter", "NAME=VALUE"),
      sort: text(
        "Rows by name, state, run, elapsed, submit, start, end, restarts or a parameter; -KEY the other way round",
        "KEY",
      ),
      limit: number("Rows of the table; 0 = all", "N"),
      all: flag("All rows of the table; more than 100 are left out otherwise"),
      watch: flag("Stay, and show what changes, until the study has ended"),
      json: flag("One JSON object a study"),
      ndjson: flag("One line of JSON a step"),
      csv: flag("What status.csv holds"),
      "exit-code": flag("Exit 0 finished, 2 failed, 3 cancelled, 4 anything else"),
      "disable-theme": flag("No colours"),
      "disable-pager": flag("Print at once, however long"),
    },
    positional: { kind: "array", parameter: directory, minimum: 1 },
  },
  docs: {
    brief: "Show how studies stand",
    fullDescription: "One line each, if several are named and no layout is.\n\n" +
      "Examples:\n  maestro status my_study_20260131-120000\n" +
      "  maestro status --watch last\n" +
      "  maestro status --state failed --param SIZE=10 last\n" +
      "  maestro status --json my_study_* | jq -r 'select(.state == \"failed\").directory'",
  },
});

export const list = buildCommand<ListFlags, [string?], Context>({
  loader: () => import("./list.ts"),
  parameters: {
    flags: {
      json: flag("One JSON object"),
      limit: number("The newest only, so many of them; 0 = all, the default", "N"),
    },
    positional: {
      kind: "tuple",
      parameters: [{
        brief: "Where to look; default the current folder",
        parse: String,
        placeholder: "DIR",
        optional: true,
      }],
    },
  },
  docs: {
    brief: "List the studies below a folder, newest first",
    fullDescription:
      "Looks four folders deep.\n\nExamples:\n  maestro list\n  maestro list --limit 5 /p/studies",
  },
});

export const logs = buildCommand<LogsFlags, string[], Context>({
  loader: () => import("./logs.ts"),
  parameters: {
    flags: {
      out: flag("Only standard output"),
      err: flag("Only standard error"),
      script: flag("The script instead"),
      attempt: number("Of this attempt; default the latest", "N"),
      lines: number("Only the last lines", "N"),
      follow: flag("Go on until the step has ended"),
    },
    aliases: { n: "lines", f: "follow" },
    positional: {
      kind: "array",
      parameter: {
        brief:
          'Folder of a study, or "last"; then the step: its name, the beginning of it, NAME=VALUE of its parameters',
        parse: String,
        placeholder: "DIR [STEP]",
      },
      minimum: 1,
    },
  },
  docs: {
    brief: "Show what a step printed",
    fullDescription: "Without a step: what the step that failed first printed.\n\n" +
      "Examples:\n  maestro logs last\n  maestro logs last simulate SIZE=10\n  maestro logs -f --out last plot\n" +
      "  maestro logs --script last plot",
  },
});

export const events = buildCommand<EventsFlags, [string], Context>({
  loader: () => import("./events.ts"),
  parameters: {
    flags: {
      step: texts("Only of this step", "NAME"),
      follow: flag("Go on until the study has ended"),
      json: flag("The lines of the journal, JSON objects"),
    },
    aliases: { f: "follow" },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Tell what happened in a study, in order",
    fullDescription: "Examples:\n  maestro events last\n  maestro events -f --json last | jq -r .step",
  },
});

export const graph = buildCommand<GraphFlags, [string], Context>({
  loader: () => import("./graph.ts"),
  parameters: {
    flags: {
      format: {
        kind: "enum",
        values: ["dot", "mermaid", "svg"],
        brief: "What is printed; svg, the default, is a picture for any browser",
        optional: true,
      },
      fold: flag("One node a step, whatever its combinations; so it is for more than 200"),
      all: flag("One node a combination, however many"),
      ...specFlags,
    },
    aliases: { p: "pgen" },
    positional: {
      kind: "tuple",
      parameters: [{
        brief: 'Spec, or folder of a study (or "last"): then the states are in colour',
        parse: String,
        placeholder: "SPEC|DIR",
      }],
    },
  },
  docs: {
    brief: "Draw what waits for what",
    fullDescription:
      "Examples:\n  maestro graph study.yaml > study.svg\n  maestro graph --format mermaid last",
  },
});

export const report = buildCommand<ReportFlags, [string], Context>({
  loader: () => import("./report.ts"),
  parameters: {
    flags: {
      out: text("Where it is written; default report.html in the study's folder, - standard output", "FILE"),
    },
    aliases: { o: "out" },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Write a study as one HTML file, to be read in any browser",
    fullDescription:
      "State, timeline, table of parameters and results, failures with their logs, spec. It needs no network and\n" +
      "nothing beside it: copy it where you like.\n\n" +
      "Examples:\n  maestro report last\n  maestro report -o - last | ssh laptop 'cat > report.html'",
  },
});

export const exportCrate = buildCommand<ExportFlags, [string], Context>({
  loader: () => import("./export.ts"),
  parameters: {
    flags: {
      out: text("Folder or FILE.zip to make; default <study>.crate in this folder", "PLACE"),
      logs: flag("With what the steps and the conductor printed"),
      "with-environment": flag("With the variables of the launch that are known to hold no secret"),
      "with-workspaces": flag("With all files in the workspaces of the steps"),
      license: text("Terms of use: an SPDX identifier, a URL or a sentence", "LICENSE"),
    },
    aliases: { o: "out" },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Write a study that was run as an RO-Crate, to be kept or published",
    fullDescription:
      "Spec, parameters, scripts, environment, times, versions, states and results, after the profile\n" +
      "Provenance Run Crate 0.5.\n\n" +
      "Examples:\n  maestro export my_study_20260131-120000\n" +
      "  maestro export --logs --license CC-BY-4.0 -o my_study.crate.zip last",
  },
});

/** The commands about the commands are told of them all. */
type Facts = () => readonly CommandFacts[];

export const completionsOf = (facts: Facts) =>
  buildCommand<Record<never, never>, string[], Context>({
    loader: async () => (await import("./completions.ts")).default(facts()),
    parameters: {
      flags: {},
      positional: {
        kind: "array",
        parameter: { brief: "bash, zsh or fish", parse: String, placeholder: "SHELL" },
        minimum: 1,
      },
    },
    docs: {
      brief: "Print what makes a shell complete commands, options, studies and steps",
      fullDescription: "Examples:\n" +
        "  maestro completions bash > ~/.local/share/bash-completion/completions/maestro\n" +
        "  maestro completions zsh > ~/.zfunc/_maestro       with fpath+=~/.zfunc before compinit\n" +
        "  maestro completions fish > ~/.config/fish/completions/maestro.fish",
    },
  });

export const manOf = (facts: Facts) =>
  buildCommand<Record<never, never>, [], Context>({
    loader: async () => (await import("./man.ts")).default(facts()),
    parameters: { flags: {}, positional: { kind: "tuple", parameters: [] } },
    docs: {
      brief: "Print the man page",
      fullDescription: "Examples:\n  maestro man | man -l -",
    },
  });
