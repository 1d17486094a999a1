/** The daemon's process: one per workspace, owner of the store. It may die at any time; the next one takes up where it was. */
import { setMaxListeners } from 'node:events'
import { mkdirSync } from 'node:fs'
import { compose } from './compose.ts'
import { readSettings } from './config/settings.ts'
import { doorSocket, findWorkspace } from './config/workspace.ts'
import { serve } from './http/server.ts'
import { type AgencyError, toAgencyError } from './kernel/errors.ts'
import { openLog } from './kernel/log.ts'
import { startLoop } from './kernel/loop.ts'
import { version } from './kernel/version.ts'
import { holdOwnership } from './storage/sqlite/guard.ts'

const FLUSH_MS = 1_000
const OWNERSHIP_MS = 5_000

async function main(): Promise<void> {
  // What the daemon writes is for its owner alone; what agents write follows the person's own mask.
  const umask = process.umask(0o077)
  const workspace = findWorkspace({ flag: process.argv[2], cwd: process.cwd(), env: {} })
  mkdirSync(workspace.registry, { recursive: true, mode: 0o700 })
  const owner = holdOwnership(workspace.ownerFile)
  const settings = await readSettings(workspace.settingsFile, process.env)
  const { log, reopen: reopenLog } = openLog({ level: settings.log, file: workspace.logFile })
  const end = new AbortController()
  // Every loop, lane and open request listens for the end.
  setMaxListeners(0, end.signal)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end.abort())
  process.on('SIGHUP', () => {})
  const die = (error: Error, why: string, exitCode: number) => {
    log.fatal({ err: error }, `the daemon ends: ${why}`)
    // A disk that takes nothing may never say that the line is written.
    setTimeout(() => process.exit(exitCode), FLUSH_MS)
    log.flush(() => process.exit(exitCode))
  }
  // Its registry was taken away under it: with whoever owns the next one it would fight for the agents.
  const giveUpWhenLost = async () => {
    if (owner.isLost()) die(new Error(`${workspace.ownerFile} is not the one that it holds`), 'its registry is gone', 8)
  }
  startLoop('ownership', giveUpWhenLost, { everyMs: OWNERSHIP_MS, log, signal: end.signal })
  process.on('uncaughtException', error => die(error, 'a mistake of ours', 1))
  try {
    const onLost = (error: AgencyError) => die(error, 'its store is lost', error.exitCode)
    await using composed = await compose(workspace, {
      version,
      settings,
      env: process.env,
      log,
      reopenLog,
      umask,
      onLost,
    })
    await composed.recover()
    const running = composed.run(end.signal)
    await using _server = await serve({
      app: composed.app,
      socket: workspace.socket,
      door: doorSocket(workspace.door),
      log,
      signal: end.signal,
      shutDown: () => setTimeout(() => end.abort(), 20),
    })
    log.info({ version, socket: workspace.socket }, 'the daemon is up')
    await running
    log.info('the daemon ends')
  } finally {
    owner.release()
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    // Another daemon owns the workspace: this one was not needed. Whoever started it reads the reason on stderr.
    const known = toAgencyError(error)
    const stack = known.code === 'BUG' && error instanceof Error ? error.stack : undefined
    process.stderr.write(`${JSON.stringify({ error: known.toDocument(), stack })}\n`)
    process.exit(known.exitCode)
  },
)
