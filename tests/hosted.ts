/**
 * Runs command lines and simple scripts with few processes. `maestro` runs in a process that serves one command
 * after another (`host.ts`), other commands run in a shell. It leaves other scripts to `runIn`.
 */

import { type HostReply, type HostRequest, linesOf } from "./host.ts";
import {
  type Outcome,
  PROCESSES,
  PROGRAM,
  programEnvironment,
  ROOT,
  runIn as runProcess,
} from "./maestro.ts";
import { type MaestroCall, readScript, type ScriptCommand } from "./shell_words.ts";

interface Host {
  run(request: HostRequest): Promise<HostReply>;
  end(): void;
}

async function startHost(): Promise<Host> {
  const folder = Deno.makeTempDirSync({ prefix: "maestro_host_" });
  const path = `${folder}/socket`;
  const listener = Deno.listen({ transport: "unix", path });
  const args = ["run", "--allow-all", "--quiet", "--no-check", "--config", `${ROOT}/deno.json`];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, `${ROOT}/tests/host.ts`, path, PROGRAM],
    stdin: "null",
  }).spawn();
  const died = child.status.then(({ code }) => {
    throw new Error(`the host of the program ended with code ${code}`);
  });
  died.catch(() => {});
  const connection = await Promise.race([listener.accept(), died]);
  listener.close();
  Deno.removeSync(folder, { recursive: true });
  const lines = linesOf(connection.readable);
  const writer = connection.writable.getWriter();
  return {
    async run(request) {
      await writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
      const { value } = await Promise.race([lines.next(), died]);
      return JSON.parse(value!);
    },
    end: () => child.kill("SIGKILL"),
  };
}

/** One is started here, for a test must not leave behind what it starts. */
const idle: Host[] = PROCESSES ? [] : [await startHost()];
addEventListener("unload", endHosts);

async function inHost({ words, variables }: MaestroCall, folder: string): Promise<HostReply> {
  const env = { ...await programEnvironment(folder), ...variables };
  const host = idle.pop() ?? await startHost();
  const reply = await host.run({ words, folder, env });
  idle.push(host);
  return reply;
}

/** They are idle when the tests are over. */
function endHosts(): void {
  for (const host of idle.splice(0)) host.end();
}

type Written = { code: number; written: (readonly [stream: 1 | 2, text: string])[] };

async function runCommand(folder: string, command: ScriptCommand, code: number): Promise<Written> {
  const { text, maestro } = command;
  const shell = (script: string, input?: string) => runProcess(folder, ["/bin/sh", "-c", script], input);
  if (maestro === undefined) return asWritten(await shell(`(exit ${code})\n${text}`));
  const reply = await inHost(maestro, folder);
  const { out, err } = maestro.streams;
  const written = reply.written.flatMap(([stream, text]): [1 | 2, string][] => {
    if (stream === 1) return out === "out" ? [[1, text]] : [];
    return err === "nowhere" ? [] : [[err === "out" ? 1 : 2, text]];
  });
  if (maestro.pipedInto === undefined) return { code: reply.code, written };
  const filtered = asWritten(await shell(maestro.pipedInto, textOn(1, written)));
  const errors = written.filter(([stream]) => stream === 2);
  return { code: filtered.code, written: [...errors, ...filtered.written] };
}

const asWritten = ({ code, stdout, stderr }: Outcome): Written => ({
  code,
  written: [[1, stdout], [2, stderr]],
});

const textOn = (stream: 1 | 2, written: Written["written"]) =>
  written.filter(([at]) => at === stream).map(([, text]) => text).join("");

/** Whether a command needs a separate shell, with a process for each `maestro` in it. */
export const needsProcesses = ([word, , script]: readonly string[]) =>
  word !== "maestro" && readScript(script!) === undefined;

/** As `runIn` of `maestro.ts`, in a host where that is possible. */
export function runIn(folder: string, argv: readonly string[]): Promise<Outcome> {
  const [word, flag, script] = argv;
  if (PROCESSES) return runProcess(folder, argv);
  if (word === "maestro") return runWords(folder, argv.slice(1));
  return word === "/bin/sh" && flag === "-c" && argv.length === 3
    ? runScript(folder, script!)
    : runProcess(folder, argv);
}

/** Runs the words of a command line. */
function runWords(folder: string, words: readonly string[]): Promise<Outcome> {
  const maestro = { words, variables: {}, streams: { out: "out", err: "err" } } as const;
  return runCommands(folder, [{ text: "", maestro }]);
}

/** Runs a script of a shell. */
export function runScript(folder: string, script: string): Promise<Outcome> {
  const commands = readScript(script);
  return commands ? runCommands(folder, commands) : runProcess(folder, ["/bin/sh", "-c", script]);
}

async function runCommands(folder: string, commands: readonly ScriptCommand[]): Promise<Outcome> {
  const all: Written["written"] = [];
  let code = 0;
  for (const command of commands) {
    const done = await runCommand(folder, command, code);
    code = done.code;
    all.push(...done.written);
  }
  return { code, stdout: textOn(1, all), stderr: textOn(2, all) };
}
