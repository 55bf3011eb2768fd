/**
 * A stage of tests in one process: imports the files of some tests and runs these tests in the given order. With
 * `record` it runs all tests of the files and notes what each has reached.
 *
 * The request is in the file .stage.json of the project: there may be a thousand names.
 */

/** A test: its file and its name. */
export type TestName = readonly [file: string, name: string];

export interface StageRequest {
  readonly tests?: readonly TestName[];
  readonly record?: { readonly file: string; readonly to: string };
}

/** What a test has reached, as a line of JSON; without a name, what loading the file has. */
export interface Record {
  readonly name?: string;
  readonly ms: number;
  readonly probes: readonly number[];
  /** Whether processes reached some of them. */
  readonly processes?: boolean;
  /** It fails where there are probes, or on a busy machine: no mutant is judged by it. */
  readonly failed?: true;
}

/** Tests of speed and of size take long, and other tests find what they find. */
const LARGE = /0,000|linear|in proportion|as fast as|takes too long/;

const ROOT = new URL("../../", import.meta.url);
const request: StageRequest = JSON.parse(Deno.readTextFileSync(new URL(".stage.json", ROOT)));

const { test } = Deno;
let found: Deno.TestDefinition[] = [];
// The forms of `Deno.test` that the tests use: a name and a function, or an object with both.
const collect = (first: string | Deno.TestDefinition, fn?: Deno.TestDefinition["fn"]) => {
  found.push(typeof first === "string" ? { name: first, fn: fn! } : first);
};

async function testsOf(file: string): Promise<Deno.TestDefinition[]> {
  found = [];
  await import(new URL(file, ROOT).href);
  return found.filter(({ name }) => !LARGE.test(name));
}

async function registerChosen(tests: readonly TestName[]): Promise<void> {
  const known = new Map<string, Deno.TestDefinition[]>();
  for (const file of new Set(tests.map(([file]) => file))) {
    for (const definition of await testsOf(file)) {
      const key = `${file}\n${definition.name}`;
      known.set(key, [...known.get(key) ?? [], definition]);
    }
  }
  for (const [file, name] of tests) known.get(`${file}\n${name}`)?.forEach((one) => test(one));
}

async function registerRecorded(file: string, to: string): Promise<void> {
  const world = globalThis as unknown as { __inTests: boolean; __takeProbes?: () => number[] };
  world.__inTests = true;
  const take = () => {
    const others = fromProcesses();
    return { probes: [...world.__takeProbes?.() ?? [], ...others], processes: others.length > 0 };
  };
  const write = (record: Record) =>
    Deno.writeTextFileSync(to, `${JSON.stringify(record)}\n`, { append: true });
  const definitions = await testsOf(file);
  write({ ms: 0, probes: world.__takeProbes?.() ?? [] });
  for (const definition of definitions) {
    test({
      ...definition,
      fn: async (context) => {
        const began = performance.now();
        const run = async () => await definition.fn(context);
        const failed = await run().then(
          () => ({}),
          () => ({ failed: true as const }),
        );
        write({ name: definition.name, ms: Math.ceil(performance.now() - began), ...take(), ...failed });
      },
    });
  }
}

const LOG = new URL(".probes/", ROOT);
const read = new Map<string, number>();

/** What processes have reached since the last look. */
function fromProcesses(): number[] {
  return [...Deno.readDirSync(LOG)].flatMap(({ name }) => {
    const text = Deno.readTextFileSync(new URL(name, LOG));
    const from = read.get(name) ?? 0;
    read.set(name, text.length);
    return text.slice(from).split("\n").filter((line) => line !== "").map(Number);
  });
}

Object.assign(Deno, { test: Object.assign(collect, test) });
if (request.tests) await registerChosen(request.tests);
if (request.record) await registerRecorded(request.record.file, request.record.to);
