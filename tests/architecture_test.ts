/** The rules of docs/design.md that a machine can check. */

import { ADAPTERS } from "../adapters/mod.ts";
import config from "../deno.json" with { type: "json" };
import { assert, assertEquals } from "./assert.ts";
import { exists, filesBelow, projectFiles, ROOT } from "./project_files.ts";
import { functionSizes, readSource, type Source } from "./source.ts";

/** Entries at the top, apart from dot files of tools. */
const TOP = [
  ".ci",
  "CHANGELOG.md",
  "CITATION.cff",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "adapters",
  "bench",
  "cli.ts",
  "deno.json",
  "deno.lock",
  "docs",
  "lib",
  "mod.ts",
  "samples",
  "templates",
  "tests",
];

const LONGEST_FILE = 400;
const LONGEST_FUNCTION = 50;

/** Files that may be longer, and why. */
const LONG_FILES: Readonly<Record<string, string>> = {
  "lib/system.ts": "one port to the world, beside its one implementation",
};

/** Effects, and the only files in which each may occur. */
const EFFECTS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["Deno", /\bDeno\b(?!\w)/],
  ["console", /\bconsole\b/],
  ["the clock", /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\b/],
  ["chance", /\bMath\.random\b|\bcrypto\s*\./],
  ["a timer", /\b(setTimeout|setInterval|queueMicrotask)\b/],
  ["the network", /\bfetch\(|\bWebSocket\b/],
  ["the surroundings", /\bglobalThis\b|\bnavigator\b/],
];
const WITH_EFFECTS = ["lib/system.ts", "cli.ts"];

const sources: readonly Source[] = [
  ...filesBelow("lib/"),
  ...filesBelow("adapters/"),
  ...["cli.ts", "mod.ts"].filter(exists),
].filter((path) => path.endsWith(".ts") && !path.endsWith("_test.ts")).map((path) =>
  readSource(path, Deno.readTextFileSync(new URL(path, ROOT)))
);

/** Path of a relative import; undefined for a package. */
function target({ path }: Source, name: string): string | undefined {
  return name.startsWith(".") ? new URL(name, `file:///${path}`).pathname.slice(1) : undefined;
}

const imports = new Map(
  sources.map((source) => [source.path, source.imports.flatMap((name) => target(source, name) ?? [])]),
);

/** All files that a file needs, however far. */
function reach(path: string): Set<string> {
  const seen = new Set<string>();
  const queue = [path];
  for (const at of queue) {
    for (const next of imports.get(at) ?? []) {
      if (!seen.has(next)) {
        seen.add(next);
        queue.push(next);
      }
    }
  }
  return seen;
}

Deno.test("architecture: effects occur in lib/system.ts and cli.ts only", () => {
  const found = sources.filter(({ path }) => !WITH_EFFECTS.includes(path)).flatMap(({ path, code }) =>
    code.split("\n").flatMap((line, i) =>
      EFFECTS.filter(([, pattern]) => pattern.test(line)).map(([what]) => `${path}:${i + 1} uses ${what}`)
    )
  );
  assertEquals(found, []);
});

/** What all tests of a run share: they run in one process, some side by side. */
const SHARED = /\bDeno\s*\.\s*(env\s*\.\s*(set|delete)|chdir|umask)\s*\(|\bDeno\.env\b(?!\s*\.)/;
/** Files that may change it. */
const CHANGES_SHARED: Readonly<Record<string, string>> = {
  "tests/host.ts": "its process runs nothing but commands of the program, one after another",
};
/** All tests may agree on this time zone. */
const SAME_FOR_ALL = `Deno.env.set("TZ", "UTC");`;

Deno.test("architecture: no test changes the environment, folder or umask of the process", () => {
  const code = projectFiles().filter((path) => /^(tests|adapters|bench)\/.*\.ts$/.test(path)).map((path) =>
    readSource(path, Deno.readTextFileSync(new URL(path, ROOT)).replaceAll(SAME_FOR_ALL, ""))
  ).filter(({ code }) => SHARED.test(code));
  assertEquals(code.map(({ path }) => path), Object.keys(CHANGES_SHARED));
  assert(SHARED.test("Deno.env.set(name, value)") && SHARED.test("const { env } = Deno.env;"));
  assert(!SHARED.test("Deno.env.get(name)") && !SHARED.test("Deno.env.toObject()"));
});

Deno.test("architecture: packages are those of the import map, hashing and the collector", () => {
  const known = Object.keys(config.imports);
  const found = sources.flatMap((source) =>
    source.imports.filter((name) => target(source, name) === undefined && !known.includes(name))
      .map((name) => `${source.path} imports ${name}`)
  );
  assertEquals(found, [
    "lib/study/folder.ts imports node:crypto",
    "lib/system.ts imports node:vm",
    "lib/system.ts imports node:v8",
    "lib/system.ts imports node:vm",
  ]);
});

Deno.test("architecture: packages that only tests need are not installed with the program", () => {
  // Deno downloads every package in the import map and deno.lock. tests/browser has a separate lock file.
  const lock = JSON.parse(Deno.readTextFileSync(new URL("deno.lock", ROOT)));
  const packageOf = (specifier: string) => /^npm:(@?[^@]+)/.exec(specifier)![1];
  const mapped = new Set(Object.values(config.imports).map(packageOf));
  assertEquals(new Set(Object.keys(lock.specifiers).map(packageOf)), mapped);
  assertEquals(mapped.has("playwright-core"), false);
});

/** Folders of lib in the order in which data flows through them; each may import from those before it. */
const LAYERS = ["", "spec", "plan", "study", "view", "conduct", "app", "commands"];

/** The position of a file of lib in that order; -1 where its folder has none. */
function layerOf(path: string): number {
  const [, folder = ""] = /^lib\/(?:(\w+)\/.*)?[^/]+\.ts$/.exec(path) ?? [];
  return LAYERS.indexOf(folder);
}

Deno.test("architecture: a folder of lib imports from those before it", () => {
  const found = sources.filter(({ path }) => path.startsWith("lib/")).flatMap(({ path }) =>
    imports.get(path)!.filter((to) => to.startsWith("lib/") && layerOf(to) > layerOf(path))
      .map((to) => `${path} imports ${to}`)
  );
  assertEquals(found, []);
  const strays = sources.filter(({ path }) => path.startsWith("lib/") && layerOf(path) < 0);
  assertEquals(strays.map(({ path }) => path), []);
});

Deno.test("architecture: mod.ts imports values from lib/app alone, and types from their owners", () => {
  const { code, imports: all } = sources.find(({ path }) => path === "mod.ts")!;
  // Texts are blank in the code: the imports follow in the order of its statements.
  const statements = code.match(/^(import|export)\b[^;]*?\bfrom\b/gm)!;
  assertEquals(statements.length, all.length);
  const values = all.filter((_, i) => !/^(import|export) type\b/.test(statements[i]!));
  assertEquals(values, ["./lib/app/library.ts"]);
});

/** What lib knows of schedulers: the interface. Only the application layer looks an adapter up by its name. */
const INTERFACE = "adapters/adapter.ts";

Deno.test("architecture: lib knows the interface of adapters, and no adapter", () => {
  const found = sources.filter(({ path }) => path.startsWith("lib/")).flatMap(({ path }) => {
    const lookups = /^lib\/(app|commands)\//.test(path) ? ["adapters/mod.ts", "adapters/kit.ts"] : [];
    return imports.get(path)!.filter((to) => !/^(lib|templates)\//.test(to))
      .filter((to) => to !== INTERFACE && !lookups.includes(to))
      .map((to) => `${path} imports ${to}`);
  });
  assertEquals(found, []);
});

/** Files outside of adapters that may name a scheduler, and why. */
const NAMES_SCHEDULERS: Readonly<Record<string, string>> = {
  "lib/commands/site_commands.ts": "an example in a help text",
  "lib/spec/merlin.ts": "keys of Merlin's format",
  "lib/spec/spec_keys.ts": "keys that Maestro's format has for one scheduler",
  "lib/spec/spec_keys_steps.ts": "keys that Maestro's format has for one scheduler",
  "lib/spec/step_problems.ts": "an example in a message",
  "templates/guard.sh": "an example in a comment; each change of the guard gets a new number",
  "lib/units.ts": "who writes walltimes in which form",
};

Deno.test("architecture: what is known of a scheduler is in its folder", () => {
  const words = Object.values(ADAPTERS).flatMap(({ name, otherNames = [], scheduler }) => {
    if (scheduler === undefined) return [];
    const context = { user: "alice", since: 0 };
    const queries = [...scheduler.queries, scheduler.find("t")].map((query) =>
      query.argv(["1"], context)[0]!
    );
    const commands = [scheduler.version.program, ...queries, scheduler.cancel(["1"])[0]!];
    const variables = [scheduler.environment, scheduler.notSubmitted, scheduler.pack?.folders ?? []].flat();
    return [name, ...otherNames, ...commands, ...variables.map((variable) => variable.replace("*", ""))];
  }).filter((word) => /^\w{3,}$/.test(word));
  const own = Object.keys(ADAPTERS).map((name) => `templates/${name}`);
  const files = [...filesBelow("lib/"), ...filesBelow("templates/"), "cli.ts", "mod.ts"]
    .filter((path) => !own.some((start) => path.startsWith(start)));
  const pattern = new RegExp(`(?<![a-z0-9])(?:${words.join("|")})(?![a-z])`, "i");
  const named = files.flatMap((path) => {
    const lines = Deno.readTextFileSync(new URL(path, ROOT)).split("\n");
    return lines.flatMap((line, i) =>
      pattern.test(line) ? [{ path, where: `${path}:${i + 1}: ${line.trim()}` }] : []
    );
  });
  assertEquals(named.filter(({ path }) => !(path in NAMES_SCHEDULERS)).map(({ where }) => where), []);
  const used = new Set(named.map(({ path }) => path));
  assertEquals(Object.keys(NAMES_SCHEDULERS).filter((path) => !used.has(path)), []);
});

Deno.test("architecture: adapters import types, templates and pure helpers", () => {
  const adapters = sources.filter(({ path }) => path.startsWith("adapters/")).map(({ path }) => path);
  const pure = (to: string) =>
    /^lib\/(?!commands\/)([\w/]+\/)?\w+\.ts$/.test(to) && to !== "lib/system.ts" &&
    !reach(to).has("lib/system.ts");
  const found = adapters.flatMap((path) =>
    imports.get(path)!.filter((to) => !/^(adapters|templates)\/[\w/]+\.(ts|sh|py)$/.test(to) && !pure(to))
      .map((to) => `${path} imports ${to}`)
  );
  assertEquals(found, []);
  // Only the table knows them all: an adapter does not know the others.
  const folder = (path: string) => /^adapters\/(\w+)\//.exec(path)?.[1];
  const siblings = adapters.filter((path) => path !== "adapters/mod.ts").flatMap((path) =>
    imports.get(path)!.filter((to) => folder(to) !== undefined && folder(to) !== folder(path))
      .map((to) => `${path} imports ${to}`)
  );
  assertEquals(siblings, []);
});

Deno.test("architecture: no import cycle, types included", () => {
  const cycles = new Set<string>();
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]) => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      cycles.add([...trail.slice(at), path].join(" -> "));
      return;
    }
    if (done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  assertEquals([...cycles], []);
});

Deno.test("architecture: no long file", () => {
  const files = sources.filter(({ lines }) => lines > LONGEST_FILE).map(({ path, lines }) =>
    [path, lines] as const
  );
  assertEquals(
    files.filter(([path]) => !(path in LONG_FILES)).map(([path, lines]) => `${path} has ${lines} lines`),
    [],
  );
  assertEquals(Object.keys(LONG_FILES).filter((path) => !files.some(([long]) => long === path)), []);
});

Deno.test("architecture: no long function", () => {
  const functions = sources.flatMap(({ path, code }) =>
    functionSizes(code).filter(({ lines }) => lines > LONGEST_FUNCTION)
      .map(({ name, line, lines }) => `${path}:${line} ${name} has ${lines} lines`)
  );
  assertEquals(functions, []);
});

Deno.test("architecture: the top level has only the documented entries", () => {
  const top = [...new Set(projectFiles().map((path) => path.split("/")[0]!))].sort();
  assertEquals(top.filter((name) => !/^\.git(ignore|attributes)$/.test(name)), TOP);
});

Deno.test("architecture: no file names a registry, none is a package.json", () => {
  const files = projectFiles();
  assertEquals(files.filter((path) => /(^|\/)(package(-lock)?\.json|\.npmrc)$/.test(path)), []);
  const mirrors = Object.entries(Deno.env.toObject()).filter(([name]) => /registry|jsr_url/i.test(name))
    .flatMap(([, url]) => URL.canParse(url) ? [new URL(url).host] : []);
  // In pieces, so that this file does not name them either.
  const hosts = [
    ...mirrors,
    "registry.npmjs" + ".org",
    "jsr" + ".io",
    "deno.land" + "/x",
    "registry.yarnpkg" + ".com",
  ];
  const found = files.flatMap((path) => {
    const text = Deno.readTextFileSync(new URL(path.split("/").map(encodeURIComponent).join("/"), ROOT));
    return hosts.filter((host) => text.includes(host)).map((host) => `${path} names ${host}`);
  });
  assertEquals(found, []);
});

Deno.test("architecture: the reader of sources distinguishes code from text", () => {
  const source = readSource(
    "lib/x.ts",
    [
      "// Deno.exit(1)",
      'import { a } from "./a.ts"; /* import { z } from "./z.ts"; */',
      'export type { B } from "../b.ts";',
      'const text = `Deno ${console.log(`from "./no.ts"`)} Deno`;',
      "const r = /[/\"]Deno/.test('Deno \\' Deno') ? 4 / 2 : 1; const c = await import('x');",
      "export function long(a: string, { b }: { b: number }): { c: number } | undefined {",
      "  if (a) {",
      "    return { c: b };",
      "  }",
      "}",
      "const arrow = async (x: number): Promise<void> => {",
      "};",
      "function outer() {",
      "  return {",
      "    inner() {",
      "      while (true) {",
      "      }",
      "    },",
      "  };",
      "}",
    ].join("\n"),
  );
  assertEquals(source.imports, ["./a.ts", "../b.ts"]);
  assertEquals(source.code.includes("Deno"), false);
  assertEquals(source.code.includes("console.log("), true);
  assertEquals(source.lines, 20);
  assertEquals(functionSizes(source.code), [
    { name: "long", line: 6, lines: 5 },
    { name: "arrow", line: 11, lines: 2 },
    { name: "outer", line: 13, lines: 5 },
    { name: "inner", line: 15, lines: 4 },
  ]);
});
