/** Commands with directives (`@`) at their head, and what comes close to it: easy to read in a wrong way. */

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

/** The rest of a line that begins with a mark; nothing of any other line. */
export const prefixed = (mark: RegExp) => (line: string) =>
  mark.test(line) ? [line.replace(mark, "").trim()] : [];
