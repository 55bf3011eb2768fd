/** Failures of one kind: their reasons differ only in numbers and in values of parameters. */

/** The reason without what differs from step to step. An exit code is the kind itself. `values`: of parameters. */
export function failureKind(reason, values = []) {
  const [code] = /^exit code \d+/.exec(reason) ?? [""];
  let text = reason.slice(code.length);
  const words = values.filter((value) => /[^\d\s.]/.test(value) && value.length > 1);
  for (const value of words.sort((a, b) => b.length - a.length)) text = text.replaceAll(value, "…");
  return code + text.replace(/0x[\da-f]+|\d+(?:[.,:]\d+)*(?:e[+-]?\d+)?/gi, "…");
}
