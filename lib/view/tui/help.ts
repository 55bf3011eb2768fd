/** The keys, for the screen of help. */

const SECTIONS:
  readonly (readonly [title: string, keys: readonly (readonly [keys: string, meaning: string])[]])[] = [
    ["Everywhere", [
      ["Up Down PgUp PgDn Home End", "move; also k j, Ctrl-B Ctrl-F, g G"],
      ["Enter Right", "open"],
      ["Esc Left Backspace", "back"],
      ["q", "quit; Ctrl-C, too"],
      ["Ctrl-Z", "suspend; fg continues"],
      ["Ctrl-L", "draw the screen again"],
      ["m", "mouse on or off: the wheel moves, a click chooses"],
    ]],
    ["Studies and steps", [
      ["/", "filter by name, state or NAME=VALUE; Esc shows all"],
      ["s S", "next order of steps; reverse the order"],
      ["f", "only steps that failed by themselves"],
      ["+ -", "show or fold the combinations of all steps"],
    ]],
    ["A step and its attempts", [
      ["o e t", "standard output, standard error, script"],
      ["n p", "in a log: next and previous attempt"],
      ["f", "in a log: follow its end, or stay"],
      ["Left Right", "in a log: move sideways"],
    ]],
    ["Changes: each asks first, and shows its command", [
      ["r c h l", "rerun, cancel, hold, release this step"],
      ["R", "rerun all that failed"],
      ["C H L", "cancel, hold, release the whole study"],
      ["u", "update a setting of the study"],
    ]],
  ];

const KEYS = 28;

/** Lines of the screen of help. */
export const HELP: readonly string[] = SECTIONS.flatMap(([title, keys]) => [
  "",
  title,
  ...keys.map(([key, meaning]) => `  ${key.padEnd(KEYS)}${meaning}`),
]).slice(1);
