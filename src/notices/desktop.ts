/** The desktop, where there is one: notify-send on Linux, osascript on macOS. */
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Telling, Told, Way } from './parts.ts'

const SHOWN = 5
const TIMEOUT_MS = 5_000
/** Given as arguments, so that no word is read as a script. */
const SCRIPT = ['on run argv', 'display notification (item 2 of argv) with title (item 1 of argv)', 'end run']

export function desktopWay(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): Way {
  return {
    name: 'desktop',
    isHeldInQuiet: true,
    isRetried: false,
    async check() {
      const found = await findDesktop(env, platform)
      return 'why' in found ? { isThere: false, detail: found.why } : { isThere: true, detail: found.program }
    },
    async tell(telling, signal) {
      const found = await findDesktop(env, platform)
      if ('why' in found) return { outcome: 'skipped', detail: found.why }
      return show(found, telling, env, signal)
    },
  }
}

interface Desktop {
  readonly program: string
  readonly bus?: string
}

async function findDesktop(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Promise<Desktop | { why: string }> {
  if (platform === 'darwin') return { program: 'osascript' }
  if (platform !== 'linux') return { why: `no desktop notices are known on ${platform}` }
  const bus = env.DBUS_SESSION_BUS_ADDRESS ?? (await userBus(env))
  if (!bus && !env.DISPLAY && !env.WAYLAND_DISPLAY)
    return { why: 'the daemon was started outside of a desktop session (no session bus, no DISPLAY)' }
  if (!(await isOnPath('notify-send', env)))
    return { why: 'notify-send is not installed (apt-get install libnotify-bin)' }
  return { program: 'notify-send', ...(bus ? { bus } : {}) }
}

/** Where systemd keeps it, also for a daemon that was started over ssh. */
async function userBus({ XDG_RUNTIME_DIR: folder }: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (!folder) return undefined
  const socket = join(folder, 'bus')
  return access(socket).then(
    () => `unix:path=${socket}`,
    () => undefined,
  )
}

async function isOnPath(program: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean))
    if (
      await access(join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return true
  return false
}

async function show(desktop: Desktop, telling: Telling, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Told> {
  const { program, bus } = desktop
  const environment = { ...env, ...(bus ? { DBUS_SESSION_BUS_ADDRESS: bus } : {}) }
  try {
    await promisify(execFile)(program, argumentsOf(program, telling), { env: environment, timeout: TIMEOUT_MS, signal })
    return { outcome: 'sent', detail: `shown by ${program}` }
  } catch (error) {
    const { code, stderr, killed } = error as { code?: unknown; stderr?: string; killed?: boolean }
    const why = killed ? `did not end within ${TIMEOUT_MS / 1000} s` : `ended with ${String(code)}`
    return { outcome: 'failed', detail: `${program} ${why}${stderr ? `: ${stderr.trim().slice(0, 200)}` : ''}` }
  }
}

function argumentsOf(program: string, telling: Telling): readonly string[] {
  const { isUrgent, title, items } = telling
  const more = items.length > SHOWN ? [`and ${items.length - SHOWN} more`] : []
  const body = [...items.slice(0, SHOWN).map(({ text }) => text), ...more].join('\n')
  if (program === 'osascript') return [...SCRIPT.flatMap(line => ['-e', line]), `Agency: ${title}`, body]
  // Its body is read as markup.
  const plain = body.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return ['--app-name=Agency', `--urgency=${isUrgent ? 'critical' : 'normal'}`, '--', `Agency: ${title}`, plain]
}
