/** Every message for users shows what to do: a hint, unless the message itself does. */

import * as errors from "../lib/errors.ts";
import * as inputErrors from "../lib/input_errors.ts";
import * as graphProblems from "../lib/spec/graph_problems.ts";
import * as problems from "../lib/spec/problems.ts";
import * as stepProblems from "../lib/spec/step_problems.ts";
import * as sweepProblems from "../lib/spec/sweep_problems.ts";
import * as yamlProblems from "../lib/spec/yaml_problems.ts";
import * as viewErrors from "../lib/view_errors.ts";
import { assertEquals } from "./assert.ts";

/** An argument that behaves as any value would: text, number, list or object. */
const anything: unknown = new Proxy(() => {}, {
  apply: () => anything,
  get(_, name) {
    if (name === Symbol.toPrimitive || name === "toString") return () => "x";
    if (name === Symbol.iterator) return Array.prototype.values.bind([]);
    return anything;
  },
});

const MODULES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "errors.ts": errors,
  "input_errors.ts": inputErrors,
  "view_errors.ts": viewErrors,
  "problems.ts": problems,
  "graph_problems.ts": graphProblems,
  "step_problems.ts": stepProblems,
  "sweep_problems.ts": sweepProblems,
  "yaml_problems.ts": yamlProblems,
};

/** Messages whose text shows what to do, or whose caller gives the hint. */
const COMPLETE = [
  ...["badDebugLevel", "badDefine", "badCount", "notAPair", "notAlone", "notTogether", "noLogAxis"],
  ...[
    "badSetting",
    "contradiction",
    "noValue",
    "generatorRefused",
    "badLauncher",
    "badResource",
    "badPattern",
  ],
];

Deno.test("messages: each has a hint, or shows in its text what to do", () => {
  const bare: string[] = [];
  for (const [file, functions] of Object.entries(MODULES)) {
    for (const [name, make] of Object.entries(functions)) {
      if (typeof make !== "function" || COMPLETE.includes(name)) continue;
      try {
        const made = (make as (...args: unknown[]) => unknown)(...Array(8).fill(anything));
        if (typeof made !== "object" || made === null || !("message" in made)) continue;
        if (!("hint" in made) || made.hint === undefined) bare.push(`${file}: ${name}: ${made.message}`);
      } catch {
        // Classes, and functions that need more than a text.
      }
    }
  }
  assertEquals(bare, []);
});
