/** Mutations that no test can find, because the program does the same with them. */

export interface Equivalent {
  /** Name of the file without its folders. */
  readonly file: string;
  readonly operator: string;
  /** The first changed line before and after, without the blanks around it. */
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: "python_text.ts",
    operator: "boundary",
    before: "if (written.length <= 16 && USUAL.test(written)) return written;",
    after: "if (written.length < 16 && USUAL.test(written)) return written;",
    reason: "A short cut: the code below gives the same text for up to 15 digits.",
  },
  {
    file: "yaml.ts",
    operator: "guard",
    before: 'if (typeof item === "number") return String(item);',
    after: ";",
    reason: "A short cut: `resolve` gives the same text, and takes longer.",
  },
  {
    file: "spec_values.ts",
    operator: "logic",
    before: "const either = (other: Key) => other.unless?.includes(name) && unless?.includes(other.name);",
    after: "const either = (other: Key) => other.unless?.includes(name) || unless?.includes(other.name);",
    reason: "Keys exclude each other in pairs: one half is true where the other is.",
  },
  {
    file: "spec_values.ts",
    operator: "default",
    before: "words: (key) => `a whole number of at least ${key.least ?? 0}`,",
    after: "words: (key) => `a whole number of at least ${(key.least)}`,",
    reason: "Every key of this type has its least number.",
  },
  {
    file: "spec_values.ts",
    operator: "default",
    before: "return number !== undefined && number >= (key.least ?? 0);",
    after: "return number !== undefined && number >= ((key.least));",
    reason: "Every key of this type has its least number.",
  },
  {
    file: "combine_rows.ts",
    operator: "guard",
    before: 'if (problems.slice(before).some(({ level }) => level === "error")) continue;',
    after: ";",
    reason: "A spec with an error is not used: its rows do not matter.",
  },
  {
    file: "python_text.ts",
    operator: "constant",
    before: 'if (!Number.isFinite(number)) return number < 0 ? "-inf" : "inf";',
    after: 'if (!Number.isFinite(number)) return number < 1 ? "-inf" : "inf";',
    reason: "Only infinite numbers are compared.",
  },
  {
    file: "sequences.ts",
    operator: "boundary",
    before:
      "return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };",
    after: "return places > 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };",
    reason: "Times ten to the power of 0 is the same number.",
  },
  {
    file: "sequences.ts",
    operator: "boundary",
    before: "const count = (span < 0n) !== (by! < 0n) && span !== 0n ? 0n : span / by! + 1n;",
    after: "const count = (span <= 0n) !== (by! < 0n) && span !== 0n ? 0n : span / by! + 1n;",
    reason: "A span of 0 is excluded in the same condition.",
  },
  {
    file: "sequences.ts",
    operator: "boundary",
    before: "const count = (span < 0n) !== (by! < 0n) && span !== 0n ? 0n : span / by! + 1n;",
    after: "const count = (span < 0n) !== (by! <= 0n) && span !== 0n ? 0n : span / by! + 1n;",
    reason: "A step of 0 is excluded before.",
  },
  {
    file: "spec_retry.ts",
    operator: "default",
    before: 'problems.push(problem.wrongValue(key, where, place, "a factor above 0", text ?? null));',
    after: 'problems.push(problem.wrongValue(key, where, place, "a factor above 0", (text)));',
    reason: "A value that is missing is shown like one that is null.",
  },
  {
    file: "spec_retry.ts",
    operator: "default",
    before: 'limit: parseInteger(textOf(section, "limit") || "1") ?? 1,',
    after: 'limit: (parseInteger(textOf(section, "limit") || "1")),',
    reason: "A limit that is no number is an error: the spec is not used.",
  },
  {
    file: "spec_retry.ts",
    operator: "default",
    before: 'delay: durationSeconds(textOf(section, "delay") || "0", "seconds") ?? 0,',
    after: 'delay: (durationSeconds(textOf(section, "delay") || "0", "seconds")),',
    reason: "A delay that is no time is an error: the spec is not used.",
  },
  {
    file: "jobs.ts",
    operator: "default",
    before: "const limit = Number(/\\bh_rt=(\\d+)/.exec(category)?.[1] ?? NaN);",
    after: "const limit = Number((/\\bh_rt=(\\d+)/.exec(category)?.[1]));",
    reason: "The number of what is undefined is NaN.",
  },
  {
    file: "carry_out.ts",
    operator: "boundary",
    before: "if (fresh.length > 0) runner?.cancel(fresh, false);",
    after: "if (fresh.length >= 0) runner?.cancel(fresh, false);",
    reason: "To cancel no job does nothing.",
  },
  {
    file: "carry_out.ts",
    operator: "boundary",
    before: "if (late.length > 0) runner?.cancel(late, true);",
    after: "if (late.length >= 0) runner?.cancel(late, true);",
    reason: "To cancel no job does nothing.",
  },
  {
    file: "carry_out.ts",
    operator: "constant",
    before: "private nextLook = 0;",
    after: "private nextLook = 1;",
    reason: "No clock shows 1970.",
  },
  {
    file: "format.ts",
    operator: "constant",
    before: "const { journal: version, part = 1, kept = 0 } = parseLine(line) ?? {};",
    after: "const { journal: version, part = 1, kept = 1 } = parseLine(line) ?? {};",
    reason: "The limit that is compared with it is larger by more.",
  },
  {
    file: "outline.ts",
    operator: "default",
    before: 'const limit = seconds(resources.walltime || String(batch["walltime"] ?? "")) ?? Infinity;',
    after: 'const limit = seconds(resources.walltime || String((batch["walltime"]))) ?? Infinity;',
    reason: 'No reader of walltimes reads "undefined": it means no limit, as an empty text does.',
  },
  {
    file: "plan.ts",
    operator: "default",
    before: "return funnels.includes(target) || (afterFunnels?.includes(target) ?? false) ||",
    after: "return funnels.includes(target) || ((afterFunnels?.includes(target))) ||",
    reason: "Undefined and false are the same in front of `||`.",
  },
  {
    file: "yaml.ts",
    operator: "constant",
    before: "const found = name === undefined ? -1 : text.lastIndexOf(`!${name}`, error.offset);",
    after: "const found = name === undefined ? -2 : text.lastIndexOf(`!${name}`, error.offset);",
    reason: "Any number below 0 means that nothing was found.",
  },
  {
    file: "verdict.ts",
    operator: "constant",
    before: "const uptime = await commands.uptime(progress.records[node]!.cluster) ?? 0;",
    after: "const uptime = await commands.uptime(progress.records[node]!.cluster) ?? 1;",
    reason: "A server that began now, or a millisecond ago, began after any submission.",
  },
  {
    file: "spec_values.ts",
    operator: "constant",
    before: "words: (key) => `a whole number of at least ${key.least ?? 0}`,",
    after: "words: (key) => `a whole number of at least ${key.least ?? 1}`,",
    reason: "Every key of this type has its least number.",
  },
];
