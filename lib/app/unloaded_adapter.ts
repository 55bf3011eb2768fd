/** The replacement of an adapter whose program does not run: enough for checks, and for readers of a study. */

import type { Adapter, Query } from "../../adapters/adapter.ts";
import { logNameOf } from "./adapter_file.ts";

/** What a study keeps of an adapter for its readers. */
export interface AdapterFacts {
  readonly name: string;
  readonly infix: string;
  readonly jobIdSign?: string;
  readonly environment?: readonly string[];
}

const NO_QUERY: Query = { argv: () => [], parse: () => undefined };

/** `batchKeys`: the keys that it may read. */
export function unloadedAdapter(facts: AdapterFacts, batchKeys: readonly string[] = []): Adapter {
  const { name, infix, jobIdSign, environment = [] } = facts;
  return {
    ...{ name, infix, batchKeys, template: "#!@shell@\n", ignores: {} },
    ...(jobIdSign === undefined ? {} : { jobIdSign }),
    logName: logNameOf(jobIdSign),
    fields: () => ({}),
    launcher: () => [],
    scheduler: {
      ...{
        version: { program: name, argv: [] },
        environment,
        clearedEnv: [],
        notSubmitted: [],
        ofJobs: [],
      },
      ...{ jobIdVariables: [], queries: [] },
      submit: () => [],
      parseSubmit: () => ({ kind: "unclear", reason: "" }),
      find: () => NO_QUERY,
      cancel: () => [],
      cancelMeansGone: () => false,
    },
  };
}
