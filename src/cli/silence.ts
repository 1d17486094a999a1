/** A request may take as long as it takes, while its daemon answers others: one that takes connections and answers nobody is stuck. */
import { createConnection } from 'node:net'
import { AgencyError } from '../kernel/errors.ts'

export interface Patience {
  /** How long a request is waited for before the daemon is asked anything else, and how long between two askings. */
  readonly lookAfterMs: number
  /** A daemon that gives no sign for so long is stuck, however busy the machine is. */
  readonly silentAfterMs: number
}

export interface Daemon {
  readonly socket: string
  /** Held open by its process for as long as that lives. */
  readonly ownerFile: string
}

const PATIENCE: Patience = { lookAfterMs: 10_000, silentAfterMs: 20_000 }

/** What comes of `work`; AgencyError('TIMED_OUT') once the daemon on the socket answers nothing at all. */
export async function unlessSilent<T>(daemon: Daemon, work: Promise<T>, patience = PATIENCE): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const silence = new Promise<never>((_, reject) => {
    const look = async () => {
      const isAwake = await givesSign(daemon.socket, patience.silentAfterMs)
      if (isOver) return
      if (isAwake) timer = setTimeout(look, patience.lookAfterMs)
      else reject(silent(daemon, patience))
    }
    timer = setTimeout(look, patience.lookAfterMs)
  })
  try {
    return await Promise.race([work, silence])
  } finally {
    isOver = true
    clearTimeout(timer)
  }
}

/** Any word counts, a refusal too; so does that nobody is there any more: the request itself will tell. */
function givesSign(socket: string, withinMs: number): Promise<boolean> {
  return new Promise(resolve => {
    const connection = createConnection(socket, () =>
      connection.write('GET /v1/hello HTTP/1.1\r\nhost: agency\r\nconnection: close\r\n\r\n'),
    )
    const end = (isAwake: boolean) => {
      clearTimeout(timer)
      connection.destroy()
      resolve(isAwake)
    }
    const timer = setTimeout(() => end(false), withinMs)
    connection
      .once('data', () => end(true))
      .once('error', () => end(true))
      .once('close', () => end(true))
  })
}

function silent({ ownerFile }: Daemon, { lookAfterMs, silentAfterMs }: Patience): AgencyError {
  const seconds = Math.round((lookAfterMs + silentAfterMs) / 1000)
  return new AgencyError(
    'TIMED_OUT',
    `the daemon is there, and has answered nothing for ${seconds} s: it is stopped or stuck`,
    {
      hint: `fuser '${ownerFile}'   shows its process: end it, and the next command starts another. Agents go on, nothing is lost`,
    },
  )
}
