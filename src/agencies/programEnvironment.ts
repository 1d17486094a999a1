/** The environment of programs that the daemon starts for an agent: checks, and what sets a worktree up. */

const OURS = /^(AGENCY_|TMUX|GIT_DIR$|GIT_WORK_TREE$|GIT_INDEX)/

/**
 * The person's own without anything of the daemon's. Whatever runs in it is an agent's code, and speaks for nobody: an
 * `agency` in it finds no token, and is never taken for the person.
 */
export function programEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(([key]) => !OURS.test(key))
  const own = kept.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
  return { ...Object.fromEntries(own), ...VOICELESS, ...more }
}

/** In a pane, and without its token: refused by every verb that speaks. */
export const VOICELESS = { AGENCY_AGENT: 'nobody', AGENCY_TOKEN_FILE: '' } as const
