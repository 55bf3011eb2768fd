/** The pictures that steps declare as results, as a report contains them. */

import { resolve } from "@std/path";
import { resultFiles, workspaceOf } from "../plan/node_text.ts";
import type { Plan, PlanNode } from "../plan/types.ts";
import type { System } from "../system.ts";
import { type PictureFacts, pictureFacts, svgText, unsafeSvg } from "../view/picture_file.ts";
import type { ReportPicture, ReportPictures } from "../view/report_data.ts";
import type { StatusView } from "../view/status_view.ts";

/** Of one file, and of all files of a report. */
const MOST_BYTES = 4 << 20;
const MOST_IN_ALL = 24 << 20;
/** A browser needs four bytes for each. */
const MOST_PIXELS = 50_000_000;

/** `chosen`: nodes with a row. `hide`: takes secrets out of a text. */
export function reportPictures(
  system: System,
  plan: Plan,
  view: StatusView,
  chosen: readonly number[],
  hide: (text: string) => string,
): ReportPictures {
  const shown: ReportPicture[] = [];
  const left: { row: number; name: string; why: string }[] = [];
  let bytesLeft = MOST_IN_ALL;
  chosen.forEach((index, row) => {
    const node = plan.nodes[index]!;
    if (view.steps[index]!.state !== "FINISHED") return;
    for (const { name, path } of picturesOf(plan, node)) {
      const found = readPicture(system, path, bytesLeft, hide);
      if (typeof found === "string") left.push({ row, name, why: found });
      else {
        bytesLeft -= found.bytes;
        shown.push({ row, name, ...found.picture });
      }
    }
  });
  return { shown, left };
}

function picturesOf(plan: Plan, node: PlanNode): { name: string; path: string }[] {
  const rules = node.step.results ?? [];
  if (!rules.some(({ pick }) => pick.kind === "image")) return [];
  const files = resultFiles(plan, node);
  const folder = workspaceOf(plan, node);
  return rules.flatMap(({ name, pick }, i) =>
    pick.kind === "image" ? [{ name, path: resolve(folder, files[i]!) }] : []
  );
}

/** The picture, or why the report does not have it. */
function readPicture(system: System, path: string, bytesLeft: number, hide: (text: string) => string) {
  const facts = system.facts(path);
  if (!facts) return "there is no such file";
  if (system.isForeignLink(path)) return "it is a link of another user";
  if (facts.isDirectory || facts.isSpecial) return "it is not a file";
  if (facts.size > MOST_BYTES) return `it is larger than ${MOST_BYTES >> 20} MB`;
  let bytes = system.readBytes(path, 0, MOST_BYTES + 1);
  const picture = pictureFacts(bytes);
  if (!picture) return "it is not a PNG, JPEG, GIF, WebP or SVG picture";
  if (tooManyPixels(picture)) return `it has more than ${MOST_PIXELS / 1e6} million pixels`;
  if (picture.type === "image/svg+xml") {
    const text = svgText(bytes)!;
    const why = unsafeSvg(text);
    if (why !== undefined) return why;
    bytes = new TextEncoder().encode(hide(text));
  }
  if (bytes.length > bytesLeft) return `all pictures together are larger than ${MOST_IN_ALL >> 20} MB`;
  return { bytes: bytes.length, picture: { ...picture, data: base64(bytes) } };
}

const tooManyPixels = ({ size }: PictureFacts) =>
  size !== undefined && size.width * size.height > MOST_PIXELS;

function base64(bytes: Uint8Array): string {
  const CHUNK = 1 << 13;
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(text);
}
