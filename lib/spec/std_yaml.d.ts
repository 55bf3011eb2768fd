/** Types of the parts of `@std/yaml` that are used. The npm package has no types. */

export interface ParseOptions {
  /** "python" comes from `yaml_schema.ts`. */
  schema?: "core" | "default" | "failsafe" | "json" | "extended" | "python";
  allowDuplicateKeys?: boolean;
  onWarning?: (error: Error) => void;
}

export interface StringifyOptions {
  schema?: "core" | "default" | "failsafe" | "json" | "extended";
  lineWidth?: number;
  sortKeys?: boolean;
  useAnchors?: boolean;
  compactMode?: boolean;
  condenseFlow?: boolean;
  flowLevel?: number;
  indent?: number;
}

/** Line and column count from 1. */
export class YamlSyntaxError extends SyntaxError {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export function parse(content: string, options?: ParseOptions): unknown;
export function stringify(data: unknown, options?: StringifyOptions): string;
