/** TypeScript source as tests of its form read it: code without comments and strings, the comments, imports, functions. */

/** A file's source. In `code`, blanks replace comments and the text of strings, and lines keep their numbers. */
export interface Source {
  readonly path: string;
  readonly lines: number;
  readonly code: string;
  /** What is imported or exported from, as written; type-only imports too. */
  readonly imports: readonly string[];
}

export function readSource(path: string, text: string): Source {
  const { code, strings } = blankOut(text);
  const imports: string[] = [];
  // After `from` and in `import(...)` is a string: blank in the code, and kept by its place.
  for (const { index, 0: found } of code.matchAll(/\bfrom\s*(?=")|\bimport\s*\(?\s*(?=")/g)) {
    const name = strings.get(index + found.length);
    if (name !== undefined) imports.push(name);
  }
  return { path, lines: text.trimEnd().split("\n").length, code, imports };
}

export interface Tokens {
  /** Blanks replace comments; strings keep their quotes; the code in `${}` remains. */
  readonly code: string;
  /** From the place of the opening quote to the text between the quotes. */
  readonly strings: Map<number, string>;
  /** From the place of the opening quote to the text, with `${}` for each piece of code in it. */
  readonly templates: Map<number, string>;
  /** From the place of the first slash to the whole comment. */
  readonly comments: Map<number, string>;
}

export function blankOut(text: string): Tokens {
  const out = [...text];
  const strings = new Map<number, string>();
  const templateTexts = new Map<number, string>();
  const comments = new Map<number, string>();
  const blank = (from: number, to: number) => {
    for (let i = from; i < to && i < out.length; i++) if (out[i] !== "\n") out[i] = " ";
  };
  // Characters beyond the basic plane would shift places: source is split by code units.
  out.length = 0;
  for (let i = 0; i < text.length; i++) out.push(text[i]!);
  /** Depth of braces at which each open template's `${` began. */
  const templates: { depth: number; start: number; text: string }[] = [];
  let depth = 0;
  let last = "";
  let word = "";
  for (let i = 0; i < text.length;) {
    const two = text.slice(i, i + 2);
    const char = text[i]!;
    if (two === "//" || two === "/*") {
      const found = two === "//" ? text.indexOf("\n", i) : text.indexOf("*/", i + 2) + 2;
      const end = found < 2 ? text.length : found;
      comments.set(i, text.slice(i, end));
      blank(i, end);
      i = end;
      continue;
    }
    if (char === '"' || char === "'") {
      let end = i + 1;
      while (end < text.length && text[end] !== char) end += text[end] === "\\" ? 2 : 1;
      strings.set(i, text.slice(i + 1, end));
      blank(i + 1, end);
      i = end + 1;
    } else if (char === "`" || (char === "}" && templates.at(-1)?.depth === depth)) {
      const template = char === "}" ? templates.pop()! : { depth, start: i, text: "" };
      let end = i + 1;
      while (end < text.length && text[end] !== "`" && text.slice(end, end + 2) !== "${") {
        end += text[end] === "\\" ? 2 : 1;
      }
      template.text += text.slice(i + 1, end);
      blank(i + 1, end);
      if (text[end] === "$") {
        template.text += "${}";
        templates.push({ ...template, depth });
        i = end + 2;
        last = "(";
        continue;
      }
      templateTexts.set(template.start, template.text);
      i = end + 1;
    } else if (char === "/" && startsRegex(last, word)) {
      let end = i + 1;
      let inClass = false;
      while (end < text.length && (inClass || text[end] !== "/")) {
        if (text[end] === "[") inClass = true;
        else if (text[end] === "]") inClass = false;
        end += text[end] === "\\" ? 2 : 1;
      }
      blank(i + 1, end);
      i = end + 1;
    } else {
      if (char === "{") depth++;
      if (char === "}") depth--;
      if (/\w/.test(char)) word = /\w/.test(text[i - 1] ?? "") ? word + char : char;
      i++;
    }
    if (/\S/.test(char)) last = char;
  }
  return { code: out.join(""), strings, templates: templateTexts, comments };
}

/** A slash divides after a value and begins a regular expression elsewhere. */
function startsRegex(last: string, word: string): boolean {
  if (/[\w$]/.test(last)) return /^(return|typeof|case|in|of|await)$/.test(word);
  return !/[)\]}"'`]/.test(last);
}

export interface FunctionSize {
  readonly name: string;
  readonly line: number;
  /** From the line of its name to its closing brace, without the functions inside it. */
  readonly lines: number;
}

/** Every function with a body, however it is written. A function that makes an object of functions is short itself. */
export function functionSizes(code: string): FunctionSize[] {
  const open: { end: number; size: { name: string; line: number; lines: number } }[] = [];
  const found: FunctionSize[] = [];
  for (let brace = code.indexOf("{"); brace >= 0; brace = code.indexOf("{", brace + 1)) {
    const head = headOf(code, brace);
    if (head === undefined) continue;
    const end = closing(code, brace);
    const lines = code.slice(head.start, end).split("\n").length;
    const size = { name: head.name, line: code.slice(0, head.start).split("\n").length, lines };
    while (open.length > 0 && open.at(-1)!.end < brace) open.pop();
    const outer = open.at(-1);
    if (outer) outer.size.lines -= lines - 1;
    open.push({ end, size });
    found.push(size);
  }
  return found;
}

function closing(code: string, brace: number): number {
  let depth = 0;
  for (let i = brace; i < code.length; i++) {
    if (code[i] === "{") depth++;
    if (code[i] === "}" && --depth === 0) return i;
  }
  return code.length;
}

/** The head of the function whose body begins at a brace: its name, and where its parameters begin. */
function headOf(code: string, brace: number): { name: string; start: number } | undefined {
  const before = code.slice(Math.max(0, brace - 3000), brace).trimEnd();
  const arrow = before.endsWith("=>");
  // A type in braces, or an object.
  if (!arrow && /[:|&<,=([?]$/.test(before)) return undefined;
  // A return type may come between the parameters and the body. It contains no statement and no other body.
  const match = arrow ? before.slice(0, -2).trimEnd() : before;
  const type = /\)\s*(:[^;(){}]*(\{((?!\breturn\b)[^{}])*\}[^;(){}]*)*)?$/.exec(match);
  const single = arrow ? /[\w$]+$/.exec(match) : null;
  const end = type ? type.index : single ? single.index : -1;
  if (end < 0) return undefined;
  let open = end;
  if (type) {
    for (let depth = 0; open >= 0; open--) {
      if (match[open] === ")") depth++;
      if (match[open] === "(" && --depth === 0) break;
    }
  }
  const lead = match.slice(0, Math.max(0, open)).replace(/<[^<>]*>\s*$/, "");
  const found = /([\w$]+)\s*(?:[:=]\s*(?:async\s*)?(?:<[^<>]*>)?\s*)?$/.exec(lead)?.[1];
  const name = found === undefined || found === "async" ? "(no name)" : found;
  if (/^(if|for|while|switch|catch|with)$/.test(name)) return undefined;
  return { name, start: brace - before.length + lead.trimEnd().length };
}
