/**
 * A process that runs the program's commands one after another. Each command has its own words, folder and
 * environment, as in a separate process. cli.ts is evaluated again for each; the modules below it are loaded
 * once. That saves the start of the runtime, which costs more than most commands.
 *
 * `deno run --allow-all tests/host.ts SOCKET PROGRAM`: the socket of `hosted.ts`, and the path of cli.ts or
 * of its bundle.
 */

/** One command, as a line of JSON. */
export interface HostRequest {
  readonly words: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Its end, as a line of JSON: what it wrote, in order, on standard output (1) and standard error (2). */
export interface HostReply {
  readonly code: number;
  readonly written: readonly (readonly [stream: 1 | 2, text: string])[];
}

/** Lines of a connection. */
export async function* linesOf(readable: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of readable) {
    text += decoder.decode(bytes, { stream: true });
    const lines = text.split("\n");
    text = lines.pop()!;
    yield* lines;
  }
}

let runs = 0;

async function runOnce(program: string, { words, folder, env }: HostRequest): Promise<HostReply> {
  Deno.chdir(folder);
  for (const name of Object.keys(Deno.env.toObject())) if (!(name in env)) Deno.env.delete(name);
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  const written: [1 | 2, string][] = [];
  for (const [stream, at] of [[Deno.stdout, 1], [Deno.stderr, 2]] as const) {
    const decoder = new TextDecoder();
    stream.writeSync = (bytes) => {
      written.push([at, decoder.decode(bytes, { stream: true })]);
      return bytes.length;
    };
  }
  const ended = Promise.withResolvers<number>();
  const exit = (code = 0) => ended.resolve(code);
  Object.defineProperties(Deno, { args: { value: words }, exit: { value: exit } });
  await import(`file://${encodeURI(program)}?${++runs}`);
  return { code: await ended.promise, written };
}

if (import.meta.main) {
  const [socket, program] = Deno.args;
  // The program replaces what is at these names.
  for (const name of ["args", "exit"] as const) {
    Object.defineProperty(Deno, name, { value: Deno[name], configurable: true, writable: true });
  }
  const connection = await Deno.connect({ transport: "unix", path: socket! });
  const writer = connection.writable.getWriter();
  for await (const line of linesOf(connection.readable)) {
    const reply = await runOnce(program!, JSON.parse(line));
    await writer.write(new TextEncoder().encode(`${JSON.stringify(reply)}\n`));
  }
}
