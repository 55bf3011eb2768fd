/**
 * Reads simple shell scripts: commands one after another, some of them `maestro` with plain words. Everything else that
 * a shell can do makes a script, or a command in it, one that only a shell can run.
 */

/** Where the output of a command goes: to the script's own streams, nowhere, or (standard error) to standard output. */
export interface Streams {
  readonly out: "out" | "nowhere";
  readonly err: "err" | "out" | "nowhere";
}

export interface ScriptCommand {
  /** As it is written. */
  readonly text: string;
  /** Set where it is `maestro WORDS`, perhaps with redirections, perhaps piped into something else. */
  readonly maestro?: MaestroCall;
}

export interface MaestroCall {
  readonly words: readonly string[];
  /** Variables that are set for it alone. */
  readonly variables: Readonly<Record<string, string>>;
  readonly streams: Streams;
  readonly pipedInto?: string;
}

/** Undefined where a shell keeps something from one command to the next, or where commands are nested. */
export function readScript(script: string): ScriptCommand[] | undefined {
  const texts = separate(script);
  if (texts === undefined) return undefined;
  if (texts.some((text) => text.split("&&").some((part) => KEPT.test(part.trim())))) return undefined;
  return texts.map((text) => ({ text, ...maestroOf(text) }));
}

/** First words that nest commands, or change the shell that reads the next command. */
const KEPT = new RegExp(
  `^(?:\\w+=(?!\\w* (?:\\w+=\\w* )*maestro )|(?:[!{(.:]|${
    "while until for if case select function cd set unset export trap exit exec eval read shift umask ulimit wait alias"
      .split(" ").join("|")
  })(?:\\s|$))`,
);

/** The commands of a script, which newlines and semicolons separate. */
function separate(script: string): string[] | undefined {
  const texts: string[] = [];
  let [text, quote] = ["", ""];
  for (let i = 0; i < script.length; i++) {
    const character = script[i]!;
    const next = script[i + 1];
    if (quote === "'") {
      if (character === quote) quote = "";
    } else if (character === "`" || character === "\\" || (character === "$" && next === "(")) {
      return undefined;
    } else if (quote === '"') {
      if (character === quote) quote = "";
    } else if (character === "'" || character === '"') {
      quote = character;
    } else if (character === "#" && /(^|\s)$/.test(text)) {
      while (i + 1 < script.length && script[i + 1] !== "\n") i++;
      continue;
    } else if (character === ";" || character === "\n") {
      texts.push(text);
      text = "";
      continue;
    } else if (/[(){}]/.test(character) || (character + next) === "<<" || (character + next) === "||") {
      return undefined;
    } else if (character === "&" && next !== "&" && !/[>&]$/.test(text)) return undefined;
    text += character;
  }
  texts.push(text);
  return quote === "" ? texts.map((text) => text.trim()).filter((text) => text !== "") : undefined;
}

/** A word without anything that a shell replaces; or one in quotes. */
const WORD = /^(?:[\w@%+=:,./-]+|'[^']*'|"[^"$`\\]*")+$/;

const REDIRECTIONS: Readonly<Record<string, Streams>> = {
  "": { out: "out", err: "err" },
  ">/dev/null": { out: "nowhere", err: "err" },
  "2>/dev/null": { out: "out", err: "nowhere" },
  "2>&1": { out: "out", err: "out" },
  ">/dev/null 2>&1": { out: "nowhere", err: "nowhere" },
};

const CALL = /^((?:\w+=\w* )*)maestro((?:\s+(?:'[^']*'|"[^"]*"|[^\s'"<>])+)*?)\s*((?:2?>\S+\s*)*)$/;

function maestroOf(text: string): { maestro?: MaestroCall } {
  const pipe = pipeIn(text);
  const call = (pipe < 0 ? text : text.slice(0, pipe)).trim();
  const [, before, command, redirections] = CALL.exec(call) ?? [];
  const streams = REDIRECTIONS[redirections?.trim() ?? "?"];
  const words = command?.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  if (before === undefined || streams === undefined || !words.every((word) => WORD.test(word))) return {};
  return {
    maestro: {
      words: words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, (_, a, b) => a ?? b)),
      variables: Object.fromEntries(before.trim().split(" ").filter(Boolean).map((word) => word.split("="))),
      streams,
      ...(pipe < 0 ? {} : { pipedInto: text.slice(pipe + 1).trim() }),
    },
  };
}

/** Where the first pipe is; -1 where there is none. */
function pipeIn(text: string): number {
  return text.replace(/'[^']*'|"[^"]*"/g, (quoted) => "_".repeat(quoted.length)).indexOf("|");
}
