/** What every part stands on: folders, store, roster, tokens, terminal, drivers, git, time and log. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gitWith } from '../agencies/git.ts'
import { Roster } from '../agencies/roster.ts'
import { Tokens } from '../agencies/tokens.ts'
import type { Settings } from '../config/settings.ts'
import { packageRoot, type Workspace } from '../config/workspace.ts'
import { profileDrivers } from '../drivers/profile.ts'
import { systemClock } from '../kernel/clock.ts'
import type { AgencyError } from '../kernel/errors.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import type { Log } from '../kernel/log.ts'
import type { Scope } from '../kernel/scope.ts'
import { openStore } from '../storage/engines.ts'
import { runFolder } from '../supervisor/runFolder.ts'
import { RunWatch } from '../supervisor/runWatch.ts'
import { openTerminal } from './terminal.ts'

export interface ComposeOptions {
  readonly version: string
  readonly settings: Settings
  readonly env: NodeJS.ProcessEnv
  readonly log: Log
  readonly reopenLog: () => void
  /** File mode mask of the person. */
  readonly umask: number
  /** The store is lost: whatever was acknowledged is on disk, and only another daemon can open it again. */
  readonly onLost: (error: AgencyError) => void
}

export type Ground = Awaited<ReturnType<typeof layGround>>

export async function layGround(workspace: Workspace, options: ComposeOptions, scope: Scope) {
  const { settings, env, log, umask, onLost } = options
  for (const folder of [workspace.registry, workspace.run, workspace.mail, workspace.isolated, workspace.door])
    await mkdir(folder, { recursive: true, mode: 0o700 })
  const store = scope.use(
    await openStore({
      engine: 'sqlite',
      file: workspace.storeFile,
      workerFile: join(packageRoot, 'dist', 'sqlite-worker.js'),
      onLost,
    }),
    'store',
    opened => opened[Symbol.asyncDispose](),
  )
  const tokens = new Tokens(workspace)
  await tokens.load()
  const roster = new Roster(store)
  await roster.load()
  const terminal = await openTerminal({ workspace, settings, store, roster, log, umask }, scope)
  return {
    ...options,
    ...{ workspace, store, tokens, roster, terminal },
    clock: systemClock(),
    git: gitWith(umask, { workspace }),
    drivers: openDrivers(workspace, env),
    runs: scope.use(new RunWatch(workspace), 'run folders', opened => opened.close()),
    runFolder: (address: string) => runFolder(workspace, address),
    /** One hand at each agent: held while something is handed over to it. */
    hands: new KeyedLock(),
  }
}

function openDrivers(workspace: Workspace, env: NodeJS.ProcessEnv) {
  return profileDrivers([join(workspace.templates, 'drivers'), join(packageRoot, 'templates', 'drivers')], {
    node: process.execPath,
    package: packageRoot,
    hook: join(packageRoot, 'bin', 'hook.sh'),
    shell: env.SHELL ?? '/bin/sh',
    agencyBin: join(packageRoot, 'bin', 'agency.js'),
  })
}
