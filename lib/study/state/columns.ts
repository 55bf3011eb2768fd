/**
 * Columns: one value for each node, in a typed array if it is a number. An empty column takes no memory. The
 * garbage collector skips typed arrays, and they are written to a file without conversion.
 */

/** A column, and how it goes to a file. */
export interface StateColumn<VALUE> {
  get(node: number): VALUE;
  set(node: number, value: VALUE): void;
  /** To what it is before anything is known. */
  clear(node: number): void;
  /** Undefined if it is empty. */
  save(): Uint8Array | undefined;
  /** Takes over the bytes, which begin at a multiple of 8 of their buffer. */
  load(bytes: Uint8Array): void;
}

/** One of a few words for each node; the first one to begin with. */
export class Words<WORD> implements StateColumn<WORD> {
  private codes: Uint8Array | undefined;

  constructor(private readonly size: number, private readonly words: readonly WORD[]) {}

  get(node: number): WORD {
    return this.words[this.codes === undefined ? 0 : this.codes[node]!]!;
  }

  set(node: number, word: WORD): void {
    const code = this.words.indexOf(word);
    // A word of a later version.
    if (code < 0) return;
    if (code === 0 && this.codes === undefined) return;
    (this.codes ??= new Uint8Array(this.size))[node] = code;
  }

  clear(node: number): void {
    if (this.codes !== undefined) this.codes[node] = 0;
  }

  save(): Uint8Array | undefined {
    return this.codes;
  }

  load(bytes: Uint8Array): void {
    this.codes = bytes;
  }
}

/** How often: 0 to begin with. */
export class Counts implements StateColumn<number> {
  private counts: Uint8Array | Int32Array | undefined;

  constructor(private readonly size: number) {}

  get(node: number): number {
    return this.counts === undefined ? 0 : this.counts[node]!;
  }

  set(node: number, count: number): void {
    if (count === 0 && this.counts === undefined) return;
    this.counts ??= new Uint8Array(this.size);
    // Few steps are tried more often than a byte can count.
    if (count > 255 && this.counts instanceof Uint8Array) this.counts = Int32Array.from(this.counts);
    this.counts[node] = count;
  }

  clear(node: number): void {
    this.set(node, 0);
  }

  save(): Uint8Array | undefined {
    return this.counts && viewOf(this.counts);
  }

  load(bytes: Uint8Array): void {
    this.counts = bytes.length === this.size
      ? bytes
      : new Int32Array(bytes.buffer, bytes.byteOffset, this.size);
  }
}

/** Of an `Int32Array`: nothing is known. */
const UNKNOWN = -(2 ** 31);

/**
 * A number that may be unknown, and is unknown at first. Whole numbers near the first one are kept as
 * differences from it. For times in milliseconds, this covers three weeks.
 */
export class Numbers implements StateColumn<number | undefined> {
  /** NaN if the numbers are kept as they come, and NaN is an unknown one. */
  private first = NaN;
  private numbers: Int32Array | Float64Array | undefined;

  constructor(private readonly size: number) {}

  get(node: number): number | undefined {
    if (this.numbers === undefined) return undefined;
    const { first } = this;
    const number = this.numbers[node]!;
    if (first === first) return number === UNKNOWN ? undefined : first + number;
    return number !== number ? undefined : number;
  }

  set(node: number, number: number | undefined): void {
    const known = typeof number === "number" ? number : NaN;
    if (this.numbers === undefined) {
      if (known !== known) return;
      this.first = known;
      this.numbers = new Int32Array(this.size).fill(UNKNOWN);
    }
    if (this.first === this.first && !this.isNear(known)) {
      this.numbers = Float64Array.from({ length: this.size }, (_, other) => this.get(other) ?? NaN);
      this.first = NaN;
    }
    if (this.first !== this.first) this.numbers[node] = known;
    else this.numbers[node] = known === known ? known - this.first : UNKNOWN;
  }

  clear(node: number): void {
    this.set(node, undefined);
  }

  private isNear(known: number): boolean {
    if (known !== known) return true;
    const near = known - this.first;
    return near === (near | 0) && near !== UNKNOWN && this.first + near === known;
  }

  /** `first` comes before the numbers. */
  save(): Uint8Array | undefined {
    if (this.numbers === undefined) return undefined;
    const first = viewOf(Float64Array.of(this.first));
    const bytes = new Uint8Array(first.length + this.numbers.byteLength);
    bytes.set(first);
    bytes.set(viewOf(this.numbers), first.length);
    return bytes;
  }

  load({ buffer, byteOffset }: Uint8Array): void {
    this.first = new Float64Array(buffer as ArrayBuffer, byteOffset, 1)[0]!;
    const Kind = this.first === this.first ? Int32Array : Float64Array;
    this.numbers = new Kind(buffer as ArrayBuffer, byteOffset + Float64Array.BYTES_PER_ELEMENT, this.size);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A text that may be missing, and is to begin with. */
export class Texts implements StateColumn<string | undefined> {
  /** What was set since the column was loaded; null: no text. */
  private texts: (string | null | undefined)[] | undefined;
  private loaded: LoadedTexts | undefined;

  constructor(private readonly size: number) {}

  get(node: number): string | undefined {
    const text = this.texts?.[node];
    return text !== undefined ? text ?? undefined : this.loaded?.get(node);
  }

  set(node: number, text: string | undefined): void {
    if (this.texts === undefined) {
      if (text === undefined && this.loaded === undefined) return;
      this.texts = new Array<string | undefined>(this.size).fill(undefined);
    }
    // Half a character, for example at the end of a program's output, would change in a file.
    this.texts[node] = typeof text === "string" ? copyOf(text).toWellFormed() : null;
  }

  clear(node: number): void {
    this.set(node, undefined);
  }

  save(): Uint8Array | undefined {
    if (this.texts === undefined && this.loaded === undefined) return undefined;
    const ends = new Int32Array(this.size);
    let all = "";
    for (let node = 0; node < this.size; node++) {
      const text = this.get(node);
      if (text !== undefined) all += text;
      ends[node] = text === undefined ? ~all.length : all.length;
    }
    const encoded = encoder.encode(all);
    const bytes = new Uint8Array(ends.byteLength + encoded.length);
    bytes.set(new Uint8Array(ends.buffer));
    bytes.set(encoded, ends.byteLength);
    return bytes;
  }

  load(bytes: Uint8Array): void {
    this.texts = undefined;
    this.loaded = new LoadedTexts(bytes, this.size);
  }
}

/** Lists of which nearly all are empty. They are plain data: a file has them as JSON. */
export class Lists<ITEM> implements StateColumn<readonly ITEM[]> {
  private lists = new Map<number, readonly ITEM[]>();

  constructor(_size: number) {}

  get(node: number): readonly ITEM[] {
    return this.lists.get(node) ?? NONE;
  }

  set(node: number, list: readonly ITEM[]): void {
    if (list.length > 0) this.lists.set(node, list);
    else this.lists.delete(node);
  }

  clear(node: number): void {
    this.lists.delete(node);
  }

  /** In place: a step may run again thousands of times. */
  push(node: number, item: ITEM): void {
    const list = this.lists.get(node);
    if (list === undefined) this.lists.set(node, [item]);
    else (list as ITEM[]).push(item);
  }

  save(): Uint8Array | undefined {
    if (this.lists.size === 0) return undefined;
    return encoder.encode(JSON.stringify([...this.lists].sort(([a], [b]) => a - b)));
  }

  load(bytes: Uint8Array): void {
    this.lists = new Map(JSON.parse(decoder.decode(bytes)));
  }
}

const NONE: readonly never[] = [];

/**
 * A text of this length that is a slice of another one keeps all of the other in memory. Here
 * that is a megabyte of the journal.
 */
const CUT = 13;

/** The same text, and nothing else in memory for its sake. */
function copyOf(text: string): string {
  return text.length < CUT ? text : [text.slice(0, 1), text.slice(1)].join("");
}

const encoder = new TextEncoder();
// What looks like a mark of the encoding is part of the first text.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** One text of all, and where that of each node ends in it; of one that has none, the complement. Cut when asked for. */
class LoadedTexts {
  private readonly ends: Int32Array;
  private readonly all: string;

  constructor(bytes: Uint8Array, size: number) {
    this.ends = new Int32Array(bytes.buffer, bytes.byteOffset, size);
    this.all = decoder.decode(bytes.subarray(this.ends.byteLength));
  }

  get(node: number): string | undefined {
    const end = this.ends[node]!;
    if (end < 0) return undefined;
    const before = node === 0 ? 0 : this.ends[node - 1]!;
    return this.all.slice(before < 0 ? ~before : before, end);
  }
}
