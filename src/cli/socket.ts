/** Whether a daemon is there, and the connection that was made to find out. */
import { createConnection, type Socket } from 'node:net'

/** A connection to the daemon, or undefined when nobody listens. */
export function reach(socket: string): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const connection = createConnection(socket)
    connection.once('connect', () => resolve(connection))
    connection.once('error', () => resolve(undefined))
  })
}

export async function answers(socket: string): Promise<boolean> {
  const connection = await reach(socket)
  connection?.destroy()
  return connection !== undefined
}
