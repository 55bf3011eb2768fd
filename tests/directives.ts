/**
 * What a scheduler reads in a batch script: small readers, one for each, by the manuals and sources that they name. And
 * commands whose head is easy to get wrong.
 */

export type Reader = (script: string) => string[];

const prefixed = (mark: RegExp) => (line: string) => mark.test(line) ? [line.replace(mark, "").trim()] : [];

/** sbatch(1): "sbatch will stop processing further #SBATCH directives once the first non-comment non-whitespace line". */
const slurm: Reader = (script) => {
  const lines = script.split("\n");
  const end = lines.findIndex((line) => !/^\s*(?:#|$)/.test(line));
  return lines.slice(0, end < 0 ? lines.length : end).flatMap(prefixed(/^#SBATCH(?=\s)/));
};

/**
 * qsub(1B), "Directives", and pbs_isexecutable() of OpenPBS: until the first line that is neither a comment, blank, nor
 * begun by a colon. A line that ends in a backslash goes on in the next.
 */
const pbs: Reader = (script) => {
  const found: string[] = [];
  for (const line of script.replaceAll("\\\n", "").split("\n")) {
    const directive = prefixed(/^\s*#PBS(?=\s)/)(line);
    if (directive.length === 0 && !/^(?::|\s*(?:#|$))/.test(line)) return found;
    found.push(...directive);
  }
  return found;
};

/** qsub(1), `-C`: every line of the script that begins with the prefix. */
const sge: Reader = (script) => script.split("\n").flatMap(prefixed(/^#\$/));

/** bsub, "Use a job script": every such line. One without an option ends them: parseLine() of OpenLava. */
const lsf: Reader = (script) => {
  const lines = script.split("\n").flatMap(prefixed(/^\s*#\s*BSUB/));
  const end = lines.findIndex((line) => !line.startsWith("-"));
  return end < 0 ? lines : lines.slice(0, end);
};

export const READERS: Readonly<Record<string, { readonly read: Reader; readonly mark: string }>> = {
  slurm: { read: slurm, mark: "#SBATCH" },
  pbs: { read: pbs, mark: "#PBS" },
  sge: { read: sge, mark: "#$" },
  lsf: { read: lsf, mark: "#BSUB" },
};

/** Commands with directives (`@`) at their head, and what comes close to it. */
export const HEADS: Readonly<Record<string, string>> = {
  "directives first": "@ -a 1\n@ -b 2\necho ran\n@ -c 3\n",
  "behind blank lines and comments": "\n  # note\n\t\n@ -a 1\n\n# more\n  echo ran\n",
  "no directive": "echo ran",
  "only comments": "@ -a 1\n# nothing to do",
  "only comments, with a line break": "@ -a 1\n",
  "nothing": "",
  "a comment that goes on": "@ -a 1\n# goes on \\\necho hidden from a reader\n@ -b 2\necho ran\n",
  "a directive that goes on": "@ -a 1 \\\n@ -b 2\necho ran\n",
  "a here document first": "@ -a 1\ncat <<'END'\n@ -b 2\nEND\n",
  "a here document that nobody reads": ": <<'END'\n@ -a 1\nEND\n@ -b 2\necho ran\n",
  "a colon first": ": note\n@ -a 1\necho ran\n",
  "set -e": "set -e\n@ -a 1\nfalse\necho never\n",
  "a function first": "@ -a 1\nrun() {\n  @ -b 2\n  echo ran\n}\nrun\n",
  "indented directives": "  @ -a 1\n\techo ran\n",
  "carriage returns": "@ -a 1\r\n# note\r\necho ran\r\n",
  "a shebang": "#!/bin/sh\n@ -a 1\necho ran\n",
  "a line that goes on": "@ -a 1\necho \\\n@ -b 2\n",
  "quotes over lines": "@ -a 1\necho '\n@ -b 2\n'\n",
  "a group": "{ echo ran\n@ -a 1\n}\n",
};
