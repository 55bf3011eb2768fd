/** Types of the used part of the table of schemas of `@std/yaml`. */

export interface ScalarType {
  readonly tag: string;
  readonly kind: "scalar";
  readonly resolve: (data: string | null) => boolean;
  readonly construct: (data: string) => unknown;
}

export interface Schema {
  readonly implicitTypes: readonly ScalarType[];
  readonly explicitTypes: readonly ScalarType[];
  readonly typeMap: {
    readonly scalar: ReadonlyMap<string, ScalarType>;
    readonly fallback: ReadonlyMap<string, ScalarType>;
  };
}

export const SCHEMA_MAP: Map<string, Schema>;
