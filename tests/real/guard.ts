/** A step's script as the conductor submits it, and as a person does: what the tests on each scheduler have in common. */

import { assert, assertEquals } from "../assert.ts";
import { command, type Trial, until } from "./trial.ts";

/** What a script shows of itself: signals that it ignores, its folder, its arguments. */
export const SHOW = "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status >&2; pwd -P >&2; echo \"$#\" >&2";

/** Every file of a study but for what the script by hand writes: path and content. */
function filesOf(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  const look = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(path)) {
      const below = `${path}/${name}`;
      if (isDirectory) look(below);
      else found.set(below, Deno.readTextFileSync(below));
    }
  };
  look(folder);
  return found;
}

/**
 * Submits a step's script by hand, from another folder, after the study has ended. It runs again with the
 * same signals and folder, and exits with the code of its commands. The files of the study do not change.
 */
export async function byHand(study: Trial, step: string, submit: readonly string[]): Promise<string[]> {
  const workspace = `${study.study}/${step}`;
  const names = () => [...Deno.readDirSync(workspace)].map(({ name }) => name);
  const script = names().find((name) => name.endsWith(".sh"))!;
  const before = filesOf(study.study);
  const ours = names().find((name) => name.endsWith(".err"))!;
  await command([...study.site.prefix, "env", "-C", "/tmp", ...submit, `${workspace}/${script}`]);
  const added = await until("the job by hand has written its log", () => {
    const logs = names().filter((name) => name.endsWith(".err") && !before.has(`${workspace}/${name}`));
    return logs.find((name) => /^\d+$/m.test(Deno.readTextFileSync(`${workspace}/${name}`)));
  });
  const after = filesOf(study.study);
  for (const [path, text] of before) assertEquals(after.get(path), text, path);
  const more = [...after.keys()].filter((path) => !before.has(path));
  assert(more.every((path) => path.startsWith(`${workspace}/`)), more.join(" "));
  assertEquals(Deno.readTextFileSync(`${workspace}/${added}`), before.get(`${workspace}/${ours}`));
  return more.map((path) => path.slice(workspace.length + 1));
}
