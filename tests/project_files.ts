/** All files of the project, for tests that read them. */

export const ROOT = new URL("../", import.meta.url);

export function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}${name}`;
    return isDirectory ? filesBelow(`${path}/`) : [path];
  }).sort();
}

/** Paths that git tracks or would track. In a copy without git, all files count. */
export function projectFiles(): string[] {
  try {
    const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const { success, stdout } = new Deno.Command("git", { args, cwd: ROOT }).outputSync();
    if (success) {
      const names = new TextDecoder().decode(stdout).split("\0").filter((name) => name !== "");
      return names.filter((name) => exists(name)).sort();
    }
  } catch {
    // There is no git.
  }
  return [...Deno.readDirSync(ROOT)].flatMap(({ name, isDirectory }) => {
    if (name === ".git" || name === "node_modules") return [];
    return isDirectory ? filesBelow(`${name}/`) : [name];
  }).sort();
}

export function exists(path: string): boolean {
  try {
    return Deno.statSync(new URL(path.split("/").map(encodeURIComponent).join("/"), ROOT)).isFile;
  } catch {
    return false;
  }
}
