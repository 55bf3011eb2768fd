/**
 * The original Maestro, installed from PyPI into a new virtual environment, and one Python process that runs
 * it (`original.py`).
 */

export const ORIGINAL = "maestrowf==1.2.1";

/** What the original made of one command line. */
export interface OriginalRun {
  readonly code: number | string;
  readonly error: { readonly type: string; readonly message: string } | null;
  readonly stdout: string;
  readonly nodes: readonly OriginalNode[];
  /** Node names in the order of `status.csv`. */
  readonly order: readonly string[];
  /** Rules that changed something, and how often. */
  readonly fired: Readonly<Record<string, number>>;
}

export interface OriginalNode {
  readonly name: string;
  readonly workspace: string;
  readonly parents: readonly string[];
  readonly params: readonly (readonly [string, string])[];
  readonly scheduled: boolean;
  readonly script: string | null;
  readonly restart: string | null;
  readonly rlimit: number;
  /** The error that ended the original while it wrote this node's scripts. */
  readonly died: string | null;
}

export interface RunRequest {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly rules?: readonly string[];
  /** Nothing is cloned, and dependencies that are missing here are accepted. */
  readonly offline?: boolean;
}

/** A YAML file as canonical JSON. `safe`: whether `yaml.safe_load` reads it. */
export interface ReadYaml {
  readonly value: unknown;
  readonly safe: boolean;
}

/** Folder of the virtual environment; outside the tree, and kept between runs. */
function environmentFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${cache}/maestro-tests/${ORIGINAL.replace("==", "-")}`;
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  try {
    const { success, stderr } = await new Deno.Command(command, {
      args: [...args],
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) console.error(new TextDecoder().decode(stderr).trim());
    return success;
  } catch (error) {
    console.error((error as Error).message);
    return false;
  }
}

/** The virtual environment's folder of programs, or undefined where the original cannot be installed. */
export async function installOriginal(): Promise<string | undefined> {
  const folder = environmentFolder();
  const marker = `${folder}/installed`;
  try {
    Deno.statSync(marker);
  } catch {
    const made = await succeeds("python3", ["-m", "venv", "--clear", folder]) &&
      await succeeds(`${folder}/bin/pip`, ["install", "--quiet", "--disable-pip-version-check", ORIGINAL]);
    if (!made) return undefined;
    Deno.writeTextFileSync(marker, `${ORIGINAL}\n`);
  }
  return `${folder}/bin`;
}

/** As `installOriginal`; where it cannot be installed the tests are left out, loudly, and not where CI=true. */
export async function installed(): Promise<string | undefined> {
  const bin = await installOriginal();
  if (bin === undefined) {
    const why = `${ORIGINAL} cannot be installed: it takes python3 with venv, and a Python package index`;
    if (Deno.env.get("CI") === "true") throw new Error(why);
    console.error(`!!! LEFT OUT: the comparison with the original, for ${why} !!!`);
  }
  return bin;
}

/** The process that runs the original. Requests may be sent before earlier ones are answered. */
export class Original {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  readonly #ended: Promise<void>;
  #last = 0;

  constructor(bin: string) {
    const program = decodeURIComponent(new URL("original.py", import.meta.url).pathname);
    this.#process = new Deno.Command(`${bin}/python`, {
      args: [program],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#ended = this.#read();
  }

  async run({ words, cwd, rules = [], offline = false }: RunRequest): Promise<OriginalRun> {
    return await this.#ask({ run: words, cwd, rules, offline }) as unknown as OriginalRun;
  }

  async readYaml(paths: readonly string[]): Promise<readonly ReadYaml[]> {
    return (await this.#ask({ yaml: paths }))["yaml"] as ReadYaml[];
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#ended;
    await this.#process.status;
  }

  #ask(request: Record<string, unknown>): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const answer = new Promise<Record<string, unknown>>((resolve) => this.#waiting.set(id, resolve));
    this.#writer.write(new TextEncoder().encode(`${JSON.stringify({ id, ...request })}\n`));
    return answer.then((fields) => {
      if ("broken" in fields) throw new Error(`original.py: ${fields["broken"]}`);
      return fields;
    });
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const chunk of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const { id, ...fields } = JSON.parse(line) as { id: number } & Record<string, unknown>;
        this.#waiting.get(id)?.(fields);
        this.#waiting.delete(id);
      }
    }
    for (const resolve of this.#waiting.values()) resolve({ broken: "the process has ended" });
  }
}
