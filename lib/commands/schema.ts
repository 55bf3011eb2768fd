/** `maestro schema`: the format of specs as a JSON Schema. */

import { EXIT } from "../errors.ts";
import { specSchema } from "../spec/schema.ts";
import { guarded } from "../app/context.ts";

export default guarded<Record<never, never>, []>(({ system }) => {
  system.stdout.write(JSON.stringify(specSchema(), null, 2) + "\n");
  return EXIT.ok;
});
