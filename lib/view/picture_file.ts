/** What a file of a picture is, by its content: its type, its size in pixels, and whether a page may contain it. */

export type PictureType = "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/svg+xml";

export interface PictureFacts {
  readonly type: PictureType;
  /** In pixels; undefined for SVG, which has any size. */
  readonly size?: { readonly width: number; readonly height: number };
}

/** Undefined if it is no picture that all browsers show, or if its head is damaged. */
export function pictureFacts(bytes: Uint8Array): PictureFacts | undefined {
  for (const { type, starts, size } of FORMATS) {
    if (!starts(bytes)) continue;
    const found = size(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return found && found.width > 0 && found.height > 0 ? { type, size: found } : undefined;
  }
  return svgText(bytes) === undefined ? undefined : { type: "image/svg+xml" };
}

type Size = { readonly width: number; readonly height: number } | undefined;

interface Format {
  readonly type: PictureType;
  starts(bytes: Uint8Array): boolean;
  size(bytes: Uint8Array, view: DataView): Size;
}

const has = (bytes: Uint8Array, at: number, ...wanted: number[]) =>
  wanted.every((byte, i) => bytes[at + i] === byte);
const word = (text: string) => [...text].map((char) => char.charCodeAt(0));

const FORMATS: readonly Format[] = [
  {
    type: "image/png",
    starts: (bytes) => has(bytes, 0, 0x89, ...word("PNG\r\n"), 0x1a, 0x0a),
    size: (bytes, view) =>
      bytes.length < 24 || !has(bytes, 12, ...word("IHDR"))
        ? undefined
        : { width: view.getUint32(16), height: view.getUint32(20) },
  },
  { type: "image/jpeg", starts: (bytes) => has(bytes, 0, 0xff, 0xd8, 0xff), size: jpegSize },
  {
    type: "image/gif",
    starts: (bytes) => has(bytes, 0, ...word("GIF87a")) || has(bytes, 0, ...word("GIF89a")),
    size: (bytes, view) =>
      bytes.length < 10 ? undefined : { width: view.getUint16(6, true), height: view.getUint16(8, true) },
  },
  {
    type: "image/webp",
    starts: (bytes) => has(bytes, 0, ...word("RIFF")) && has(bytes, 8, ...word("WEBP")),
    size: webpSize,
  },
];

/** The size is in the frame header, after segments of any number. */
function jpegSize(bytes: Uint8Array, view: DataView): Size {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    // 0xc4, 0xc8 and 0xcc are no frames.
    if (marker >= 0xc0 && marker <= 0xcf && marker % 4 !== 0 || marker === 0xc0) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function webpSize(bytes: Uint8Array, view: DataView): Size {
  if (bytes.length < 30) return undefined;
  const three = (at: number) => 1 + bytes[at]! + (bytes[at + 1]! << 8) + (bytes[at + 2]! << 16);
  if (has(bytes, 12, ...word("VP8X"))) return { width: three(24), height: three(27) };
  if (has(bytes, 12, ...word("VP8 "))) {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (!has(bytes, 12, ...word("VP8L"))) return undefined;
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** The text of an SVG file; undefined if the bytes are none. */
export function svgText(bytes: Uint8Array): string | undefined {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
  const prolog =
    /^(?:\s|<\?xml\b[^>]*\?>|<!--[^]*?-->|<!DOCTYPE\s[^>[]*(?:\[[^\]]*\]\s*)?>)*/i.exec(text)![0];
  return /^<svg[\s>]/.test(text.slice(prolog.length)) ? text : undefined;
}

/** A reference to the file itself, or a picture inside it. */
const OWN = /^(#|data:image\/(png|jpeg|gif|webp)[;,]|$)/;

/** Why an SVG picture cannot be in a page: it could run something, or load something. Undefined if it can do neither. */
export function unsafeSvg(text: string): string | undefined {
  if (/<!ENTITY|<!DOCTYPE[^>]*\[/i.test(text)) return "it declares entities";
  if (/<\?(?!xml\s)/i.test(text)) return "it has processing instructions";
  // A character may be written as its number.
  const plain = text.replace(/&#(x[0-9a-f]+|\d+);/gi, (_, number: string) => {
    const code = Number(/^x/i.test(number) ? `0${number}` : number);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "";
  });
  if (/<\s*([\w.-]+:)?(script|handler|listener)\b|javascript:|[\s"'/]on[a-z]+\s*=/i.test(plain)) {
    return "it contains a script";
  }
  if (/<\s*([\w.-]+:)?(foreignObject|iframe|object|embed|audio|video|link)\b/i.test(plain)) {
    return "it contains another document";
  }
  const links = [...plain.matchAll(/\b(?:href|src)\s*=\s*("[^"]*"|'[^']*'|[^\s>]*)/gi)].map(([, link]) =>
    link!.replace(/^["']|["']$/g, "").trim()
  );
  const urls = [...plain.matchAll(/\burl\s*\(\s*["']?([^"')]*)/gi)].map(([, link]) => link!.trim());
  const outside = [...links, ...urls].some((link) => !OWN.test(link));
  // In CSS, a character may be written as its number, too.
  const hidden = /@import|\\[0-9a-f]/i.test(plain);
  return outside || hidden ? "it refers to something outside" : undefined;
}
