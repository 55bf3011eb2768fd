/** Text as UTF-8, written by hand: of hundreds of megabytes, making texts and encoding them takes longer than all else. */

const encoder = new TextEncoder();
/** A piece is given away when it is so long. */
const PIECE = 1 << 16;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** A text that is added often, to be kept as bytes. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

const NULL = bytesOf("null");

export class ByteText {
  private bytes = new Uint8Array(PIECE + PIECE / 4);
  private length = 0;

  /** Adds a text as it is. */
  text(text: string): this {
    if (this.length + text.length > this.bytes.length) this.grow(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7e) return this.encoded(text);
      bytes[at++] = code;
    }
    this.length = at;
    return this;
  }

  /** Adds what is text already. */
  put(bytes: Uint8Array): this {
    if (this.length + bytes.length > this.bytes.length) this.grow(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** Adds a text as JSON has it; `null` where there is none. */
  quoted(text: string | undefined): this {
    return text === undefined ? this.put(NULL) : this.byte(QUOTE).inQuotes(text).byte(QUOTE);
  }

  /** Adds a text as it stands between the quotes of JSON. */
  inQuotes(text: string): this {
    if (this.length + text.length > this.bytes.length) this.grow(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        return this.encoded(JSON.stringify(text).slice(1, -1));
      }
      bytes[at++] = code;
    }
    this.length = at;
    return this;
  }

  /** Adds a number as JSON has it; `null` where there is none. */
  number(value: number | undefined): this {
    if (value === undefined) return this.put(NULL);
    // Most are so small. To make a text of each takes long.
    if (value !== (value | 0) || value < 0 || value > 99) return this.text(`${value}`);
    return this.digits(value, value > 9 ? 2 : 1);
  }

  /** Adds a whole number, not negative and below 2^31, in so many digits. */
  digits(value: number, count: number): this {
    if (this.length + count > this.bytes.length) this.grow(count);
    const { bytes } = this;
    let left = value | 0;
    for (let at = this.length + count - 1; at >= this.length; at--) {
      const tens = (left / 10) | 0;
      bytes[at] = ZERO + left - 10 * tens;
      left = tens;
    }
    this.length += count;
    return this;
  }

  private byte(byte: number): this {
    if (this.length === this.bytes.length) this.grow(1);
    this.bytes[this.length++] = byte;
    return this;
  }

  get isFull(): boolean {
    return this.length >= PIECE;
  }

  /** What was added since the last time, until something is added again. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length);
    this.length = 0;
    return taken;
  }

  private encoded(text: string): this {
    if (this.length + 3 * text.length > this.bytes.length) this.grow(3 * text.length);
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
    return this;
  }

  private grow(bytes: number): void {
    const longer = new Uint8Array(2 * (this.length + bytes));
    longer.set(this.bytes.subarray(0, this.length));
    this.bytes = longer;
  }
}
