/**
 * The port to the world: clock, randomness, files, processes, terminal. All effects of this program go
 * through a `System`, so tests can use another world. File operations are synchronous: the conductor does one
 * thing at a time, and a synchronous call costs a tenth of a promise.
 *
 * `codeOf` returns the system's name for the error of a failed operation ("ENOENT", "ENOSPC", ...).
 */

import { visibleLines } from "./cells.ts";
import { errorCode, mayPass } from "./errno.ts";
import { childrenUse, type Consumption, treeMemory } from "./process_use.ts";
import { steadyClock } from "./steady_clock.ts";
import { INITIAL_NAMESPACE, type Kernel, type Place, placeOf, startFromPs } from "./place.ts";

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly clearEnv?: boolean;
  readonly input?: string;
  /** The command and all that it started are ended after this time. */
  readonly timeoutMs: number;
  /** It may ask the user on the terminal, and Ctrl-C reaches it: it stays in this program's process group. */
  readonly mayAsk?: true;
}

/** How a process that we started ended. `signal` if a signal killed it. */
export interface ProcessEnd {
  readonly code: number;
  readonly signal: string | null;
}

export interface StartedProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
}

/** A process that receives text and answers in lines. */
export interface Conversation extends StartedProcess {
  /** Input for a process that has ended is lost. */
  say(text: string): void;
  /** No more input follows, and nobody reads the output any longer. */
  hangUp(): void;
  /** What its children have used that have ended. Undefined if the system does not show it. */
  used(): Consumption | undefined;
}

export interface FileFacts {
  readonly isDirectory: boolean;
  /** Neither a file nor a folder: a pipe, a device, a socket. Reading it may never end. */
  readonly isSpecial?: true;
  readonly size: number;
  /** Last change, in ms since 1970, by the file server's clock. */
  readonly changedAt: number;
  /** The number of its owner; absent if files have no owners. */
  readonly owner?: number;
  /** Whether others than its owner may write it; absent where files have no modes. */
  readonly isShared?: boolean;
}

/** A file that only grows. */
export interface AppendFile {
  append(text: string): void;
  appendBytes(bytes: Uint8Array): void;
  /** Returns when all appended text is on disk. */
  sync(): void;
  close(): void;
}

export interface Terminal {
  /**
   * If the reader has gone, the program ends without a message. Bytes are text in UTF-8. Control characters of messages,
   * and of data on a terminal, are written as escapes.
   */
  write(text: string | Uint8Array): void;
  /** For a caller that continues: text without a reader is lost. Nothing is changed. */
  say(text: string): void;
  readonly isTerminal: boolean;
  /** Width in character cells, 80 if it is not known. */
  columns(): number;
  /** Height in lines, 24 if it is not known. */
  rows(): number;
}

export type Signal = "SIGTERM" | "SIGKILL" | "SIGINT" | "SIGHUP" | "SIGWINCH" | "SIGTSTP" | "SIGCONT";

/** The user's terminal, for a program that draws on all of it and receives single keys. */
export interface WholeTerminal {
  /** Its present size; variables such as COLUMNS do not count. */
  size(): { readonly columns: number; readonly rows: number };
  /** Keys arrive at once, without echo, and Ctrl-C is a key. False restores the modes that it had. */
  setRaw(on: boolean): void;
  /** The bytes of keys; undefined if the terminal has gone. */
  read(): Promise<Uint8Array | undefined>;
  /** Stops this job, as Ctrl-Z does; returns when it continues. Does nothing if no shell could continue it. */
  suspend(): void;
  /** `restore` runs when this process ends, whether it exits or an error ends it. */
  atEnd(restore: () => void): void;
}

export interface System {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly host: string;
  readonly user: string;
  readonly pid: number;
  readonly cpus: number;
  /** The command that starts this program again: the compiled file, or the runtime and its arguments. */
  readonly selfCommand: readonly string[];

  /** Where this process runs. */
  place(): Place;

  /**
   * Milliseconds since 1970, as the clock showed them when the program started. It only goes forward after that, whatever
   * is done to the clock. File servers and other machines may have another time.
   */
  now(): number;
  /** Milliseconds since some moment, by a clock that nobody sets. */
  monotonic(): number;
  /** Random, 16 hexadecimal digits. */
  token(): string;
  /** Returns after a time, or as soon as `awake` is settled. */
  sleep(ms: number, awake?: Promise<void>): Promise<void>;

  readText(path: string): string;
  /** Undefined if there is no such file. */
  readTextIfAny(path: string): string | undefined;
  /** The last bytes of a file as text; empty if there is no such file. */
  readTail(path: string, bytes: number): string;
  /** At most `most` bytes from an offset on; empty if there is no such file, or no more data. */
  readBytes(path: string, offset: number, most: number): Uint8Array;
  /** `mode` applies to a new file, within the umask. */
  writeText(path: string, text: string, mode?: number): void;
  /** Creates a file that must not exist yet. False if it exists. */
  createText(path: string, text: string, mode?: number): boolean;
  /**
   * Readers see the old text or the new text, never a part: it is written to another file, synced and
   * renamed. Long texts come in pieces.
   */
  replaceText(path: string, text: string | Iterable<string>, mode?: number): void;
  /** The same without the sync, for a file that shows by its content whether it is complete. */
  replaceBytes(path: string, pieces: Iterable<Uint8Array>, mode?: number): void;
  openAppend(path: string, mode?: number): AppendFile;
  /** Creates its parents, too. No error if it exists. */
  makeDirectory(path: string, mode?: number): void;
  /** Creates only this folder. False if it exists. */
  createDirectory(path: string): boolean;
  makeTempDirectory(prefix: string): string;
  list(path: string): string[];
  /** Names of the folders in a folder, without links to folders. */
  listFolders(path: string): string[];
  /** Names of the plain files in a folder: no folders, links, pipes, ... */
  listFiles(path: string): string[];
  facts(path: string): FileFacts | undefined;
  /** Whether it is a link of another user, and not of root. No file behind it is written, or read for others. */
  isForeignLink(path: string): boolean;
  /** False if there is no such file. Replaces a file with the new name. */
  rename(from: string, to: string): boolean;
  /** Returns when the names in a folder are on disk, if the file system supports that. */
  syncFolder(path: string): void;
  removeFile(path: string): void;
  removeTree(path: string): void;
  copyFile(from: string, to: string): void;
  realPath(path: string): string;

  /** Runs the text of a JavaScript module, and returns what it exports. Its errors name it `data:text/javascript`. */
  loadModule(text: string): Promise<unknown>;

  /**
   * Runs a command to its end; no shell, standard input `input`, or empty. What a child of it prints later is not waited
   * for. Output that is longer than any answer ends it.
   */
  run(argv: readonly string[], options: RunOptions): Promise<RunResult>;
  /**
   * Starts a process as the leader of a new session. It outlives this process. All its streams are /dev/null.
   */
  start(argv: readonly string[], cwd: string): StartedProcess;
  /** The same, with a pipe to its standard input. `hear` receives each line of its output until it ends. */
  converse(argv: readonly string[], cwd: string, hear: (line: string) => void): Conversation;
  /** Runs a command on this terminal with a text as its input. False if it could not be started. */
  pipeTo(argv: readonly string[], text: string, env: Record<string, string>): Promise<boolean>;
  /** Does something in this process; false if it took too long, and was ended in the middle. */
  within(ms: number, what: () => void): boolean;
  /** When a living process started, in the kernel's words; undefined where there is none (or a zombie). */
  processStart(pid: number): string | undefined;
  /**
   * Sets the name of this process in lists of processes (`ps`, `pgrep -x NAME`). Does nothing without /proc.
   */
  nameProcess(name: string): void;
  /**
   * Whether the process that any PID namespace of this machine calls `pid`, and that started at the given
   * time, is alive. Undefined if not all processes of the machine are visible.
   */
  livesBelow(pid: number, start: string): boolean | undefined;
  /**
   * The memory that a process and all below it hold, in bytes, or the most that one of them has held. Undefined if it is
   * gone, or the system does not show it.
   */
  memoryOf(pid: number): number | undefined;
  /** The command line of a living process. Undefined if there is none, or it is not visible. */
  commandLine(pid: number): string[] | undefined;
  /**
   * The processes with a variable in their environment that begins with a text, the variable and the command line of each.
   * Those of other users are not visible. Empty without /proc.
   */
  processesWith(
    start: string,
  ): readonly { readonly pid: number; readonly variable: string; readonly command: string }[];
  /**
   * Signals what the leader of a group runs now: its child, and all processes of the group that began no
   * earlier. Does not signal what the leader ran before and left behind. Without a child, signals the leader.
   * Without /proc, signals the whole group.
   */
  signalStep(leader: number, signal: Signal): void;
  /**
   * Signals the rest of a group without its leader, if `variable` (NAME=VALUE) is in the environment of one
   * of its processes. The group's number may belong to another user by now. Returns whether it signalled.
   */
  signalRest(leader: number, variable: string, signal: Signal): boolean;
  /** Signals every process of a group. False if there is none that may be signalled. */
  signalGroup(leader: number, signal: Signal): boolean;
  /** A setting of nohup(1) remains: an ignored SIGHUP is not handled. */
  onSignal(signal: Signal, handler: () => void): void;

  readonly stdout: Terminal;
  readonly stderr: Terminal;
  /** Undefined unless standard input and output are a terminal. */
  wholeTerminal(): WholeTerminal | undefined;
  /** Whether a person is at a terminal, for questions and pages of output. */
  readonly atTerminal: boolean;
  /**
   * Whether a question can be answered: by a person at a terminal, or by a waiting line (`echo y | maestro
   * ...`).
   */
  isAnswered(): Promise<boolean>;
  /** The answer, without its newline; undefined at the end of input. */
  ask(question: string): Promise<string | undefined>;
  /** The whole standard input. */
  readInput(): Promise<string>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The system's name of an error ("ENOENT", ...). Undefined if the error does not come from the system. */
export function codeOf(error: unknown): string | undefined {
  return errorCode(error, Deno.build.os);
}

/** Whether an operation failed for a reason that may pass. If so, try it again. */
export function isTransient(error: unknown): boolean {
  return mayPass(codeOf(error));
}

/** Whether an operation failed with one of these codes ("ENOENT", ...). */
export function isFileError(error: unknown, ...codes: string[]): boolean {
  return codes.includes(codeOf(error) ?? "");
}

/** The real world. */
export function realSystem(selfCommand: readonly string[]): System {
  return { ...surroundings(), selfCommand, ...clock, ...modules, ...files, ...processes, ...terminal() };
}

/** A data URL has no folder, so no configuration file beside it changes how the text is read. */
const modules = {
  loadModule: (text: string): Promise<unknown> =>
    import(`data:text/javascript;charset=utf-8,${encodeURIComponent(text)}`),
};

function surroundings() {
  const env = Deno.env.toObject();
  return {
    env,
    cwd: Deno.cwd(),
    host: Deno.hostname(),
    user: env["USER"] || env["LOGNAME"] || nameOf(String(Deno.uid() ?? "")),
    pid: Deno.pid,
    get cpus() {
      return navigator.hardwareConcurrency;
    },
  };
}

/** The name of a user by its number, where no variable has it: in the file of local users, or as id(1) knows it. */
function nameOf(uid: string): string {
  const users = ifAny(() => Deno.readTextFileSync("/etc/passwd")) ?? "";
  const local = users.split("\n").map((line) => line.split(":")).find(([, , id]) => id === uid);
  return local?.[0] || kernel.run(["id", "-un", uid])?.trim() || uid;
}

let ownPlace: Place | undefined;

const kernel: Kernel = {
  os: Deno.build.os,
  pid: Deno.pid,
  uid: Deno.uid(),
  read: (path) => ifAny(() => Deno.readTextFileSync(path)),
  link: (path) => ifAny(() => Deno.readLinkSync(path)),
  list: (path) => ifAny(() => files.list(path)) ?? [],
  run: ([command, ...args]) =>
    ifAny(() => {
      const env = { LC_ALL: "C", TZ: "UTC0" };
      const { success, stdout } = new Deno.Command(command!, { args, env, stdin: "null" }).outputSync();
      return success ? decoder.decode(stdout) : undefined;
    }),
};

function ifAny<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

const monotonic = () => performance.now();

const clock = {
  now: steadyClock({
    wall: () => Date.now(),
    monotonic,
    asleep() {
      // It counts sleep, the monotonic clock does not.
      const uptime = kernel.read("/proc/uptime")?.split(" ")[0];
      return uptime === undefined ? undefined : Number(uptime) * 1000 - monotonic();
    },
  }),
  monotonic,
  token: () =>
    Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join(""),
  sleep: (ms: number, awake?: Promise<void>) =>
    new Promise<void>((resolve) => {
      hasSlept = true;
      const timer = setTimeout(resolve, ms);
      awake?.then(() => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

/**
 * Writes a file beside that of the path, and gives it its name. What could not be written takes no room. Nobody can guess
 * the name, and it is created: a link of that name that another user made would be followed.
 */
function replaceFile(path: string, mode: number | undefined, write: (file: Deno.FsFile) => void): void {
  const beside = `${path}.${clock.token()}.tmp`;
  const open = { write: true, createNew: true };
  const file = Deno.openSync(beside, mode === undefined ? open : { ...open, mode });
  try {
    try {
      write(file);
    } finally {
      file.close();
    }
    Deno.renameSync(beside, path);
  } catch (error) {
    files.removeFile(beside);
    throw error;
  }
}

function writeAll(file: Deno.FsFile, text: string): void {
  writeBytes(file, encoder.encode(text));
}

function writeBytes(file: Deno.FsFile, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) written += file.writeSync(bytes.subarray(written));
}

/** Bytes of a file that is read as a whole: a text cannot be longer than about twice as many characters. */
const MOST_BYTES = 1 << 28;
/** Pipes that this program was started with: they end. */
const OWN_PIPE = /^\/(dev\/(stdin|fd\/\d+)|proc\/self\/fd\/\d+)$/;

/** An error that no system has: what has this name is no file that can be read to its end. */
const notPlain = (path: string, what: string) =>
  Object.assign(new Error(`${what}: '${path}'`), { code: "ENOTPLAIN" });

/** The text of a plain file. Throws for a pipe, a device or a file without end instead of reading it. */
function readPlain(path: string): string {
  const { isFile, isDirectory, size } = Deno.statSync(path);
  if (!isFile && !isDirectory && !OWN_PIPE.test(path)) throw notPlain(path, "Not a file");
  // Files of the kernel have no size, and some have no end.
  if (isFile && size === 0 && /^\/(proc|sys)\//.test(path)) throw notPlain(path, "Not a file");
  if (size > MOST_BYTES) throw notPlain(path, `File of more than ${MOST_BYTES >> 20} MB`);
  return isFile || isDirectory ? Deno.readTextFileSync(path) : readPipe(path);
}

function readPipe(path: string): string {
  using file = Deno.openSync(path);
  const text = new TextDecoder();
  const buffer = new Uint8Array(1 << 16);
  const pieces: string[] = [];
  let size = 0;
  for (let read = file.readSync(buffer); read !== null; read = file.readSync(buffer)) {
    size += read;
    if (size > MOST_BYTES) throw notPlain(path, `File of more than ${MOST_BYTES >> 20} MB`);
    pieces.push(text.decode(buffer.subarray(0, read), { stream: true }));
  }
  return pieces.join("") + text.decode();
}

/** Opening a pipe waits for the process at the other end. */
function refuseSpecial(path: string): void {
  if (files.facts(path)?.isSpecial && !OWN_STREAM.test(path)) throw notPlain(path, "Not a file");
}

/** A link of another user leads to a place that this user did not choose. */
function isForeignLink(path: string): boolean {
  const link = ifAny(() => Deno.lstatSync(path));
  return link?.isSymlink === true && link.uid !== null && link.uid !== Deno.uid() && link.uid !== 0;
}

function refuseForeignLink(path: string): void {
  if (isForeignLink(path)) throw notPlain(path, "A link of another user");
}

/** Writes a file that exists. What a link of another user leads to stays, and what has another name for the file. */
function overwrite(path: string, text: string, mode: number | undefined): void {
  const there = Deno.lstatSync(path);
  const isForeign = isForeignLink(path);
  if (there.isSymlink && !isForeign) return files.writeText(Deno.realPathSync(path), text, mode);
  // This throws the system's own error.
  if (there.isDirectory) Deno.openSync(path, { write: true }).close();
  if (!there.isFile && !isForeign) throw notPlain(path, "Not a file");
  try {
    const before = isForeign || there.mode === null ? undefined : there.mode & 0o777;
    replaceFile(path, mode ?? before, (file) => writeAll(file, text));
  } catch (error) {
    // This user may write the file and not the folder.
    if (!isFileError(error, "EACCES", "EPERM") || isForeign || (there.nlink ?? 1) > 1) throw error;
    using file = Deno.openSync(path, { write: true, truncate: true });
    writeAll(file, text);
  }
}

/** What may be written to though it is no file. */
const OWN_STREAM = /^\/dev\/(null|std(out|err)|fd\/\d+|tty)$/;

const files = {
  readText: readPlain,
  readTextIfAny(path: string): string | undefined {
    try {
      return readPlain(path);
    } catch (error) {
      if (isFileError(error, "ENOENT", "ENOTDIR")) return undefined;
      throw error;
    }
  },
  readTail(path: string, bytes: number): string {
    const { size = 0, isSpecial } = files.facts(path) ?? {};
    if (isSpecial) throw notPlain(path, "Not a file");
    if (size === 0) return "";
    using file = Deno.openSync(path);
    file.seekSync(-Math.min(size, bytes), Deno.SeekMode.End);
    const buffer = new Uint8Array(bytes);
    return decoder.decode(buffer.subarray(0, file.readSync(buffer) ?? 0));
  },
  readBytes(path: string, offset: number, most: number): Uint8Array {
    const { size = 0, isSpecial } = files.facts(path) ?? {};
    if (isSpecial) throw notPlain(path, "Not a file");
    if (size <= offset) return new Uint8Array();
    using file = Deno.openSync(path);
    file.seekSync(offset, Deno.SeekMode.Start);
    const buffer = new Uint8Array(Math.min(most, size - offset));
    let filled = 0;
    while (filled < buffer.length) {
      const read = file.readSync(buffer.subarray(filled));
      if (read === null) break;
      filled += read;
    }
    return buffer.subarray(0, filled);
  },
  writeText(path: string, text: string, mode?: number): void {
    if (OWN_STREAM.test(path)) {
      using stream = Deno.openSync(path, { write: true });
      writeAll(stream, text);
    } else if (!files.createText(path, text, mode)) overwrite(path, text, mode);
  },
  createText(path: string, text: string, mode?: number): boolean {
    const open = { write: true, createNew: true };
    try {
      using file = Deno.openSync(path, mode === undefined ? open : { ...open, mode });
      writeAll(file, text);
      return true;
    } catch (error) {
      if (isFileError(error, "EEXIST")) return false;
      throw error;
    }
  },
  replaceText(path: string, text: string | Iterable<string>, mode?: number): void {
    replaceFile(path, mode, (file) => {
      for (const piece of typeof text === "string" ? [text] : text) writeAll(file, piece);
      file.syncDataSync();
    });
  },
  replaceBytes(path: string, pieces: Iterable<Uint8Array>, mode?: number): void {
    replaceFile(path, mode, (file) => {
      for (const piece of pieces) writeBytes(file, piece);
    });
  },
  openAppend(path: string, mode?: number): AppendFile {
    refuseSpecial(path);
    refuseForeignLink(path);
    const open = { append: true, create: true };
    const file = Deno.openSync(path, mode === undefined ? open : { ...open, mode });
    return {
      append: (text) => writeAll(file, text),
      appendBytes: (bytes) => writeBytes(file, bytes),
      sync: () => file.syncDataSync(),
      close: () => file.close(),
    };
  },
  isForeignLink,
  makeDirectory(path: string, mode?: number): void {
    refuseForeignLink(path);
    refuseForeignLink(path.slice(0, path.lastIndexOf("/")) || "/");
    try {
      Deno.mkdirSync(path, mode === undefined ? { recursive: true } : { recursive: true, mode });
    } catch (error) {
      // It existed, but the runtime could not read its status. The reason for that is reported.
      if (!isFileError(error, "EEXIST") || !files.facts(path)?.isDirectory) throw error;
    }
  },
  createDirectory(path: string): boolean {
    try {
      Deno.mkdirSync(path);
      return true;
    } catch (error) {
      if (isFileError(error, "EEXIST")) return false;
      throw error;
    }
  },
  makeTempDirectory: (prefix: string) => Deno.makeTempDirSync({ prefix }),
  listFolders: (path: string) =>
    Array.from(Deno.readDirSync(path)).filter((entry) => entry.isDirectory).map((entry) => entry.name).sort(),
  listFiles: (path: string) =>
    Array.from(Deno.readDirSync(path)).filter((entry) => entry.isFile).map((entry) => entry.name).sort(),
  list: (path: string) => Array.from(Deno.readDirSync(path), (entry) => entry.name).sort(),
  facts(path: string): FileFacts | undefined {
    try {
      const { isDirectory, isFile, size, mtime, uid, mode } = Deno.statSync(path);
      return {
        isDirectory,
        ...(isFile || isDirectory ? {} : { isSpecial: true }),
        size,
        changedAt: mtime?.getTime() ?? 0,
        ...(uid === null ? {} : { owner: uid }),
        ...(mode === null ? {} : { isShared: (mode & 0o022) !== 0 }),
      };
    } catch (error) {
      if (isFileError(error, "ENOENT", "ENOTDIR")) return undefined;
      throw error;
    }
  },
  rename(from: string, to: string): boolean {
    try {
      Deno.renameSync(from, to);
      return true;
    } catch (error) {
      if (isFileError(error, "ENOENT")) return false;
      throw error;
    }
  },
  syncFolder(path: string): void {
    try {
      using folder = Deno.openSync(path);
      folder.syncSync();
    } catch (error) {
      // Not all file systems can sync a folder. Those that cannot keep the order of names anyway.
      if (!isFileError(error, "EINVAL", "ENOTSUP", "E524", "ENOSYS", "EISDIR", "EBADF")) throw error;
    }
  },
  removeFile(path: string): void {
    try {
      Deno.removeSync(path);
    } catch (error) {
      if (!isFileError(error, "ENOENT")) throw error;
    }
  },
  removeTree: (path: string) => Deno.removeSync(path, { recursive: true }),
  copyFile(from: string, to: string): void {
    if (files.facts(from)?.isSpecial) throw notPlain(from, "Not a file");
    Deno.copyFileSync(from, to);
  },
  realPath: (path: string) => Deno.realPathSync(path),
};

let foundSetsid: string | false | undefined;

/** setsid(1), which becomes a session leader and then the command. Undefined if it is not installed. */
function setsidPath(): string | undefined {
  foundSetsid ??= ["/usr/bin/setsid", "/bin/setsid"].find((path) => files.facts(path) !== undefined) ?? false;
  return foundSetsid || undefined;
}

async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(encoder.encode(text));
    await writer.close();
  } catch {
    // A program that ends early, such as a pager, stops reading.
  }
}

/** Output of a command, in bytes, that is longer than any answer. */
const MOST_OUTPUT = 1 << 26;
/** A command that has ended has printed all that it will. */
const DRAIN_MS = 1000;

let hasSlept = false;

/** Does something after a time, unless the function that it returns is called. */
function after(ms: number, what: () => void): () => void {
  if (hasSlept) {
    const timer = setTimeout(what, ms);
    return () => clearTimeout(timer);
  }
  // A timer by setTimeout would make a tick of cron load what the runtime needs for timers: a tenth of all that it does.
  const signal = AbortSignal.timeout(ms);
  signal.addEventListener("abort", what);
  return () => signal.removeEventListener("abort", what);
}

/** Buffers to read into: a new one for each command would wait long for the collector. */
const buffers: ArrayBuffer[] = [];

/** Gathers what comes from a pipe; `overflow` is called where it is too much. */
function gather(pipe: ReadableStream<Uint8Array>, overflow: () => void) {
  const reader = pipe.getReader({ mode: "byob" });
  const pieces: Uint8Array[] = [];
  let size = 0;
  const read = async () => {
    let buffer = buffers.pop() ?? new ArrayBuffer(1 << 16);
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (value === undefined) return;
      buffer = value.buffer;
      if (value.length > 0) pieces.push(value.slice());
      size += value.length;
      if (size > MOST_OUTPUT) overflow();
      if (done || size > MOST_OUTPUT) break;
    }
    buffers.push(buffer);
  };
  const ignore = () => {};
  return {
    ended: read().catch(ignore),
    stop: () => void reader.cancel().catch(ignore),
    text() {
      const bytes = new Uint8Array(size);
      let at = 0;
      for (const piece of pieces) {
        bytes.set(piece, at);
        at += piece.length;
      }
      return decoder.decode(bytes);
    },
  };
}

/** Ends a process and all that descend from it: for those that have no group. */
function endTree(pid: number): void {
  const living = livingProcesses() ?? [];
  const tree = new Set([pid]);
  for (let before = 0; before < tree.size;) {
    before = tree.size;
    for (const process of living) if (tree.has(process.parent)) tree.add(process.pid);
  }
  for (const member of tree) signalProcess(member, "SIGKILL");
}

interface NodeGlobals {
  readonly process: { getBuiltinModule(name: "node:vm"): typeof import("node:vm") };
}

/** Commands between two collections: the runtime holds memory of theirs of which its collector does not know. */
const COLLECT_EVERY = 50;
let commandsRun = 0;
let collector: Promise<() => void> | undefined;

/** A conductor that polls for weeks allocates little else. */
function collectGarbage(): void {
  if (++commandsRun % COLLECT_EVERY !== 0) return;
  collector ??= (async () => {
    const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([
      import("node:v8"),
      import("node:vm"),
    ]);
    setFlagsFromString("--expose-gc");
    return runInNewContext("gc");
  })();
  collector.then((collect) => collect()).catch(() => {});
}

function spawnLeader(
  argv: readonly string[],
  options: Pick<Deno.CommandOptions, "cwd" | "stdin" | "stdout">,
): Deno.ChildProcess {
  const setsid = setsidPath();
  // Without `detached`, the kernel need not copy the page tables of this process: half the time of a start.
  const [command, ...args] = setsid === undefined ? argv : [setsid, ...argv];
  const child = new Deno.Command(command!, {
    args,
    detached: setsid === undefined,
    stderr: "null",
    ...options,
  }).spawn();
  child.unref();
  return child;
}

const proc = new Uint8Array(2048);

/** What the children of a process use. Its files in /proc stay open: opening them costs five times as much as reading. */
function openMeter(pid: number) {
  const files = ["stat", "io"].map((name) => ifAny(() => Deno.openSync(`/proc/${pid}/${name}`)));
  const textOf = (file: Deno.FsFile | undefined) =>
    ifAny(() => {
      file!.seekSync(0, Deno.SeekMode.Start);
      return decoder.decode(proc.subarray(0, file!.readSync(proc) ?? 0));
    });
  return {
    read(): Consumption | undefined {
      const [stat, io] = files.map(textOf);
      return stat === undefined || io === undefined ? undefined : childrenUse(stat, io);
    },
    close() {
      for (const file of files.splice(0)) file?.close();
    },
  };
}

async function hearLines(
  output: ReadableStreamDefaultReader<Uint8Array>,
  hear: (line: string) => void,
): Promise<void> {
  // A character may arrive in two pieces.
  const text = new TextDecoder();
  let line = "";
  for (let chunk = await output.read(); !chunk.done; chunk = await output.read()) {
    const lines = (line + text.decode(chunk.value, { stream: true })).split("\n");
    line = lines.pop()!;
    lines.forEach(hear);
  }
}

const processes = {
  async run(argv: readonly string[], options: RunOptions): Promise<RunResult> {
    const { timeoutMs, input, mayAsk, ...rest } = options;
    const [command, ...args] = argv;
    const stdin = input === undefined ? "null" : "piped";
    // Not setsid(1), as for steps: a command that is missing is an error of the system.
    const detached = !mayAsk;
    const pipes = { stdin, stdout: "piped", stderr: "piped" } as const;
    const process = new Deno.Command(command!, { args, detached, ...pipes, ...rest }).spawn();
    let timedOut = false;
    const end = () => mayAsk ? endTree(process.pid) : void processes.signalGroup(process.pid, "SIGKILL");
    const [out, err] = [gather(process.stdout, end), gather(process.stderr, end)];
    const onTime = after(timeoutMs, () => {
      timedOut = true;
      end();
    });
    if (input !== undefined) feed(process.stdin, input);
    const { code } = await process.status;
    // What it printed is in the pipes; a child that it left behind may keep them open.
    const drained = Promise.withResolvers<void>();
    const onDrained = after(DRAIN_MS, drained.resolve);
    await Promise.race([Promise.all([out.ended, err.ended]), drained.promise]);
    for (const cancel of [onTime, onDrained, out.stop, err.stop]) cancel();
    collectGarbage();
    return { code, stdout: out.text(), stderr: err.text(), timedOut };
  },
  start(argv: readonly string[], cwd: string): StartedProcess {
    const child = spawnLeader(argv, { cwd, stdin: "null", stdout: "null" });
    return { pid: child.pid, ended: child.status.then(({ code, signal }) => ({ code, signal })) };
  },
  converse(argv: readonly string[], cwd: string, hear: (line: string) => void): Conversation {
    const child = spawnLeader(argv, { cwd, stdin: "piped", stdout: "piped" });
    const input = child.stdin.getWriter();
    const output = child.stdout.getReader();
    const heard = hearLines(output, hear);
    // A process that has ended neither reads nor receives.
    const ignore = () => {};
    const meter = openMeter(child.pid);
    return {
      pid: child.pid,
      ended: child.status.then(async ({ code, signal }) => {
        await heard;
        meter.close();
        return { code, signal };
      }),
      used: meter.read,
      say: (text) => void input.write(encoder.encode(text)).catch(ignore),
      hangUp() {
        input.close().catch(ignore);
        output.cancel().catch(ignore);
      },
    };
  },
  async pipeTo(argv: readonly string[], text: string, env: Record<string, string>): Promise<boolean> {
    const [command, ...args] = argv;
    const child = new Deno.Command(command!, { args, env, stdin: "piped" }).spawn();
    await feed(child.stdin, text);
    const { code } = await child.status;
    return code !== 126 && code !== 127;
  },
  within(ms: number, what: () => void): boolean {
    // Not imported above: few commands need it. A search with a regular expression can be ended in no other way.
    const { runInNewContext } = (globalThis as unknown as NodeGlobals).process.getBuiltinModule("node:vm");
    try {
      runInNewContext("what()", { what }, { timeout: ms });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return false;
      throw error;
    }
  },
  place: () => ownPlace ??= placeOf(kernel),
  processStart(pid: number): string | undefined {
    if (Deno.build.os === "linux") return livingProcess(pid)?.start;
    return startFromPs(kernel.run(["/bin/ps", "-o", "stat=,lstart=", "-p", String(pid)]));
  },
  livesBelow(pid: number, start: string): boolean | undefined {
    const { namespace, seesAll } = processes.place();
    if (namespace !== INITIAL_NAMESPACE || !seesAll) return undefined;
    return livingProcesses()?.some((process) => {
      if (process.start !== start) return false;
      const numbers = /^NSpid:\s*(.*)$/m.exec(kernel.read(`/proc/${process.pid}/status`) ?? "")?.[1];
      return numbers === undefined || Number(numbers.split(/\s+/).at(-1)) === pid;
    });
  },
  nameProcess(name: string): void {
    try {
      Deno.writeTextFileSync("/proc/self/comm", name, { create: false });
    } catch {
      // Another system, or a container without /proc.
    }
  },
  memoryOf: (pid: number) => treeMemory(kernel, pid),
  commandLine: (pid: number) => kernel.read(`/proc/${pid}/cmdline`)?.split("\0"),
  processesWith: (start: string) =>
    (livingProcesses() ?? []).flatMap(({ pid }) => {
      const variables = kernel.read(`/proc/${pid}/environ`)?.split("\0") ?? [];
      const variable = variables.find((text) => text.startsWith(start));
      const command = processes.commandLine(pid)?.join(" ").trim() ?? "";
      return variable === undefined ? [] : [{ pid, variable, command }];
    }),
  signalStep(leader: number, signal: Signal): void {
    const group = livingProcesses()?.filter(({ group }) => group === leader);
    if (group === undefined) return void processes.signalGroup(leader, signal);
    const child = group.find(({ parent }) => parent === leader);
    const step = child ? group.filter((process) => process.pid !== leader && !isBefore(process, child)) : [];
    for (const { pid } of child ? step : group.filter(({ pid }) => pid === leader)) {
      signalProcess(pid, signal);
    }
  },
  signalRest(leader: number, variable: string, signal: Signal): boolean {
    const group = livingProcesses()?.filter(({ group }) => group === leader) ?? [];
    if (group.some(({ pid }) => pid === leader)) return false;
    const isOurs = ({ pid }: LivingProcess) =>
      kernel.read(`/proc/${pid}/environ`)?.split("\0").includes(variable) ?? false;
    return group.some(isOurs) && processes.signalGroup(leader, signal);
  },
  signalGroup: (leader: number, signal: Signal): boolean => signalProcess(-leader, signal),
  onSignal(signal: Signal, handler: () => void): void {
    if (hangupIsIgnored === undefined) {
      hangupIsIgnored = ignoresHangup();
      // With its first listener for any signal, the runtime ends at a SIGHUP that has no listener.
      if (hangupIsIgnored) Deno.addSignalListener("SIGHUP", () => {});
    }
    if (signal !== "SIGHUP" || !hangupIsIgnored) Deno.addSignalListener(signal, handler);
  },
};

/** False if we have no such process. A negative number is a group. 0, 1 and -1 mean many processes, and none of ours. */
function signalProcess(pid: number, signal: Signal): boolean {
  if (Math.abs(pid) <= 1) return false;
  try {
    Deno.kill(pid, signal);
    return true;
  } catch (error) {
    if (isFileError(error, "ESRCH", "EPERM")) return false;
    throw error;
  }
}

interface LivingProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** In the kernel's notation: ticks since the boot of the machine. */
  readonly start: string;
}

/** Of processes that began in the same tick, the later one has the higher number. */
function isBefore(a: LivingProcess, b: LivingProcess): boolean {
  return a.start === b.start ? a.pid < b.pid : Number(a.start) < Number(b.start);
}

/** Undefined if there is none, or it is a zombie. */
function livingProcess(pid: number): LivingProcess | undefined {
  let stat: string | undefined;
  try {
    stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch (error) {
    // It ended between being opened and being read.
    if (!isFileError(error, "ESRCH", "ENOENT")) throw error;
  }
  if (stat === undefined) return undefined;
  // The name of the command, in brackets, may contain any character. The text after its last bracket is
  // regular (proc(5)).
  const [state, parent, group, ...more] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === "Z" || state === "X") return undefined;
  return { pid, parent: Number(parent), group: Number(group), start: more[16]! };
}

/** All visible processes. Undefined if the system has no list. */
function livingProcesses(): LivingProcess[] | undefined {
  try {
    return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) =>
      livingProcess(Number(name)) ?? []
    );
  } catch {
    return undefined;
  }
}

let hangupIsIgnored: boolean | undefined;

/** SIGHUP is signal 1: the lowest bit of the mask in proc(5). */
function ignoresHangup(): boolean {
  const mask = kernel.read("/proc/self/status")?.match(/^SigIgn:\s*([0-9a-f]+)$/m)?.[1] ?? "0";
  return parseInt(mask.slice(-1), 16) % 2 === 1;
}

/** Sizes that serial consoles, and terminals of scripts that never set one, do not report. */
const USUAL_SIZE = { columns: 80, rows: 24 };

function wholeTerminal(): WholeTerminal | undefined {
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) return undefined;
  const buffer = new Uint8Array(4096);
  return {
    size() {
      const size = ifAny(() => Deno.consoleSize());
      return { columns: size?.columns || USUAL_SIZE.columns, rows: size?.rows || USUAL_SIZE.rows };
    },
    // A terminal that has gone has no modes.
    setRaw: (on) => ifAny(() => Deno.stdin.setRaw(on)),
    async read() {
      try {
        const read = await Deno.stdin.read(buffer);
        return read === null ? undefined : buffer.slice(0, read);
      } catch {
        return undefined;
      }
    },
    suspend() {
      // Signal 0 of kill(2): the whole group, which a shell handles as one job.
      if (isJobOfShell()) Deno.kill(0, "SIGSTOP");
    },
    atEnd(restore) {
      for (const event of ["unload", "error", "unhandledrejection"]) addEventListener(event, restore);
    },
  };
}

/** Whether a process of another group of this session could continue this group (setpgid(2)): a shell with job control. */
function isJobOfShell(): boolean {
  const own = groupOf(Deno.pid);
  let process = own;
  while (process && process.group === own!.group) process = groupOf(process.parent);
  return own === undefined || process?.session === own.session;
}

function groupOf(pid: number): { parent: number; group: number; session: number } | undefined {
  const stat = kernel.read(`/proc/${pid}/stat`);
  const [, parent, group, session] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return stat === undefined
    ? undefined
    : { parent: Number(parent), group: Number(group), session: Number(session) };
}

/** `isWords`: all that is written is messages. Data is changed only for a terminal. */
function stream(out: typeof Deno.stdout, isWords: boolean): Terminal {
  const writeOut = (text: string | Uint8Array) => {
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    for (let written = 0; written < bytes.length;) written += out.writeSync(bytes.subarray(written));
  };
  const size = () => {
    try {
      if (!out.isTerminal()) return USUAL_SIZE;
      const { columns, rows } = Deno.consoleSize();
      return { columns: columns || USUAL_SIZE.columns, rows: rows || USUAL_SIZE.rows };
    } catch {
      // The terminal was closed.
      return USUAL_SIZE;
    }
  };
  return {
    isTerminal: out.isTerminal(),
    columns() {
      const told = Number(Deno.env.get("COLUMNS"));
      return Number.isInteger(told) && told > 0 ? told : size().columns;
    },
    rows: () => size().rows,
    write(text) {
      const isShown = typeof text === "string" && (isWords || out.isTerminal());
      try {
        writeOut(isShown ? visibleLines(text) : text);
      } catch (error) {
        // The reader has gone (`maestro status | head`, a closed terminal): nobody would see a message.
        if (isFileError(error, "EPIPE", "EIO")) Deno.exit(0);
        throw error;
      }
    },
    say(text) {
      try {
        writeOut(text);
      } catch {
        // Nobody reads, or the disk of a log is full: no reason to stop.
      }
    },
  };
}

/** Lines of standard input. `hasOne` waits until there is one, `take` returns it. */
function inputLines() {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  let text = "";
  let ended = false;
  const hasOne = async (): Promise<boolean> => {
    while (!ended && !text.includes("\n")) {
      const read = await Deno.stdin.read(buffer);
      if (read === null) ended = true;
      else text += decoder.decode(buffer.subarray(0, read), { stream: true });
    }
    return text !== "";
  };
  const take = async (): Promise<string | undefined> => {
    if (!await hasOne()) return undefined;
    const end = text.includes("\n") ? text.indexOf("\n") : text.length;
    const line = text.slice(0, end);
    text = text.slice(end + 1);
    return line;
  };
  return { hasOne, take };
}

/** A pipe without a writer must not make a script wait without end. */
const ANSWER_TIMEOUT_MS = 10_000;

function terminal() {
  const stdout = stream(Deno.stdout, false);
  const stderr = stream(Deno.stderr, true);
  const input = inputLines();
  const atTerminal = Deno.stdin.isTerminal() && stderr.isTerminal;
  return {
    stdout,
    stderr,
    wholeTerminal,
    atTerminal,
    async isAnswered(): Promise<boolean> {
      if (atTerminal) return true;
      const late = clock.sleep(ANSWER_TIMEOUT_MS).then(() => false);
      return await Promise.race([input.hasOne(), late]);
    },
    async ask(question: string): Promise<string | undefined> {
      // On standard output, as in Maestro. But a person who answers must see it.
      (Deno.stdin.isTerminal() && !stdout.isTerminal ? stderr : stdout).write(question);
      return await input.take();
    },
    async readInput(): Promise<string> {
      const text = new TextDecoder();
      const pieces: string[] = [];
      let size = 0;
      for await (const bytes of Deno.stdin.readable) {
        size += bytes.length;
        if (size > MOST_BYTES) throw notPlain("-", `Input of more than ${MOST_BYTES >> 20} MB`);
        pieces.push(text.decode(bytes, { stream: true }));
      }
      return pieces.join("") + text.decode();
    },
  };
}
