/** Pictures by their content: type, size, and SVG files that a page may not contain. */

import { pictureFacts, svgText, unsafeSvg } from "../lib/view/picture_file.ts";
import { assertEquals } from "./assert.ts";

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...part].map((char) => char.charCodeAt(0)) : part),
  );

const PNG = bytes([0x89], "PNG\r\n", [0x1a, 0x0a, 0, 0, 0, 13], "IHDR", [0, 0, 1, 2, 0, 0, 0, 7]);
const JPEG = bytes(
  [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc4, 0, 3, 9, 0xff, 0xc2, 0, 17, 8, 0, 5, 1, 0],
  "rest of the file",
);
const GIF = bytes("GIF89a", [3, 0, 4, 1]);
const riff = (chunk: string, ...rest: number[]) =>
  bytes("RIFF", [0, 0, 0, 0], "WEBP", chunk, rest, new Array(30).fill(0));
const text = (svg: string) => new TextEncoder().encode(svg);

Deno.test("picture: type and size by content", () => {
  const png = { type: "image/png", size: { width: 258, height: 7 } };
  const table: [what: string, bytes: Uint8Array, facts: unknown][] = [
    ["PNG", PNG, png],
    ["PNG as a part of a larger buffer", bytes("xxx", [...PNG], "rest").subarray(3), png],
    ["JPEG", JPEG, { type: "image/jpeg", size: { width: 256, height: 5 } }],
    ["GIF", GIF, { type: "image/gif", size: { width: 3, height: 260 } }],
    [
      "WebP, extended",
      riff("VP8X", 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 4, 1, 0),
      { type: "image/webp", size: { width: 10, height: 261 } },
    ],
    [
      "WebP, lossy",
      riff("VP8 ", 0, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 5, 0, 6, 0),
      { type: "image/webp", size: { width: 5, height: 6 } },
    ],
    [
      "WebP, lossless",
      riff("VP8L", 0, 0, 0, 0, 0x2f, 4, 0xc0, 1, 0),
      { type: "image/webp", size: { width: 5, height: 8 } },
    ],
    ["SVG", text('<svg xmlns="http://www.w3.org/2000/svg"/>'), { type: "image/svg+xml" }],
    [
      "SVG with a prolog",
      text(
        '\ufeff<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD" "x">\n<svg width="1">',
      ),
      { type: "image/svg+xml" },
    ],
    ["PNG, cut in its head", PNG.subarray(0, 20), undefined],
    ["PNG without an area", bytes([...PNG.subarray(0, 20)], [0, 0, 0, 0]), undefined],
    ["JPEG, cut before its frame", JPEG.subarray(0, 15), undefined],
    ["JPEG whose segments have no length", bytes([0xff, 0xd8, 0xff, 0xe0, 0, 0], "abcdefghijkl"), undefined],
    ["GIF, cut", GIF.subarray(0, 8), undefined],
    ["an empty file", bytes(), undefined],
    ["text", text("hello"), undefined],
    ["HTML", text("<html><svg></svg></html>"), undefined],
    ["bytes after <svg that are no text", bytes("<svg>", [0xff, 0xfe]), undefined],
    ["a name that begins like it", text("<svgx/>"), undefined],
    ["gzip", bytes([0x1f, 0x8b, 8, 0]), undefined],
  ];
  for (const [what, content, facts] of table) assertEquals(pictureFacts(content) as unknown, facts, what);
});

const SVG = (inner: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">${inner}</svg>`;

Deno.test("picture: an SVG file that plotting programs write is safe", () => {
  const matplotlib = `<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="460.8pt" viewBox="0 0 460.8 345.6" version="1.1">
 <metadata><rdf:RDF><cc:Work><dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/></cc:Work></rdf:RDF></metadata>
 <defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style></defs>
 <path id="m1" d="M 0 0 L 0 3.5" style="stroke: #000000; stroke-width: 0.8"/>
 <g clip-path="url(#p4)"><use xlink:href="#m1" x="57.6" y="307.584"/></g>
 <image xlink:href="data:image/png;base64,iVBORw0KGgo=" width="3"/>
</svg>`;
  assertEquals(svgText(text(matplotlib)), matplotlib);
  assertEquals(unsafeSvg(matplotlib), undefined);
  assertEquals(unsafeSvg(SVG("<text>one &lt; two &#8722; 3, only 5 = five</text>")), undefined);
});

Deno.test("picture: an SVG file that could run or load something is refused", () => {
  const script = "it contains a script";
  const other = "it contains another document";
  const outside = "it refers to something outside";
  const table: [svg: string, why: string][] = [
    [SVG("<script>alert(1)</script>"), script],
    [SVG("<SCRIPT href='#a'/>"), script],
    [SVG('<x:script xmlns:x="http://www.w3.org/2000/svg">1</x:script>'), script],
    [SVG("<g onclick='a()'/>"), script],
    [SVG('<g id="a>b"onload = "a()"/>'), script],
    [SVG("<a href='javascript:alert(1)'><text>t</text></a>"), script],
    [SVG("<a href='java&#115;cript:alert(1)'/>"), script],
    [SVG("<foreignObject><p/></foreignObject>"), other],
    [SVG("<iframe/>"), other],
    [SVG("<image xlink:href='http://example.org/a.png'/>"), outside],
    [SVG('<image href="//example.org/a.png"/>'), outside],
    [SVG("<use href='other.svg#a'/>"), outside],
    [SVG("<use href='file:///etc/passwd'/>"), outside],
    [SVG("<image href='data:image/svg+xml;base64,PHN2Zz4='/>"), outside],
    [SVG("<image href='data:text/html,x'/>"), outside],
    [SVG("<style>@import 'a.css';</style>"), outside],
    [SVG("<style>g{fill:url(http://example.org/a)}</style>"), outside],
    [SVG("<style>g{fill:\\75rl(http://example.org/a)}</style>"), outside],
    [SVG("<g style='fill:url&#40;http://example.org/a)'/>"), outside],
    [`<!DOCTYPE svg [<!ENTITY a "b">]>${SVG("&a;")}`, "it declares entities"],
    [`<?xml-stylesheet href="a.css"?>${SVG("")}`, "it has processing instructions"],
  ];
  for (const [svg, why] of table) assertEquals(unsafeSvg(svg), why, svg);
});
