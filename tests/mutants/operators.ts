/**
 * The fixed list of mutations. Each operator reads one node of the syntax tree and returns replacements for a
 * range of the text. A type checker (`sources.ts`) drops those that do not type-check, because `deno task
 * check` finds them.
 */

import ts from "npm:typescript@6.0.3";

/** One change of one file: the text from `start` to `end` becomes `text`. */
export interface Mutation {
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Context {
  readonly file: ts.SourceFile;
  readonly checker: ts.TypeChecker;
}

type Operator = (node: ts.Node, context: Context) => (readonly [target: ts.Node, text: string])[];

const Kind = ts.SyntaxKind;

/** Replacements of the operator of an expression with two sides, or of an assignment. */
function swap(pairs: Readonly<Record<string, string>>): Operator {
  return (node, { file }) => {
    if (!ts.isBinaryExpression(node)) return [];
    const other = pairs[node.operatorToken.getText(file)];
    return other === undefined ? [] : [[node.operatorToken, other]];
  };
}

/** Methods of Math, by their names. */
function swapMath(pairs: Readonly<Record<string, string>>): Operator {
  return (node) => {
    if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return [];
    const other = node.expression.text === "Math" ? pairs[node.name.text] : undefined;
    return other === undefined ? [] : [[node.name, other]];
  };
}

const isBlockOfOne = (node: ts.Statement) => ts.isBlock(node) ? node.statements.length === 1 : true;

/** `if` without `else` that only leaves: `if (...) return ...;`, `continue`, `break`, `throw`. */
function isGuard(node: ts.Node): boolean {
  if (!ts.isIfStatement(node) || node.elseStatement || !isBlockOfOne(node.thenStatement)) return false;
  const only = ts.isBlock(node.thenStatement) ? node.thenStatement.statements[0]! : node.thenStatement;
  return [Kind.ReturnStatement, Kind.ContinueStatement, Kind.BreakStatement, Kind.ThrowStatement]
    .includes(only.kind);
}

/** The words of the union of texts that a literal is one of, in their order. */
function wordsAround(node: ts.StringLiteral, checker: ts.TypeChecker): string[] {
  const { parent } = node;
  const compared = ts.isBinaryExpression(parent) && /^[!=]==$/.test(parent.operatorToken.getText());
  const type = compared
    ? checker.getTypeAtLocation(parent.left === node ? parent.right : parent.left)
    : ts.isCaseClause(parent)
    ? checker.getTypeAtLocation(parent.parent.parent.expression)
    : checker.getContextualType(node);
  if (!type?.isUnion()) return [];
  const words = type.types.flatMap((part) => part.isStringLiteral() ? [part.value] : []);
  return words.includes(node.text) ? words : [];
}

/** A literal, or a list of literals. */
function isData(node: ts.Node): boolean {
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isData);
  return ts.isStringLiteral(node) || ts.isNumericLiteral(node) || ts.isRegularExpressionLiteral(node);
}

/** What replaces an element or an entry, so that the commas around it remain right. */
const NO_ELEMENT = "...[]";
const NO_ENTRY = "...{}";

/** The list. Its names are those in reports and in the list of equivalents. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  // a + b -> a - b
  "arithmetic": swap({ "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "**": "*", "+=": "-=", "-=": "+=" }),
  // i++ -> i--
  "step": (node, { file }) => {
    if (!ts.isPostfixUnaryExpression(node) && !ts.isPrefixUnaryExpression(node)) return [];
    const text = node.getText(file);
    if (text.includes("++")) return [[node, text.replace("++", "--")]];
    return text.includes("--") ? [[node, text.replace("--", "++")]] : [];
  },
  "rounding": swapMath({ ceil: "floor", floor: "ceil", round: "floor", trunc: "ceil" }),
  "extreme": swapMath({ max: "min", min: "max" }),
  // a < b -> a <= b
  "boundary": swap({ "<": "<=", "<=": "<", ">": ">=", ">=": ">" }),
  "equality": swap({ "===": "!==", "!==": "===" }),
  "logic": swap({ "&&": "||", "||": "&&" }),
  // a ?? b -> a, and b
  "default": (node, { file }) => {
    if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== Kind.QuestionQuestionToken) return [];
    return [[node, `(${node.left.getText(file)})`], [node, `(${node.right.getText(file)})`]];
  },
  // if (a) -> if (!(a)); the same for a ? b : c and while (a)
  "condition": (node, { file }) => {
    const at = ts.isIfStatement(node) || ts.isWhileStatement(node)
      ? node.expression
      : ts.isConditionalExpression(node)
      ? node.condition
      : undefined;
    return at ? [[at, `!(${at.getText(file)})`]] : [];
  },
  // !a -> a
  "negation": (node, { file }) =>
    ts.isPrefixUnaryExpression(node) && node.operator === Kind.ExclamationToken
      ? [[node, `(${node.operand.getText(file)})`]]
      : [],
  // A call, an assignment, a yield is left out.
  "statement": (node) => ts.isExpressionStatement(node) ? [[node, ";"]] : [],
  "guard": (node) => isGuard(node) ? [[node, ";"]] : [],
  // ["a", "b"] -> ["b"], and ["a"]
  "element": (node) =>
    ts.isArrayLiteralExpression(node) && node.elements.length > 1 && node.elements.every(isData)
      ? node.elements.map((element) => [element, NO_ELEMENT] as const)
      : [],
  // { a: 1, b: 2 } -> { b: 2 }, and { a: 1 }
  "entry": (node) =>
    ts.isObjectLiteralExpression(node) && node.properties.length > 1
      ? node.properties.filter((entry) => ts.isPropertyAssignment(entry) && isData(entry.initializer))
        .map((entry) => [entry, NO_ENTRY] as const)
      : [],
  // A state, a kind, an event becomes the next one of its type.
  "word": (node, { checker }) => {
    if (!ts.isStringLiteral(node) || ts.isLiteralTypeNode(node.parent)) return [];
    const words = wordsAround(node, checker);
    const next = words[(words.indexOf(node.text) + 1) % words.length];
    return next === undefined || next === node.text ? [] : [[node, JSON.stringify(next)]];
  },
  "boolean": (node) =>
    node.kind === Kind.TrueKeyword && !ts.isLiteralTypeNode(node.parent)
      ? [[node, "false"]]
      : node.kind === Kind.FalseKeyword && !ts.isLiteralTypeNode(node.parent)
      ? [[node, "true"]]
      : [],
  // 1 -> 2; 5000 -> 10000, for which one more is no other meaning
  "constant": (node) =>
    ts.isNumericLiteral(node) && !ts.isLiteralTypeNode(node.parent) && Number.isInteger(Number(node.text))
      ? [[node, String(Number(node.text) > 100 ? 2 * Number(node.text) : Number(node.text) + 1)]]
      : [],
  // a?.b -> undefined
  "optional": (node) =>
    (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node) ||
        ts.isElementAccessExpression(node)) &&
      node.questionDotToken
      ? [[node, "undefined"]]
      : [],
  // return a; -> return undefined;
  "return": (node) =>
    ts.isReturnStatement(node) && node.expression && node.expression.getText() !== "undefined"
      ? [[node.expression, "undefined"]]
      : [],
};

/** All mutations of a file, in the order of its text. */
export function mutationsOf(file: ts.SourceFile, checker: ts.TypeChecker): Mutation[] {
  const found: Mutation[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    for (const [operator, read] of Object.entries(OPERATORS)) {
      for (const [target, text] of read(node, { file, checker })) {
        found.push({ operator, start: target.getStart(file), end: target.getEnd(), text });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
