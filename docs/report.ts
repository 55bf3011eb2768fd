/**
 * Makes `docs/report.png`: a report in a browser. Needs Chromium:
 * `deno run --allow-all --lock=tests/browser/deno.lock docs/report.ts`
 */

import { openBrowser } from "../tests/browser/browser.ts";
import { inFreshFolder, ROOT, runIn } from "../tests/maestro.ts";
import { imagineStudy, sweepSpec } from "../tests/report_study.ts";

const SIZE = { width: 1180, height: 1060 };
/** What the picture does not show: it has room for the head and the timeline. */
const LEFT_OUT = ["failures-title", "overview-title", "graph-title"];

await inFreshFolder(async (folder) => {
  await imagineStudy(folder, sweepSpec(16, 6), { failing: 9, files: true });
  await runIn(folder, ["maestro", "report", "out"]);
  const browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.setViewportSize(SIZE);
  await page.goto(`file://${folder}/out/report.html`);
  for (const id of LEFT_OUT) {
    await page.locator(`section[aria-labelledby=${id}]`).evaluate((section) => section.remove());
  }
  await page.screenshot({ path: `${ROOT}/docs/report.png` });
  await browser.close();
});
