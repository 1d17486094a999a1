/** Imported for what it does: a shell that outlives this process cleans up after it, also when it is killed. `AGENCY_TEST_KEEP`: nothing is. */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { packageRoot } from '../src/config/workspace.ts'

if (!process.env.AGENCY_TEST_KEEP) {
  const agency = join(packageRoot, 'bin', 'agency.js')
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(AGENCY_|TMUX$|TMUX_PANE)/.test(key)))
  // A group of its own: the Ctrl-C that ends the tests is not for it.
  const shell = spawn(
    '/bin/sh',
    [join(packageRoot, 'test', 'reap.sh'), String(process.pid), process.execPath, agency],
    {
      detached: true,
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  )
  shell.unref()
  const end = shell.stdin as Socket
  end.unref()
}
