/** Command lines that both programs are given, each in a fresh folder with the same files. */

export interface CommandLine {
  readonly name: string;
  /** Words behind `maestro`, one list for each command; all are run, the last one is compared. */
  readonly commands: readonly (readonly string[])[];
  /** Standard input of the last command. */
  readonly input?: string;
  /** Files that must be there afterwards, or not, in both. */
  readonly leaves?: readonly string[];
}

const STUDY = `description: {name: hello, description: Says hello.}
env:
  variables: {OUTPUT_PATH: ./studies}
study:
  - name: hello
    description: Says hello.
    run: {cmd: "echo hello > hello.txt"}
  - name: bye
    description: Says bye to $(WHO).
    run: {cmd: "cat $(hello.workspace)/hello.txt; echo $(WHO)", depends: [hello]}
global.parameters:
  WHO: {values: [Ada, Grace], label: WHO.%%}
`;

/** Files of every folder. */
export const FILES: Readonly<Record<string, string>> = {
  "study.yaml": STUDY,
  "fails.yaml": STUDY.replace("echo hello > hello.txt", "exit 3"),
  "bad.yaml": STUDY.replace("name: bye", "nam: bye"),
  "broken.yaml": "description: [\n",
};

const RUN = ["run", "-y", "-fg", "-s", "1", "-o", "out", "study.yaml"];
const DRY = ["run", "--dry", "-y", "-fg", "-o", "out", "study.yaml"];

export const COMMAND_LINES: readonly CommandLine[] = [
  { name: "a study that finishes", commands: [RUN], leaves: ["out/status.csv", "out/batch.info"] },
  { name: "a study that fails", commands: [["run", "-y", "-fg", "-s", "1", "-o", "out", "fails.yaml"]] },
  { name: "a dry run", commands: [DRY], leaves: ["out/bye/WHO.Ada/bye_WHO.Ada.sh", "out/hello/hello.sh"] },
  {
    name: "laid out, not launched",
    commands: [["run", "-n", "-o", "out", "study.yaml"]],
    leaves: ["out/study.yaml"],
  },
  { name: "the answer no", commands: [["run", "-o", "out", "study.yaml"]], input: "n\n" },
  { name: "the answer y", commands: [["run", "-s", "1", "-o", "out", "study.yaml"]], input: "y\n" },
  {
    name: "an existing folder, kept",
    commands: [DRY, ["run", "-n", "-o", "out", "study.yaml"]],
    leaves: ["out/hello"],
  },
  { name: "an existing folder, replaced", commands: [DRY, DRY], leaves: ["out/hello/hello.sh"] },
  { name: "an existing folder, asked", commands: [DRY, ["run", "-o", "out", "study.yaml"]], input: "n\n" },
  { name: "no such spec", commands: [["run", "-y", "missing.yaml"]] },
  { name: "a spec with a mistake", commands: [["run", "-y", "-o", "out", "bad.yaml"]] },
  { name: "a spec that is no YAML", commands: [["run", "-y", "-o", "out", "broken.yaml"]] },
  { name: "no attempts", commands: [["run", "-y", "-a", "0", "-o", "out", "study.yaml"]] },
  { name: "yes and no", commands: [["run", "-y", "-n", "study.yaml"]] },
  { name: "status", commands: [RUN, ["status", "out"]] },
  { name: "status, legacy", commands: [RUN, ["status", "--layout", "legacy", "out"]] },
  {
    name: "status, narrow",
    commands: [RUN, ["status", "--layout", "narrow", "--disable-theme", "--disable-pager", "out"]],
  },
  { name: "status of no study", commands: [["status", "nowhere"]] },
  { name: "cancel, asked", commands: [RUN, ["cancel", "out"]], input: "n\n" },
  { name: "cancel of no study", commands: [["cancel", "nowhere"]] },
  { name: "cancel with -y", commands: [["run", "-n", "-o", "out", "study.yaml"], ["cancel", "-y", "out"]] },
  {
    name: "update",
    commands: [["run", "-n", "-o", "out", "study.yaml"], ["update", "--throttle", "2", "out"]],
  },
  {
    name: "update with too many values",
    commands: [DRY, ["update", "--rlimit", "1", "--rlimit", "2", "out"]],
  },
  { name: "update of no study", commands: [["update", "--sleep", "5", "nowhere"]] },
  { name: "a word that is no command", commands: [["launch", "study.yaml"]] },
];
