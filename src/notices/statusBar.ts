/** The status bar and the bell of whoever looks at tmux: our sessions and the person's own, never those of another workspace. */
import type { SessionId } from '../terminal/terminal.ts'
import type { NoticeParts, Told, Way } from './parts.ts'

type Parts = Pick<NoticeParts, 'terminal' | 'workspace'>

export function statusBarWay(parts: Parts): Way {
  return {
    name: 'tmux',
    isHeldInQuiet: false,
    isRetried: false,
    check: () => whoLooks(parts),
    tell: async ({ title }) => seenBy(await parts.terminal.notify(await sessionsOf(parts), `agency: ${title}`)),
  }
}

export function bellWay(parts: Parts): Way {
  return {
    name: 'bell',
    isHeldInQuiet: true,
    isRetried: false,
    check: () => whoLooks(parts),
    async tell({ title, isSummary }) {
      const sessions = await sessionsOf(parts)
      // The line of what was held has long gone from the status bar.
      if (isSummary) await parts.terminal.notify(sessions, `agency: ${title}`)
      return seenBy(await parts.terminal.ringBell(sessions))
    },
  }
}

async function sessionsOf({ terminal, workspace }: Parts): Promise<readonly SessionId[]> {
  const { sessions } = await terminal.snapshot()
  return sessions.filter(({ workspace: of }) => of === '' || of === workspace.hash).map(({ id }) => id)
}

async function whoLooks(parts: Parts): Promise<{ isThere: boolean; detail: string }> {
  try {
    const sessions = await sessionsOf(parts)
    return {
      isThere: true,
      detail: `${sessions.length} tmux ${sessions.length === 1 ? 'session' : 'sessions'} to look at`,
    }
  } catch {
    return { isThere: false, detail: 'no tmux server runs' }
  }
}

function seenBy(clients: number): Told {
  if (clients === 0) return { outcome: 'skipped', detail: 'nobody looks at a tmux session' }
  return { outcome: 'sent', detail: `${clients} attached ${clients === 1 ? 'client' : 'clients'}` }
}
