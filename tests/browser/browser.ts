/** A headless Chromium that opens files and knows no network: for the tests of pages, and for pictures of them. */

import { type BrowserContext, chromium, type Page } from "playwright-core";

export type { Page };

export const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";

const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

export async function withBrowser<T>(body: (browser: BrowserContext) => Promise<T>): Promise<T> {
  const profile = await Deno.makeTempDir({ prefix: "maestro_browser_" });
  try {
    const browser = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      headless: true,
      args: FLAGS,
      viewport: { width: 1280, height: 900 },
    });
    try {
      return await body(browser);
    } finally {
      await browser.close();
    }
  } finally {
    await Deno.remove(profile, { recursive: true });
  }
}
