/**
 * Commands of stricli that are built on first use. A start needs one command, and building all takes longer.
 */

import { buildCommand as build, type Command, type CommandContext } from "@stricli/core";

function buildLate(specification: Parameters<typeof build>[0]): Command<CommandContext> {
  let built: Command<CommandContext> | undefined;
  return new Proxy({} as Command<CommandContext>, {
    get: (_, key) => Reflect.get(built ??= build(specification), key),
  });
}

/** Like stricli's function of this name. */
export const buildCommand = buildLate as typeof build;
