/**
 * A site's own batch script, `batch.template`: read from the spec's folder, copied into the study, and used
 * from there.
 */

import { resolve } from "@std/path";
import { findAdapter } from "../../adapters/mod.ts";
import { adapterToConduct } from "./own_adapter.ts";
import { unknownFields, withOwnTemplate } from "../plan/script.ts";
import { noTemplate } from "../spec/step_problems.ts";
import type { System } from "../system.ts";
import type { Adapter } from "../../adapters/adapter.ts";
import type { Batch, PlacedProblem, Problem } from "../spec/types.ts";
import type { KeptFile } from "./parameters.ts";

/** Where a study keeps the copy, from its root. */
const KEPT = "meta/template.sh";

export interface SiteTemplate {
  readonly adapter: Adapter;
  readonly kept: readonly KeptFile[];
  readonly problems: readonly Problem[];
  /** Problems of the template itself. */
  readonly placed: readonly PlacedProblem[];
}

/** The adapter of a spec, with the site's template if `batch` names one. */
export function withTemplate(
  system: System,
  { type, template }: Batch,
  specRoot: string,
  own: Adapter | undefined,
): SiteTemplate {
  const adapter = own ?? findAdapter(type) ?? findAdapter("local")!;
  const plain = { adapter, kept: [], problems: [], placed: [] };
  if (typeof template !== "string" || adapter.scheduler === undefined) return plain;
  const path = resolve(specRoot, template);
  const text = system.facts(path)?.isDirectory ? undefined : system.readTextIfAny(path);
  if (text === undefined) return { ...plain, problems: [noTemplate(["batch", "template"], template)] };
  const placed = unknownFields(text, adapter).map((found): PlacedProblem => ({
    ...{ level: "error", path: [], at: "value", file: template },
    ...found,
  }));
  return {
    ...{ adapter: withOwnTemplate(adapter, text), problems: [], placed },
    kept: [{ file: KEPT, content: { text } }],
  };
}

/** The adapter of a study for its conductor, with the template that the study was created with. */
export async function adapterOfStudy(system: System, root: string, batch: Batch): Promise<Adapter> {
  const adapter = await adapterToConduct(system, root, batch);
  const template = adapter.scheduler && system.readTextIfAny(`${root}/${KEPT}`);
  return template === undefined ? adapter : withOwnTemplate(adapter, template);
}
