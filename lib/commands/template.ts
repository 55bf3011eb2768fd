/** `maestro template`: the batch script of a scheduler, as a starting point for a site's own script. */

import { ADAPTERS, findAdapter } from "../../adapters/mod.ts";
import { EXIT, noSuchScheduler } from "../errors.ts";
import { nearest } from "../suggest.ts";
import { guarded } from "../app/context.ts";

export default guarded<Record<never, never>, [string?]>(({ system }, _, word) => {
  const schedulers = Object.values(ADAPTERS).filter(({ scheduler }) => scheduler);
  const names = schedulers.map(({ name }) => name);
  if (word === undefined) {
    system.stdout.write(names.map((name) => `${name}\n`).join(""));
    return Promise.resolve(EXIT.ok);
  }
  const lower = word.toLowerCase();
  const found = schedulers.find(({ otherNames }) => otherNames?.includes(lower)) ?? findAdapter(lower);
  if (found?.scheduler === undefined) throw noSuchScheduler(word, nearest(lower, names), names);
  system.stdout.write(found.template);
  return Promise.resolve(EXIT.ok);
});
