/** `maestro man`: the man page, from the definitions of the commands. */

import { EXIT } from "../errors.ts";
import { manPage } from "../man_page.ts";
import { commandFacts } from "./app.ts";
import { guarded } from "./context.ts";
import { COMMON_FLAGS } from "./describe.ts";

export default guarded<Record<never, never>, []>(({ system, version }) => {
  system.stdout.write(manPage(version, commandFacts(), COMMON_FLAGS));
  return EXIT.ok;
});
