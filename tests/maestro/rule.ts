/** What a rule is, and how it changes what the original made. */

import type { NodePicture, Picture } from "./picture.ts";

export interface Rule {
  readonly name: string;
  readonly reason: string;
  /** Who is better off. */
  readonly betterFor: string;
  /** What the original made, as we make it; the same object where the rule does not apply. */
  readonly apply?: (theirs: Picture, ours: Picture) => Picture;
}

/** The same picture with other nodes, or the very same where none changed. */
export function withNodes(picture: Picture, change: (node: NodePicture) => NodePicture): Picture {
  let changed = false;
  const nodes = picture.nodes.map((node) => {
    const result = change(node);
    changed ||= result !== node;
    return result;
  });
  return changed ? { ...picture, nodes } : picture;
}
