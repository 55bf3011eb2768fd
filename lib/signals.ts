/** Numbers of signals, as Linux has them, and the exit codes that a shell makes of them. */

const NUMBERS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGTERM: 15,
  SIGXCPU: 24,
} as const;

export type SignalName = keyof typeof NUMBERS;

/** What a shell reports of a command that a signal ended: 128 and the number. */
export const exitCodeOf = (signal: SignalName): number => exitCodeOfNumber(NUMBERS[signal]);
export const exitCodeOfNumber = (number: number): number => 128 + number;

/** The signal that an exit code may mean. */
export function signalOf(code: number): SignalName | undefined {
  return (Object.keys(NUMBERS) as SignalName[]).find((name) => exitCodeOf(name) === code);
}
