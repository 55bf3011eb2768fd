/**
 * The parameters of a plan. In a file, the values of each parameter are one text, and labels with a common
 * pattern are omitted. They are cut or assembled on request. Separate texts would take longer to read, and
 * more memory, than the rest of a large plan.
 */

import type { BoundParameter } from "./types.ts";
import type { TextList } from "../names.ts";

/** A parameter in its form on disk. */
export type StoredParameter =
  & Omit<BoundParameter, "values" | "labels">
  & {
    /** One line each, or a list if a value contains a line break. */
    readonly values: string | readonly string[];
  }
  & ({ readonly labels: readonly string[] } | { readonly label: Around });

/** The text before and after the value in each label. */
type Around = readonly [before: string, behind: string];

export function storedParameter({ values, labels, ...parameter }: BoundParameter): StoredParameter {
  const list = listOf(values);
  const label = textAround(labels, list);
  const isList = list.length === 0 || list.some((value) => value.includes("\n"));
  return {
    ...parameter,
    values: isList ? list : list.join("\n"),
    ...(label ? { label } : { labels: listOf(labels) }),
  };
}

export function parameterOf({ values, ...stored }: StoredParameter): BoundParameter {
  const list = typeof values === "string" ? new Lines(values) : values;
  if ("labels" in stored) return { ...stored, values: list };
  const { label, ...parameter } = stored;
  return { ...parameter, values: list, labels: new LabelsOfValues(list, label) };
}

/** The text around the value in each label. Undefined if it is not the same in all labels. */
function textAround(labels: TextList, values: readonly string[]): Around | undefined {
  const first = labels.at(0);
  const at = first?.lastIndexOf(values[0]!) ?? -1;
  if (first === undefined || at < 0) return undefined;
  const [before, behind] = [first.slice(0, at), first.slice(at + values[0]!.length)];
  return values.every((value, i) => labels.at(i) === `${before}${value}${behind}`)
    ? [before, behind]
    : undefined;
}

/** All texts, kept in memory. */
export function listOf(texts: TextList): string[] {
  return Array.from({ length: texts.length }, (_, position) => texts.at(position)!);
}

/** The lines of a text. */
class Lines implements TextList {
  private readonly ends: Int32Array;

  constructor(private readonly text: string) {
    const ends: number[] = [];
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) ends.push(end);
    ends.push(text.length);
    this.ends = Int32Array.from(ends);
  }

  get length(): number {
    return this.ends.length;
  }

  at(position: number): string | undefined {
    if (position < 0 || position >= this.ends.length) return undefined;
    return this.text.slice(position === 0 ? 0 : this.ends[position - 1]! + 1, this.ends[position]);
  }

  toJSON(): string[] {
    return listOf(this);
  }
}

class LabelsOfValues implements TextList {
  constructor(private readonly values: TextList, private readonly around: Around) {}

  get length(): number {
    return this.values.length;
  }

  at(position: number): string | undefined {
    const value = this.values.at(position);
    return value === undefined ? undefined : `${this.around[0]}${value}${this.around[1]}`;
  }

  toJSON(): string[] {
    return listOf(this);
  }
}

/** The joined labels of each combination. */
export function joinedLabels(columns: readonly TextList[]): TextList {
  return columns.length === 1 ? columns[0]! : new JoinedLabels(columns);
}

class JoinedLabels implements TextList {
  readonly length: number;

  constructor(private readonly columns: readonly TextList[]) {
    this.length = columns[0]!.length;
  }

  at(position: number): string | undefined {
    let joined = this.columns[0]!.at(position);
    for (let i = 1; i < this.columns.length; i++) joined += `.${this.columns[i]!.at(position)!}`;
    return joined;
  }
}
