/** Reports in a real browser, opened from a disk: what people do with them, and that nothing goes wrong on the way. */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import { inFreshFolder, runIn } from "../maestro.ts";
import { imagineStudy, sweepSpec } from "../report_study.ts";
import { type Browser, openBrowser, type Page } from "./browser.ts";

let browser: Browser;
Deno.test.beforeAll(async () => {
  browser = await openBrowser();
});
Deno.test.afterAll(() => browser.close());

/** Opens the report of the study that `make` lays out; fails if the page complains or asks for anything. */
async function onReport(make: (folder: string) => Promise<unknown>, body: (page: Page) => Promise<void>) {
  await inFreshFolder(async (folder) => {
    await make(folder);
    const { code, stderr } = await runIn(folder, ["maestro", "report", "out"]);
    assertEquals([code, stderr], [0, ""]);
    const page = await browser.context.newPage();
    const url = `file://${folder}/out/report.html`;
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => {
      const own = [url, "data:,"].includes(request.url()) || request.url().startsWith("data:image/");
      if (!own) complaints.push(`asks for ${request.url()}`);
    });
    await page.goto(url);
    await body(page);
    assertEquals(complaints, []);
    await page.close();
  });
}

const sweep = (reynolds: number, meshes: number) => (folder: string) =>
  imagineStudy(folder, sweepSpec(reynolds, meshes), { failing: 9, files: true });

const rows = (page: Page) => page.locator("#panel0 table.long tbody th").allTextContents();
const shown = (page: Page) => page.locator("#shown").textContent();
const column = async (page: Page, title: string) => {
  const at = await head(page, title).evaluate((cell) => [...cell.parentNode.children].indexOf(cell));
  return await page.locator(`#panel0 tbody tr[data-place] > :nth-child(${at + 1})`).allTextContents();
};
const head = (page: Page, title: string) =>
  page.locator("#panel0").getByRole("columnheader", { name: title, exact: true });

Deno.test("browser: what a report shows at first", async () => {
  await onReport(sweep(16, 6), async (page) => {
    assertMatch(await page.title(), /^lid-driven cavity: failed$/);
    assertMatch(
      (await page.getByRole("img").first().getAttribute("aria-label"))!,
      /^178 FINISHED, .*TIMEDOUT$/,
    );
    assertMatch((await page.locator("#figures").textContent())!, /Steps ended199 of 199/);
    assertEquals(await page.locator("#graph g.node").count(), 4);
    assertEquals(await page.locator("#timeline .lane").count(), 4);
    assertEquals(
      await page.locator("#failures details[open] pre").first().textContent(),
      "reading mesh\nresidual grows: 3.1e+07\ndiverged after 1341 iterations",
    );
    assertMatch(
      (await page.locator("#spec pre").textContent())!,
      /^description:\n {2}name: lid-driven cavity/,
    );
    // Of 199 rows only those in sight are there.
    const there = (await rows(page)).length;
    assert(there > 10 && there < 60, String(there));
    assertEquals(await page.locator("#panel0 table").getAttribute("aria-rowcount"), "200");
  });
});

Deno.test("browser: search and filters hold for tables and timeline, and are taken back", async () => {
  await onReport(sweep(8, 2), async (page) => {
    assertEquals(await shown(page), "35 steps");
    await page.getByRole("searchbox").fill("solve RE=150");
    assertEquals(await rows(page), ["solve_MESH.32.RE.150", "solve_MESH.64.RE.150"]);
    assertEquals(await page.locator("#timeline .lane").count(), 1);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("group", { name: "States" }).getByRole("button", { name: "TIMEDOUT" }).click();
    assertEquals(await shown(page), "1 of 35 steps");
    assertEquals(await page.locator('[aria-pressed="true"]').count(), 1);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByLabel("Parameter", { exact: true }).selectOption("MESH");
    await page.getByLabel("Value", { exact: true }).selectOption("64");
    await page.getByLabel("Step", { exact: true }).selectOption("mesh");
    assertEquals(await rows(page), ["mesh_MESH.64"]);
    await page.getByRole("button", { name: "Remove MESH = 64" }).click();
    assertEquals(await shown(page), "2 of 35 steps");
    await page.getByRole("tab", { name: "Combinations" }).click();
    await page.getByLabel("Step", { exact: true }).selectOption("All steps");
    await page.getByRole("searchbox").fill("RE=150 MESH=32");
    assertEquals(await page.locator("#panel1 tbody th").allTextContents(), ["150 · 32"]);
    await page.getByRole("searchbox").fill("no such thing");
    assertEquals(await page.locator("#panel1 tbody td[colspan]").textContent(), "Nothing is like that.");
    assertEquals(await page.locator("#timeline .lane").count(), 0);
  });
});

Deno.test("browser: heads sort, by size if all are numbers, and show the order", async () => {
  await onReport(sweep(8, 2), async (page) => {
    await page.getByLabel("Step", { exact: true }).selectOption("solve");
    const sortBy = (title: string) => head(page, title).getByRole("button").click();
    await sortBy("RE");
    assertEquals(await head(page, "RE").getAttribute("aria-sort"), "ascending");
    assertEquals((await column(page, "RE")).slice(0, 5), ["100", "100", "150", "150", "200"]);
    await sortBy("RE");
    assertEquals(await head(page, "RE").getAttribute("aria-sort"), "descending");
    assertEquals((await column(page, "RE")).slice(0, 3), ["450", "450", "400"]);
    await sortBy("RE");
    assertEquals(await page.locator("[aria-sort]").count(), 0);
    await sortBy("drag");
    const drags = await column(page, "drag");
    // The one that failed has none: it comes last, whichever way.
    assertEquals(drags.slice(0, -1), drags.slice(0, -1).toSorted((a, b) => Number(a) - Number(b)));
    assertEquals(drags.at(-1), "");
    await sortBy("drag");
    assertEquals((await column(page, "drag")).at(-1), "");
  });
});

Deno.test("browser: by keyboard alone: search, rows, dialog, tabs, lanes", async () => {
  await onReport(sweep(16, 6), async (page) => {
    const focused = () => page.evaluate<string>("document.activeElement?.textContent");
    await page.keyboard.press("/");
    await page.keyboard.type("solve");
    assertEquals(await shown(page), "96 of 199 steps");
    await page.locator("#panel0 tbody button").first().focus();
    await page.keyboard.press("ArrowDown");
    assertEquals(await focused(), "solve_MESH.32.RE.150");
    await page.keyboard.press("End");
    assertEquals(await focused(), "solve_MESH.192.RE.850");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "solve_MESH.192.RE.850" });
    assertMatch((await dialog.textContent())!, /Attempt.*2026-01-31/);
    await page.keyboard.press("Escape");
    assertEquals(await dialog.isVisible(), false);
    assertEquals(await focused(), "solve_MESH.192.RE.850");
    await page.keyboard.press("Home");
    assertEquals(await focused(), "solve_MESH.32.RE.100");
    await page.getByRole("tab", { name: "Steps" }).focus();
    await page.keyboard.press("ArrowRight");
    assertEquals(await page.getByRole("tab", { selected: true }).textContent(), "Combinations");
    await page.locator("#timeline button.label").first().focus();
    await page.keyboard.press("Enter");
    assert(await page.locator("#timeline .line").count() > 10);
    assertEquals(await page.locator(":focus").getAttribute("aria-expanded"), "true");
    await page.locator("#graph g.node").last().focus();
    await page.keyboard.press("Enter");
    assertEquals(await shown(page), "0 of 199 steps");
  });
});

Deno.test("browser: light, dark, and as it is printed", async () => {
  await onReport(sweep(8, 2), async (page) => {
    const paper = () => page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor");
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await paper();
    await page.emulateMedia({ colorScheme: "light" });
    const light = await paper();
    assert(dark !== light);
    await page.getByText("Dark", { exact: true }).click();
    assertEquals(await paper(), dark);
    await page.getByText("Auto", { exact: true }).click();
    assertEquals(await paper(), light);
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    assertEquals((await rows(page)).length, 35);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    assert((await rows(page)).length <= 35);
  });
});

const ODD = [
  "</script><script>alert(1)</script>",
  "<img src=x onerror=alert(2)>",
  "<!-- <script>",
  "a\u2028b\u202ec",
];

Deno.test("browser: text of a study stays text", async () => {
  const spec = JSON.stringify({
    description: { name: `odd ${ODD[1]}`, description: ODD[0] },
    study: [{
      name: "<b>work</b>",
      description: ODD[1],
      run: {
        cmd: `cat <<'EOF'\n${ODD.join("\n")}\nEOF\necho '${ODD[1]}' >&2; exit 3`,
      },
    }, {
      name: "good",
      description: "d",
      run: { cmd: `echo '${ODD[0]} $(P)'` },
      results: { found: { regex: "(.+)" } },
    }],
    "global.parameters": { P: { values: ODD, label: "L.%%" } },
  });
  const make = async (folder: string) => {
    await Deno.writeTextFile(`${folder}/spec.yaml`, spec);
    const { code, stderr } = await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "spec.yaml"]);
    assertEquals(code, 2, stderr);
  };
  await onReport(make, async (page) => {
    assertEquals(await page.locator("img, b script, script").count(), 3, "its own data, pictures and script");
    assertEquals(await page.locator("#description").textContent(), ODD[0]);
    const found = (await column(page, "found")).filter((text) => text !== "");
    assertEquals(found.length, 4);
    // The last one holds what ends a line of JavaScript.
    assertEquals(found.filter((text) => text.startsWith(ODD[0]!)).length, 3);
    assertMatch(
      (await page.locator("#failures pre").first().textContent())!,
      /^<img src=x onerror=alert\(2\)>$/,
    );
    for (const name of await rows(page)) {
      await page.locator("#panel0 tbody").getByRole("button", { name, exact: true }).click();
      await page.keyboard.press("Escape");
    }
  });
});

/** A study whose plot and pictures are known: a time for each size and solver, and two pictures of each. */
const PLOTTED = `description: {name: plotted, description: d}
study:
  - name: mesh
    description: d
    run: {cmd: 'echo "cells = $(SIZE)00"'}
    results: {cells: {regex: 'cells = (.*)'}}
  - name: solve
    description: d
    run:
      depends: [mesh]
      cmd: |
        case $(SOLVER)$(SIZE) in
          cg40) echo "time = nan" ;;
          *) echo "time = $(SIZE).5" ;;
        esac
        printf 'GIF89a\\001\\000\\001\\000\\200\\000\\000\\377\\000\\000\\000\\000\\000,\\000\\000\\000\\000\\001\\000\\001\\000\\000\\002\\002D\\001\\000;' > flow.png
        case $(SOLVER)$(SIZE) in
          cg10) echo '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>' > mesh.svg ;;
          cg20) echo 'no picture' > mesh.svg ;;
          cg40) truncate -s 5M mesh.svg ;;
          lu10) ;;
          *) echo '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 5"><rect width="9" height="5"/></svg>' > mesh.svg ;;
        esac
    results:
      time: {regex: 'time = (.*)'}
      flow: {image: flow.png}
      mesh: {image: mesh.svg}
global.parameters:
  SIZE: {values: [10, 20, 40, 10, 20, 40], label: SIZE.%%}
  SOLVER: {values: [cg, cg, cg, lu, lu, lu], label: SOLVER.%%}
`;

const plotted = async (folder: string) => {
  await Deno.writeTextFile(`${folder}/spec.yaml`, PLOTTED);
  const { code, stderr } = await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "spec.yaml"]);
  assertEquals(code, 0, stderr);
};

Deno.test("browser: results against parameters: choosers, filters, a click on a point", async () => {
  await onReport(plotted, async (page) => {
    const plot = page.locator("#plot svg");
    const points = page.locator("#plot .point:has(title)");
    const titles = () => points.locator("title").allTextContents();
    assertEquals(await plot.getAttribute("aria-label"), "time against SIZE, by SOLVER: 5 points");
    assertEquals((await titles())[0], "solve_SIZE.10.SOLVER.cg: SIZE = 10, time = 10.5");
    assertEquals(await page.locator("#plot .plot-line").count(), 2);
    assertEquals(
      await page.locator("#plot-note").textContent(),
      "Combinations that are not drawn: 1 with a number that is not finite",
    );
    await page.getByLabel("y", { exact: true }).selectOption("cells");
    await page.getByLabel("by", { exact: true }).selectOption("(none)");
    assertEquals(await titles(), [10, 20, 40].map((n) => `mesh_SIZE.${n}: SIZE = ${n}, cells = ${n}00`));
    await page.getByLabel("x", { exact: true }).selectOption("SOLVER");
    await page.getByLabel("y", { exact: true }).selectOption("time");
    assertEquals(await page.locator("#plot .plot-line").count(), 0);
    assertEquals(await points.count(), 5);
    await page.getByLabel("logarithmic x").check();
    assertMatch((await page.locator("#plot-note").textContent())!, /SOLVER has no logarithm$/);
    await page.getByLabel("x", { exact: true }).selectOption("cells");
    await page.getByRole("searchbox").fill("SOLVER=lu");
    assertEquals(await points.count(), 3);
    assertEquals(await page.locator("#plot-note").textContent(), "");
    await points.last().click();
    await page.getByRole("dialog", { name: "solve_SIZE.40.SOLVER.lu" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("searchbox").fill("no such thing");
    assertEquals(await page.locator("#plot").textContent(), "No combination has numbers for these axes.");
  });
});

Deno.test("browser: pictures are in the page by their content, and none that could run something", async () => {
  await onReport(plotted, async (page) => {
    const shown = page.locator("#pictures img");
    assertEquals(await shown.count(), 8);
    const loaded = await shown.evaluateAll((images) =>
      images.map((image) => [image.src.slice(0, 14), image.naturalWidth > 0])
    );
    // The name of the file is wrong.
    assertEquals(loaded.filter(([type, there]) => type === "data:image/gif" && there).length, 6);
    assertEquals(loaded.filter(([type, there]) => type === "data:image/svg" && there).length, 2);
    await page.locator("#pictures-left summary").click();
    assertEquals(await page.locator("#pictures-left li").allTextContents(), [
      "mesh of solve_SIZE.10.SOLVER.cg: it contains a script",
      "mesh of solve_SIZE.20.SOLVER.cg: it is not a PNG, JPEG, GIF, WebP or SVG picture",
      "mesh of solve_SIZE.40.SOLVER.cg: it is larger than 4 MB",
      "mesh of solve_SIZE.10.SOLVER.lu: there is no such file",
    ]);
    await page.getByLabel("Picture", { exact: true }).selectOption("mesh");
    assertEquals(await shown.count(), 2);
    await page.getByRole("searchbox").fill("SIZE=40");
    assertEquals(await shown.count(), 1);
    await page.locator("#pictures").getByRole("button", { name: "solve_SIZE.40.SOLVER.lu" }).click();
    assertEquals(await page.getByRole("dialog").locator("img").count(), 2);
  });
});

Deno.test("browser: a study that has not begun, and one without steps that use parameters", async () => {
  const make = async (folder: string) => {
    await Deno.writeTextFile(
      `${folder}/spec.yaml`,
      "description: {name: s, description: d}\nstudy:\n  - {name: one, description: d, run: {cmd: 'true'}}\n",
    );
    await runIn(folder, ["maestro", "run", "-n", "-o", "out", "spec.yaml"]);
  };
  await onReport(make, async (page) => {
    assertEquals(await rows(page), ["one"]);
    assertEquals(await page.getByRole("tab").count(), 0);
    assertMatch((await page.locator("main").textContent())!, /Nothing has been submitted yet/);
    assertEquals(await page.getByLabel("Parameter", { exact: true }).count(), 0);
  });
});

Deno.test("browser: ten thousand steps: few elements, however far one scrolls", async () => {
  const make = (folder: string) => imagineStudy(folder, sweepSpec(250, 20), { failing: 40, files: false });
  await onReport(make, async (page) => {
    assertEquals(await shown(page), "10,021 steps");
    await page.getByRole("button", { name: "Open all lanes" }).click();
    for (const box of ["#timeline", "#panel0 div.long"]) {
      await page.locator(box).evaluate((element) => element.scrollTop = 120_000);
    }
    await page.locator("#timeline .line").first().waitFor();
    await page.locator('#panel0 tr[data-place="3530"]').waitFor();
    const elements = await page.locator("*").count();
    assert(elements < 4000, String(elements));
    await page.getByRole("searchbox").fill("solve RE=12500 MESH=640");
    assertEquals(await rows(page), ["solve_MESH.640.RE.12500"]);
  });
});
