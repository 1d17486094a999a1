/** Whether a daemon is there. */
import { createConnection } from 'node:net'

/** Whether somebody listens on the socket. */
export function answers(socket: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createConnection(socket)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
