/**
 * Input from outside: output of parameter generators, and studies of LLNL's Maestro. `tests/outside/*.txt` has cases.
 * In `generators.txt` the first line is a format (`csv`, `json`, `yaml`, `any`), and the rest is a text. Or the first
 * line is `run NAME KEY:VALUE...`, and the rest is a file that is run. `originals.txt` has files of a study, as YAML.
 * Below `---` is the result.
 */

import bridge from "../templates/pgen_bridge.py" with { type: "text" };
import { UserError } from "../lib/errors.ts";
import { generate, isProgram, parsePargs } from "../lib/spec/pgen.ts";
import { detectFormat, type ParameterFormat, parseParameters } from "../lib/spec/pgen_formats.ts";
import type { Parameter, PlacedProblem, YamlValue } from "../lib/spec/types.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import {
  isOriginalStudy,
  openOriginalStudy,
  originalCreatedAt,
  originalEvents,
  originalState,
} from "../lib/study/original/study.ts";
import { realSystem } from "../lib/system.ts";
import { nodeNamed } from "../lib/plan/plan_nodes.ts";
import { eventLine } from "../lib/view/render_events.ts";
import { readCases } from "./cases.ts";
import { inFreshFolder } from "./maestro.ts";

Deno.env.set("TZ", "UTC");

const python = (Deno.env.get("PATH") ?? "").split(":").some((folder) =>
  realSystem([]).facts(`${folder}/python3`) !== undefined
);

function parameterLines(parameters: readonly Parameter[], problems: readonly PlacedProblem[]): string[] {
  return [
    ...problems.map(({ line, column, level, message }) => `${line}:${column} ${level}: ${message}`),
    ...parameters.map(({ key, name, values, labels, raws }) =>
      `${key} (${name}): ${JSON.stringify(values)} ${JSON.stringify(labels)}${
        raws ? ` ${JSON.stringify([...raws])}` : ""
      }`
    ),
  ];
}

async function orWhy(make: () => Promise<string[]>): Promise<string[]> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [`error: ${error.message}`, ...(error.hint === undefined ? [] : [`hint: ${error.hint}`])];
  }
}

readCases(new URL("outside/generators.txt", import.meta.url), async (_, text) => {
  const end = text.indexOf("\n");
  const [word, name = "", ...pargs] = text.slice(0, end).split(" ");
  const content = text.slice(end + 1).replaceAll(
    "\\uFEFF",
    "\uFEFF",
  );
  if (word !== "run") {
    const format = word === "any" ? detectFormat(content) : word as ParameterFormat;
    const lines = await orWhy(async () => {
      const found = await parseParameters(content, format, "It");
      return parameterLines(found.parameters, found.problems);
    });
    return [...(word === "any" ? [format] : []), ...lines].join("\n");
  }
  return await inFreshFolder(async (folder) => {
    const said: string[] = [];
    const out = { ...realSystem([]).stderr, write: (text: string) => void said.push(text.trimEnd()) };
    const system = {
      ...realSystem([]),
      cwd: folder,
      stderr: out,
      readInput: () => Promise.resolve(content),
    };
    const path = `${folder}/${name}`;
    if (name !== "-" && !name.startsWith("no")) {
      Deno.writeTextFileSync(path, content, { mode: /x|\.py/.test(name) ? 0o755 : 0o644 });
    }
    const lines = await orWhy(async () => {
      const { parameters, problems, kept } = await generate(system, {
        file: name,
        path: name === "-" ? "-" : path,
        pargs: parsePargs(pargs),
        env: { OUTPUT_PATH: "/out", SPECROOT: "/spec", A: "1" },
        spec: { description: { name: "n" } },
        specPath: "/spec/spec.yaml",
        bridge,
      });
      return [
        ...parameterLines(parameters, problems),
        `kept: ${kept.outputName}${kept.path === undefined ? "" : `, ${kept.path}`}, ${
          JSON.stringify(kept.output)
        }`,
      ];
    });
    const program = isProgram(system, { file: name, path });
    return [...lines, `program: ${program}`, ...said.map((text) => `stderr: ${text}`)]
      .join("\n").replaceAll(folder, "@FOLDER@");
  });
}, (title) => title.includes("Python") && !python);

readCases(
  new URL("outside/originals.txt", import.meta.url),
  async (_, text) =>
    await inFreshFolder(async (folder) => {
      const words = parseYaml(text).value as { [key: string]: YamlValue };
      const root = `${folder}/study_20260101-000000`;
      Deno.mkdirSync(`${root}/meta`, { recursive: true });
      for (const [name, content] of Object.entries(words["files"] as Record<string, string>)) {
        Deno.writeTextFileSync(`${root}/${name}`, content);
        Deno.utimeSync(`${root}/${name}`, 1_767_225_600, 1_767_225_600);
      }
      const steady = { ...realSystem([]), sleep: () => Promise.resolve() };
      const time = (at: number | undefined) => at === undefined ? "none" : new Date(at).toISOString();
      const head = [
        `original: ${isOriginalStudy(steady, root)}`,
        `created: ${time(originalCreatedAt(steady, root))}`,
      ];
      const study = await openOriginalStudy(steady, root);
      if (study === undefined) return head.join("\n");
      const { plan, file } = study;
      const progress = originalState(steady, study);
      const state = (node: number) => {
        const { state, over, attempt, jobId, restarts, submittedAt, startedAt, endedAt, skipped } = progress
          .records[node]!;
        const facts = { over, attempt, jobId, restarts, skipped, submittedAt, startedAt, endedAt };
        return [
          state,
          ...Object.entries(facts).filter(([, value]) =>
            value !== undefined && value !== 0 && value !== false
          )
            .map(([key, value]) => `${key}: ${/At$/.test(key) ? time(Number(value)) : value}`),
        ].join("  ");
      };
      return [
        ...head,
        `study ${JSON.stringify(plan.study.name)}, spec ${
          JSON.stringify(file.spec)
        }, dry ${file.settings.dry}`,
        ...plan.steps.map(({ name, first, end, workspace, leaves, uses }) =>
          `step ${name}: ${first} to ${end}, ${workspace}, ${JSON.stringify(leaves)}, uses ${
            JSON.stringify(uses)
          }`
        ),
        ...plan.study.parameters.map(({ key, values }) => `parameter ${key}: ${JSON.stringify(values)}`),
        ...plan.nodes.map(({ name, index }) => `${name} (${nodeNamed(plan, name)}): ${state(index)}`),
        ...originalEvents(steady, study).map(eventLine),
        `closed: ${progress.closed}`,
      ].join("\n").replaceAll(folder, "@FOLDER@");
    }),
);
