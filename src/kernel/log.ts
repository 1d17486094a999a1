/** Structured logs on stderr or in a file, with secrets redacted by key. */
import { type Logger, pino } from 'pino'

export type Log = Logger

export function createLog(options: { level: string; file?: string }): Log {
  const destination = options.file
    ? pino.destination({ dest: options.file, append: true, mkdir: true, mode: 0o600, sync: false })
    : pino.destination({ dest: 2, sync: true })
  return pino(
    { level: options.level, base: { pid: process.pid }, redact: ['token', '*.token', 'authorization'] },
    destination,
  )
}

export function silentLog(): Log {
  return pino({ level: 'silent' })
}
