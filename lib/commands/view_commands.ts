/** The commands that only read studies: their flags and their help. */

import type { Context } from "../app/context.ts";
import type { CommandFacts } from "./describe.ts";
import type { EventsFlags } from "./events.ts";
import type { ExportFlags } from "../app/export_files.ts";
import { choice, directory, flag, grouped, lookFlags, number, text, texts } from "./flag_kinds.ts";
import type { GraphFlags } from "./graph.ts";
import { buildCommand } from "./late_command.ts";
import type { ListFlags } from "./list.ts";
import type { LogsFlags } from "./logs.ts";
import type { ReportFlags } from "./report.ts";
import type { ResultsFlags } from "./results.ts";
import type { StatusFlags } from "./status.ts";

export const status = buildCommand<StatusFlags, string[], Context>({
  loader: () => import("./status.ts"),
  parameters: {
    flags: {
      ...grouped("Which steps", {
        step: texts("Show only this step: a name in the table, or a step of the spec", "NAME"),
        state: texts("Show only steps in this state", "STATE"),
        param: texts("Show only steps with this value of a parameter", "NAME=VALUE"),
        sort: text(
          "Sort by name, state, run, total, elapsed, submit, start, end, restarts, cpu, memory, read, written or a parameter; -KEY reverses the order",
          "KEY",
        ),
        limit: number("Most rows of the table; 0 = all", "N"),
        all: flag("Show all rows of the table, even if there are more than 100"),
      }),
      ...grouped("For people", {
        layout: choice(
          ["summary", "flat", "narrow", "legacy", "usage"],
          "Layout; flat is summary and table, usage shows CPU time and memory",
          "flat",
        ),
        watch: flag("Stay, and show changes until the study has ended"),
        "disable-theme": flag("Print without colours"),
        "disable-pager": flag("Print without a pager"),
      }),
      ...grouped("For programs", {
        json: flag("Print one JSON object for each study"),
        ndjson: flag("Print one line of JSON for each step"),
        csv: flag("Print the content of status.csv"),
        "exit-code": flag("Exit with 0 finished, 2 failed, 3 cancelled, 4 any other state"),
      }),
    },
    positional: {
      kind: "array",
      parameter: {
        ...directory,
        brief: `${directory.brief} (default: the study around this folder, else last)`,
      },
    },
  },
  docs: {
    brief: "Show the state of studies",
    fullDescription:
      "On a terminal, a summary precedes the table. `maestro list` shows one line for each study.\n\n" +
      "Examples:\n  maestro status\n" +
      "  maestro status --watch last\n" +
      "  maestro status --state failed --param SIZE=10 last\n" +
      "  maestro status --json my_study_* | jq -r 'select(.state == \"failed\").directory'",
  },
});

export const list = buildCommand<ListFlags, [string?], Context>({
  loader: () => import("./list.ts"),
  parameters: {
    flags: {
      json: flag("Print one JSON object"),
      limit: number("List only the newest; 0 = all", "N", "0"),
    },
    positional: {
      kind: "tuple",
      parameters: [{
        brief: "Folder to search (default: the current folder)",
        parse: String,
        placeholder: "DIR",
        optional: true,
      }],
    },
  },
  docs: {
    brief: "List the studies below a folder, newest first",
    fullDescription:
      "Searches four levels of folders.\n\nExamples:\n  maestro list\n  maestro list --limit 5 /p/studies",
  },
});

export const tui = buildCommand<Record<never, never>, [string?], Context>({
  loader: () => import("./tui.ts"),
  parameters: {
    flags: {},
    positional: {
      kind: "tuple",
      parameters: [{
        brief: 'Folder of a study, "last", or a folder with studies below it ' +
          "(default: the study around this folder, else the studies below it)",
        parse: String,
        placeholder: "DIR",
        optional: true,
      }],
    },
  },
  docs: {
    brief: "Browse studies, steps and logs on the whole terminal",
    fullDescription:
      "Shows studies, their steps and attempts, and logs as they grow. Reruns, cancels, holds, releases and " +
      "updates after a question. Press ? for the keys.\n\n" +
      "Examples:\n  maestro tui\n  maestro tui last",
  },
});

export const logs = buildCommand<LogsFlags, string[], Context>({
  loader: () => import("./logs.ts"),
  parameters: {
    flags: {
      out: flag("Show only standard output"),
      err: flag("Show only standard error"),
      script: flag("Show the script instead"),
      attempt: number("Show this attempt", "N", "the latest"),
      lines: number("Show only the last lines", "N"),
      follow: flag("Continue until the step has ended"),
    },
    aliases: { n: "lines", f: "follow" },
    positional: {
      kind: "array",
      parameter: {
        brief:
          'Folder of a study, or "last". Then the step: its name, the beginning of its name, or NAME=VALUE of parameters',
        parse: String,
        placeholder: "DIR [STEP]",
      },
      minimum: 1,
    },
  },
  docs: {
    brief: "Show the output of a step",
    fullDescription: "Without a step, shows the output of the step that failed first.\n\n" +
      "Examples:\n  maestro logs last\n  maestro logs last simulate SIZE=10\n  maestro logs -f --out last plot\n" +
      "  maestro logs --script last plot",
  },
});

export const events = buildCommand<EventsFlags, [string], Context>({
  loader: () => import("./events.ts"),
  parameters: {
    flags: {
      step: texts("Show only events of this step", "NAME"),
      follow: flag("Continue until the study has ended"),
      json: flag("Print the lines of the journal, which are JSON objects"),
    },
    aliases: { f: "follow" },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Show what happened in a study, in order",
    fullDescription: "Examples:\n  maestro events last\n  maestro events -f --json last | jq -r .step",
  },
});

export const graph = buildCommand<GraphFlags, [string], Context>({
  loader: () => import("./graph.ts"),
  parameters: {
    flags: {
      format: choice(
        ["text", "svg", "mermaid", "dot"],
        "Output format; svg is a picture for browsers",
        "text on a terminal, else svg",
      ),
      fold: flag("Draw one box for each step; the default for more than 200 combinations"),
      all: flag("Draw one box for each combination, however many there are"),
      ...lookFlags,
    },
    aliases: { p: "pgen" },
    positional: {
      kind: "tuple",
      parameters: [{
        brief: 'Spec; or folder of a study, or "last", to show states in colour',
        parse: String,
        placeholder: "SPEC|DIR",
      }],
    },
  },
  docs: {
    brief: "Draw the dependencies of steps",
    fullDescription:
      "Examples:\n  maestro graph study.yaml\n  maestro graph study.yaml > study.svg\n  maestro graph --format mermaid last",
  },
});

export const results = buildCommand<ResultsFlags, string[], Context>({
  loader: () => import("./results.ts"),
  parameters: {
    flags: {
      ...grouped("Which rows", {
        param: texts("Show only rows with this value of a parameter", "NAME=VALUE"),
        where: texts("Show only rows for which this holds: = != < <= > >=", "NAME<VALUE"),
        sort: text("Sort by a column; -NAME reverses the order", "NAME"),
        limit: number("Most rows; 0 = all", "N"),
      }),
      ...grouped("Statistics and plots", {
        stats: flag("Show count, mean, least and greatest value of each result"),
        plot: texts("Draw a plot. The axes are parameters or results", "x=NAME y=NAME"),
        by: texts("Separate statistics, or points, for each value of a column", "NAME"),
        log: choice(["x", "y", "xy"], "Logarithmic axes of the plot", "none"),
        svg: text('Write the plot as a picture; "-" is standard output', "FILE"),
      }),
      ...grouped("For programs", {
        csv: flag("Print comma-separated values with a row of names"),
        json: flag("Print one JSON object"),
      }),
    },
    positional: { kind: "array", parameter: directory, minimum: 1 },
  },
  docs: {
    brief: "Show parameters and results in one table, as statistics or as a plot",
    fullDescription:
      "The key `results` of a step defines values to extract from its output. The table has the values of " +
      "all steps that have finished.\n\n" +
      "Examples:\n  maestro results last\n  maestro results --csv last > results.csv\n" +
      "  maestro results --where 'time<10' --sort -time last\n" +
      "  maestro results --stats --by SOLVER last\n" +
      "  maestro results --plot x=SIZE y=time --by SOLVER last\n" +
      "  maestro results --plot x=SIZE y=time --log xy --svg time.svg last",
  },
});

export const report = buildCommand<ReportFlags, [string], Context>({
  loader: () => import("./report.ts"),
  parameters: {
    flags: {
      out: text('File to write; "-" is standard output', "FILE", "report.html in the study's folder"),
    },
    aliases: { o: "out" },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Write an HTML report of a study, in one file",
    fullDescription:
      "The report has the state, a timeline, a table of parameters and results, failures with their logs, and " +
      "the spec. It needs no network and no other file.\n\n" +
      "Examples:\n  maestro report last\n  maestro report -o - last | ssh laptop 'cat > report.html'",
  },
});

export const exportCrate = buildCommand<ExportFlags, [string], Context>({
  loader: () => import("./export.ts"),
  parameters: {
    flags: {
      out: text("Folder or FILE.zip to create", "PATH", "<study>.crate in the current folder"),
      logs: flag("Include the output of steps and of the conductor"),
      "with-environment": flag("Include variables of the launch that are known to contain no secret"),
      "with-workspaces": flag("Include all files in the workspaces of steps"),
      license: text("Terms of use: an SPDX identifier, a URL or a sentence", "LICENSE"),
    },
    aliases: { o: "out" },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Write an RO-Crate of a study, to archive or publish it",
    fullDescription:
      "The crate has spec, parameters, scripts, environment, times, versions, states and results. It follows " +
      "the profile Provenance Run Crate 0.5.\n\n" +
      "Examples:\n  maestro export last\n" +
      "  maestro export --logs --license CC-BY-4.0 -o my_study.crate.zip last",
  },
});

/** Commands about commands receive the list of all. */
type Facts = () => readonly CommandFacts[];

export const helpOf = (all: Facts, one: (name: string) => CommandFacts | undefined) =>
  buildCommand<Record<never, never>, [string?], Context>({
    loader: async () => (await import("./help.ts")).default(all, one),
    parameters: {
      flags: {},
      positional: {
        kind: "tuple",
        parameters: [{ brief: "Name of a command", parse: String, placeholder: "COMMAND", optional: true }],
      },
    },
    docs: {
      brief: "Print help on a command, or on all",
      fullDescription: "`maestro COMMAND --help` prints the same.\n\nExamples:\n  maestro help run",
    },
  });

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
      brief: "Print a shell completion script",
      fullDescription: "It completes commands, options, studies and steps.\n\nExamples:\n" +
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
