/** `maestro help`, and `--help` of every command. */

import { guarded } from "../app/context.ts";
import { EXIT } from "../errors.ts";
import { helpOfAll, helpOfOne } from "../view/help_text.ts";
import { type CommandFacts, COMMON_FLAGS } from "./describe.ts";
import { unknownCommand } from "./unknown_command.ts";

export default (all: () => readonly CommandFacts[], one: (name: string) => CommandFacts | undefined) =>
  guarded<Record<never, never>, [string?]>(({ system }, _flags, name) => {
    const columns = system.stdout.columns();
    const command = name === undefined ? undefined : one(name);
    if (name !== undefined && !command) throw unknownCommand(name, all().map(({ name }) => name));
    system.stdout.write(command ? helpOfOne(command, columns) : helpOfAll(all(), COMMON_FLAGS, columns));
    return EXIT.ok;
  });
