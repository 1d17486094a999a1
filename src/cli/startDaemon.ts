/** Starts the workspace's daemon, once however many commands want it at the same moment. */
import { spawn } from 'node:child_process'
import { mkdirSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tryLock } from '../config/fileLock.ts'
import { packageRoot, type Workspace } from '../config/workspace.ts'
import { until } from '../kernel/abort.ts'
import { AgencyError, fromDocument } from '../kernel/errors.ts'
import { parseJson } from '../kernel/json.ts'
import { answers } from './socket.ts'

/** While its process lives it is coming up, however busy the machine is. */
const START_TIMEOUT_MS = 60_000
/** Whoever waits for the starts of others, of which each may fail, has waited long enough then. */
const OTHERS_TIMEOUT_MS = 90_000
/** A daemon that is being restarted is back within this. */
const RESTART_MS = 2_000
/** How often those look who wait for another's start: a hundred of them must not take the time from it. */
const OTHERS_LOOK_EVERY_MS = 100

/** AgencyError('NO_DAEMON') when it does not come up; also where only others start it, again and again. */
export async function startDaemon(
  workspace: Workspace,
  env: NodeJS.ProcessEnv,
  { othersMs = OTHERS_TIMEOUT_MS }: { othersMs?: number } = {},
): Promise<void> {
  if (env.AGENCY_OUTBOX) return awaitDaemon(workspace)
  mkdirSync(workspace.registry, { recursive: true, mode: 0o700 })
  const lockfilePath = join(workspace.registry, 'start.lock')
  const giveUpAt = performance.now() + othersMs
  do {
    const release = await tryLock({ folder: workspace.registry, lockfilePath, staleMs: 10_000 })
    if (release) return startOnce(workspace, env, release)
    // Another command is starting it; should that one die, its lock grows stale and this one takes over.
    const timeoutMs = Math.min(12_000, othersMs)
    if (await until(() => answers(workspace.socket), { timeoutMs, everyMs: OTHERS_LOOK_EVERY_MS })) return
  } while (performance.now() < giveUpAt)
  throw new AgencyError(
    'NO_DAEMON',
    `other commands have been starting the daemon for ${Math.round(othersMs / 1000)} s, and it did not come up`,
    { hint: `cat ${join(workspace.registry, 'start.log')} ${workspace.logFile}` },
  )
}

async function startOnce(workspace: Workspace, env: NodeJS.ProcessEnv, release: () => Promise<void>): Promise<void> {
  try {
    if (await answers(workspace.socket)) return
    await launch(workspace, env)
  } finally {
    await release().catch(() => undefined)
  }
}

/** A daemon behind the wall would have a store of its own, and call durable what is gone with its program: the next one outside is waited for. */
async function awaitDaemon({ socket }: Workspace): Promise<void> {
  if (await until(() => answers(socket), { timeoutMs: RESTART_MS, everyMs: OTHERS_LOOK_EVERY_MS })) return
  throw new AgencyError('NO_DAEMON', 'no daemon runs, and none can be started from behind a wall', {
    hint: '"$AGENCY_BIN" send, reply, task done and task block   leave what is said, and it goes when the person has one running again',
  })
}

async function launch(workspace: Workspace, env: NodeJS.ProcessEnv): Promise<void> {
  const startLog = join(workspace.registry, 'start.log')
  const errors = openSync(startLog, 'w', 0o600)
  // In no pane, for no agent: what the daemon starts must not inherit the place of whoever came first.
  const {
    AGENCY_AGENT: _,
    AGENCY_TOKEN_FILE: __,
    AGENCY_RUN: ___,
    AGENCY_EVENTS: ____,
    TMUX: _____,
    TMUX_PANE: ______,
    ...clean
  } = env
  const child = spawn(process.execPath, [join(packageRoot, 'dist', 'daemon.js'), workspace.root], {
    detached: true,
    stdio: ['ignore', 'ignore', errors],
    cwd: workspace.root,
    env: clean,
  })
  let status: number | undefined
  child.once('exit', code => {
    status = code ?? 1
  })
  child.unref()
  const isUp = await until(async () => (status === undefined ? answers(workspace.socket) : 'ended'), {
    timeoutMs: START_TIMEOUT_MS,
    everyMs: 10,
  })
  if (isUp === true) return
  const said = parseJson((await readFile(startLog, 'utf8').catch(() => '')).trim().split('\n').at(-1) ?? '')
  const document = said.ok
    ? (said.value as { error?: { code?: string; message?: string; hint?: string } }).error
    : undefined
  // It found another owner: that one is coming up.
  if (
    document?.code === 'CONFLICT' &&
    (await until(() => answers(workspace.socket), { timeoutMs: 5_000, everyMs: OTHERS_LOOK_EVERY_MS }))
  )
    return
  if (document) throw fromDocument(document)
  throw new AgencyError(
    'NO_DAEMON',
    `the daemon did not come up${status === undefined ? ` within ${START_TIMEOUT_MS / 1000} s` : ` (it ended with ${status})`}`,
    { hint: `cat ${startLog} ${workspace.logFile}` },
  )
}
