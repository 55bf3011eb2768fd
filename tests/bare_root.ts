/**
 * A bare machine: a folder with a C library, a shell and the commands that a shell's scripts need. An
 * unprivileged user without a network runs commands in it. No Node, no Deno, no /etc. Needs root, chroot(1)
 * and unshare(1).
 */

import { inFreshFolder, type Outcome } from "./maestro.ts";

/** Commands of the bare machine: what the head and the demo use, and no more. */
const COMMANDS = [
  ...["cat", "chmod", "dd", "env", "gzip", "id", "ls", "mkdir", "mv", "rm", "setsid", "sha256sum", "sleep"],
  ...["tar", "touch", "uname", "wc", "bash"],
];
const SHELL = "dash";

const text = new TextDecoder();

function output(argv: readonly string[]): string | undefined {
  try {
    const [word, ...args] = argv;
    const { success, stdout } = new Deno.Command(word!, { args, stdin: "null", stderr: "null" }).outputSync();
    return success ? text.decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}

const which = (name: string) => output(["sh", "-c", `command -v ${name}`])?.trim();

/** Whether this machine can hold another one. */
export function canBeBare(): boolean {
  return Deno.build.os === "linux" && Deno.uid() === 0 && which(SHELL) !== undefined &&
    output(["unshare", "--mount", "--net", "--pid", "--fork", "true"]) !== undefined;
}

async function copyInto(root: string, path: string): Promise<void> {
  const to = root + path;
  await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(await Deno.realPath(path), to);
  await Deno.chmod(to, 0o755);
}

/** Libraries of an executable, its loader included. */
function librariesOf(path: string): string[] {
  return [...(output(["ldd", path]) ?? "").matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library!);
}

/** Fills a folder with a bare machine. `file` becomes /opt/maestro; its runtime's libraries are those of `like`. */
async function furnish(root: string, file: string, like: string): Promise<void> {
  const folders = ["usr/bin", "opt", "proc", "dev", "home/user", "tmp", "var/tmp", "scratch", "work"];
  for (const folder of folders) await Deno.mkdir(`${root}/${folder}`, { recursive: true });
  await Deno.symlink("usr/bin", `${root}/bin`);
  const libraries = new Set(librariesOf(like));
  for (const name of [...COMMANDS, SHELL]) {
    const path = which(name);
    if (path === undefined) throw new Error(`no ${name} here`);
    for (const library of librariesOf(path)) libraries.add(library);
    await Deno.copyFile(await Deno.realPath(path), `${root}/usr/bin/${name}`);
  }
  await Deno.symlink(SHELL, `${root}/usr/bin/sh`);
  for (const library of libraries) await copyInto(root, library);
  for (const device of ["null", "zero", "urandom"]) await Deno.writeTextFile(`${root}/dev/${device}`, "");
  await Deno.copyFile(file, `${root}/opt/maestro`);
  await Deno.chmod(`${root}/opt/maestro`, 0o755);
  await Deno.symlink("maestro", `${root}/opt/conductor`);
}

/** Makes the machine; then changes it with a script of root's, in which `$R` is its folder; then becomes the user. */
const ENTER = `set -e
mount -t proc proc "$R/proc"
for d in null zero urandom; do mount --bind "/dev/$d" "$R/dev/$d"; done
for d in home/user work scratch; do mount -t tmpfs -o mode=755,uid=1000,gid=1000 none "$R/$d"; done
for d in tmp var/tmp; do mount -t tmpfs -o mode=1777 none "$R/$d"; done
eval "$CHANGE"
exec chroot --userspec=1000:1000 --groups= "$R" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/home/user USER=user \\
  NO_COLOR=1 COLUMNS=200 sh -c "umask 077; cd /work; $1" <&-
`;

export interface BareMachine {
  /** Runs a shell script as the user, in /work, on a fresh machine. `change` is run before, by root. */
  run(script: string, change?: string): Promise<Outcome>;
}

/** Calls `body` with a machine that is gone afterwards, and all that ran on it. */
export function onBareMachine(
  options: { file: string; like: string; files: Readonly<Record<string, string>> },
  body: (machine: BareMachine) => Promise<void>,
): Promise<void> {
  return inFreshFolder(async (root) => {
    await Deno.chmod(root, 0o755);
    await furnish(root, options.file, options.like);
    for (const [name, content] of Object.entries(options.files)) {
      await Deno.writeTextFile(`${root}/opt/${name}`, content);
    }
    await body({
      async run(script, change = ":") {
        const { code, stdout, stderr } = await new Deno.Command("unshare", {
          args: ["--mount", "--net", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", ENTER, "sh", script],
          env: { R: root, CHANGE: change },
          stdin: "null",
        }).output();
        return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
      },
    });
  });
}
