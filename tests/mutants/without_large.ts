/** Imported before tests: leaves out those of speed and of size. They take long, and other tests find what they find. */

const LARGE = /0,000|linear|in proportion|as fast as|takes too long/;

const { test } = Deno;
// The forms of `Deno.test` that the tests use: a name and a function, or an object with both.
const quick = (first: string | Deno.TestDefinition, fn?: Deno.TestDefinition["fn"]) => {
  const definition = typeof first === "string" ? { name: first, fn: fn! } : first;
  if (!LARGE.test(definition.name)) test(definition);
};
Object.assign(Deno, { test: Object.assign(quick, test) });
