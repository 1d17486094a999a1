/** The hidden session that our one control client sits in, so that it never sits in a team's. */
import { sleep } from '../../kernel/abort.ts'
import { AgencyError } from '../../kernel/errors.ts'
import { Channel, type ChannelOptions } from './channel.ts'

const PREFIX = 'agency-keeper-'
/** Reads and forgets, costs nothing, and neither Ctrl-C nor Ctrl-D of somebody who looked in ends it. It ends with its tty. */
export const IDLE_PROGRAM = ['sh', '-c', 'trap "" INT QUIT TSTP; stty raw -echo; exec cat >/dev/null'] as const

/** A dying server takes new clients for a moment and drops them: 39 of 60 single tries right after kill-server failed, with these none of 60. */
const RETRY_FOR_MS = 5000
const RETRY_EVERY_MS = 25

export interface KeeperOptions extends Omit<ChannelOptions, 'args'> {
  readonly serverArgs: readonly string[]
  /** Hash of the workspace: one name for two daemons would make each detach the other. */
  readonly keeper: string
  /** False: attach to a server that runs, at the first try or not at all. */
  readonly mayStart?: boolean
}

export function keeperName(keeper: string): string {
  return `${PREFIX}${keeper}`
}

export function isKeeper(sessionName: string): boolean {
  return sessionName.startsWith(PREFIX)
}

export interface Attached {
  readonly channel: Channel
  readonly serverPid: number
  readonly version: string
}

/** Starts the server when there is none, makes the keeper session when there is none, and attaches to it. */
export async function attachKeeper(options: KeeperOptions, signal?: AbortSignal): Promise<Attached> {
  const end = performance.now() + RETRY_FOR_MS
  for (;;) {
    try {
      return await tryToAttach(options, signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (options.mayStart === false || performance.now() > end || isHopeless(error)) throw error
      await sleep(RETRY_EVERY_MS, signal)
    }
  }
}

async function tryToAttach(options: KeeperOptions, signal?: AbortSignal): Promise<Attached> {
  let isAttached = false
  const onLost = (reason: string) => {
    if (isAttached) options.onLost(reason)
  }
  const channel = await Channel.open({ ...options, onLost, args: clientArgs(options) }, signal)
  try {
    const keeper = `=${keeperName(options.keeper)}:`
    const [, , lines] = await channel.runSequence([
      // The person's tmux.conf may say otherwise: our client would move into a session of theirs, or the keeper would go with us.
      ['set-option', '-t', keeper, 'detach-on-destroy', 'on'],
      ['set-option', '-t', keeper, 'destroy-unattached', 'off'],
      ['display-message', '-p', '#{pid} #{version}'],
    ])
    const [pid, version] = lines![0]!.split(' ')
    isAttached = true
    return { channel, serverPid: Number(pid), version: version! }
  } catch (error) {
    await channel.close()
    throw error
  }
}

function clientArgs({ serverArgs, keeper, mayStart }: KeeperOptions): string[] {
  const session = ['-A', '-D', '-E', '-s', keeperName(keeper), '-n', 'keeper', '-c', '/', '-x', '80', '-y', '24']
  // -u: without it a client in the C locale gets every character over 127 as an underscore.
  return [
    ...serverArgs,
    ...(mayStart === false ? ['-N'] : []),
    '-u',
    '-C',
    'new-session',
    ...session,
    '-f',
    'no-output,ignore-size',
    ...IDLE_PROGRAM,
  ]
}

function isHopeless(error: unknown): boolean {
  return (
    error instanceof AgencyError && /permission denied|not permitted|too long|no answer|ENOENT/i.test(error.message)
  )
}
