/**
 * The words of this program as types. Imports nothing; every other file may import it.
 *
 * Data flows one way: YAML text -> Spec -> Plan -> (StudyEvent -> StepRecord) <-> Action -> StatusView -> text.
 */

// ---------------------------------------------------------------- spec

/** What a YAML document holds, every scalar as text: a plain one as Maestro prints it, a quoted one as written. */
export type YamlValue = string | null | YamlValue[] | { [key: string]: YamlValue };

/** Where something stands in the spec: keys and list indices from the top. */
export type SpecPath = readonly (string | number)[];

/** Something wrong (or odd) in a spec. All problems of a spec are reported at once. A note is for `lint` alone. */
export interface Problem {
  readonly level: "error" | "warning" | "note";
  readonly message: string;
  readonly path: SpecPath;
  /** Whether the place is the key itself or its value. */
  readonly at: "key" | "value";
  readonly hint?: string;
}

/** A problem with its place in the file: line and column count from 1. */
export interface PlacedProblem extends Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The source line, without its newline. */
  readonly source: string;
}

/** One name and its text in `env`; the order is the file's. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** `env.dependencies.git[]`: cloned into `path`/`name` before the study is launched. */
export interface GitDependency {
  readonly name: string;
  readonly path: string;
  readonly url: string;
  readonly tag?: string;
  readonly branch?: string;
  readonly hash?: string;
}

/** `batch`: how jobs are submitted. Scalars are text, as written. `type` is "local" when the spec has none. */
export interface Batch {
  readonly type: string;
  readonly [key: string]: YamlValue;
}

/** Several nodes of a step in one job. */
export interface Pack {
  readonly most: number;
  /** Those that run side by side. */
  readonly atOnce: number;
}

/** Keys of `batch` for one step. Its `type` is the study's, or "local". */
export type StepBatch = Readonly<Record<string, YamlValue>>;

/** A step as the spec has it: text, tokens still in it. */
export interface SpecStep {
  readonly name: string;
  readonly description: string;
  readonly cmd: string;
  /** Empty when the step has none. */
  readonly restart: string;
  readonly depends: readonly string[];
  /** Like `depends`, but it waits only until they have ended, however. */
  readonly after?: readonly string[];
  /** Like `after`, but what was cancelled never counts: `depends` with the condition all-completed. */
  readonly completed?: readonly string[];
  /** Its failure does not keep those behind it from running, nor does the study fail by it. */
  readonly allowFailure?: true;
  /** First line of its scripts, where it is not the batch's. */
  readonly shell?: string;
  /** What its scripts export. */
  readonly env?: readonly NamedText[];
  /** What is picked from its output. */
  readonly results?: readonly ResultRule[];
  /** `pre` and `post`, which never run: Maestro looks for parameters in them. */
  readonly unused?: readonly NamedText[];
  /** What is otherwise than in the spec's `batch`. */
  readonly batch?: StepBatch;
  readonly pack?: Pack;
  /** All other keys of `run`, as text in the spec's own key words (`nodes`, `cores per task`, ...). */
  readonly resources: Readonly<Record<string, string>>;
  readonly retry?: RetryPolicy;
  /** Index in the spec's `study` list, for messages. */
  readonly position: number;
}

/** `results` of a step: a name for what is picked from a file. */
export interface ResultRule {
  readonly name: string;
  /** Below the workspace; empty: what the script printed. Tokens may stand in it. */
  readonly file: string;
  readonly pick:
    /** First group of the match, or all of it. */
    | { readonly kind: "regex"; readonly pattern: string; readonly take: "first" | "last" }
    | { readonly kind: "json"; readonly path: readonly (string | number)[] };
}

/** `conductor` of a spec: what `run`'s flags set, where they do not. */
export interface ConductorSection {
  readonly attempts?: number;
  readonly rlimit?: number;
  readonly throttle?: number;
  readonly sleep?: number;
  readonly localJobs?: number;
  /** A parameter generator, relative to the spec. */
  readonly pgen?: string;
  readonly pargs?: readonly NamedText[];
  readonly on?: HookCommands;
}

/** What a study can run a command for: its end, well or not, and the failure of a step. */
export type HookName = "finished" | "failed" | "step-failed";

export type HookCommands = Readonly<Partial<Record<HookName, string>>>;

/** A sweep: one label and one value for each combination. Lists are of equal length across parameters. */
export interface Parameter {
  readonly key: string;
  /** What `$(KEY.name)` becomes; the key itself for parameters of a spec. */
  readonly name: string;
  readonly values: readonly string[];
  readonly labels: readonly string[];
  /**
   * What values were that are not what their text looks like: `"10"` is text, and a list is a list. Absent where there
   * are none.
   */
  readonly raws?: ReadonlyMap<string, unknown>;
}

/** Texts by position, from 0: a list of them, or what makes each when it is asked for. */
export interface TextList {
  readonly length: number;
  at(position: number): string | undefined;
}

/** A parameter in a plan. */
export interface BoundParameter extends Omit<Parameter, "values" | "labels" | "raws"> {
  readonly values: TextList;
  readonly labels: TextList;
}

/** A checked spec. */
export interface Spec {
  readonly name: string;
  readonly description: string;
  readonly variables: readonly NamedText[];
  readonly labels: readonly NamedText[];
  readonly sources: readonly string[];
  readonly pathDependencies: readonly NamedText[];
  readonly gitDependencies: readonly GitDependency[];
  readonly batch: Batch;
  readonly steps: readonly SpecStep[];
  readonly parameters: readonly Parameter[];
  readonly conductor?: ConductorSection;
}

// ---------------------------------------------------------------- plan

/** What a step asks of the batch system, typed, under the spec's own key words. Absent: not asked for. */
export interface Resources {
  nodes?: number;
  procs?: number;
  gpus?: number;
  "cores per task"?: number;
  "tasks per rs"?: number;
  "rs per node"?: number;
  "cpus per rs"?: number;
  bind?: string;
  "bind gpus"?: string;
  /** As written: "00:10:00", "10", ... `units.ts` reads it. */
  walltime?: string;
  reservation?: string;
  qos?: string;
  exclusive?: boolean;
  /** `exclusive: {launcher: ...}`. */
  "exclusive launcher"?: boolean;
  nested?: boolean;
  waitable?: boolean;
  /** A word (held, minimal, low, medium, high, expedited) or a number from 0 to 1, as text. */
  priority?: string;
  /** These go before those of `batch`. */
  mem?: string;
  constraint?: string;
  gres?: string;
  args?: string;
}

/** A piece of a step's text that differs from node to node. */
export type TextSlot =
  /** What a parameter is in this combination. */
  | { readonly kind: "value" | "label" | "name"; readonly parameter: number }
  /** `$(step.workspace)`: of the same combination, or with `all` the folder above all of them. */
  | { readonly kind: "workspace"; readonly step: number; readonly all: boolean }
  /** `$(WORKSPACE)`. */
  | { readonly kind: "own" };

/** Text with slots, in order. */
export type SlottedText = readonly (string | TextSlot)[];

/**
 * A step of the study before its parameters are laid over it: the environment is substituted, names are resolved.
 * Together with the parameters this determines the whole plan, so it is what a study keeps on disk.
 */
export interface BoundStep {
  readonly name: string;
  readonly description: string;
  readonly cmd: string;
  readonly restart: string;
  readonly resources: Readonly<Record<string, string>>;
  readonly retry?: RetryPolicy;
  /** Indices into `parameters`, sorted by key. Empty: the step has one node. */
  readonly uses: readonly number[];
  /** Indices of steps whose node of the same combination must finish first. */
  readonly depends: readonly number[];
  /** Indices of steps all of whose nodes must finish first (`step_*`). */
  readonly funnels: readonly number[];
  /** Indices of steps whose node of the same combination must have ended first, however. */
  readonly after?: readonly number[];
  /** Indices of steps all of whose nodes must have ended first, however. */
  readonly afterFunnels?: readonly number[];
  /** Indices of those among the steps that must have ended which must not have been cancelled. */
  readonly uncancelled?: readonly number[];
  /** Steps of which the nodes that share some parameters come first (`step_*[SIZE]`). */
  readonly matched?: readonly MatchedFunnel[];
  readonly allowFailure?: true;
  readonly shell?: string;
  readonly env?: readonly NamedText[];
  readonly results?: readonly ResultRule[];
  readonly batch?: StepBatch;
  readonly pack?: Pack;
  /** Index in the spec's `study` list. */
  readonly position: number;
}

/** `step_*[SIZE]`: all nodes of a step that are the same in some parameters. */
export interface MatchedFunnel {
  readonly step: number;
  /** Indices into `parameters`. */
  readonly by: readonly number[];
  /** They need only have ended. */
  readonly after?: true;
}

/** A spec with its environment laid over it, before expansion. Steps stand behind those they wait for. */
export interface BoundStudy {
  readonly name: string;
  readonly description: string;
  /** Absolute path of the study's folder. */
  readonly root: string;
  readonly batch: Batch;
  /** With `--hashws` folders are numbered; studies of version 0.1 named them by the MD5 of the labels. */
  readonly hashWorkspaces: false | "numbered" | "md5";
  readonly parameters: readonly BoundParameter[];
  readonly steps: readonly BoundStep[];
  /** Folders and files are named as in Maestro; absent in studies of version 0.1, which cut and hashed more names. */
  readonly names?: "maestro";
  /** Names in the study's folder that no step's workspace may have, beside those of every study. */
  readonly reserved?: readonly string[];
}

/** What was found out of a study when it was made, and need not be again: to compare many labels takes long. */
export interface PlanFacts {
  readonly nodes: number;
  /** The folders of all nodes are called by their labels. */
  readonly labelsAreFolders: boolean;
  /** No node was given another name than that of its step and labels. */
  readonly namesAreDistinct: boolean;
}

/** A step in the plan: its text split at the slots, its place on disk, its nodes. */
export interface PlanStep extends BoundStep {
  readonly index: number;
  readonly text: {
    readonly description: SlottedText;
    readonly cmd: SlottedText;
    readonly restart: SlottedText;
    readonly resources: readonly (readonly [string, SlottedText])[];
    readonly env?: readonly (readonly [string, SlottedText])[];
    /** Files of `results`, in their order. */
    readonly resultFiles?: readonly SlottedText[];
  };
  /** Below the study's folder: the parent of its nodes' workspaces, or the only one. */
  readonly workspace: string;
  /** Its nodes are `Plan.nodes[first]` up to, not including, `Plan.nodes[end]`. */
  readonly first: number;
  readonly end: number;
  /** The joined labels of each node's combination. One list for all steps that use the same parameters. */
  readonly labels: TextList;
  /** The position of a label's node among the step's nodes. */
  readonly positionOf: (label: string) => number | undefined;
  /** The first combination that makes each node, or -1 where the step uses no parameter. */
  readonly firstCombo: Int32Array;
  /** Combination to position among the step's nodes; empty where the step uses no parameter. */
  readonly nodeOfCombo: Int32Array;
  /** Names of its nodes' folders below `workspace`. */
  readonly leaves: TextList;
  /** Folders are not named by labels; scripts, logs and jobs are named like the folders. */
  readonly hashed: boolean;
  /** How long names of its folders and files may be. */
  readonly names: { readonly folder: number; readonly file: number; readonly above: boolean };
  /** Steps whose node of the same combination is waited for. */
  readonly singles: { readonly depends: readonly PlanStep[]; readonly after: readonly PlanStep[] };
  readonly matchedNodes: readonly MatchedNodes[];
  /** Nodes whose names others have taken, and what they are named instead. */
  renamed?: Map<number, string>;
}

/** The nodes that are the same as a combination in what must match. */
export interface MatchedNodes {
  readonly after: boolean;
  groupOf(combo: number): readonly number[];
}

/** One step with one combination of its parameters: what is run. Its text is computed when asked for. */
export interface PlanNode {
  readonly index: number;
  readonly name: string;
  readonly step: PlanStep;
  /** The first combination that makes this node, or -1 where the step uses no parameter. */
  readonly combo: number;
  /** Below the study's folder. */
  readonly workspace: string;
  /** File names of scripts and logs start with this. */
  readonly fileBase: string;
  /** Indices of the nodes to wait for, beside all nodes of the step's funnels. */
  readonly parents: readonly number[];
  /** Indices of the nodes that must have ended, beside all nodes of the step's `afterFunnels`. */
  readonly after?: readonly number[];
}

/** The expanded graph. Parents always stand before their children. */
export interface Plan {
  readonly study: BoundStudy;
  readonly steps: readonly PlanStep[];
  readonly size: number;
  /** As many as `size`; made when they are asked for. */
  readonly nodes: readonly PlanNode[];
  readonly stepNamed: ReadonlyMap<string, PlanStep>;
  /** Nodes that have another name than that of their step and labels, by that name. */
  readonly renamed: ReadonlyMap<string, number>;
}

// ---------------------------------------------------------------- adapters and scripts

/** What a script is made for: one node, its commands aside. */
export interface ScriptRequest {
  /** Job name: the node's name (or its hash), spaces replaced, safe in a header line. */
  readonly jobName: string;
  readonly description: string;
  readonly resources: Resources;
  readonly batch: Batch;
  /** Names of the log files, relative to the workspace; a scheduler's own placeholders may stand in them. */
  readonly out: string;
  readonly err: string;
  /** What the installed version turned out not to have, in the words of the adapter's `lacking`. */
  readonly lacks?: ReadonlySet<string>;
  /** Where the script runs: absolute. Undefined in a template's example. */
  readonly workspace?: string;
}

/** Values for a template's `@field@`s. A line whose field is undefined is dropped. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What `$(LAUNCHER)` is asked for: the step's resources, nodes and procs narrowed by a bracket form. */
export interface LaunchRequest {
  readonly nodes: number | undefined;
  readonly procs: number | undefined;
  readonly resources: Resources;
  readonly batch: Batch;
  /** As in `ScriptRequest`. */
  readonly lacks?: ReadonlySet<string>;
}

/** A script to submit. Paths are absolute. */
export interface SubmitRequest {
  readonly script: string;
  readonly workspace: string;
  readonly jobName: string;
  /** Tells this submission from every other one; findable at the scheduler by `find`. Letters, digits, `-`. */
  readonly token: string;
  /** Whether nothing in the script waits for the token as its argument: it would be the user's program that reads it. */
  readonly unguarded?: boolean;
  /** What the user wrote of the step, for schedulers with a place for it. */
  readonly description?: string;
  readonly resources: Resources;
  readonly batch: Batch;
  readonly out: string;
  readonly err: string;
  readonly lacks?: ReadonlySet<string>;
}

/** A command that was run. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** What a scheduler said to a submission. */
export type Submission =
  /** `cluster` where later commands must name it. */
  | { readonly kind: "accepted"; readonly jobId: string; readonly cluster?: string }
  /** `again`: a limit of the moment, the step stays ready. Otherwise it can never be accepted as it is. */
  | { readonly kind: "refused"; readonly reason: string; readonly again: boolean }
  /** It may have been accepted: look the token up before trying again. */
  | { readonly kind: "unclear"; readonly reason: string };

/** A job as its scheduler sees it. `unknown`: alive as far as anyone knows, in a word that the table does not have. */
export type JobPhase =
  | "pending"
  | "running"
  | "finished"
  | "failed"
  | "timedout"
  | "hwfailure"
  | "preempted"
  | "oom"
  | "cancelled"
  | "unknown";

export interface JobSighting {
  readonly jobId: string;
  readonly phase: JobPhase;
  /** The scheduler's own word. */
  readonly word: string;
  readonly exitCode?: number;
  /** Why it waits, or why it ended, in the scheduler's words. */
  readonly reason?: string;
  /** The submission's token, where the answer holds it. */
  readonly token?: string;
  /** It waits, and why it will do so until someone changes something. */
  readonly stuck?: string;
  /** It has ended, and stays in the queue until it is cancelled. */
  readonly stays?: true;
}

/** Who asks and since when: what queries may need beside ids. */
export interface QueryContext {
  readonly user: string;
  /** Start of the study, ms since 1970. */
  readonly since: number;
  /** The cluster that an accepted submission named: its jobs are asked about apart from others. */
  readonly cluster?: string;
  /** What the installed version turned out not to have, in the words of the adapter's `lacking`. */
  readonly lacks?: ReadonlySet<string>;
}

/** One process that runs many submissions, where each by itself takes long to start. */
export interface BulkSubmission {
  /** At most so many at a time. */
  readonly most: number;
  readonly argv: readonly string[];
  /** For its standard input. */
  input(submissions: readonly { readonly argv: readonly string[]; readonly cwd: string }[]): string;
  /** What became of each; `undefined` for those of which it does not say, no list at all where it could not be run. */
  parse(result: CommandResult, count: number): (CommandResult | undefined)[] | undefined;
}

/** One command that tells of many jobs. */
export interface Query {
  /** At most this many ids a call; undefined: any number, for the command names no ids. */
  readonly most?: number;
  argv(ids: readonly string[], context: QueryContext): string[];
  /** The jobs it told of; an asked-for job that is not among them is not there. Undefined: it could not be asked. */
  parse(result: CommandResult, ids: readonly string[]): JobSighting[] | undefined;
}

/** How a scheduler is spoken to. Builds commands and parses output; runs nothing. Absent for local. */
export interface SchedulerAdapter {
  /** Environment variables (names, or prefixes that end in `*`) that must not reach its queries and cancellations. */
  readonly clearedEnv: readonly string[];
  /** Those that must not reach its submissions: they keep the answer from being read, or are for one job alone. */
  readonly notSubmitted: readonly string[];
  /** Those that describe the job in which a conductor runs, and must not reach another job. */
  readonly ofJobs: readonly string[];
  /** Those that go before the header of a script, and the keys of a spec that they replace. */
  readonly beforeHeader?: Readonly<Record<string, readonly string[]>>;
  /** The variables in which a running job finds its own id; the first that has a value counts. */
  readonly jobIdVariables: readonly string[];
  /**
   * The variables in which a running job finds its name, if the submission's token is in it. The first arms the script's
   * guard; without one the submission passes the token as the script's argument.
   */
  readonly jobNameVariables?: readonly string[];
  /** What a command of the script begins with so that the scheduler reads on for directives. */
  readonly commandMark?: string;
  /** Run in the request's workspace. */
  submit(request: SubmitRequest, lacks?: ReadonlySet<string>): string[];
  parseSubmit(result: CommandResult): Submission;
  readonly bulk?: BulkSubmission;
  /**
   * What the answer to any of its commands shows the installed version not to have: the command is made once more,
   * without it, and so are all that follow.
   */
  lacking?(result: CommandResult): string | undefined;
  /** The word of `lacking` for a scheduler that knows nothing of jobs that have ended. */
  readonly noHistory?: string;
  /** Seconds of a walltime, where it is not read as in `walltimeSeconds`. */
  seconds?(walltime: string): number | undefined;
  /**
   * Asked in order, each about the jobs that all before it were asked about and did not tell of; when one could not be
   * asked, the rest are not. A job that none tells of is not there only if every one could be asked.
   */
  readonly queries: readonly Query[];
  /** The jobs with a token in their name or comment: what a conductor that died may have submitted. */
  find(token: string): Query;
  cancel(ids: readonly string[], context?: Partial<QueryContext>): string[];
  /** Whether a cancel command's failure only says that the jobs are gone already. */
  cancelMeansGone(result: CommandResult): boolean;
}

/** Spellings of one option, and what to do instead. `-a…`: with its value behind it, `-a1-3`. */
export interface OwnOption {
  readonly words: readonly string[];
  readonly hint: string;
}

/** A scheduler's description: it builds commands and text, parses output, and runs nothing. */
export interface Adapter {
  /** Word in `batch.type`. */
  readonly name: string;
  /** Between a script's name and `.sh`: "slurm" in `step.slurm.sh`; empty for local. */
  readonly infix: string;
  /** Header of a scheduled script, with `@field@` placeholders (see `script.ts`). */
  readonly template: string;
  /** Options that a submission gives itself, or that keep it from following the job; and where else users write them. */
  readonly own?: {
    readonly options: readonly OwnOption[];
    /** What a directive begins with. */
    readonly directive?: RegExp;
    /** Whether directives are read behind the first command, too. */
    readonly everywhere?: true;
  };
  /** Its lines that templates of earlier versions do not have, and need. */
  readonly laterLines?: readonly string[];
  /** Other words for it in `batch.type`. */
  readonly otherNames?: readonly string[];
  /** Keys of `batch` that it reads, beside `type`. */
  readonly batchKeys: readonly string[];
  /** Whether a mapping `args` holds options of its launcher, as in Maestro. Elsewhere such a mapping has no effect. */
  readonly launcherArgs?: true;
  /** Keys of `run` and `batch` that have no effect with it, and what to do instead. */
  readonly ignores: Readonly<Record<string, string>>;
  /** How its log files are named, with the scheduler's own placeholder for the job id. */
  logName(jobName: string, stream: "out" | "err"): string;
  /** What this scheduler spells in its own way. */
  fields(request: ScriptRequest): Fields;
  /** What `$(LAUNCHER)` becomes, word by word. */
  launcher(request: LaunchRequest): string[];
  /** Commands of the scheduler; undefined where steps run on this machine. */
  readonly scheduler?: SchedulerAdapter;
}

// ---------------------------------------------------------------- states, records, events

/** Maestro's words for the state of a step. */
export type StepState =
  | "INITIALIZED"
  | "PENDING"
  | "RUNNING"
  | "FINISHED"
  | "FAILED"
  | "TIMEDOUT"
  | "HWFAILURE"
  | "CANCELLED"
  | "DRYRUN"
  | "UNKNOWN";

/** How a study stands. `stalled`: unfinished, and no conductor is alive. */
export type StudyState = "initialized" | "running" | "finished" | "failed" | "cancelled" | "stalled";

/** What is known of one node: the fold of its events. Times in ms since 1970. */
export interface StepRecord {
  state: StepState;
  /** Whether it has come to its end. A state alone does not tell: a step that timed out may be about to run again. */
  over: boolean;
  /** Submissions so far; 0 before the first. */
  attempt: number;
  /** Runs of the restart command. */
  restarts: number;
  /** Other runs after the first, by the retry policy. */
  retries: number;
  /** What its next submission is, where it is not the first. */
  again: Again | undefined;
  /** What its latest submission was, where it was not the first. */
  latest: Again | undefined;
  /** The next submission must not come before. */
  notBefore: number | undefined;
  /** It ended without having run, because of a step before it. */
  skipped: true | undefined;
  /** The user wants it not to start. */
  held: true | undefined;
  /** The user asked to cancel it. */
  cancelling: true | undefined;
  /** Scheduler's id, or the process id of a local step. */
  jobId: string | undefined;
  /** Where a local step's process is. */
  host: string | undefined;
  /** Cluster that later commands must name. */
  cluster: string | undefined;
  submittedAt: number | undefined;
  /** When the intent of its latest submission was noted. */
  intendedAt: number | undefined;
  /** Successful queries in a row that did not know its job, and when the first of them was. */
  missing: { readonly times: number; readonly since: number } | undefined;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** Why its job will not begin until someone changes something. */
  stuck: string | undefined;
  exitCode: number | undefined;
  /** Why it is in this state, in words for the user. */
  reason: string | undefined;
}

/** How a step runs again: its restart command, or the same command once more. */
export type Again = "restart" | "retry";

/** Ways in which an attempt may fail; what `retry.on` lists, beside `exit:N` and `any`. */
export type FailureKind = "timeout" | "hwfailure" | "preempted" | "oom" | "exit" | "lost";

/** `run.retry`: when and how often a step that failed runs again. */
export interface RetryPolicy {
  /** Runs after the first; 0 = none. */
  readonly limit: number;
  /** Seconds before each. */
  readonly delay: number;
  /** Failure kinds, `exit:N`, or `any`. */
  readonly on: readonly string[];
  /** Resource key to the factor by which it grows with each run. */
  readonly scale: Readonly<Record<string, number>>;
}

/** How an attempt ended. */
export type AttemptEnd =
  | { readonly kind: "finished" }
  | { readonly kind: FailureKind; readonly exitCode?: number; readonly reason: string }
  /** `elsewhere`: as far as its scheduler tells, which does not tell whether the user asked this program for it. */
  | { readonly kind: "cancelled"; readonly reason: string; readonly elsewhere?: true };

/** What became known of a node's attempt. */
export type Sighting =
  | {
    readonly see: "accepted";
    readonly node: number;
    readonly at: number;
    readonly jobId: string;
    /** Where its process is, if it is one of a local step. */
    readonly host?: string;
    readonly cluster?: string;
  }
  | { readonly see: "started"; readonly node: number; readonly at: number }
  /** Its scheduler was asked and does not know the job; or knows it again. */
  | { readonly see: "missing" | "found"; readonly node: number; readonly at: number }
  /** Its job waits, and will not begin until someone changes something; without a reason it will. */
  | { readonly see: "stuck"; readonly node: number; readonly at: number; readonly reason?: string }
  /** It never began. `again`: not for a fault of its own. */
  | {
    readonly see: "refused";
    readonly node: number;
    readonly at: number;
    readonly reason: string;
    readonly again: boolean;
  }
  | {
    readonly see: "ended";
    readonly node: number;
    readonly at: number;
    readonly end: AttemptEnd;
    /** When it began, by its own word: it may have been seen to run only later. */
    readonly startedAt?: number;
  };

/** What other commands ask of a conductor. Steps by node name. */
export type StudyRequest =
  | { readonly ask: "cancel"; readonly steps?: readonly string[] }
  | { readonly ask: "hold" | "release"; readonly steps: readonly string[] }
  | { readonly ask: "rerun"; readonly steps: readonly string[] }
  | { readonly ask: "update"; readonly settings: Partial<Settings> };

/** How a study is conducted; what `run`'s flags set. */
export interface Settings {
  /** Submissions tried before a step fails because it cannot be submitted. */
  readonly attempts: number;
  /** Restarts of a step that has `restart`; 0 = unlimited. */
  readonly rlimit: number;
  /** Jobs in flight; 0 = unlimited. */
  readonly throttle: number;
  /** Seconds between polls of a scheduler. */
  readonly sleep: number;
  /** Local steps side by side. */
  readonly localJobs: number;
  readonly dry: boolean;
  readonly useTmp: boolean;
  readonly hashWorkspaces: boolean;
}

/**
 * What happened to a study, as its journal keeps it: one a line, in the order in which it became known. Past tense; `at`
 * is when it happened, in ms since 1970; `step` is a node's name. State is the fold of these and nothing else.
 */
export type StudyEvent =
  /** A conductor took the study; `once` for a single pass. */
  | {
    readonly event: "taken";
    readonly at: number;
    readonly host: string;
    readonly pid: number;
    readonly once?: true;
  }
  /** Intent: what follows may have reached the batch system even if nothing more is heard of it. */
  | {
    readonly event: "submitting";
    readonly at: number;
    readonly step: string;
    readonly attempt: number;
    readonly again?: Again;
  }
  /** The batch system, or this machine, has it. */
  | {
    readonly event: "submitted";
    readonly at: number;
    readonly step: string;
    readonly jobId: string;
    readonly host?: string;
    readonly cluster?: string;
  }
  | { readonly event: "started"; readonly at: number; readonly step: string }
  /** Its scheduler was asked and did not know the job; or knew it again after that. */
  | { readonly event: "missing" | "found"; readonly at: number; readonly step: string }
  /** Its job will not begin until someone changes something; or, without a reason, it will again. */
  | { readonly event: "stuck"; readonly at: number; readonly step: string; readonly reason?: string }
  /** The attempt never began: the step is as it was before. */
  | { readonly event: "withdrawn"; readonly at: number; readonly step: string; readonly reason: string }
  /** The attempt failed, and the step runs again. */
  | {
    readonly event: "relapsed";
    readonly at: number;
    readonly step: string;
    readonly state: EndState;
    readonly again: Again;
    readonly notBefore?: number;
    readonly exitCode?: number;
    readonly reason?: string;
    readonly startedAt?: number;
  }
  | {
    readonly event: "ended";
    readonly at: number;
    readonly step: string;
    readonly state: EndState;
    readonly exitCode?: number;
    readonly reason?: string;
    /** It did not run, because of a step before it. */
    readonly skipped?: true;
    /** When it had begun, where `started` says otherwise: that is when it was first seen to run. */
    readonly startedAt?: number;
  }
  /** The user asked to cancel the study, or one step. */
  | { readonly event: "cancelling"; readonly at: number; readonly step?: string }
  | { readonly event: "held" | "released"; readonly at: number; readonly step: string }
  /** The user wants it to run again, as if it never had; attempts are counted on. */
  | { readonly event: "reset"; readonly at: number; readonly step: string }
  | { readonly event: "updated"; readonly at: number; readonly settings: Partial<Settings> }
  /** A dry run wrote all scripts: every step is DRYRUN. */
  | { readonly event: "written"; readonly at: number }
  /** Nothing is left to do. */
  | { readonly event: "closed"; readonly at: number; readonly state: "finished" | "failed" | "cancelled" };

/** States that a step does not leave by itself. */
export type EndState = "FINISHED" | "FAILED" | "TIMEDOUT" | "HWFAILURE" | "CANCELLED";

// ---------------------------------------------------------------- status

/** One row of a study's status. Times in ms since 1970, durations in seconds. */
export interface StatusStep {
  /** Its place among the study's nodes. */
  readonly node: number;
  readonly name: string;
  readonly step: string;
  /** Absolute. */
  readonly workspace: string;
  /** As Maestro's table shows it: the last component, with the step's before it where there are parameters. */
  readonly shortWorkspace: string;
  readonly state: StepState;
  readonly jobId?: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly submittedAt?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  /** Start to end, or to now while it runs. */
  readonly runTime?: number | undefined;
  /** Submission to end, or to now while it waits or runs. */
  readonly elapsedTime?: number | undefined;
  readonly restarts: number;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  /** It failed, and the study does not fail by it. */
  readonly allowed?: true | undefined;
}

/** Who conducts a study, as far as a reader can see. */
export interface ConductorView {
  readonly alive: boolean;
  readonly host?: string;
  readonly pid?: number;
  readonly heartbeatAt?: number;
}

/** All that `maestro status` can say of one study. */
export interface StatusView {
  readonly study: string;
  /** Absolute. */
  readonly directory: string;
  readonly state: StudyState;
  readonly conductor: ConductorView;
  /** LLNL's Maestro made the study: when it last wrote how it stands, in ms since 1970. */
  readonly originalAt?: number;
  readonly counts: Readonly<Partial<Record<StepState, number>>>;
  /** Worked out when they are asked for, as are the steps. */
  readonly totals: StatusTotals;
  readonly steps: readonly StatusStep[];
  /** The same one after the other, for whoever needs each of them once: all of many take memory. */
  eachStep?(): Iterable<StatusStep>;
}

/** What can be said of many steps at once. Times in ms since 1970. */
export interface StatusTotals {
  readonly steps: number;
  /** Of the first submission; undefined where there was none. */
  readonly submittedAt?: number;
  /** Of the last end. */
  readonly endedAt?: number;
  /** The steps of the spec: how many of their combinations are in each state. */
  readonly ofStep: readonly {
    readonly name: string;
    readonly total: number;
    readonly counts: Readonly<Partial<Record<StepState, number>>>;
  }[];
  /** Why jobs will not begin until someone changes something: for each reason, of which node and how many. */
  readonly stuck: readonly { readonly reason: string; readonly first: string; readonly nodes: number }[];
}
