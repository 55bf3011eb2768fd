/** `maestro clean`: its flags and its help. */

import type { Context } from "../app/context.ts";
import { CLEAN_KINDS } from "../clean_kinds.ts";
import type { CleanFlags } from "./clean.ts";
import { directory, flag, texts } from "./flag_kinds.ts";
import { buildCommand } from "./late_command.ts";

export const clean = buildCommand<CleanFlags, [string], Context>({
  loader: () => import("./clean.ts"),
  parameters: {
    flags: {
      kind: texts(`Only this kind: ${Object.keys(CLEAN_KINDS).join(", ")}`, "KIND"),
      "dry-run": flag("Show what would be deleted, and delete nothing"),
      autoyes: flag("Answer yes to the question"),
      json: flag("Print one JSON object, with all files"),
    },
    aliases: { y: "autoyes" },
    positional: { kind: "tuple", parameters: [directory] },
  },
  docs: {
    brief: "Delete what a study no longer needs, but no results",
    fullDescription:
      "Shows the number and size of the files of each kind, and asks. Results, the last logs of each step and the " +
      "state of the study stay.\n\n" +
      "Examples:\n  maestro clean --dry-run last\n  maestro clean -y --kind attempts my_study_20260131-120000",
  },
});
