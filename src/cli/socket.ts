/** Whether a daemon is there, and the connection that was made to find out. */
import { createConnection, type Socket } from 'node:net'
import { AgencyError } from '../kernel/errors.ts'

/** A connection to the daemon, or undefined when nobody listens. AgencyError('NO_DAEMON') where this process may not even ask. */
export function reach(socket: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(socket)
    connection.once('connect', () => resolve(connection))
    connection.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPERM' ? reject(forbidden(error)) : resolve(undefined),
    )
  })
}

/** A daemon that is started from within a sandbox would find the owner there, or nothing that it may write. */
function forbidden(cause: Error): AgencyError {
  return new AgencyError('NO_DAEMON', 'the sandbox around this command does not let it speak to the daemon (EPERM)', {
    hint: 'run the same command outside of the sandbox: ask the person to allow it',
    cause,
  })
}

export async function answers(socket: string): Promise<boolean> {
  const connection = await reach(socket)
  connection?.destroy()
  return connection !== undefined
}
