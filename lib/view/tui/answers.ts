/** What a key means while a question or an input is open. */

import type { Key } from "./keys.ts";
import { setSetting } from "./prompts.ts";
import type { Effect, Prompt } from "./types.ts";

type Question = Prompt & { readonly kind: "question" };
type Input = Prompt & { readonly kind: "input" };

/** The prompt that is open after the key, if any, and what happens. */
export interface Answered {
  readonly prompt?: Prompt;
  readonly effects: readonly Effect[];
}

const CLOSED: Answered = { effects: [] };

/** A key that is no answer changes nothing. Enter is none: nothing is done by accident. */
export function answer(question: Question, key: Key): Answered {
  if (["escape", "ctrl-c", "q", "left"].includes(key)) return CLOSED;
  const chosen = question.answers.find((answer) => answer.key === key);
  if (!chosen) return { prompt: question, effects: [] };
  if (chosen.then === undefined) return CLOSED;
  if ("ask" in chosen.then) return { prompt: chosen.then.ask, effects: [] };
  return { effects: [{ do: "run", words: chosen.then.run }] };
}

/** A text that is longer than this is no filter and no number. */
const LONGEST = 200;

/** A text as it is typed. */
export function typed(input: Input, key: Key): Answered {
  switch (key) {
    case "escape":
    case "ctrl-c":
      return CLOSED;
    case "enter":
      return entered(input);
    case "backspace":
      return { prompt: { ...input, text: [...input.text].slice(0, -1).join("") }, effects: [] };
    case "ctrl-u":
      return { prompt: { ...input, text: "" }, effects: [] };
  }
  const more = key.startsWith("paste:") ? key.slice("paste:".length) : [...key].length === 1 ? key : "";
  // deno-lint-ignore no-control-regex
  const clean = more.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return { prompt: { ...input, text: (input.text + clean).slice(0, LONGEST) }, effects: [] };
}

function entered({ setting, text }: Input): Answered {
  if (setting === undefined || text.trim() === "") return CLOSED;
  return { prompt: setSetting(setting.option, text.trim(), setting.directory), effects: [] };
}
