/** Text as UTF-8, written by hand: of hundreds of megabytes, making texts and encoding them takes longer than all else. */

const encoder = new TextEncoder();
/** A piece is given away when it is so long. */
const PIECE = 1 << 16;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

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

  /** Adds a text as JSON has it; `null` where there is none. */
  quoted(text: string | undefined): this {
    if (text === undefined) return this.text("null");
    if (this.length + text.length + 2 > this.bytes.length) this.grow(text.length + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        return this.encoded(JSON.stringify(text));
      }
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.length = at;
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
