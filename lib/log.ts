/** The study's log: `logs/<name>.log`, and its listeners. Maestro's line formats. */

import { visible } from "./cells.ts";
import type { AppendFile, System } from "./system.ts";
import { formatLocalTime, formatLogTime } from "./times.ts";

const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;
export type LogLevel = typeof LEVELS[number];

export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
  close(): void;
}

/** Receives each line for a terminal, `[time: LEVEL] text`, and its level. */
export type Listener = (line: string, level: LogLevel) => void;

/**
 * The place where Maestro prints module, function and line. A program that splits its lines at " - " can
 * split ours, too.
 */
const SOURCE = "maestro.conductor:conduct:0";

/**
 * `level` is Maestro's number: 1 debug, 2 info, 3 warning, 4 error, 5 critical. Each of the files gets every
 * line.
 */
export function openLog(
  system: System,
  options: {
    files: readonly string[];
    level: number;
    listener?: Listener | undefined;
    /** Hides secrets. */
    hide?: (text: string) => string;
  },
): Log {
  const logs = options.files.map((path) => logFile(system, path));
  const write = (level: LogLevel, message: string) => {
    if (LEVELS.indexOf(level) + 1 < options.level) return;
    const now = system.now();
    const text = visible(options.hide?.(message) ?? message);
    options.listener?.(`[${formatLocalTime(now)}: ${level}] ${text}\n`, level);
    for (const log of logs) log.append(`${formatLogTime(now)} - ${SOURCE} - ${level} - ${text}\n`);
  };
  return {
    debug: (message) => write("DEBUG", message),
    info: (message) => write("INFO", message),
    warning: (message) => write("WARNING", message),
    error: (message) => write("ERROR", message),
    close() {
      for (const log of logs) log.close();
    },
  };
}

function logFile(system: System, path: string): Pick<AppendFile, "append" | "close"> {
  let file: AppendFile | undefined;
  return {
    append(line) {
      try {
        file ??= system.openAppend(path);
        file.append(line);
      } catch {
        // A log that cannot be written must not harm the study. The journal has the same facts.
        file = undefined;
      }
    },
    close: () => file?.close(),
  };
}
