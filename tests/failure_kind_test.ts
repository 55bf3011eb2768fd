/** Failures of one kind: reasons that differ only in numbers and values of parameters. */

// @ts-types="../templates/report/failure_kind.d.ts"
import { failureKind } from "../templates/report/failure_kind.js";
import { failureLines } from "../lib/view/failures.ts";
import type { StatusStep } from "../lib/view/status_view.ts";
import { assertEquals } from "./assert.ts";

Deno.test("failure kinds: numbers and values are left out, exit codes stay", () => {
  const table: [reason: string, values: string[], kind: string][] = [
    ["exit code 7: no mesh of 20 cells", ["20"], "exit code 7: no mesh of … cells"],
    ["exit code 7: no mesh of 1.5e+3 cells", [], "exit code 7: no mesh of … cells"],
    ["exit code 139", ["139"], "exit code 139"],
    ["over its walltime of 00:20:00", [], "over its walltime of …"],
    ["cannot open in/large.dat", ["in/large.dat", "in"], "cannot open …"],
    ["bad address 0x7ffeA0 on node0123", [], "bad address … on node…"],
    ["a step", ["a"], "a step"],
    ["", ["x"], ""],
  ];
  for (const [reason, values, kind] of table) assertEquals(failureKind(reason, values), kind, reason);
});

const step = (name: string, reason: string | undefined, more: Partial<StatusStep> = {}) =>
  ({ name, state: "FAILED", reason, params: {}, ...more }) as StatusStep;

Deno.test("failure kinds: status has one line for each kind", () => {
  const steps = [
    ...Array.from({ length: 12 }, (_, i) => step(`run_${i}`, `exit code 7: diverged after ${i} steps`)),
    step("a", "exit code 9: full"),
    step("b", "exit code 9: full"),
    step("c", undefined, { exitCode: 3 }),
    step("d", "exit code 7: diverged after 5 steps", { state: "TIMEDOUT" }),
    step("e", "cannot read x/small", { params: { M: "x/small" }, allowed: true }),
    step("f", "cannot read x/large", { params: { M: "x/large" }, allowed: true }),
  ];
  assertEquals(failureLines(steps), [
    "FAILED    run_0 and 11 more: exit code 7: diverged after … steps",
    "FAILED    a and 1 more: exit code 9: full",
    "FAILED    c: exit code 3",
    "TIMEDOUT  d: exit code 7: diverged after 5 steps",
    "FAILED    e and 1 more: cannot read … (it may fail)",
  ]);
  const many = Array.from({ length: 13 }, (_, i) => step(`s${i}`, `exit code ${i}`));
  assertEquals(failureLines([...many, step("t", "exit code 12")]).slice(-2), [
    "FAILED  s9: exit code 9",
    "and 4 more",
  ]);
});
