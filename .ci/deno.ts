/** Runs a Deno: the one that runs this, unless another program is named. */

export const ROOT = decodeURIComponent(new URL("../", import.meta.url).pathname);

interface Said {
  readonly success: boolean;
  readonly said: string;
}

export function deno(
  args: readonly string[],
  env: Readonly<Record<string, string>> = Deno.env.toObject(),
  { cwd = ROOT, program = Deno.execPath() } = {},
): Said {
  const { success, stderr } = new Deno.Command(program, {
    args: [...args],
    cwd,
    clearEnv: true,
    env: { ...env, NO_COLOR: "1" },
    stdout: "inherit",
    stderr: "piped",
  }).outputSync();
  return { success, said: new TextDecoder().decode(stderr).trim() };
}
