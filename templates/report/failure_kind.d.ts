export function failureKind(reason: string, values?: readonly string[]): string;
