/** Steps that run on the conductor's own host, without a scheduler. */

import template from "../../templates/local.sh" with { type: "text" };
import type { Adapter } from "../adapter.ts";

/** `batch.type: local`, and what a spec without `batch` gets. */
export const local: Adapter = {
  name: "local",
  infix: "",
  template,
  batchKeys: ["shell"],
  // Users try specs here before they submit them to a scheduler. Keys for a scheduler cause no warning.
  ignores: {},
  // The runner puts the process id before the ending when it has one: `step.123.out`.
  logName: (jobName, stream) => `${jobName}.${stream}`,
  fields: () => ({}),
  // Nothing launches a local step: `$(LAUNCHER) ./app` becomes `./app`.
  launcher: () => [],
};
