import {
  doctorText,
  judgeLimits,
  judgeSpace,
  judgeSync,
  mountOf,
  parseFree,
  parseLimits,
} from "../lib/doctor.ts";
import { assertEquals, assertStringIncludes } from "./assert.ts";
import { runIn } from "./hosted.ts";
import { inFreshFolder } from "./maestro.ts";
import { readTranscript } from "../lib/app/adapter_suite/recorded.ts";

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              3600                 unlimited            seconds   
Max processes             96365                96365                processes 
Max open files            128                  524288               files     
Max address space         2147483648           unlimited            bytes     
`;

Deno.test("doctor: limits are read and judged", () => {
  const limits = parseLimits(LIMITS);
  assertEquals(limits.get("Max open files"), { soft: 128, hard: 524288 });
  assertEquals(limits.get("Max cpu time"), { soft: 3600, hard: Infinity });
  assertEquals(judgeLimits(limits).map(({ level, text }) => `${level} ${text}`), [
    "note address space: 2.0 GiB, and the runtime reserves 34 GiB",
    "note open files: 128",
    "fine processes: 96,365",
    "note processor time: 3,600 s a process",
  ]);
  assertEquals(judgeLimits(parseLimits("")), []);
});

Deno.test("doctor: a folder's mount is the longest that leads to it", () => {
  const mounts =
    "/dev/vda / ext4 rw 0 0\nnfs:/h /home nfs4 rw,noexec 0 0\nx /home/my\\040data lustre rw 0 0\ny /home tmpfs rw 0 0\n";
  assertEquals(mountOf(mounts, "/homes/me")?.type, "ext4");
  assertEquals(mountOf(mounts, "/home")?.type, "tmpfs");
  assertEquals(mountOf(mounts, "/home/my data/x"), { at: "/home/my data", type: "lustre", options: ["rw"] });
  assertEquals(mountOf("", "/x"), undefined);
});

Deno.test("doctor: df as it prints", () => {
  const head = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n";
  assertEquals(parseFree(`${head}/dev/vda          263174212 26143484 82172340      25% /\n`), 82172340);
  assertEquals(parseFree(`${head}very/long:/name with blanks   10  7  3  70% /mnt/a b\n`), 3);
  // btrfs reports no inodes.
  assertEquals(parseFree(`${head}/dev/sda 0 0 0 - /data\n`), 0);
  assertEquals(parseFree(""), undefined);
});

Deno.test("doctor: space and inodes stop a study only where there are next to none", () => {
  const levels = (bytes?: number, inodes?: number) => judgeSpace(bytes, inodes).map(({ level }) => level);
  assertEquals(levels(2 ** 40, 10 ** 6), ["fine", "fine"]);
  assertEquals(levels(2 ** 29, 50_000), ["note", "note"]);
  assertEquals(levels(2 ** 20, 10), ["stop", "stop"]);
  assertEquals(levels(undefined, 0), []);
  assertEquals([judgeSync([1, 900, 2]).level, judgeSync([300, 200, 1]).level], ["fine", "note"]);
});

Deno.test("doctor: its text", () => {
  const text = doctorText([
    { area: "folder", level: "stop", text: "free space: 1 MiB", hint: "Make room." },
    { area: "host", level: "fine", text: "here" },
  ]);
  const lines = ["Host", "  ok    here", "Folder", "  STOP  free space: 1 MiB", "        Make room.", ""];
  assertEquals(text, [...lines, "One problem here prevents a study from running.", ""].join("\n"));
});

Deno.test("doctor: this machine, a folder that cannot be written, one that is not there", () =>
  inFreshFolder(async (folder) => {
    const here = await runIn(folder, ["maestro", "doctor"]);
    assertEquals([here.code, here.stderr], [0, ""]);
    assertStringIncludes(here.stdout, "  ok    exclusive creation, renaming\n");
    assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith(".maestro-doctor")), []);
    const json = await runIn(folder, ["maestro", "doctor", "--json", "/proc"]);
    assertEquals([json.code, JSON.parse(json.stdout).fine], [75, false]);
    assertEquals((await runIn(folder, ["maestro", "doctor", "nowhere"])).code, 66);
  }));

Deno.test("doctor: a Flux whose broker is not there is not fine, in its own words", () =>
  inFreshFolder(async (folder) => {
    const recorded = new URL(
      "../adapters/flux/recorded/flux-0.88.0-asked/anon-nouri-json-user.txt",
      import.meta.url,
    );
    const { result } = readTranscript(await Deno.readFile(recorded), "anon-nouri");
    await Deno.writeTextFile(`${folder}/said`, result.stderr);
    await Deno.mkdir(`${folder}/bin`);
    const flux =
      `#!/bin/sh\n[ "$1" != version ] || exec echo 'commands: 0.88.0'\ncat '${folder}/said' >&2\nexit ${result.code}\n`;
    await Deno.writeTextFile(`${folder}/bin/flux`, flux, { mode: 0o755 });
    const ask = `PATH=${folder}/bin:$PATH exec maestro doctor`;
    const { code, stdout } = await runIn(folder, ["sh", "-c", ask]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "  ok    flux: commands: 0.88.0\n  note  flux: does not answer: ");
    assertStringIncludes(stdout, "was not found\n");
  }));
