/** Structured logs in a file, with secrets redacted by key. */
import { type Logger, pino } from 'pino'

export type Log = Logger

export interface LogFile {
  readonly log: Log
  /** Goes on in a fresh file, after the one before was put aside. */
  reopen(): void
}

export function openLog(options: { level: string; file: string }): LogFile {
  const destination = pino.destination({ dest: options.file, append: true, mkdir: true, mode: 0o600, sync: false })
  // A full disk loses lines of the log, and not the daemon.
  destination.on('error', () => {})
  const redact = ['token', '*.token', 'authorization']
  const log = pino({ level: options.level, base: { pid: process.pid }, redact }, destination)
  return { log, reopen: () => destination.reopen() }
}

export function silentLog(): Log {
  return pino({ level: 'silent' })
}
