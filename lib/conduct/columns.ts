/**
 * Columns: one value for each node, in a typed array where it is a number. One that nothing stands in yet takes no memory.
 * The garbage collector passes over numbers in typed arrays, and they go to a file as they are.
 */

/** A column, and how it goes to a file. */
export interface Column<VALUE> {
  get(node: number): VALUE;
  set(node: number, value: VALUE): void;
  /** Undefined where nothing stands in it. */
  save(): Uint8Array | undefined;
  /** Takes over the bytes, which begin at a multiple of 8 of their buffer. */
  load(bytes: Uint8Array): void;
}

/** One of a few words for each node; the first one to begin with. */
export class Words<WORD> implements Column<WORD> {
  private codes: Uint8Array | undefined;

  constructor(private readonly size: number, private readonly words: readonly WORD[]) {}

  get(node: number): WORD {
    return this.words[this.codes === undefined ? 0 : this.codes[node]!]!;
  }

  set(node: number, word: WORD): void {
    const code = this.words.indexOf(word);
    if (code === 0 && this.codes === undefined) return;
    (this.codes ??= new Uint8Array(this.size))[node] = code;
  }

  save(): Uint8Array | undefined {
    return this.codes;
  }

  load(bytes: Uint8Array): void {
    this.codes = bytes;
  }
}

/** How often: 0 to begin with. */
export class Counts implements Column<number> {
  private counts: Int32Array | undefined;

  constructor(private readonly size: number) {}

  get(node: number): number {
    return this.counts === undefined ? 0 : this.counts[node]!;
  }

  set(node: number, count: number): void {
    if (count === 0 && this.counts === undefined) return;
    (this.counts ??= new Int32Array(this.size))[node] = count;
  }

  save(): Uint8Array | undefined {
    return this.counts && new Uint8Array(this.counts.buffer, this.counts.byteOffset, this.counts.byteLength);
  }

  load({ buffer, byteOffset, byteLength }: Uint8Array): void {
    this.counts = new Int32Array(buffer as ArrayBuffer, byteOffset, byteLength / 4);
  }
}

/** A number that may be unknown, and is to begin with. */
export class Numbers implements Column<number | undefined> {
  private numbers: Float64Array | undefined;

  constructor(private readonly size: number) {}

  get(node: number): number | undefined {
    const number = this.numbers === undefined ? NaN : this.numbers[node]!;
    return number !== number ? undefined : number;
  }

  set(node: number, number: number | undefined): void {
    if (this.numbers === undefined) {
      if (number === undefined) return;
      this.numbers = new Float64Array(this.size).fill(NaN);
    }
    this.numbers[node] = number === undefined ? NaN : number;
  }

  save(): Uint8Array | undefined {
    return this.numbers &&
      new Uint8Array(this.numbers.buffer, this.numbers.byteOffset, this.numbers.byteLength);
  }

  load({ buffer, byteOffset, byteLength }: Uint8Array): void {
    this.numbers = new Float64Array(buffer as ArrayBuffer, byteOffset, byteLength / 8);
  }
}

/** A text that may be missing, and is to begin with. */
export class Texts implements Column<string | undefined> {
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
    this.texts[node] = text === undefined ? null : copyOf(text);
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

/**
 * A text of this length that is cut out of another one is no copy, and keeps all of the other in memory: here a
 * megabyte of the journal.
 */
const CUT = 13;

/** The same text, and nothing else in memory for its sake. */
function copyOf(text: string): string {
  return text.length < CUT ? text : [text.slice(0, 1), text.slice(1)].join("");
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

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
