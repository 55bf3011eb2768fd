/** `maestro adapter`: loads an adapter's file, and runs the suite over an adapter. */

import { resolve } from "@std/path";
import { findAdapter } from "../../adapters/mod.ts";
import type { Adapter } from "../../adapters/adapter.ts";
import { adapterFrom, explained } from "../app/adapter_file.ts";
import { adapterFileOf, LOADED, neverLoads } from "../app/own_adapter.ts";
import { Failure } from "../app/adapter_suite/expect.ts";
import type { SuiteCase, SuiteOptions } from "../app/adapter_suite/cases.ts";
import { quickSuiteOf, suiteOf, unproven } from "../app/adapter_suite/suite.ts";
import { guarded } from "../app/context.ts";
import { problemReport } from "../app/load_spec.ts";
import { badAdapterAction, EXIT, noAdapter } from "../errors.ts";
import { notTogether } from "../view_errors.ts";
import type { PlacedProblem } from "../spec/types.ts";
import type { System } from "../system.ts";

export interface AdapterFlags {
  readonly fake?: string;
  readonly recorded?: string;
  readonly real?: boolean;
  readonly limits?: boolean;
  readonly update?: boolean;
}

export default guarded<AdapterFlags, [string, string]>(async ({ system }, flags, action, named) => {
  // `load` is for the separate process of `neverLoads`.
  if (action !== "test" && action !== "check" && action !== "load") throw badAdapterAction(action);
  if (flags.fake !== undefined && flags.real) throw notTogether("fake", "real");
  const found = await load(system, named, action !== "load");
  if ("problems" in found) {
    system.stderr.write(problemReport(system, found.problems));
    return EXIT.badSpec;
  }
  if (action === "load") {
    system.stdout.write(LOADED);
    return EXIT.ok;
  }
  const { adapter, type } = found;
  const folder = (path: string | undefined) => path === undefined ? undefined : resolve(system.cwd, path);
  const options: SuiteOptions = {
    ...{ system, maestro: system.selfCommand, batch: { type }, trust: type !== adapter.name },
    ...{ real: flags.real, limits: flags.limits, update: flags.update },
    ...{ fake: folder(flags.fake), recorded: folder(flags.recorded) },
  };
  const cases = action === "check" ? quickSuiteOf(adapter) : suiteOf(adapter, options);
  const failed = await runCases(system, cases, type);
  const open = action === "check" ? [] : unproven(adapter, options);
  for (const sentence of open) system.stdout.write(`UNPROVEN  ${sentence}\n`);
  system.stdout.write(
    `${adapter.name}: ${cases.length - failed} passed, ${failed} failed` +
      `${open.length > 0 ? `, ${open.length} not proven` : ""}\n`,
  );
  return failed === 0 ? EXIT.ok : EXIT.badSpec;
});

type Found = { readonly adapter: Adapter; readonly type: string } | {
  readonly problems: readonly PlacedProblem[];
};

/** The adapter of a name or a file. `first`: whether a separate process tries a file first. */
async function load(system: System, named: string, first: boolean): Promise<Found> {
  const built = findAdapter(named);
  if (built) return { adapter: built, type: named };
  const file = adapterFileOf(system, named);
  if (file === undefined) throw noAdapter(named);
  const endless = first ? await neverLoads(system, file) : undefined;
  if (endless) return { problems: [endless] };
  const { adapter, problems } = await adapterFrom(system, file, system.readText(file));
  return adapter === undefined ? { problems } : { adapter, type: file };
}

/** An error of the adapter's own, with its place where its text is a file. */
function thrown(error: unknown, file: string): string {
  const { message, at } = explained(error);
  return at === undefined
    ? `It throws: ${message}`
    : `It throws at ${file}:${at.line}:${at.column}: ${message}`;
}

/** Runs cases one after the other, and prints what became of each; how many failed. */
async function runCases(system: System, cases: readonly SuiteCase[], file: string): Promise<number> {
  let failed = 0;
  for (const { name, run } of cases) {
    try {
      await run();
      system.stdout.write(`ok        ${name}\n`);
    } catch (error) {
      failed++;
      const said = error instanceof Failure ? error.message : thrown(error, file);
      system.stdout.write(`FAILED    ${name}\n${said.trimEnd().replace(/^/gm, "          ")}\n`);
    }
  }
  return failed;
}
