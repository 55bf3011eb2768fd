/** `maestro tui` with an error of the program in it: the first word names the kind of error. */

import { contextOf } from "../lib/app/context.ts";
import tui from "../lib/commands/tui.ts";
import { realSystem } from "../lib/system.ts";

const [kind, folder] = Deno.args;
const system = realSystem([]);
let sleeps = 0;
const context = contextOf({
  ...system,
  sleep(ms, awake) {
    if (++sleeps === 2) {
      if (kind === "thrown") throw new Error("an error of the program");
      if (kind === "rejected") Promise.reject(new Error("an error of the program"));
      if (kind === "exit") Deno.exit(70);
    }
    return system.sleep(Math.min(ms, 50), awake);
  },
}, []);
await tui.call(context, {}, folder);
Deno.exit(context.exitCode);
