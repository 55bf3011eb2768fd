/** Order of steps: parents first, otherwise in the order of the spec. */

/**
 * Indices in an order in which every step follows its dependencies, and steps otherwise keep their order.
 * `cycle` is set if there is no such order: a path with the same step at both ends.
 */
export function parentsFirst(
  parents: readonly (readonly number[])[],
): { order: number[]; cycle?: undefined } | { order?: undefined; cycle: number[] } {
  const order: number[] = [];
  const done = new Uint8Array(parents.length);
  const onPath = new Uint8Array(parents.length);
  for (let root = 0; root < parents.length; root++) {
    if (done[root]) continue;
    // An explicit stack: a chain of 100,000 steps must not overflow the call stack.
    const path = [root];
    const next = [0];
    onPath[root] = 1;
    while (path.length > 0) {
      const step = path[path.length - 1]!;
      const parent = parents[step]![next[next.length - 1]!];
      if (parent === undefined) {
        path.pop();
        next.pop();
        onPath[step] = 0;
        done[step] = 1;
        order.push(step);
        continue;
      }
      next[next.length - 1]!++;
      if (onPath[parent]) return { cycle: [...path.slice(path.indexOf(parent)), parent] };
      if (done[parent]) continue;
      onPath[parent] = 1;
      path.push(parent);
      next.push(0);
    }
  }
  return { order };
}

/**
 * The least sets that contain `own[i]` and, for each `from` in `sources[i]`, the whole set of `from`. Visits
 * a step again only if one of its sources has grown. Costs O(edges x items).
 */
export function propagate(
  own: readonly ReadonlySet<number>[],
  sources: readonly (readonly number[])[],
): Set<number>[] {
  const sets = own.map((set) => new Set(set));
  const targets: number[][] = own.map(() => []);
  sources.forEach((list, step) => list.forEach((from) => targets[from]!.push(step)));
  const queue = own.flatMap((set, step) => set.size > 0 ? [step] : []);
  for (let at = 0; at < queue.length; at++) {
    const from = queue[at]!;
    for (const target of targets[from]!) {
      const before = sets[target]!.size;
      for (const item of sets[from]!) sets[target]!.add(item);
      if (sets[target]!.size > before) queue.push(target);
    }
  }
  return sets;
}
