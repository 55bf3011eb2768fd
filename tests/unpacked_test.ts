/** Which unpacked versions of a self-extracting file are kept, and for how long. */

import { realSystem, type System } from "../lib/system.ts";
import { keepVersions } from "../lib/unpacked.ts";
import { assertEquals } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";

const DAY_MS = 24 * 3_600_000;
const OWN = "0.2.0-0123456789ab";

/** A version as the head leaves it, in use so many days ago. */
function unpacked(cache: string, name: string, days: number, ready = true): void {
  const at = new Date(Date.now() - days * DAY_MS);
  Deno.mkdirSync(`${cache}/${name}`, { recursive: true });
  for (const file of ready ? ["deno", "maestro.js", "ready"] : ["new"]) {
    Deno.writeTextFileSync(`${cache}/${name}/${file}`, "");
    Deno.utimeSync(`${cache}/${name}/${file}`, at, at);
  }
  Deno.utimeSync(`${cache}/${name}`, at, at);
}

const names = (cache: string) => [...Deno.readDirSync(cache)].map(({ name }) => name).sort();

function keep(cache: string, changes: Partial<System> = {}, own = OWN): string[] {
  keepVersions({ ...realSystem([]), ...changes }, `${cache}/${own}`);
  return names(cache);
}

Deno.test("versions unused for a month are deleted, and nothing else", () =>
  inFreshFolder((cache) => {
    const old = ["0.1.0-aaaaaaaaaaaa", "0.1.0-rc.1-bbbbbbbbbbbb"];
    const kept = ["0.1.1-cccccccccccc", "notes-2026", "0.1.0-short", "0.1.0-dddddddddddd.tar"];
    for (const name of old) unpacked(cache, name, 31);
    unpacked(cache, kept[0]!, 29);
    for (const name of kept.slice(1)) unpacked(cache, name, 400);
    unpacked(cache, "0.1.2-eeeeeeeeeeee", 31, false);
    unpacked(cache, "0.1.2-ffffffffffff", 0, false);
    unpacked(cache, "0.0.9-aaaaaaaaaaaa.old-1234abcd", 0);
    Deno.symlinkSync(`${cache}/${kept[0]}`, `${cache}/0.0.1-aaaaaaaaaaaa`);
    unpacked(cache, OWN, 2);
    const left = [...kept, "0.1.2-ffffffffffff", "0.0.1-aaaaaaaaaaaa", OWN].sort();
    assertEquals(keep(cache), left);
    return Promise.resolve();
  }));

Deno.test("running a version keeps it: it is marked as used, once a day", () =>
  inFreshFolder((cache) => {
    const marked = () => Deno.statSync(`${cache}/${OWN}/ready`).mtime!.getTime() > Date.now() - DAY_MS / 2;
    unpacked(cache, OWN, 2);
    keep(cache);
    assertEquals(marked(), true);
    // Within a day nothing is looked at, let alone deleted.
    unpacked(cache, OWN, 0.9);
    unpacked(cache, "0.1.0-aaaaaaaaaaaa", 31);
    assertEquals(keep(cache), ["0.1.0-aaaaaaaaaaaa", OWN]);
    assertEquals(marked(), false);
    // A clock that is a year behind, or ahead, is not what ages are measured by.
    for (const days of [-365, 365]) {
      unpacked(cache, "0.1.1-cccccccccccc", 3);
      keep(cache, { now: () => Date.now() + days * DAY_MS });
      assertEquals([marked(), names(cache)], [true, ["0.1.1-cccccccccccc", OWN]]);
    }
    return Promise.resolve();
  }));

Deno.test("a version that is started during its deletion comes back", () =>
  inFreshFolder((cache) => {
    unpacked(cache, OWN, 2);
    unpacked(cache, "0.1.0-aaaaaaaaaaaa", 31);
    const { rename } = realSystem([]);
    const started = keep(cache, {
      rename(from, to) {
        if (to.includes(".old-")) Deno.writeTextFileSync(`${from}/ready`, "in use\n");
        return rename(from, to);
      },
    });
    assertEquals(started, ["0.1.0-aaaaaaaaaaaa", OWN]);
    return Promise.resolve();
  }));

Deno.test("what cannot be written or deleted stops nobody; another folder is not touched", () =>
  inFreshFolder((cache) => {
    unpacked(cache, OWN, 2);
    unpacked(cache, "bin", 2);
    unpacked(cache, "0.1.0-aaaaaaaaaaaa", 31);
    const denied = (): never => {
      throw Object.assign(new Error("read-only file system"), { code: "EROFS" });
    };
    const all = ["0.1.0-aaaaaaaaaaaa", OWN, "bin"];
    assertEquals(keep(cache, { writeText: denied }), all);
    assertEquals(keep(cache, {}, "bin"), all);
    assertEquals(keep(cache, { removeTree: denied }).length, 3);
    assertEquals(keep(cache, {}, "0.9.9-999999999999").length, 3);
    return Promise.resolve();
  }));
