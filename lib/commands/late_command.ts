/** Commands of stricli that are built when they are used: one start needs one of them, and to build all takes longer. */

import { buildCommand as build, type Command, type CommandContext } from "@stricli/core";

function buildLate(specification: Parameters<typeof build>[0]): Command<CommandContext> {
  let built: Command<CommandContext> | undefined;
  return new Proxy({} as Command<CommandContext>, {
    get: (_, key) => Reflect.get(built ??= build(specification), key),
  });
}

/** As stricli's function of this name. */
export const buildCommand = buildLate as typeof build;
