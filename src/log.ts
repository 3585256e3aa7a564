/**
 * The service's own log: JSON lines on standard error. It says what happened to requests and workers, never what was in
 * them: no bodies, no query values, no SQL, no messages of errors (those may quote data), only their names and frames.
 */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, string | number | boolean | null>>) => void;

export function jsonLog(least: LogLevel, clock: () => Date, write: (line: string) => void): Log {
  return (level, message, fields = {}) => {
    if (LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf(least)) return;
    write(`${JSON.stringify({ time: clock().toISOString(), level, message, ...fields })}\n`);
  };
}

/** Where an exception came from, without what it says. */
export function traceOf(error: unknown): { error: string; at: string } {
  if (!(error instanceof Error)) return { error: typeof error, at: '' };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 8).map((line) => line.trim());
  return { error: error.name, at: frames.join(' | ') };
}
