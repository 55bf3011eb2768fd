/** `maestro man`: the man page, from the definitions of the commands. */

import { EXIT } from "../errors.ts";
import { manPage } from "../view/man_page.ts";
import { guarded } from "../app/context.ts";
import { type CommandFacts, COMMON_FLAGS } from "./describe.ts";

export default (commands: readonly CommandFacts[]) =>
  guarded<Record<never, never>, []>(({ system, version }) => {
    system.stdout.write(manPage(version, commands, COMMON_FLAGS));
    return EXIT.ok;
  });
