/** `--define NAME=VALUE`: replaces texts of names in the spec's `env`. */

import { badDefine, unknownDefine } from "../input_errors.ts";
import { isMapping } from "./spec_values.ts";
import { didYouMean } from "../suggest.ts";
import type { YamlValue } from "./types.ts";

/** The spec's values with the new texts. Each name must be a variable or a label of the spec. */
export function defineNames(value: YamlValue, defines: readonly string[]): YamlValue {
  if (defines.length === 0 || !isMapping(value)) return value;
  const env = isMapping(value["env"]) ? { ...value["env"] } : {};
  const sections = ["variables", "labels"].map((key) => {
    const section = env[key];
    return [key, isMapping(section) ? { ...section } : {}] as const;
  });
  for (const item of defines) {
    const [name, text] = splitDefine(item);
    const section = sections.find(([, names]) => Object.hasOwn(names, name))?.[1];
    if (!section) {
      throw unknownDefine(
        name,
        didYouMean(name, sections.flatMap(([, names]) => Object.keys(names))),
      );
    }
    section[name] = text;
  }
  for (const [key, names] of sections) if (Object.hasOwn(env, key)) env[key] = names;
  return { ...value, env };
}

/** `NAME=VALUE`, split at the first "=". */
export function splitDefine(item: string): [name: string, text: string] {
  const equals = item.indexOf("=");
  if (equals < 1) throw badDefine(item);
  return [item.slice(0, equals).trim(), item.slice(equals + 1)];
}
