/** The bytes that a terminal sends, as keys. */

/**
 * A key by its name ("up", "enter", "ctrl-c"), or the character itself. `paste:TEXT` is pasted text, `click:ROW` a click
 * into a row of the screen, from 0.
 */
export type Key = string;

/** Keys from bytes. A sequence may come in several pieces. */
export interface KeyDecoder {
  keys(bytes: Uint8Array): Key[];
  /** Whether more bytes are needed: an escape is the Escape key, or the beginning of a sequence. */
  isOpen(): boolean;
  /** Nothing followed. */
  close(): Key[];
}

const CONTROLS: Readonly<Record<string, Key>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\b": "backspace",
  "\x7f": "backspace",
};

/** The end of a sequence `ESC [ ...` or `ESC O ...`, without modifiers. */
const SEQUENCES: Readonly<Record<string, Key>> = {
  "A": "up",
  "B": "down",
  "C": "right",
  "D": "left",
  "H": "home",
  "F": "end",
  "M": "enter",
  "1~": "home",
  "3~": "delete",
  "4~": "end",
  "5~": "pageup",
  "6~": "pagedown",
  "7~": "home",
  "8~": "end",
};

const ESCAPE = "\x1b";
const PASTE = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/** A sequence that is longer than this is none. */
const LONGEST = 64;
/** Pasted text that is longer than this is dropped. */
const LONGEST_PASTE = 4096;

// deno-lint-ignore no-control-regex
const SEQUENCE = /^\x1b(?:\[([\x30-\x3f]*)([\x20-\x2f]*[\x40-\x7e])|O([\x40-\x7e]))/;

export function keyDecoder(): KeyDecoder {
  const decoder = new TextDecoder();
  let text = "";
  return {
    keys(bytes) {
      text += decoder.decode(bytes, { stream: true });
      const keys: Key[] = [];
      while (text !== "") {
        const [key, length] = firstKey(text);
        if (length === 0) break;
        if (key !== undefined) keys.push(key);
        text = text.slice(length);
      }
      return keys;
    },
    isOpen: () => text !== "",
    close() {
      const wasEscape = text === ESCAPE;
      text = "";
      return wasEscape ? ["escape"] : [];
    },
  };
}

/** The first key of a text and its length; 0 if more is needed to know it. */
function firstKey(text: string): [key: Key | undefined, length: number] {
  if (text.startsWith(PASTE)) return pasted(text);
  if (text.startsWith(ESCAPE)) return escaped(text);
  const char = String.fromCodePoint(text.codePointAt(0)!);
  const control = CONTROLS[char];
  if (control !== undefined) return [control, 1];
  if (char < " ") return [`ctrl-${String.fromCharCode(char.charCodeAt(0) + 96)}`, 1];
  return [/[\u0080-\u009f]/.test(char) ? undefined : char, char.length];
}

function pasted(text: string): [Key | undefined, number] {
  const end = text.indexOf(PASTE_END);
  if (end >= 0) return [`paste:${text.slice(PASTE.length, end)}`, end + PASTE_END.length];
  return text.length > LONGEST_PASTE ? [undefined, text.length] : [undefined, 0];
}

function escaped(text: string): [Key | undefined, number] {
  if (text.length === 1) return [undefined, 0];
  const match = SEQUENCE.exec(text);
  if (match) return [sequence(match[1] ?? "", match[2] ?? match[3]!), match[0].length];
  if (text[1] === "[" || text[1] === "O") return [undefined, text.length > LONGEST ? text.length : 0];
  // Another key follows in the same packet. Keys with Alt have no meaning here.
  return ["escape", 1];
}

function sequence(parameters: string, final: string): Key | undefined {
  if (parameters.startsWith("<")) return mouse(parameters.slice(1), final);
  const [first = ""] = parameters.split(";");
  return SEQUENCES[final === "~" ? `${first}~` : final];
}

const WHEEL_UP = 64;
const WHEEL_DOWN = 65;

/** Reports of the mouse in the form of mode 1006: button, column, row; `M` for pressed. */
function mouse(parameters: string, final: string): Key | undefined {
  const [button, , row = 0] = parameters.split(";").map(Number);
  if (button === WHEEL_UP) return "wheelup";
  if (button === WHEEL_DOWN) return "wheeldown";
  return button === 0 && final === "M" && row > 0 ? `click:${row - 1}` : undefined;
}
