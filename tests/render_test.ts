import { assert, assertEquals, assertMatch, assertStringIncludes } from "./assert.ts";
import { assertLinear } from "./linear.ts";
import { cellWidth, fold, visible } from "../lib/cells.ts";
import { parseCsv, toCsv } from "../lib/csv.ts";
import { notes, type RenderOptions, renderStatus, summaryLine } from "../lib/view/render.ts";
import { statusCsv } from "../lib/view/render_csv.ts";
import { formatIso, formatLocalTime } from "../lib/times.ts";
import { statusStep, tallyOfRows } from "./status_rows.ts";
import type { StatusStep, StatusView } from "../lib/view/status_view.ts";

const csvOf = (view: StatusView) => [...statusCsv(view)].join("");

/** Made of local clock readings, so that the tests hold in every time zone. */
const at = (hour: number, minute: number, second: number) =>
  new Date(2022, 0, 26, hour, minute, second).getTime();

function step(name: string, more: Partial<StatusStep> = {}): StatusStep {
  return statusStep(name, more.state ?? "INITIALIZED", {
    step: name,
    workspace: `/p/Build_archive_20220126-114700/${name}`,
    ...more,
  });
}

const DONE = {
  state: "FINISHED",
  submittedAt: at(11, 47, 0),
  startedAt: at(11, 47, 1),
  endedAt: at(11, 48, 0),
  runTime: 59,
  elapsedTime: 60,
  exitCode: 0,
} as const;

/** The deck's study: two steps, then one for each of two compressions. */
const STUDY: StatusView = {
  study: "Build archive",
  directory: "/p/Build_archive_20220126-114700",
  state: "failed",
  conductor: { alive: false },
  facts: [],
  counts: { FINISHED: 3, FAILED: 1 },
  tally: tallyOfRows([]),
  totals: { steps: 4, ofStep: [], stuck: [] },
  steps: [
    step("generate", { ...DONE, jobId: "70382815" }),
    step("build", { ...DONE, jobId: "70382816" }),
    step("compress_COPT.--fast", {
      ...DONE,
      step: "compress",
      shortWorkspace: "compress/COPT.--fast",
      jobId: "70382817",
      params: { compressoption: "--fast" },
    }),
    step("compress_COPT.--best", {
      ...DONE,
      step: "compress",
      shortWorkspace: "compress/COPT.--best",
      state: "FAILED",
      jobId: "70382818",
      params: { compressoption: "--best" },
      exitCode: 1,
      restarts: 1,
      reason: "the command ended with exit code 1",
    }),
  ],
};

const EMPTY: StatusView = { ...STUDY, state: "initialized", counts: {}, steps: [] };

/** Names as nobody should choose them, and somebody does. */
const ODD: StatusView = {
  ...STUDY,
  directory: "/p/odd [bold]",
  counts: { RUNNING: 6 },
  state: "running",
  steps: ["a,b", 'say "hi"', "two\nlines\x1b[31m", "🎉party", "日本語", "[bold]x[/bold]", "e\u0301te\u0301"]
    .map((name) => step(name, { state: "RUNNING", params: { "X,1": name, A: "x;y" } })),
};

function render(view: StatusView, layout: RenderOptions["layout"], width: number, more = {}): string {
  return renderStatus(view, { layout, width, color: false, theme: true, ...more });
}

/** A text of a test: without the first newline and the margin of its last line. */
function text(literal: string): string {
  return literal.replace(/^\n/, "").replace(/\n *$/, "\n");
}

Deno.test("flat: all columns where they fit", () => {
  assertEquals(
    render(STUDY, "flat", 200),
    text(`
                                                                          Study: /p/Build_archive_20220126-114700
┏━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓
┃ Step Name            ┃ Job ID   ┃ Workspace            ┃ State    ┃ Run Time       ┃ Elapsed Time   ┃ Start Time          ┃ Submit Time         ┃ End Time            ┃ Number Restarts ┃
┡━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━┩
│ generate             │ 70382815 │ generate             │ FINISHED │ 0d:00h:00m:59s │ 0d:00h:01m:00s │ 2022-01-26 11:47:01 │ 2022-01-26 11:47:00 │ 2022-01-26 11:48:00 │ 0               │
│ build                │ 70382816 │ build                │ FINISHED │ 0d:00h:00m:59s │ 0d:00h:01m:00s │ 2022-01-26 11:47:01 │ 2022-01-26 11:47:00 │ 2022-01-26 11:48:00 │ 0               │
│ compress_COPT.--fast │ 70382817 │ compress/COPT.--fast │ FINISHED │ 0d:00h:00m:59s │ 0d:00h:01m:00s │ 2022-01-26 11:47:01 │ 2022-01-26 11:47:00 │ 2022-01-26 11:48:00 │ 0               │
│ compress_COPT.--best │ 70382818 │ compress/COPT.--best │ FAILED   │ 0d:00h:00m:59s │ 0d:00h:01m:00s │ 2022-01-26 11:47:01 │ 2022-01-26 11:47:00 │ 2022-01-26 11:48:00 │ 1               │
└──────────────────────┴──────────┴──────────────────────┴──────────┴────────────────┴────────────────┴─────────────────────┴─────────────────────┴─────────────────────┴─────────────────┘
`),
  );
});

Deno.test("flat: times are left out before anything is folded", () => {
  assertEquals(
    render(STUDY, "flat", 120),
    text(`
                                Study: /p/Build_archive_20220126-114700
┏━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┓
┃ Step Name            ┃ Job ID   ┃ Workspace            ┃ State    ┃ Run Time       ┃ Elapsed Time   ┃
┡━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━┩
│ generate             │ 70382815 │ generate             │ FINISHED │ 0d:00h:00m:59s │ 0d:00h:01m:00s │
│ build                │ 70382816 │ build                │ FINISHED │ 0d:00h:00m:59s │ 0d:00h:01m:00s │
│ compress_COPT.--fast │ 70382817 │ compress/COPT.--fast │ FINISHED │ 0d:00h:00m:59s │ 0d:00h:01m:00s │
│ compress_COPT.--best │ 70382818 │ compress/COPT.--best │ FAILED   │ 0d:00h:00m:59s │ 0d:00h:01m:00s │
└──────────────────────┴──────────┴──────────────────────┴──────────┴────────────────┴────────────────┘
`),
  );
});

Deno.test("flat: columns are left out one by one, the end first", () => {
  const all = ["Start Time", "Submit Time", "End Time", "Number Restarts"];
  const shown = (width: number) => {
    const header = render(STUDY, "flat", width).split("\n")[2]!;
    return all.filter((name) => header.includes(name));
  };
  assertEquals(shown(187), all);
  assertEquals(shown(186), ["Start Time", "Submit Time", "Number Restarts"]);
  assertEquals(shown(164), ["Start Time", "Number Restarts"]);
  assertEquals(shown(142), ["Number Restarts"]);
  assertEquals(shown(120), []);
});

Deno.test("flat: 80 columns keep six columns and break names at their joints", () => {
  assertEquals(
    render(STUDY, "flat", 80),
    text(`
                    Study: /p/Build_archive_20220126-114700
┏━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┓
┃Step Name     ┃Job ID  ┃Workspace     ┃State   ┃Run Time      ┃Elapsed Time  ┃
┡━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━┩
│generate      │70382815│generate      │FINISHED│0d:00h:00m:59s│0d:00h:01m:00s│
│build         │70382816│build         │FINISHED│0d:00h:00m:59s│0d:00h:01m:00s│
│compress_COPT.│70382817│compress/COPT.│FINISHED│0d:00h:00m:59s│0d:00h:01m:00s│
│--fast        │        │--fast        │        │              │              │
│compress_COPT.│70382818│compress/COPT.│FAILED  │0d:00h:00m:59s│0d:00h:01m:00s│
│--best        │        │--best        │        │              │              │
└──────────────┴────────┴──────────────┴────────┴──────────────┴──────────────┘
`),
  );
});

Deno.test("flat: on a very narrow terminal the name and the state remain", () => {
  assertEquals(
    render(STUDY, "flat", 26),
    text(`
Study: /p/Build_archive_
     20220126-114700
┏━━━━━━━━━━━━━━┳━━━━━━━━┓
┃Step Name     ┃State   ┃
┡━━━━━━━━━━━━━━╇━━━━━━━━┩
│generate      │FINISHED│
│build         │FINISHED│
│compress_COPT.│FINISHED│
│--fast        │        │
│compress_COPT.│FAILED  │
│--best        │        │
└──────────────┴────────┘
`),
  );
});

Deno.test("flat: no line is wider than the terminal", () => {
  for (let width = 24; width < 200; width++) {
    for (const view of [STUDY, ODD]) {
      for (const line of render(view, "flat", width).split("\n")) {
        assert(cellWidth(line) <= width, `${cellWidth(line)} cells in ${width}: ${line}`);
      }
    }
  }
});

Deno.test("flat: odd names are shown whole, and never as control characters", () => {
  assertEquals(
    render(ODD, "flat", 120),
    text(`
                                                 Study: /p/odd [bold]
┏━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓
┃ Step Name          ┃ Job ID ┃ Workspace          ┃ State   ┃ Run Time ┃ Elapsed Time ┃ Start Time ┃ Number Restarts ┃
┡━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━┩
│ a,b                │ --     │ a,b                │ RUNNING │ --:--:-- │ --:--:--     │ --         │ 0               │
│ say "hi"           │ --     │ say "hi"           │ RUNNING │ --:--:-- │ --:--:--     │ --         │ 0               │
│ two\\nlines\\x1b[31m │ --     │ two\\nlines\\x1b[31m │ RUNNING │ --:--:-- │ --:--:--     │ --         │ 0               │
│ 🎉party            │ --     │ 🎉party            │ RUNNING │ --:--:-- │ --:--:--     │ --         │ 0               │
│ 日本語             │ --     │ 日本語             │ RUNNING │ --:--:-- │ --:--:--     │ --         │ 0               │
│ [bold]x[/bold]     │ --     │ [bold]x[/bold]     │ RUNNING │ --:--:-- │ --:--:--     │ --         │ 0               │
│ été                │ --     │ été                │ RUNNING │ --:--:-- │ --:--:--     │ --         │ 0               │
└────────────────────┴────────┴────────────────────┴─────────┴──────────┴──────────────┴────────────┴─────────────────┘
`),
  );
});

Deno.test("flat: a study without steps has an empty table", () => {
  assertEquals(
    render(EMPTY, "flat", 80),
    text(`
              Study: /p/Build_archive_20220126-114700
┏━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━━━━━┓
┃ Step Name ┃ Job ID ┃ Workspace ┃ State ┃ Run Time ┃ Elapsed Time ┃
┡━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━╇━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━━━━━┩
└───────────┴────────┴───────────┴───────┴──────────┴──────────────┘
`),
  );
});

Deno.test("flat: ASCII where box characters cannot be shown", () => {
  assertEquals(
    render({ ...STUDY, steps: STUDY.steps.slice(0, 1) }, "flat", 80, { unicode: false }),
    text(`
               Study: /p/Build_archive_20220126-114700
+---------+--------+---------+--------+--------------+--------------+
|Step Name|Job ID  |Workspace|State   |Run Time      |Elapsed Time  |
+=========+========+=========+========+==============+==============+
|generate |70382815|generate |FINISHED|0d:00h:00m:59s|0d:00h:01m:00s|
+---------+--------+---------+--------+--------------+--------------+
`),
  );
});

Deno.test("flat: styles lie over the text and change no width", () => {
  const coloured = render(STUDY, "flat", 80, { color: true });
  // deno-lint-ignore no-control-regex
  assertEquals(coloured.replace(/\x1b\[[0-9;]*m/g, ""), render(STUDY, "flat", 80));
  const lines = coloured.split("\n");
  assertEquals(
    lines.slice(4, 6).concat(lines[8]!),
    [
      "│\x1b[2mgenerate\x1b[0m      │\x1b[2m70382815\x1b[0m│\x1b[2mgenerate\x1b[0m      │\x1b[32mFINISHED\x1b[0m│" +
      "\x1b[2m0d:00h:00m:59s\x1b[0m│\x1b[2m0d:00h:01m:00s\x1b[0m│",
      "│build         │70382816│build         │\x1b[32mFINISHED\x1b[0m│0d:00h:00m:59s│0d:00h:01m:00s│",
      "│compress_COPT.│70382818│compress/COPT.│\x1b[31mFAILED\x1b[0m  │0d:00h:00m:59s│0d:00h:01m:00s│",
    ],
  );
});

Deno.test("no styles where they are not wanted", () => {
  for (const layout of ["flat", "narrow", "legacy"] as const) {
    assert(!render(STUDY, layout, 80).includes("\x1b"));
    assertEquals(render(STUDY, layout, 80, { color: true, theme: false }), render(STUDY, layout, 80));
  }
});

const REFERENCE: StatusView = {
  ...STUDY,
  directory: "Test Study Narrow",
  steps: [
    step("hello_world_GREETING.Hello.NAME.Pam", {
      state: "FINISHED",
      shortWorkspace: "hello_world/GREETING.Hello.NAME.Pam",
      jobId: "36260",
      params: { NAME: "Pam", GREETING: "Hello" },
      submittedAt: new Date(2021, 4, 17, 22, 45, 23).getTime(),
      startedAt: new Date(2021, 4, 17, 22, 45, 23).getTime(),
      endedAt: new Date(2021, 4, 17, 22, 45, 24).getTime(),
      runTime: 1,
      elapsedTime: 1,
    }),
  ],
};

Deno.test("narrow: Maestro's own block, its lines padded to 92 cells", () => {
  const block = text(`
                                  STUDY: Test Study Narrow

  STEP:        hello_world_GREETING.Hello.NAME.Pam
  WORKSPACE:   hello_world/GREETING.Hello.NAME.Pam

                         Step Details                        Scheduler Details
                ───────────────────────────────   ───────────────────────────────────────
                 State          FINISHED           Submit Time       2021-05-17 22:45:23
                ───────────────────────────────   ───────────────────────────────────────
                 Job ID         36260              Start Time        2021-05-17 22:45:23
                ───────────────────────────────   ───────────────────────────────────────
                 Run Time       0d:00h:00m:01s     End Time          2021-05-17 22:45:24
                ───────────────────────────────   ───────────────────────────────────────
                 Elapsed Time   0d:00h:00m:01s     Number Restarts   0
                ───────────────────────────────   ───────────────────────────────────────
                        Step Parameters
                ───────────────────────────────
                 NAME   Pam   GREETING   Hello
                ───────────────────────────────

━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

`);
  const padded = block.split("\n").slice(0, -1).map((line) => line.padEnd(92) + "\n").join("");
  assertEquals(render(REFERENCE, "narrow", 200), padded);
  assertEquals(render(REFERENCE, "narrow", 120), padded);
});

/** The narrow layout pads its lines; the tests need not. */
const trimmed = (rendered: string) => rendered.replace(/ +$/gm, "");

Deno.test("narrow: in 80 columns the tables move to the left", () => {
  assertEquals(
    trimmed(render({ ...STUDY, steps: STUDY.steps.slice(2, 3) }, "narrow", 80)),
    text(`
                    STUDY: /p/Build_archive_20220126-114700

  STEP:        compress_COPT.--fast
  WORKSPACE:   compress/COPT.--fast

            Step Details                        Scheduler Details
   ───────────────────────────────   ───────────────────────────────────────
    State          FINISHED           Submit Time       2022-01-26 11:47:00
   ───────────────────────────────   ───────────────────────────────────────
    Job ID         70382817           Start Time        2022-01-26 11:47:01
   ───────────────────────────────   ───────────────────────────────────────
    Run Time       0d:00h:00m:59s     End Time          2022-01-26 11:48:00
   ───────────────────────────────   ───────────────────────────────────────
    Elapsed Time   0d:00h:01m:00s     Number Restarts   0
   ───────────────────────────────   ───────────────────────────────────────
           Step Parameters
   ───────────────────────────────
    compressoption   --fast
   ───────────────────────────────

━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

`),
  );
});

Deno.test("narrow: with still less room they are below each other", () => {
  const long = step("compress_COPT.--best", {
    ...DONE,
    jobId: "70382818",
    params: { first: "1", second: "a value of several words, too long for its line", third: "3" },
  });
  assertEquals(
    trimmed(render({ ...STUDY, steps: [long] }, "narrow", 50)),
    text(`
     STUDY: /p/Build_archive_20220126-114700

  STEP:        compress_COPT.--best
  WORKSPACE:   compress_COPT.--best

            Step Details
   ───────────────────────────────
    State          FINISHED
   ───────────────────────────────
    Job ID         70382818
   ───────────────────────────────
    Run Time       0d:00h:00m:59s
   ───────────────────────────────
    Elapsed Time   0d:00h:01m:00s
   ───────────────────────────────
              Scheduler Details
   ───────────────────────────────────────
    Submit Time       2022-01-26 11:47:00
   ───────────────────────────────────────
    Start Time        2022-01-26 11:47:01
   ───────────────────────────────────────
    End Time          2022-01-26 11:48:00
   ───────────────────────────────────────
    Number Restarts   0
   ───────────────────────────────────────
                 Step Parameters
   ────────────────────────────────────────────
    first                                    1
   ────────────────────────────────────────────
    second      a value of several words, too
                             long for its line
   ────────────────────────────────────────────
    third                                    3
   ────────────────────────────────────────────

━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

`),
  );
});

Deno.test("narrow: odd names", () => {
  const rendered = render({ ...ODD, steps: ODD.steps.slice(2, 5) }, "narrow", 120);
  for (const line of rendered.split("\n").slice(0, -1)) {
    assertEquals(cellWidth(line), cellWidth(rendered.split("\n")[0]!));
  }
  assertStringIncludes(rendered, "  STEP:        two\\nlines\\x1b[31m ");
  assertStringIncludes(rendered, "  STEP:        日本語 ");
});

Deno.test("narrow: a study without steps is its title", () => {
  assertEquals(trimmed(render(EMPTY, "narrow", 80)), "STUDY: /p/Build_archive_20220126-114700\n\n");
});

Deno.test("legacy: as tabulate prints it, at any width", () => {
  const expected = text(`
================================================================================================================================================================================
/p/Build_archive_20220126-114700
================================================================================================================================================================================
Step Name               Job ID  Workspace             State     Run Time        Elapsed Time    Start Time           Submit Time          End Time               Number Restarts
--------------------  --------  --------------------  --------  --------------  --------------  -------------------  -------------------  -------------------  -----------------
generate              70382815  generate              FINISHED  0d:00h:00m:59s  0d:00h:01m:00s  2022-01-26 11:47:01  2022-01-26 11:47:00  2022-01-26 11:48:00                  0
build                 70382816  build                 FINISHED  0d:00h:00m:59s  0d:00h:01m:00s  2022-01-26 11:47:01  2022-01-26 11:47:00  2022-01-26 11:48:00                  0
compress_COPT.--fast  70382817  compress/COPT.--fast  FINISHED  0d:00h:00m:59s  0d:00h:01m:00s  2022-01-26 11:47:01  2022-01-26 11:47:00  2022-01-26 11:48:00                  0
compress_COPT.--best  70382818  compress/COPT.--best  FAILED    0d:00h:00m:59s  0d:00h:01m:00s  2022-01-26 11:47:01  2022-01-26 11:47:00  2022-01-26 11:48:00                  1
================================================================================================================================================================================
`);
  assertEquals(render(STUDY, "legacy", 200), expected + "\n");
  assertEquals(render(STUDY, "legacy", 80, { color: true }), expected + "\n");
});

Deno.test("legacy: job ids are left-aligned if one is not a number", () => {
  const steps = [step("first", { jobId: "7" }), step("second")];
  assertEquals(
    render({ ...STUDY, steps }, "legacy", 80),
    text(`
=======================================================================================================================================
/p/Build_archive_20220126-114700
=======================================================================================================================================
Step Name    Job ID    Workspace    State        Run Time    Elapsed Time    Start Time    Submit Time    End Time      Number Restarts
-----------  --------  -----------  -----------  ----------  --------------  ------------  -------------  ----------  -----------------
first        7         first        INITIALIZED  --:--:--    --:--:--        --            --             --                          0
second       --        second       INITIALIZED  --:--:--    --:--:--        --            --             --                          0
=======================================================================================================================================
`) + "\n",
  );
});

Deno.test("csv: Maestro's columns, parameters sorted, dashes for what is unset", () => {
  const waiting = step("late", { params: { ZETA: "1", ALPHA: "2" }, restarts: 2 });
  assertEquals(
    csvOf({ ...STUDY, steps: [STUDY.steps[3]!, waiting] }),
    text(`
Step Name,Job ID,Workspace,State,Run Time,Elapsed Time,Start Time,Submit Time,End Time,Number Restarts,Params
compress_COPT.--best,70382818,compress/COPT.--best,FAILED,0d:00h:00m:59s,0d:00h:01m:00s,2022-01-26 11:47:01,2022-01-26 11:47:00,2022-01-26 11:48:00,1,compressoption:--best
late,--,late,INITIALIZED,--:--:--,--:--:--,--,--,--,2,ALPHA:2;ZETA:1
`),
  );
});

Deno.test("csv: a running step shows how long it has been running", () => {
  const running = step("sim", {
    state: "RUNNING",
    startedAt: at(1, 0, 0),
    runTime: 93784,
    elapsedTime: 93790,
  });
  assertStringIncludes(csvOf({ ...STUDY, steps: [running] }), "RUNNING,1d:02h:03m:04s,1d:02h:03m:10s,");
});

Deno.test("csv: odd names come back as they were", () => {
  const rows = parseCsv(csvOf(ODD));
  assertEquals(rows.slice(1).map((row) => row[0]), ODD.steps.map((each) => each.name));
  assertEquals(rows[1]!.at(-1), "A:x;y;X,1:a,b");
  assertEquals(new Set(rows.map((row) => row.length)), new Set([11]));
});

Deno.test("csv: quotes only where they are needed", () => {
  assertEquals(
    toCsv([["a", "b c", ""], ["a,b", 'say "hi"', "two\nlines"]]),
    'a,b c,\n"a,b","say ""hi""","two\nlines"\n',
  );
  assertEquals(toCsv([]), "");
});

Deno.test("csv: round trips", () => {
  const tables = [
    [["a", "b"], ["", ""]],
    [["\n", "\r\n", '"', '""', ","], ["x", 'a"b', ",,", " ", "\t"]],
    [["only"]],
    [["日本語", "🎉"]],
  ];
  for (const table of tables) assertEquals(parseCsv(toCsv(table)), table);
});

Deno.test("csv: reads what others write", () => {
  assertEquals(parseCsv(""), []);
  assertEquals(parseCsv("a,b"), [["a", "b"]]);
  assertEquals(parseCsv("a,"), [["a", ""]]);
  assertEquals(parseCsv("a,b\r\nc,d\r\n"), [["a", "b"], ["c", "d"]]);
  assertEquals(parseCsv('"a","b\r\nc"\n'), [["a", "b\r\nc"]]);
  assertEquals(parseCsv("a\n\nb\n"), [["a"], [""], ["b"]]);
  assertEquals(parseCsv('a,"torn'), [["a", "torn"]]);
});

Deno.test("csv: many steps come in pieces, which make one text", () => {
  for (const count of [0, 1, 2000]) {
    const steps = Array.from({ length: count }, (_, i) => step(`s\n${i}`, { params: { A: "x\ny" } }));
    const pieces = [...statusCsv({ ...STUDY, steps })];
    assertEquals(parseCsv(pieces.join("")).length, 1 + count);
    assert(pieces.every((piece) => piece.length < 100_000));
  }
});

Deno.test("times: local, rounded, and ISO with the offset of that day", () => {
  assertEquals(formatLocalTime(at(3, 4, 5) + 499), "2022-01-26 03:04:05");
  assertEquals(formatLocalTime(at(3, 4, 59) + 500), "2022-01-26 03:05:00");
  for (const ms of [at(3, 4, 5) + 7, new Date(2022, 6, 1).getTime()]) {
    assertMatch(formatIso(ms), /^2022-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
    assertEquals(Date.parse(formatIso(ms)), ms);
  }
  assertStringIncludes(formatIso(at(3, 4, 5) + 7), "2022-01-26T03:04:05.007");
});

Deno.test("summary: one line a study", () => {
  assertEquals(summaryLine(STUDY), "Build_archive_20220126-114700  failed  3 FINISHED, 1 FAILED");
  const running = {
    ...STUDY,
    state: "running",
    counts: { INITIALIZED: 5, RUNNING: 2, FINISHED: 1 },
  } as const;
  assertEquals(
    summaryLine(running),
    "Build_archive_20220126-114700  running  1 FINISHED, 2 RUNNING, 5 INITIALIZED",
  );
  assertEquals(summaryLine({ ...EMPTY, directory: "/p/new\nline/" }), "new\\nline  initialized  no steps");
});

Deno.test("notes: a failed study shows which steps failed first, and why", () => {
  const failed = { state: "FAILED", submittedAt: at(1, 0, 0) } as const;
  const steps = [
    step("fine", DONE),
    step("sim_X.1", { ...failed, reason: "not accepted:\nInvalid account" }),
    step("post_X.1", { state: "FAILED", reason: 'step "sim_X.1" failed', skipped: true }),
    // Its own message may read like that of another.
    step("odd_X.1", { ...failed, reason: 'step "sim_X.1" failed' }),
    step("sim_X.2", { state: "TIMEDOUT", reason: "ran out of its walltime" }),
    step("sim_X.3", { ...failed, exitCode: 3 }),
    step("sim_X.4", failed),
    step("sim_X.5", { state: "FAILED", reason: "its workspace cannot be made" }),
  ];
  assertEquals(notes({ ...STUDY, steps }), [
    "FAILED    sim_X.1: not accepted:\\nInvalid account",
    'FAILED    odd_X.1: step "sim_X.1" failed',
    "TIMEDOUT  sim_X.2: ran out of its walltime",
    "FAILED    sim_X.3: exit code 3",
    "FAILED    sim_X.4",
    "FAILED    sim_X.5: its workspace cannot be made",
  ]);
  assertEquals(notes({ ...STUDY, state: "running", steps }), []);
});

Deno.test("notes: one line for failures that differ in a number", () => {
  const steps = Array.from(
    { length: 13 },
    (_, i) => step(`s${i}`, { state: "FAILED", submittedAt: 1, reason: `no room for ${i} rows` }),
  );
  assertEquals(notes({ ...STUDY, steps }), ["FAILED  s0 and 12 more: no room for … rows"]);
});

Deno.test("notes: ten kinds of failure, then the number of the rest", () => {
  const words = "abcdefghijklm";
  const steps = Array.from(
    words,
    (word, i) => step(`s${i}`, { state: "FAILED", submittedAt: 1, reason: `no file ${word}` }),
  );
  const lines = notes({ ...STUDY, steps });
  assertEquals(lines.length, 11);
  assertEquals(lines.slice(9), ["FAILED  s9: no file j", "and 3 more"]);
});

Deno.test("notes: a stalled study shows who left it and how to continue", () => {
  const conductor = { alive: false, host: "quartz1", pid: 4711, heartbeatAt: at(12, 0, 0) };
  const stalled: StatusView = { ...STUDY, state: "stalled", conductor };
  assertEquals(notes(stalled), [
    "stalled: conductor on quartz1 (pid 4711) is gone since 2022-01-26 12:00:00; " +
    "`maestro resume /p/Build_archive_20220126-114700` continues",
  ]);
  const resume = (directory: string) => notes({ ...stalled, directory, conductor: { alive: false } })[0];
  assertEquals(
    resume("/p/it's mine"),
    "stalled: conductor is gone; `maestro resume '/p/it'\\''s mine'` continues",
  );
  assertEquals(
    resume("/p/a\n'b'"),
    "stalled: conductor is gone; `maestro resume $'/p/a\\n\\'b\\''` continues",
  );
});

Deno.test("cells: width, escapes and folding", () => {
  assertEquals(["abc", "日本", "ｆｕ", "e\u0301", "🎉", "é", "한글", "ﾊﾟ", "─"].map(cellWidth), [
    3,
    4,
    4,
    1,
    2,
    1,
    4,
    2,
    1,
  ]);
  assertEquals(
    visible("a\tb\r\n\x00\x7f\x85\u202e\ud800é🎉"),
    "a\\tb\\r\\n\\x00\\x7f\\u0085\\u202e\\ud800é🎉",
  );
  assertEquals(fold("hello_world.X/y", 6), ["hello_", "world.", "X/y"]);
  assertEquals(fold("日本語", 5), ["日本", "語"]);
  assertEquals(fold("e\u0301e\u0301e\u0301", 2), ["e\u0301e\u0301", "e\u0301"]);
  assertEquals(fold("日本", 1), ["日", "本"]);
  assertEquals(fold("", 4), [""]);
  assertEquals(fold("abcdefgh_i", 4), ["abcd", "efgh", "_i"]);
});

Deno.test("steps are rendered in linear time", async () => {
  const many = (count: number): StatusView => ({
    ...STUDY,
    steps: Array.from({ length: count }, (_, i) => ({ ...STUDY.steps[i % 4]!, name: `compress_COPT.${i}` })),
  });
  for (const layout of ["flat", "narrow", "legacy"] as const) {
    await assertLinear(16_000, (count) => assert(render(many(count), layout, 80).split("\n").length > count));
  }
});
