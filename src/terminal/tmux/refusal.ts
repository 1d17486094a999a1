/** What tmux says when it refuses a command, as errors of ours. */
import { AgencyError, type ErrorCode } from '../../kernel/errors.ts'
import type { Command } from './quote.ts'

const REASONS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(can't find|no such) pane/, 'PANE_GONE'],
  [/^(can't find|no such) (session|window)/, 'NOT_FOUND'],
  [/^duplicate session/, 'CONFLICT'],
]

/** Names the subcommand only: its arguments may hold a token. */
export function refusal(command: Command, lines: readonly string[]): AgencyError {
  const reason = lines.join(' ').trim() || 'no reason given'
  const code = REASONS.find(([pattern]) => pattern.test(reason))?.[1] ?? 'TMUX'
  return new AgencyError(code, `tmux ${command[0]}: ${reason}`, { hint: 'agency doctor' })
}

export function serverGone(): AgencyError {
  return new AgencyError('TMUX', 'the tmux server is gone', { hint: 'agency up' })
}
