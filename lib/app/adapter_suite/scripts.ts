/** Cases about scripts: the header, the guard, and what a scheduler reads in both. */

import { quote } from "../../shell_words.ts";
import type { Adapter } from "../../../adapters/adapter.ts";
import { fillTemplate, type Guard, headOf, renderScript } from "../../plan/script.ts";
import { wrapCommands } from "../../plan/wrap.ts";
import type { System } from "../../system.ts";
import { expect, expectSame } from "./expect.ts";
import { HEADS } from "./heads.ts";
import { EVERYTHING, ODD, request, TOKEN } from "./samples.ts";
import type { DirectiveReader, SuiteCase, SuiteOptions } from "./cases.ts";

const SHELL_TIMEOUT_MS = 60_000;

export function scriptCases(adapter: Adapter, { system, directives }: SuiteOptions): SuiteCase[] {
  const header = {
    name: "header: comments and one change of directory, whatever the values hold",
    run: () => headerCase(adapter, system),
  };
  if (adapter.scheduler === undefined) return [header];
  const reader = directives ?? readerOf(adapter);
  return [
    header,
    {
      name: "header: the scheduler reads in a script with a guard what it reads without one",
      run: () => directiveCase(adapter, reader),
    },
    {
      name: "script: its commands do by hand what they do without a guard",
      run: () => byHandCase(adapter, reader, system),
    },
  ];
}

/** Reads directives as the adapter's own table describes them. */
function readerOf({ template, own }: Adapter): DirectiveReader | undefined {
  const directive = own?.directive;
  if (directive === undefined) return undefined;
  const mark = template.split("\n").map((line) => directive.exec(line)?.[0]).find(Boolean);
  if (mark === undefined) return undefined;
  return {
    mark: mark.trim(),
    read: (script) => {
      const text = own?.everywhere ? script : headOf(script)[0];
      return text.split("\n").filter((line) => directive.test(line)).map((line) =>
        line.replace(directive, "").trim()
      );
    },
  };
}

async function headerCase(adapter: Adapter, system: System): Promise<void> {
  for (const text of [ODD, "plain", "1", "two\nlines"]) {
    for (const resources of [EVERYTHING, { procs: 2 }, { nodes: 1 }, { procs: 1, walltime: text }]) {
      const made = request(adapter, resources, text);
      const script = renderScript(adapter, made, "true", true, {
        ...{ jobFile: `/w/${text}/job`, runner: `/w/${text}/guard.sh`, script: made.script },
        ...{ folder: made.workspace, token: TOKEN },
      });
      const header = fillTemplate(adapter.template, { ...adapter.fields(made), shell: "/bin/sh" });
      const commands = header.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      const folder = quote(made.workspace.replace(/\p{Cc}+/gu, " ").trim());
      const changes = commands.length === 1 && /^(?:: ; )?(?:\[ [^']* \] \|\| )?cd '/.test(commands[0]!) &&
        commands[0]!.endsWith(`cd ${folder} || exit 97`);
      expect(commands.length === 0 || changes, "The header has lines that a shell would run:", header);
      const said = (await system.run(["bash", "-n"], { input: script, timeoutMs: SHELL_TIMEOUT_MS })).stderr;
      expect(said === "", `bash cannot read the script:\n${said}`, script);
    }
  }
}

/** A script of these commands, as it is submitted, and as it is without a guard. */
function guarded(adapter: Adapter, cmd: string): { ours: string; plain: string } {
  const made = { ...request(adapter, { procs: 1 }, "x", "1"), description: "d", workspace: "/w" };
  const guard = { jobFile: "/w/job", runner: "/w/guard.sh", script: "/w/s.sh", folder: "/w", token: TOKEN };
  const text = (guard?: Guard) => renderScript(adapter, made, cmd, true, guard);
  return { ours: text(guard), plain: text() };
}

function directiveCase(adapter: Adapter, reader: DirectiveReader | undefined): void {
  // The script may be a command to its scheduler, which reads nothing in it.
  if (reader === undefined) {
    return expect(
      !adapter.own?.directive,
      "own.directive is given, but no line of the header begins with one",
    );
  }
  for (const [what, text] of Object.entries(HEADS)) {
    const cmd = text.replaceAll("@", reader.mark);
    const { ours, plain } = guarded(adapter, cmd);
    expectSame(reader.read(ours), reader.read(plain), `Directives of a script with ${what}`);
    expect(ours.includes(TOKEN), "The script has no guard: its token is not in it", ours);
    // Lines around the commands do not hide their directives.
    const batch = { type: adapter.name, pre: `${reader.mark} -p\nmodule load x\n`, post: "echo post" };
    const { ours: around } = guarded(adapter, wrapCommands(cmd, batch, [{ name: "A", text: "two\nlines" }]));
    const head = reader.read(headOf(cmd)[0]);
    expectSame(
      reader.read(around).filter((one) => head.includes(one)),
      head,
      `Directives of a script with pre, post, env and ${what}`,
    );
    expect(reader.read(around).includes("-p"), "A directive in pre is lost", around);
  }
}

async function byHandCase(
  adapter: Adapter,
  reader: DirectiveReader | undefined,
  system: System,
): Promise<void> {
  const ran = async (script: string) => {
    const { code, stdout, stderr } = await system.run(["bash", "-c", script, "s.sh"], {
      timeoutMs: SHELL_TIMEOUT_MS,
    });
    // Lines are further down by those of the guard.
    return [code, stdout, stderr.replace(/line \d+/g, "line N")];
  };
  for (const [what, text] of Object.entries(HEADS)) {
    const { ours, plain } = guarded(adapter, text.replaceAll("@", reader?.mark ?? "#mark:"));
    expectSame(await ran(ours), await ran(plain), `A script with ${what}, by hand`);
  }
}
