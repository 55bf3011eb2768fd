/**
 * Probes: calls that record which parts of a file a test runs. A part runs as a whole. It
 * is a block up to a statement that may leave it, an arm of a condition, or the right side of `&&`.
 */

import ts from "npm:typescript@6.0.3";

/** Where a part is in the text of its file, without what nested parts have. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

export interface Probed {
  /** The text with a call of `__probe` in each part, whose argument is its place in `parts` plus `first`. */
  readonly text: string;
  readonly parts: readonly Part[];
}

const Kind = ts.SyntaxKind;
const SHORT = [Kind.AmpersandAmpersandToken, Kind.BarBarToken, Kind.QuestionQuestionToken];

export function withProbes(file: ts.SourceFile, first: number): Probed {
  const parts: Part[] = [];
  const inserted: { readonly at: number; readonly text: string }[] = [];
  const add = (start: number, end: number) => `__probe(${first + parts.push({ start, end }) - 1})`;
  const expression = (node: ts.Expression) => {
    const [start, end] = [node.getStart(file), node.getEnd()];
    inserted.push({ at: start, text: `(${add(start, end)},` }, { at: end, text: ")" });
  };
  const statement = (node: ts.Statement) => {
    if (ts.isBlock(node)) return;
    const [start, end] = [node.getStart(file), node.getEnd()];
    inserted.push({ at: start, text: `{${add(start, end)};` }, { at: end, text: "}" });
  };
  /** A part begins with the first statement, and behind each that may leave. */
  const list = (statements: readonly ts.Statement[], end: number) => {
    statements.forEach((one, i) => {
      if (i > 0 && !mayLeave(statements[i - 1]!)) return;
      const start = one.getStart(file);
      inserted.push({ at: start, text: `${add(start, end)};` });
    });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node) || ts.isCaseOrDefaultClause(node)) list(node.statements, node.getEnd());
    else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) expression(node.body);
    else if (ts.isConditionalExpression(node)) {
      expression(node.whenTrue);
      expression(node.whenFalse);
    } else if (ts.isBinaryExpression(node) && SHORT.includes(node.operatorToken.kind)) expression(node.right);
    else if (ts.isIfStatement(node)) {
      statement(node.thenStatement);
      if (node.elseStatement) statement(node.elseStatement);
    } else if (ts.isIterationStatement(node, false)) statement(node.statement);
    ts.forEachChild(node, visit);
  };
  visit(file);
  // At one place, what was found later is nearer to the text: it begins last, and ends first.
  const order = inserted.map((one, i) => ({ ...one, i, opens: !/^[)}]$/.test(one.text) }));
  order.sort((a, b) => a.at - b.at || Number(a.opens) - Number(b.opens) || (a.opens ? a.i - b.i : b.i - a.i));
  let text = "";
  let done = 0;
  for (const { at, text: more } of order) {
    text += file.text.slice(done, at) + more;
    done = at;
  }
  return { text: text + file.text.slice(done), parts };
}

/** Whether control may not come to the next statement. */
function mayLeave(node: ts.Node): boolean {
  if (ts.isFunctionLike(node)) return false;
  if (ts.isReturnStatement(node) || ts.isThrowStatement(node) || ts.isBreakOrContinueStatement(node)) {
    return true;
  }
  return ts.forEachChild(node, (child) => mayLeave(child) || undefined) ?? false;
}

/** The smallest part with a place of the text; none for what runs when the file is loaded. */
export function partAt(parts: readonly Part[], at: number): number | undefined {
  let found: number | undefined;
  parts.forEach(({ start, end }, i) => {
    if (start > at || at >= end) return;
    const smaller = found === undefined || end - start <= parts[found]!.end - parts[found]!.start;
    if (smaller) found = i;
  });
  return found;
}

/**
 * The first line of a file with probes. In the process of the tests, `stage.ts` collects the probes that each
 * test reached. Another process may be killed. It therefore
 * appends each new probe to its own file in `folder`.
 */
export const probeHead = (folder: string) =>
  `(globalThis as any).__probe ??= (${head})(globalThis, ${JSON.stringify(folder)}); `;

interface Probes {
  /** Set by `stage.ts`. */
  __inTests?: boolean;
  /** What was reached since the last call. */
  __takeProbes?: () => number[];
}

function head(world: Probes, folder: string): (probe: number) => void {
  const reached = new Set<number>();
  world.__takeProbes = () => {
    const taken = [...reached];
    reached.clear();
    return taken;
  };
  return (probe) => {
    if (reached.has(probe)) return;
    reached.add(probe);
    if (world.__inTests) return;
    try {
      Deno.writeTextFileSync(`${folder}/${Deno.pid}`, `${probe}\n`, { append: true });
    } catch {
      // The tests are over.
    }
  };
}
