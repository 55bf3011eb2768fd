import { ADAPTERS, findAdapter } from "../adapters/mod.ts";
import { checkSpec } from "../lib/spec/spec.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { assertEquals, assertStringIncludes } from "./assert.ts";

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
