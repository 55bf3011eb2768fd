/** The study's log: `logs/<name>.log`, and whoever listens. Maestro's line format. */

import { visible } from "./cells.ts";
import type { AppendFile, System } from "./system.ts";
import { formatLocalTime } from "./times.ts";

const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;
export type LogLevel = typeof LEVELS[number];

export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
  close(): void;
}

/** Is told each line that the log gets, and how much it weighs. */
export type Listener = (line: string, level: LogLevel) => void;

/** `level` as Maestro counts: 1 debug, 2 info, 3 warning, 4 error, 5 critical. */
export function openLog(
  system: System,
  options: { file: string; level: number; listener?: Listener | undefined },
): Log {
  let file: AppendFile | undefined;
  const write = (level: LogLevel, message: string) => {
    if (LEVELS.indexOf(level) + 1 < options.level) return;
    const line = `[${formatLocalTime(system.now())}: ${level}] ${visible(message)}\n`;
    options.listener?.(line, level);
    try {
      file ??= system.openAppend(options.file);
      file.append(line);
    } catch {
      // A log that cannot be written must not hurt the study; what it tells stands in the journal too.
      file = undefined;
    }
  };
  return {
    debug: (message) => write("DEBUG", message),
    info: (message) => write("INFO", message),
    warning: (message) => write("WARNING", message),
    error: (message) => write("ERROR", message),
    close: () => file?.close(),
  };
}
