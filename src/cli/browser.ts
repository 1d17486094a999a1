/** An address in the person's browser, where there is a desktop. */
import { spawn } from 'node:child_process'

/** False where there is none, or it could not be opened: the address is enough then. */
export function openAddress(address: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const opener = process.platform === 'darwin' ? 'open' : env.DISPLAY || env.WAYLAND_DISPLAY ? 'xdg-open' : undefined
  if (opener === undefined) return Promise.resolve(false)
  return new Promise(resolve => {
    const child = spawn(opener, [address], { stdio: 'ignore', detached: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => resolve(true))
    child.unref()
  })
}
