/** Commands that meet a fault: how the study is before, and what has to be true of it afterwards. */

/** A study as a command finds it. */
export type Before = "spec" | "laid out" | "begun" | "held" | "failed" | "asked" | "finished";

export interface Scene {
  readonly name: string;
  readonly before: Before;
  readonly scheduler: "local" | "slurm";
  readonly args: readonly string[];
  /** Whose calls fail: the program's own, or those of the shells that run steps. */
  readonly meets: "program" | "shells";
  /** It leaves a conductor at work. */
  readonly detached?: true;
  /** What exit code 0 promises: seen in the study's journal, or its end. */
  readonly promises?: RegExp;
  /** The study may end cancelled. */
  readonly cancels?: true;
  /** It changes nothing. */
  readonly reads?: true;
}

type Rest = Partial<Omit<Scene, "name" | "before" | "args">>;

const scene = (name: string, before: Before, args: string, rest: Rest = {}): Scene => ({
  ...{ name, before, scheduler: "local", args: args.split(" "), meets: "program", ...rest },
});

const reader = (args: string, before: Before = "finished") => scene(args, before, args, { reads: true });
const slurm: Rest = { scheduler: "slurm" };
const detached: Rest = { detached: true };

/** In a folder with `spec.yaml`; the study is `out`. */
export const SCENES: readonly Scene[] = [
  scene("run", "spec", "run -y -o out -s 0.2 spec.yaml", detached),
  scene("run -fg", "spec", "run -y -fg -o out -s 0.2 spec.yaml"),
  scene("run -n", "spec", "run -n -o out -s 0.2 spec.yaml"),
  scene("conduct", "laid out", "conduct out"),
  scene("conduct --once", "laid out", "conduct --once out"),
  scene("conduct what was begun", "begun", "conduct out"),
  scene("conduct what was asked", "asked", "conduct out"),
  scene("resume", "begun", "resume out", detached),
  scene("resume -fg", "begun", "resume -fg out"),
  scene("rerun", "failed", "rerun out", { ...detached, promises: /"event":"reset"/ }),
  scene("cancel", "laid out", "cancel -y out", { cancels: true, promises: /"state":"cancelled"/ }),
  scene("cancel --step", "laid out", "cancel -y --step c out", {
    cancels: true,
    promises: /"step":"c","state":"CANCELLED"/,
  }),
  scene("hold", "laid out", "hold out", { promises: /"event":"held"/ }),
  scene("release", "held", "release out", { promises: /"event":"released"/ }),
  scene("update", "laid out", "update --throttle 2 out", { promises: /"settings":\{"throttle":2\}/ }),
  scene("the runner", "laid out", "conduct out", { meets: "shells" }),
  scene("the runner of what was begun", "begun", "conduct out", { meets: "shells" }),
  scene("run (Slurm)", "spec", "run -y -o out -s 0.2 spec.yaml", { ...slurm, ...detached }),
  scene("conduct (Slurm)", "laid out", "conduct out", slurm),
  scene("conduct --once (Slurm)", "laid out", "conduct --once out", slurm),
  scene("conduct what was begun (Slurm)", "begun", "conduct out", slurm),
  scene("rerun (Slurm)", "failed", "rerun out", {
    ...slurm,
    ...detached,
    promises: /"event":"reset"/,
  }),
  scene("cancel (Slurm)", "begun", "cancel -y out", {
    ...slurm,
    cancels: true,
    promises: /"state":"cancelled"/,
  }),
  scene("the guard (Slurm)", "laid out", "conduct out", { ...slurm, meets: "shells" }),
  ...["status out", "status --json out", "logs out b", "logs --script out a", "events out", "list ."].map(
    (args) => reader(args, "failed"),
  ),
  ...["results out", "graph out", "report -o page.html out", "export -o crate out", "wait out"]
    .map((args) => reader(args)),
  ...["plan spec.yaml", "lint spec.yaml", "graph spec.yaml", "doctor ."].map((args) => reader(args, "spec")),
];

export const specOf = (scheduler: Scene["scheduler"]): string =>
  `description:
  name: trio
  description: Three steps.

batch:
  type: ${scheduler}

study:
  - name: a
    description: Comes first.
    run:
      cmd: echo a >>../../ledger; echo value 1
      walltime: "00:30:00"
    results:
      value: {regex: 'value (\\d)'}
  - name: b
    description: Waits for a; fails while there is a file.
    run:
      cmd: test ! -e ../../fail && echo b >>../../ledger
      depends: [a]
      walltime: "00:30:00"
  - name: c
    description: Waits for nothing.
    run:
      cmd: echo c >>../../ledger
      walltime: "00:30:00"
`;
