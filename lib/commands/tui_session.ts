/** One `maestro tui` on the terminal: keys and data go to the model, and its lines to the screen. */

import { EXIT, UserError } from "../errors.ts";
import {
  entryMark,
  openForTui,
  type OpenStudy,
  type OpenText,
  readEntry,
  searchStudies,
} from "../app/tui_data.ts";
import { codeOf, type System, type WholeTerminal } from "../system.ts";
import { STUDY_STATE } from "../study/states.ts";
import { KEY_SCREEN, wantsColor, wantsUnicode } from "../view/terminal.ts";
import { difference, type Screen, screenOf } from "../view/tui/canvas.ts";
import { linesOf } from "../view/tui/draw.ts";
import { type Key, keyDecoder } from "../view/tui/keys.ts";
import { bodyHeight } from "../view/tui/layout.ts";
import {
  atTime,
  resized,
  withBusy,
  withEntry,
  withMessage,
  withStudies,
  withStudy,
  withText,
} from "../view/tui/news.ts";
import {
  type Effect,
  type Model,
  newModel,
  openStep,
  type Place,
  shownStudies,
  type Words,
} from "../view/tui/types.ts";
import { press } from "../view/tui/update.ts";

/** Bytes of one key come together, even over a slow connection. */
const ESCAPE_MS = 100;
const LOOK_MS = 1000;
/** Reading takes at most this share of the time. */
const SHARE = 1 / 10;
/** The folder is searched again for studies after this time. */
const SEARCH_MS = 15_000;
/** A command of a user may wait for a scheduler. */
const COMMAND_TIMEOUT_MS = 600_000;

export class TuiSession {
  private model: Model;
  private shown: Screen | undefined;
  private readonly keys: Key[] = [];
  private wake: () => void = () => {};
  private open: OpenStudy | undefined;
  private text: { readonly place: string; readonly open: OpenText } | undefined;
  private readonly marks = new Map<string, string>();
  private nextLook = 0;
  private nextSearch = 0;
  /** The exit code, once the session is over. */
  private code: number | undefined;
  private readonly ability: { readonly unicode: boolean; readonly colors: boolean };

  constructor(
    private readonly system: System,
    private readonly terminal: WholeTerminal,
    private readonly folder: string,
    place: Place,
  ) {
    const { columns, rows } = terminal.size();
    this.model = newModel(columns, rows, system.now(), place);
    this.ability = { unicode: wantsUnicode(true, system.env), colors: wantsColor(true, system.env) };
  }

  /** Returns the exit code. The terminal is as before, whatever happens. */
  async run(): Promise<number> {
    this.terminal.atEnd(() => this.restore());
    this.listen();
    this.take();
    try {
      void this.readKeys();
      while (this.code === undefined) await this.turn();
      return this.code;
    } finally {
      this.restore();
    }
  }

  // ---------------------------------------------------------------- the terminal

  private isTaken = false;

  private take(): void {
    this.terminal.setRaw(true);
    this.isTaken = true;
    this.system.stdout.say(KEY_SCREEN.enter + (this.model.mouse ? KEY_SCREEN.mouse(true) : ""));
    this.shown = undefined;
  }

  private restore(): void {
    if (!this.isTaken) return;
    this.isTaken = false;
    this.system.stdout.say(KEY_SCREEN.leave);
    this.terminal.setRaw(false);
  }

  private listen(): void {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      this.system.onSignal(signal, () => this.leave(EXIT.interrupted));
    }
    this.system.onSignal("SIGWINCH", () => this.resize());
    this.system.onSignal("SIGTSTP", () => this.suspend());
    // Another process may have stopped this one without a warning, and a shell has used the terminal since.
    this.system.onSignal("SIGCONT", () => {
      if (this.code !== undefined) return;
      this.terminal.setRaw(false);
      this.take();
      this.resize();
    });
  }

  private resize(): void {
    const { columns, rows } = this.terminal.size();
    this.model = resized(this.model, columns, rows);
    this.shown = undefined;
    this.wake();
  }

  private suspend(): void {
    this.restore();
    this.terminal.suspend();
    this.take();
    this.resize();
  }

  private leave(code: number): void {
    this.code ??= code;
    this.wake();
  }

  private async readKeys(): Promise<void> {
    const decoder = keyDecoder();
    let reads = 0;
    for (;;) {
      const bytes = await this.terminal.read();
      if (bytes === undefined) return this.leave(EXIT.interrupted);
      this.keys.push(...decoder.keys(bytes));
      const read = ++reads;
      if (decoder.isOpen()) {
        this.system.sleep(ESCAPE_MS).then(() => {
          if (read !== reads) return;
          this.keys.push(...decoder.close());
          this.wake();
        });
      }
      this.wake();
    }
  }

  // ---------------------------------------------------------------- one turn

  /** Keys first, then the screen, then data. Sleeps if nothing is left to do. */
  private async turn(): Promise<void> {
    const awake = new Promise<void>((resolve) => this.wake = resolve);
    for (const key of this.keys.splice(0)) {
      const { model, effects } = press(this.model, key);
      if (model.place !== this.model.place) this.nextLook = 0;
      this.model = model;
      for (const effect of effects) this.carryOut(effect);
    }
    if (this.code !== undefined) return;
    this.draw();
    const isIdle = !await this.look();
    if (this.keys.length > 0 || this.code !== undefined) return;
    this.draw();
    if (isIdle) await this.system.sleep(Math.max(0, this.nextLook - this.system.monotonic()), awake);
  }

  private draw(): void {
    const { width, height } = this.model;
    const screen = screenOf(linesOf(this.model), width, height, this.ability);
    const bytes = difference(this.shown, screen);
    this.shown = screen;
    if (bytes !== "") this.system.stdout.say(bytes);
  }

  private carryOut(effect: Effect): void {
    switch (effect.do) {
      case "leave":
        if (this.model.busy === undefined || this.isLeaving) return this.leave(EXIT.ok);
        this.isLeaving = true;
        this.model = { ...this.model, message: { text: "Waits for the command.", isError: false } };
        return;
      case "suspend":
        return this.suspend();
      case "redraw":
        this.shown = undefined;
        this.nextLook = 0;
        this.nextSearch = 0;
        return;
      case "mouse":
        return this.system.stdout.say(KEY_SCREEN.mouse(effect.on));
      case "run":
        void this.command(effect.words);
        return;
    }
  }

  /** The user wants to leave when the command that runs has ended. */
  private isLeaving = false;

  /** Runs a command of maestro in a process: this one never waits for a conductor, and changes nothing. */
  private async command(words: Words): Promise<void> {
    if (this.model.busy !== undefined) {
      this.model = withMessage(this.model, { text: "Another command still runs.", isError: true });
      return;
    }
    this.model = withBusy(this.model, words.join(" "));
    const { selfCommand } = this.system;
    const { code, stdout, stderr } = await this.system.run([...selfCommand, ...words], {
      timeoutMs: COMMAND_TIMEOUT_MS,
    });
    const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim()).filter((line) => line !== "");
    const text = code === EXIT.ok ? lines.at(-1) ?? "Done." : lines.slice(-2).join("  ");
    this.model = withMessage(withBusy(this.model, undefined), { text, isError: code !== EXIT.ok });
    this.nextLook = 0;
    if (this.isLeaving) this.leave(EXIT.ok);
    this.wake();
  }

  // ---------------------------------------------------------------- data

  /** Reads what the screen shows if it is time. Whether there is more to read at once. */
  private async look(): Promise<boolean> {
    const start = this.system.monotonic();
    if (start < this.nextLook) return false;
    this.model = atTime(this.model, this.system.now());
    let hasMore = false;
    try {
      hasMore = this.model.place.study === undefined ? await this.lookAtStudies() : await this.lookAtStudy();
    } catch (error) {
      if (!(error instanceof UserError) && !isFailedRead(error)) throw error;
      this.failed((error as Error).message);
    }
    const cost = this.system.monotonic() - start;
    this.nextLook = hasMore ? 0 : start + Math.max(LOOK_MS, cost / SHARE);
    // Keys that came in the meantime are read now.
    if (hasMore) await this.system.sleep(0);
    return hasMore;
  }

  /** A study that cannot be opened: back to the list. */
  private failed(text: string): void {
    this.open = undefined;
    const { study: _, text: __, ...rest } = this.model;
    this.model = withMessage({ ...rest, place: {} }, { text, isError: true });
  }

  private toRead: string[] = [];

  /** Searches from time to time, and reads one study of the list. */
  private async lookAtStudies(): Promise<boolean> {
    this.open = undefined;
    const { system } = this;
    const start = system.monotonic();
    if (this.model.studies === undefined || start >= this.nextSearch) {
      const found = searchStudies(system, this.folder);
      const known = new Map(this.model.studies?.entries.map((entry) => [entry.directory, entry]));
      const entries = found.entries.map((entry) => ({ ...known.get(entry.directory), ...entry }));
      this.model = withStudies(this.model, { ...found, entries });
      this.nextSearch = system.monotonic() + Math.max(SEARCH_MS, (system.monotonic() - start) / SHARE);
    }
    if (this.toRead.length === 0) this.toRead = this.staleStudies();
    const directory = this.toRead.shift();
    const entry = this.model.studies!.entries.find((entry) => entry.directory === directory);
    if (entry) {
      this.marks.set(entry.directory, entryMark(system, entry));
      const read = await readEntry(system, entry);
      this.model = withEntry(this.model, read);
    }
    return this.toRead.length > 0;
  }

  /** Studies on the screen whose state may have changed; if there are none, one that was never read. */
  private staleStudies(): string[] {
    const shown = shownStudies(this.model);
    const { top } = this.model.cursors.studies;
    const stale = shown.slice(top, top + bodyHeight(this.model)).filter((entry) => {
      const { summary, directory } = entry;
      const isOver = summary !== undefined && STUDY_STATE[summary.state].ended;
      return !isOver || this.marks.get(directory) !== entryMark(this.system, entry);
    });
    const unread = shown.find(({ summary, problem }) => summary === undefined && problem === undefined);
    const both = stale.length === 0 && unread ? [unread] : stale;
    return both.map(({ directory }) => directory);
  }

  private async lookAtStudy(): Promise<boolean> {
    const { study } = this.model.place;
    if (this.open?.directory !== study || this.open!.isReplaced()) {
      this.open = undefined;
      this.text = undefined;
      this.open = await openForTui(this.system, study!);
    }
    const { data, hasChanged } = this.open!.look();
    this.model = withStudy(this.model, data, hasChanged);
    this.lookAtText();
    return false;
  }

  private lookAtText(): void {
    const { place } = this.model;
    const step = openStep(this.model);
    if (place.text === undefined || step === undefined) {
      this.text = undefined;
      return;
    }
    const { kind, attempt } = place.text;
    const at = `${step.node} ${kind} ${attempt}`;
    if (this.text?.place !== at || this.model.text === undefined) {
      this.text = { place: at, open: this.open!.text(step, kind, attempt) };
    }
    const text = this.text.open.look(step);
    if (text) this.model = withText(this.model, text);
  }
}

/** An error of the file system; all others are bugs. */
const isFailedRead = (error: unknown) => codeOf(error) !== undefined;
