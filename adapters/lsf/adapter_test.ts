import { assert, assertEquals } from "../../tests/assert.ts";
import { testAdapter, testOnFake } from "../../tests/test_adapter.ts";
import { chainSpec } from "../../lib/app/adapter_suite/end_to_end.ts";
import { prefixed } from "../../lib/app/adapter_suite/heads.ts";
import { readTranscript } from "../../lib/app/adapter_suite/recorded.ts";
import { lsf } from "./mod.ts";

const OPTIONS = {
  fake: import.meta.resolve("./fake"),
  recorded: import.meta.resolve("./recorded"),
  directives: {
    mark: "#BSUB",
    /** bsub, "Use a job script": every such line. A line without an option ends them: parseLine() of OpenLava. */
    read(script: string) {
      const lines = script.split("\n").flatMap(prefixed(/^\s*#\s*BSUB/));
      const end = lines.findIndex((line) => !line.startsWith("-"));
      return end < 0 ? lines : lines.slice(0, end);
    },
  },
};

testAdapter(lsf, OPTIONS);

testOnFake("OpenLava lacks options, and the study does without them", lsf, OPTIONS, async (stage) => {
  Deno.writeTextFileSync(`${stage.folder}/spec.yaml`, chainSpec({ type: "lsf", queue: "normal" }));
  const { code, stderr } = await stage.shell("exec maestro run -y -fg -s 0.3 -o study spec.yaml");
  assertEquals(code, 0, stderr);
  const refused = stage.lines("fake.refused");
  assertEquals([...new Set(refused)], [
    "Invalid field specs exit_reason",
    "The number of processors must be a positive integer. Job not submitted.",
  ]);
  // Two may be under way when the first one learns it.
  assert(refused.length <= 6, refused.join());
  // OpenLava has no -nnodes: the script that it took asks for slots, and starts programs without jsrun.
  const jobs = [...Deno.readDirSync(`${stage.folder}/fake`)].map(({ name }) => `fake/${name}`);
  const job = jobs.find((job) => stage.lines(`${job}/name`)[0]!.startsWith("each_N.1+"))!;
  assertEquals(stage.lines(`${job}/options`).filter((line) => /^-(?:n|R) /.test(line)), ["-n 2"]);
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
      const answer = lsf.scheduler!.parseSubmit({
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
  const folder = new URL("./recorded/openlava-4.0/", import.meta.url);
  const history = lsf.scheduler!.queries[1]!;
  const read = async (name: string, id: string, change: (text: string) => string) => {
    const { result } = readTranscript(await Deno.readFile(new URL(`${name}.txt`, folder)), name);
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
