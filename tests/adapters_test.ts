import { ADAPTERS, findAdapter } from "../adapters/mod.ts";
import { contract, EVERYTHING } from "./adapter_contract.ts";
import { readTranscript } from "./transcript.ts";
import { fillTemplate } from "../lib/plan/script.ts";
import type { Adapter } from "../adapters/adapter.ts";
import type { Resources } from "../lib/plan/types.ts";
import { checkSpec } from "../lib/spec/spec.ts";
import { LEVELS } from "../lib/spec/spec_keys.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { assertEquals, assertStringIncludes } from "./assert.ts";

for (const [name, adapter] of Object.entries(ADAPTERS)) contract(name, adapter);

Deno.test("docs/schedulers.md says which keys of batch each scheduler reads", () => {
  const page = Deno.readTextFileSync(new URL("../docs/schedulers.md", import.meta.url));
  const rows = page.split("## Keys of `batch`")[1]!.split("## ")[0]!.split("\n").filter((line) =>
    line.startsWith("|")
  )
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const names = rows[0]!.slice(1);
  assertEquals(names, Object.keys(ADAPTERS));
  for (const [column, name] of names.entries()) {
    const said = rows.slice(2).filter((row) => row[column + 1] !== "ignored" || row[0] === "`host`")
      .flatMap((row) => [...row[0]!.matchAll(/`(\w+)`/g)].map(([, key]) => key!));
    // Maestro's specs have a host, which nobody reads.
    const known = [...ADAPTERS[name]!.batchKeys, ...(name === "local" ? ["host"] : [])];
    assertEquals(said.sort(), known.sort(), name);
  }
});

/** The rows of a table of the page, cells trimmed; the first is its head. */
function tableOf(heading: string): string[][] {
  const page = Deno.readTextFileSync(new URL("../docs/schedulers.md", import.meta.url));
  return page.split(`## ${heading}`)[1]!.split("## ")[0]!.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("docs/schedulers.md says which keys of run each scheduler has no use for", () => {
  const [head, , ...rows] = tableOf("Keys of `run`");
  const keys = rows.map(([cell]) => cell!.replaceAll("`", ""));
  const known = LEVELS.run.keys.map(({ name }) => name);
  const ofAll = [
    "cmd",
    "depends",
    "after",
    "allow-failure",
    "shell",
    "env",
    "pre",
    "post",
    "restart",
    "retry",
  ];
  const ofNone = [...ofAll, "pack", "pack at once", "batch"];
  assertEquals(keys.toSorted(), known.filter((name) => !ofNone.includes(name)).toSorted());
  for (const [name, { ignores, scheduler }] of Object.entries(ADAPTERS)) {
    if (scheduler === undefined) continue;
    const columns = head!.flatMap((cell, i) => cell.split(" ")[0] === name ? [i] : []);
    const said = rows.filter((row) => columns.every((column) => row[column] === "ignored"))
      .map(([cell]) => cell!.replaceAll("`", ""));
    const ignored = keys.filter((key) => Object.hasOwn(ignores, key) && key !== "procs" && key !== "nodes");
    assertEquals(said.toSorted(), ignored.toSorted(), name);
  }
});

/** All that an adapter may say to its scheduler of a job, and to its launcher, when everything is asked for. */
function saidBy(adapter: Adapter): { readonly job: string; readonly launcher: string } {
  const job: string[] = [];
  const launched: string[] = [];
  const values = Object.fromEntries(adapter.batchKeys.map((key) => [key, "1"]));
  const leftOut = [{}, { version: "0.26.0" }, { launcher: "" }, { nodes: "" }, { pe: "" }, { procs: "" }];
  const asked = [EVERYTHING, { ...EVERYTHING, nodes: 1, nested: false }, { nodes: 2 }, {
    procs: 2,
    exclusive: true,
    "exclusive launcher": true,
  }];
  for (const more of leftOut) {
    for (const resources of asked as Resources[]) {
      for (const args of [{ key: "value" }, ["-key value"]]) {
        const batch = { type: adapter.name, ...values, shell: "/bin/sh", ...more, args };
        const files = { script: "/s", workspace: "/w", out: "o", err: "e" };
        const made = { jobName: "x", description: "x", resources, batch, ...files };
        job.push(fillTemplate(adapter.template, { ...adapter.fields(made), shell: "/bin/sh" }));
        job.push(adapter.scheduler?.submit({ ...made, token: "t" }).join(" ") ?? "");
        const { nodes, procs } = resources;
        launched.push(adapter.launcher({ nodes, procs, resources, batch }).join(" "));
      }
    }
  }
  const plain = (lines: string[]) => lines.join("\n").replace(/["']/g, "");
  return { job: plain(job), launcher: plain(launched) };
}

/** Whether a text has what a page cites: an option as a word of its own, up to its value. */
function says(text: string, cited: string): boolean {
  const start = cited.split("…")[0]!.replace(/[ ,]$/, "");
  const literal = start.replace(/[^\w ]/g, "\\$&");
  return new RegExp(
    `${start.startsWith("-") ? "(?:^|\\s)" : ""}${literal}${/\w$/.test(start) ? "(?![a-z-])" : ""}`,
    "m",
  )
    .test(text);
}

Deno.test("docs/schedulers.md names no option that is never given", () => {
  const keys = new Set([...LEVELS.run.keys, ...LEVELS.batch.keys].map(({ name }) => name));
  const lost: string[] = [];
  for (const heading of ["Keys of `batch`", "Keys of `run`"]) {
    const [head, , ...rows] = tableOf(heading);
    for (const [column, title] of head!.entries()) {
      const [name, ...program] = title.replaceAll("`", "").split(" ");
      const adapter = findAdapter(name!);
      if (column === 0 || adapter === undefined) continue;
      const { job, launcher } = saidBy(adapter);
      const columns = head!.filter((other) => other.split(" ")[0] === name).length;
      const isLauncher = columns > 1 && program.length > 0 && program.join(" ") !== "flux batch";
      const text = columns === 1 ? `${job}\n${launcher}` : isLauncher ? launcher : job;
      for (const row of rows) {
        for (const [, cited] of row[column]!.matchAll(/`([^`]+)`/g)) {
          // Other keys of the spec, and a value of the row's own.
          if (!keys.has(cited!) && cited !== "false" && !says(text, cited!)) {
            lost.push(`${title}, ${row[0]}: ${cited}`);
          }
        }
      }
    }
  }
  assertEquals(lost, []);
});

Deno.test("a name longer than a scheduler takes is cut before its token", () => {
  const token = `${"m".repeat(12)}-100000-10`;
  // OpenLava 2.2, OpenPBS 23.06 and Son of Grid Engine 8.1.9 refuse more.
  // OpenLava 4.0 and LSF take thousands: only OpenLava 2.2 gets a short one, once it has refused a long one.
  const short = new Set(["bsub -J of more than 127 bytes"]);
  for (const [name, most] of [["lsf", 127], ["pbs", 230], ["sge", 512], ["lsf", 4094]] as const) {
    const files = { script: "/s", workspace: "/w", out: "o", err: "e" };
    for (const jobName of ["x".repeat(900), "é".repeat(900)]) {
      const lacks = most === 127 ? short : new Set<string>();
      const request = { ...files, jobName, token, resources: {}, batch: { type: name }, lacks };
      const argv = findAdapter(name)!.scheduler!.submit(request);
      const given = argv[argv.findIndex((word) => word === "-N" || word === "-J") + 1]!;
      assertEquals(given.endsWith(`+${token}`), true, given);
      assertEquals(new TextEncoder().encode(given).length <= most, true, `${name}: ${given.length}`);
      if (most === 4094) assertEquals(given, `${jobName}+${token}`);
    }
  }
});

Deno.test("what a scheduler has no use for in batch has a hint", () => {
  const all = new Set(Object.values(ADAPTERS).flatMap(({ batchKeys }) => batchKeys));
  for (const [name, { batchKeys, ignores, scheduler }] of Object.entries(ADAPTERS)) {
    if (scheduler === undefined) continue;
    for (const key of all) {
      const [read, hinted] = [batchKeys.includes(key), Object.hasOwn(ignores, key)];
      assertEquals(read !== hinted, true, `${name}: ${key}`);
    }
  }
});

Deno.test("a scheduler's other words are its name in batch, in a step's batch and in what lint suggests", () => {
  const look = (type: string, own: string) => {
    const text = `description: {name: a, description: b}
batch: {type: ${type}}
study: [{name: s, description: d, run: {cmd: x, procs: 1, batch: {type: ${own}}}}]
`;
    const { spec, problems } = checkSpec(parseYaml(text).value, Object.values(ADAPTERS));
    return { type: spec?.batch.type, messages: problems.map(({ message, hint }) => `${message} ${hint}`) };
  };
  for (const { name, otherNames = [] } of Object.values(ADAPTERS)) {
    for (const word of otherNames) {
      assertEquals(look(word.toUpperCase(), word), { type: name, messages: [] });
      assertEquals(look(name, word), { type: name, messages: [] });
      assertEquals(findAdapter(word), undefined);
    }
  }
  const [message] = look("gridengin", "local").messages;
  assertStringIncludes(message!, 'Unknown batch type "gridengin" Did you mean "gridengine"?');
});

Deno.test("lsf: each message of its table is a limit of the moment, a refusal, or leaves it open", () => {
  // https://github.com/bytedance/volclava/blob/main/lsbatch/lib/lsb.err.c, those that a submission can get.
  const messages = {
    again: [
      "No job Id can be used now",
      "normal: Queue has been closed",
      "Not activated because queue windows are closed",
      "Queue does not have enough per-user job slots",
      "Queue does not have enough per-processor job slots",
      "Queue does not have enough per-host job slots",
      "The destination queue has reached its job limit",
      "User or one of user's groups does not have enough job slots",
      "Not enough host(s) currently eligible",
      "The host is locked by master LIM",
      "The modification/creation violates the job group limit",
    ],
    unclear: [
      "End of file",
      "Master batch daemon internal error",
      "Batch library internal error",
      "Failed in an LSF library call: LIM is down; try later",
      "System call failed: Broken pipe",
      "Cannot allocate memory",
      "Batch service not registered",
      "Batch daemon cannot fork",
      "Batch protocol error",
      "XDR encode/decode error",
      "Fail to bind to an appropriate port number",
      "Contacting batch daemon: Communication timeout",
      "Timeout on connect call to server",
      "Connection refused by server",
      "Server is not connected",
      "Unable to contact execution host",
      "Operation is in progress",
    ],
    refused: [
      "nosuch: No such queue",
      "Queue does not accept EXCLUSIVE jobs",
      "User permission denied",
      "User cannot use the queue",
      "Too many processors requested",
      "Bad resource requirement syntax",
      "Cannot exceed queue's hard limit(s)",
      "Dependency condition syntax error",
      "Request aborted by esub",
    ],
  };
  for (const [kind, texts] of Object.entries(messages)) {
    for (const text of texts) {
      const stderr = `${text}. Job not submitted.\n`;
      const answer = ADAPTERS["lsf"]!.scheduler!.parseSubmit({
        code: 255,
        stdout: "",
        stderr,
        timedOut: false,
      });
      const said = answer.kind === "refused" && answer.again ? "again" : answer.kind;
      assertEquals(said, kind, text);
    }
  }
});

Deno.test("lsf: only a job that ran for all its time has timed out; a signal is an exit code", async () => {
  const folder = new URL("./recorded/lsf-openlava-4.0/", import.meta.url);
  const history = ADAPTERS["lsf"]!.scheduler!.queries[1]!;
  const read = async (name: string, id: string, change: (text: string) => string) => {
    const { result } = readTranscript(await Deno.readFile(new URL(`${name}.txt`, folder)));
    const [job] = history.parse({ ...result, stdout: change(result.stdout) }, [id])!;
    return [job!.phase, job!.exitCode];
  };
  // The script of exit7-later ends after a second; SIGUSR2, which ends a job at its limit, makes 140.
  assertEquals(await read("exit7-later-bhist-l", "1045", (text) => text.replace("code 7", "code 140")), [
    "failed",
    140,
  ]);
  assertEquals(await read("runlimit-bhist-l", "904", (text) => text), ["timedout", 140]);
  assertEquals(await read("runlimit-trap-bhist-l", "905", (text) => text), ["timedout", 7]);
  const unasked = (text: string) => text.replace(/^.*Signal <KILL> requested.*\n/m, "");
  assertEquals(await read("killed-ignores-later-bhist-l", "1059", unasked), ["failed", 137]);
  // A signal that ends nothing does not make a failure a cancellation.
  const usr1 = (text: string) =>
    text.replace(
      /^(.*: )Starting /m,
      "$1Signal <USR1> requested by user or administrator <alice>;\n$1Starting ",
    );
  assertEquals(await read("exit7-later-bhist-l", "1045", usr1), ["failed", 7]);
});
