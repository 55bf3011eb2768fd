/** The suite of adapters as tests: `adapters/NAME/adapter_test.ts` calls `testAdapter` with the adapter and what it has. */

import { findAdapter } from "../adapters/mod.ts";
import type { Adapter } from "../adapters/adapter.ts";
import type { SuiteOptions } from "../lib/app/adapter_suite/cases.ts";
import { expect } from "../lib/app/adapter_suite/expect.ts";
import { onStage, type Stage } from "../lib/app/adapter_suite/end_to_end.ts";
import { suiteOf, unproven } from "../lib/app/adapter_suite/suite.ts";
import { realSystem } from "../lib/system.ts";
import { binFolder, programEnvironment } from "./maestro.ts";

/** What there is to test an adapter with: folders as file URLs, and what the suite cannot know. */
export interface AdapterTestOptions extends Pick<SuiteOptions, "limits" | "directives" | "prepare"> {
  /** A folder with a folder of recordings for each version. */
  readonly recorded?: string;
  /** A folder with commands like the scheduler's. */
  readonly fake?: string;
}

/** The quick suite leaves out whole studies, which the suite `system` runs: `run.ts`. */
const QUICK = Deno.env.get("SUITE") === "quick";

/** Registers all tests of an adapter, and prints what they cannot prove. */
export function testAdapter(adapter: Adapter, given: AdapterTestOptions): void {
  const { name } = adapter;
  const options = optionsOf(name, given);
  for (const sentence of unproven(adapter, options)) {
    Deno.test.ignore(`${name}: !!! UNPROVEN: ${sentence} !!!`, () => {});
  }
  Deno.test(`${name}: it has a row`, () => {
    expect(findAdapter(name) === adapter, `adapters/mod.ts: import "${name}", and add it to ADAPTERS`);
  });
  for (const { name: what, run } of suiteOf(adapter, options)) {
    if (QUICK && what.startsWith("study: ")) continue;
    Deno.test(`${name}: ${what}`, async () => {
      await prepareBin(options);
      await run();
    });
  }
}

/** A test of one adapter alone, on its fake. */
export function testOnFake(
  what: string,
  { name }: Adapter,
  given: AdapterTestOptions,
  body: (stage: Stage) => Promise<void>,
): void {
  if (QUICK) return;
  const options = optionsOf(name, given);
  Deno.test(`${name}: ${what}`, async () => {
    await prepareBin(options);
    await onStage(options, body);
  });
}

const pathOf = (url: string | undefined) => url && decodeURIComponent(new URL(url).pathname);

/** Filled in when a test runs. */
const command: string[] = [];
const environment: Record<string, string> = {};

async function prepareBin({ system }: SuiteOptions): Promise<void> {
  if (command.length > 0) return;
  command.push(`${await binFolder()}/maestro`);
  Object.assign(environment, await programEnvironment(system.cwd));
  delete environment["HOME"];
}

function optionsOf(name: string, given: AdapterTestOptions): SuiteOptions {
  const system = realSystem([]);
  return {
    ...given,
    system: {
      ...system,
      run: (argv, options) => system.run(argv, { ...options, env: { ...environment, ...options.env } }),
    },
    maestro: command,
    batch: { type: name },
    fake: pathOf(given.fake),
    recorded: pathOf(given.recorded),
    update: Deno.env.get("UPDATE") === "1",
  };
}
