/** `maestro status` without the parser receives what the parser would pass to it. */

import { buildApplication, buildRouteMap, run } from "@stricli/core";
import { assert, assertEquals } from "./assert.ts";
import { contextOf } from "../lib/app/context.ts";
import { readCommandLine } from "../lib/command_line.ts";
import { FLAGS } from "../lib/commands/app.ts";
import { plainStatus } from "../lib/commands/plain_status.ts";
import { status } from "../lib/commands/view_commands.ts";
import { realSystem } from "../lib/system.ts";

type Passed = ReturnType<typeof plainStatus>;

/** By the parser, with the command's own options. */
async function parsed(words: readonly string[]): Promise<Passed> {
  let passed: Passed;
  const listener = function (flags: NonNullable<Passed>["flags"], ...named: string[]) {
    const given = Object.entries(flags).filter(([, value]) => value !== undefined);
    passed = { flags: Object.fromEntries(given), named };
  };
  const listening = new Proxy(status, {
    get: (command, key) => key === "loader" ? () => Promise.resolve(listener) : Reflect.get(command, key),
  });
  const routes = buildRouteMap({ routes: { status: listening, other: status }, docs: { brief: "" } });
  const app = buildApplication(routes, {
    name: "maestro",
    scanner: { caseStyle: "original", allowArgumentEscapeSequence: true },
  });
  await run(app, readCommandLine(words, FLAGS).args, contextOf(realSystem([]), words));
  return passed;
}

for (
  const words of [
    [],
    ["last"],
    ["a", "b/c", "it's", "status", "help"],
    ["--json"],
    ["--json", "last"],
    ["last", "--csv", "other"],
    ["--ndjson", "--exit-code", "x"],
  ]
) {
  Deno.test(`status ${words.join(" ")}: the same without the parser`, async () => {
    const plain = plainStatus(["status", ...words]);
    assert(plain !== undefined);
    assertEquals(plain, await parsed(["status", ...words]));
  });
}

Deno.test("status: words that only the parser understands go to the parser", () => {
  for (
    const word of ["-h", "--help", "--js", "--json=true", "--noJson", "--layout", "--", "-", "", "-watch"]
  ) {
    assertEquals(plainStatus(["status", "last", word]), undefined, word);
  }
  assertEquals(plainStatus(["status", "--json", "--json"]), undefined);
  assertEquals(plainStatus(["list"]), undefined);
  assertEquals(plainStatus([]), undefined);
});
