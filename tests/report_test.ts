/** Reports: their data, that no text of a study becomes markup, and that the page is complete. */

import { type ReportData, stateFacts } from "../lib/view/report_data.ts";
import { markup } from "../lib/view/markup.ts";
import { dataText, program, reportPage } from "../lib/view/report_page.ts";
import { chosenNodes } from "../lib/view/report_rows.ts";
import { statusStep } from "./status_rows.ts";
import type { StatusView } from "../lib/view/status_view.ts";
import { SHOWN_STATES, STEP_STATES, type StepState } from "../lib/study/states.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "./assert.ts";
import { inFreshFolder, ROOT, runIn } from "./maestro.ts";
import { imagineStudy, sweepSpec } from "./report_study.ts";

Deno.test("report: of too many steps, those that failed or are under way have a row", () => {
  const states: StepState[] = ["FINISHED", "FINISHED", "RUNNING", "INITIALIZED", "TIMEDOUT"];
  const steps = states.map((state, i) => statusStep(String(i), state));
  const view = { steps } as unknown as StatusView;
  assertEquals([1, 2, 3, 5, 9].map((most) => chosenNodes(view, most)), [
    [4],
    [2, 4],
    [0, 2, 4],
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3, 4],
  ]);
});

const HOSTILE = [
  "</script><script>alert(1)</script>",
  "<!--<script>",
  "]]>",
  "\u2028\u2029",
  '"onload="x',
  "&lt;",
  "@nonce@ <!-- @script@ --> $& $'",
  "\ud800",
];

function dataOf(text: string): ReportData {
  const rows = {
    label: [text],
    workspace: [text],
    combo: [-1],
    state: [1],
    exit: [1],
    reason: [0],
    fate: [0 as const],
    job: [text],
  };
  return {
    ...{
      version: 1,
      study: { name: text, description: text, directory: text },
      conductor: text,
    },
    ...stateFacts("failed"),
    ...{ maestro: text, since: 0, now: 1, zoneMinutes: 0, total: 1 },
    steps: [{
      name: text,
      description: text,
      total: 1,
      counts: [0, 1],
      skipped: [0, 0],
      retrying: [0, 0],
      uses: [],
      first: 0,
      end: 1,
    }],
    parameters: [{ key: text, values: [text], of: [0] }],
    rows: { ...rows, attempts: [[[0, 1, 2, 1]]], used: [0], reasons: [text] },
    advice: [text],
    failures: [{ row: 0, logs: [{ file: text, tail: [text] }], rerun: text }],
    ...{ rerunAll: text, provenance: { specFile: text, spec: text, facts: [[text, text]] }, graph: null },
  };
}

/** What a browser takes for the content of the element with the data. */
const dataIn = (html: string) =>
  /<script type="application\/json" id="data">([\s\S]*?)<\/script/.exec(html)![1]!;

Deno.test("report: no text of a study ends the data, begins an element or changes the page", () => {
  const skeleton = (html: string) => html.replace(dataIn(html), "").replace(/<title>.*?<\/title>/s, "");
  const plain = skeleton(reportPage(dataOf("x"), "n0nce"));
  for (const text of [...HOSTILE, HOSTILE.join("")]) {
    const html = reportPage(dataOf(text), "n0nce");
    assertEquals(skeleton(html), plain, text);
    assertEquals(/[<>&\u2028\u2029]/.exec(dataIn(html)), null, text);
    assertEquals(JSON.parse(dataIn(html)), dataOf(text));
    assert(!/[<>"']/.test(/<title>(.*?)<\/title>/s.exec(html)![1]!), text);
  }
  assertEquals(dataText(["<", "a"]), '["\\u003c","a"]');
  assertEquals(markup(`<a b="c" d='e'>&`), "&#60;a b=&#34;c&#34; d=&#39;e&#39;&#62;&#38;");
});

Deno.test("report: the page asks nothing of a network, and only its own script may run", () => {
  const html = reportPage(dataOf("x"), "n0nce");
  const policy = /content="(default-src [^"]*)"/.exec(html)![1]!;
  assertStringIncludes(policy, "default-src 'none'; script-src 'nonce-n0nce'; style-src 'nonce-n0nce'");
  assertEquals(
    html.replaceAll("http://www.w3.org/2000/svg", "").match(/https?:|\burl\((?!#)|@import/g),
    null,
  );
  assertEquals(html.match(/<(script|style)\b(?![^>]*(nonce="n0nce"|application\/json))/g), null);
  // Nothing in it reads a text as markup or as a program.
  assertEquals(
    program().match(/innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|DOMParser/g),
    null,
  );
});

Deno.test("report: its script is whole: every module is in it, in one scope", async () => {
  const files = [...Deno.readDirSync(`${ROOT}/templates/report`)].map(({ name }) => name);
  for (const file of files.filter((name) => name.endsWith(".js"))) {
    const [first] = (await Deno.readTextFile(`${ROOT}/templates/report/${file}`)).split("\n");
    assertStringIncludes(program(), first!, file);
  }
  assertEquals(program().match(/^(import|export)\b.*/gm), null);
  // A name that two modules have does not compile.
  const compiles = (text: string) => new Function(`{${text}}`);
  compiles(program());
  assertThrows(() => compiles(`${program()}\nconst data = 1;`), SyntaxError);
  for (const state of STEP_STATES) {
    assertMatch(reportPage(dataOf("x"), "n"), new RegExp(`\\.s-${state}\\{`));
  }
});

Deno.test("report: its data about a study", async () => {
  await inFreshFolder(async (folder) => {
    await imagineStudy(folder, sweepSpec(4, 2), { failing: 4, files: true });
    const { code, stdout } = await runIn(folder, ["maestro", "report", "-o", "-", "out"]);
    assertEquals(code, 0);
    const data = JSON.parse(dataIn(stdout)) as ReportData;
    assertEquals([data.study.name, data.state, data.total], ["lid-driven cavity", "failed", 19]);
    const [mesh, solve, profile, compare] = data.steps;
    const count = (state: StepState, step = solve!) => step.counts[SHOWN_STATES.indexOf(state)]!;
    assertEquals([mesh!.total, solve!.total, count("FINISHED"), count("FAILED", profile)], [2, 8, 6, 2]);
    // Each mesh is for four combinations; every combination has its own solve.
    assertEquals([mesh!.combos, solve!.combos, compare!.combos], [
      [0, 0, 0, 0, 4, 4, 4, 4],
      undefined,
      undefined,
    ]);
    assertEquals(data.parameters.map(({ key, values }) => [key, values.length]), [["RE", 4], ["MESH", 2]]);
    const [drag] = solve!.results!;
    assertEquals(drag!.values.filter((value) => value === null).length, 2);
    assertMatch(drag!.values[0]!, /^0\.1\d+$/);
    const { attempts, label, state, workspace } = data.rows;
    assertEquals([label[2], workspace[2], attempts[2]!.length], ["MESH.32.RE.100", 0, 1]);
    const [submitted, waited, ran] = attempts[2]![0]!;
    assert(submitted > 0 && waited > 0 && ran > 1000);
    assertEquals(data.failures.map(({ row }) => SHOWN_STATES[state[row]!]).sort(), ["FAILED", "TIMEDOUT"]);
    const [{ logs, rerun }] = data.failures as [ReportData["failures"][0]];
    // Without the colours that the program wrote.
    assertEquals(logs[0]!.tail.at(-1), "diverged after 1341 iterations");
    assertMatch(rerun, /^maestro rerun --step solve_MESH\.\d+\.RE\.\d+ \S+\/out$/);
    const facts = new Map(data.provenance.facts);
    assertEquals([facts.get("Command"), facts.get("Conducted on"), facts.get("Combinations")], [
      "maestro run -n -o out spec.yaml",
      "login3",
      "8",
    ]);
    assertMatch(facts.get("User")!, /^someone on ./);
    assertStringIncludes(data.provenance.spec, "name: lid-driven cavity");
  });
});
