/** The forms of an item of `depends` and `after`: `a`, `a_*` (all of a's combinations), `a_*[SIZE]` (those that share SIZE). */

const MATCHED = /\*\s*\[([^[\]]*)\]$/;

/** Whether an item waits for more than one combination of a step: `a_*`, `a*`, `*a`, `a_*[SIZE]`. */
export function isFunnel(item: string): boolean {
  return item.includes("*");
}

/** The step that an item names, funnel or not: the text without every `_*`, then without every `*`. */
export function funnelTarget(item: string): string {
  return item.replace(MATCHED, "*").replaceAll("_*", "").replaceAll("*", "");
}

/** The parameters that must be equal in both combinations. Undefined if the item names none. */
export function matchNames(item: string): string[] | undefined {
  const found = MATCHED.exec(item);
  return found?.[1]?.split(",").map((name) => name.trim());
}
