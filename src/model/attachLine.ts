/** What a person types to see a session of the tmux server that agencies run in. Pure. */
export function attachLine(session: string, socket: string | undefined): string {
  return `tmux ${socket === undefined ? '' : `-L ${socket} `}attach -t ${session}`
}
