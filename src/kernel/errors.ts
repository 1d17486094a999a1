/** The one error class, and the one table that ties each code to an exit code and an HTTP status. */
import { dirname } from 'node:path'

const CODES = {
  BUG: { exit: 1, http: 500 },
  USAGE: { exit: 2, http: 400 },
  BAD_NAME: { exit: 2, http: 400 },
  BAD_MESSAGE: { exit: 2, http: 400 },
  BAD_DEFINITION: { exit: 2, http: 422 },
  TOO_LARGE: { exit: 2, http: 413 },
  NOT_FOUND: { exit: 3, http: 404 },
  NO_WORKSPACE: { exit: 3, http: 404 },
  CONFLICT: { exit: 4, http: 409 },
  HELD: { exit: 4, http: 409 },
  UNSAVED_WORK: { exit: 4, http: 409 },
  NEWER_STORE: { exit: 4, http: 409 },
  NOT_ALLOWED: { exit: 5, http: 403 },
  NO_TOKEN: { exit: 5, http: 401 },
  NOT_DELIVERED: { exit: 6, http: 502 },
  UNKNOWN_OUTCOME: { exit: 6, http: 502 },
  PANE_GONE: { exit: 6, http: 502 },
  TIMED_OUT: { exit: 7, http: 504 },
  NO_DAEMON: { exit: 8, http: 503 },
  TMUX: { exit: 8, http: 503 },
  GIT: { exit: 8, http: 503 },
  DISK: { exit: 8, http: 507 },
  STORE_DAMAGED: { exit: 8, http: 503 },
  ENVIRONMENT: { exit: 8, http: 503 },
} as const

export type ErrorCode = keyof typeof CODES

export interface ErrorDocument {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
}

/** What happened to which thing (`message`), and what to type next (`hint`). Expected failures only: our mistakes are plain Errors. */
export class AgencyError extends Error {
  override readonly name = 'AgencyError'
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
  }

  /** Known by its name: the bundles of `send` and of the other verbs each carry a copy of this class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Object && (value as Error).name === 'AgencyError' && 'exitCode' in value
  }

  get exitCode(): number {
    return CODES[this.code].exit
  }

  get httpStatus(): number {
    return CODES[this.code].http
  }

  toDocument(): ErrorDocument {
    return { code: this.code, message: brief(this.message), ...(this.hint ? { hint: brief(this.hint) } : {}) }
  }
}

/** An error may quote what somebody gave us, of whatever length. */
const MOST_SAID = 10_000

function brief(text: string): string {
  return text.length <= MOST_SAID ? text : `${text.slice(0, MOST_SAID)}…`
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(CODES, value)
}

/** Rebuilds an error that crossed the socket. An unknown code is a bug of the other side. */
export function fromDocument(document: { code?: unknown; message?: unknown; hint?: unknown }): AgencyError {
  const code = isErrorCode(document.code) ? document.code : 'BUG'
  const hint = typeof document.hint === 'string' ? document.hint : undefined
  return new AgencyError(code, String(document.message ?? 'unknown error'), hint ? { hint } : {})
}

/** What no program can mend by itself: rights, kinds of file that are not as they are needed, too many of something. */
const REFUSED: ReadonlySet<unknown> = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'],
  ...['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'EIO'],
])

/** What to type next where the system itself refused a call. */
function refusalOfSystem(thrown: unknown): string | undefined {
  const { code, syscall, path } = (thrown ?? {}) as NodeJS.ErrnoException
  if (syscall === 'uv_cwd') return 'cd ~   the folder in which this was typed is gone'
  if (syscall === undefined || !REFUSED.has(code)) return undefined
  return path === undefined ? 'agency doctor' : `ls -la ${dirname(path)}`
}

/** What the outside sees of any thrown value: expected failures as they are, everything else as a bug of ours. */
export function toAgencyError(thrown: unknown): AgencyError {
  if (thrown instanceof AgencyError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AgencyError('DISK', message, { hint: 'free some space, then try again: df -h', cause: thrown })
  const refusal = refusalOfSystem(thrown)
  if (refusal) return new AgencyError('ENVIRONMENT', message, { hint: refusal, cause: thrown })
  return new AgencyError('BUG', message, { hint: 'agency doctor   (and please report it)', cause: thrown })
}
