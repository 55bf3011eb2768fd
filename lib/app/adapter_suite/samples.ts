/** What cases of the suite ask an adapter for. */

import type { Adapter, CommandResult, SubmitRequest } from "../../../adapters/adapter.ts";
import type { Resources } from "../../plan/types.ts";

export const TOKEN = "k3x9-17-1";
export const CONTEXT = { user: "alice", since: Date.UTC(2026, 10, 22) };

/** Everything that a shell, a scheduler or a person can misread. */
export const ODD = "a b'c\"d$HOME`id`%j\\*é;&|";

/** All that a step can ask for. */
export const EVERYTHING: Resources = {
  nodes: 2,
  procs: 5,
  gpus: 1,
  "cores per task": 3,
  "tasks per rs": 1,
  "rs per node": 2,
  "cpus per rs": 4,
  bind: "rs",
  "bind gpus": "none",
  walltime: "01:30:00",
  reservation: "r",
  qos: "q",
  exclusive: true,
  nested: true,
  waitable: true,
  priority: "high",
};

/** What a command may answer. */
export function answer(code: number, stdout: string, stderr = "", timedOut = false): CommandResult {
  return { code, stdout, stderr, timedOut };
}

/** A submission in which every text of the user is `text`, and every key of `batch` is `value`. */
export function request(
  adapter: Adapter,
  resources: Resources,
  text: string,
  value = text,
): SubmitRequest & { description: string } {
  const batch = {
    type: adapter.name,
    ...Object.fromEntries(adapter.batchKeys.map((key) => [key, value])),
    shell: "/bin/sh",
    args: {},
  };
  return {
    ...{ script: `/w/${text}/s.sh`, workspace: `/w/${text}`, jobName: text, token: TOKEN, description: text },
    ...{ resources, batch, out: adapter.logName(text, "out"), err: adapter.logName(text, "err") },
  };
}
