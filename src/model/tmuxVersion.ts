/** Which tmux is new enough. */

/** The first with client flags (`no-output`, `ignore-size`) and `new-session -e`. */
const OLDEST = { major: 3, minor: 2 }

/** `3.3a`, `next-3.5`; `master` and `openbsd-7.4` carry no number of tmux and are newer than what we need. */
export function isNewEnough(version: string): boolean {
  const [, major, minor] = /^(?:next-)?(\d+)\.(\d+)/.exec(version) ?? []
  if (major === undefined) return true
  return Number(major) > OLDEST.major || (Number(major) === OLDEST.major && Number(minor) >= OLDEST.minor)
}
