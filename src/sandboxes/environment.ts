/** What a sandbox's programs see of the environment: where to listen, what to talk to, and nothing of ours. */
import { join } from 'node:path'
import type { Sandbox } from '../model/sandbox.ts'
import type { SandboxPlaces } from './places.ts'

const OURS =
  /^(AGENCY_|TMUX|GIT_|SSH_|XDG_RUNTIME_DIR$|NODE_OPTIONS$|NODE_V8_COVERAGE$)|(TOKEN|SECRET|PASSWORD|API_KEY)/
/** What of the person's own is needed behind the wall. */
const PLAIN = /^(PATH|LANG|LC_[A-Z]+|TZ|TERM)$/

export function environmentOf(
  sandbox: Sandbox,
  places: SandboxPlaces,
  more: {
    readonly person: NodeJS.ProcessEnv
    readonly mark: string
    readonly mockNames: readonly string[]
    readonly databaseUrl: string | undefined
  },
): Record<string, string> {
  const { ports, plan, isolation, commit, branch } = sandbox
  const isWalled = isolation === 'bubblewrap'
  const kept = Object.entries(more.person).filter(([key]) => (isWalled ? PLAIN.test(key) : !OURS.test(key)))
  const mockUrl = `http://127.0.0.1:${ports.mocks}`
  const file = join(places.data, 'app.sqlite')
  return {
    ...(Object.fromEntries(kept.filter(([, value]) => value !== undefined)) as Record<string, string>),
    ...(isWalled ? { HOME: join(places.data, 'home') } : {}),
    TMPDIR: places.tmp,
    CI: 'true',
    GIT_TERMINAL_PROMPT: '0',
    HOST: '127.0.0.1',
    PORT: String(ports.app),
    APP_URL: `http://127.0.0.1:${ports.app}`,
    MOCK_URL: mockUrl,
    ...Object.fromEntries(more.mockNames.map(name => [name, mockUrl])),
    ...(plan.database === 'sqlite' ? { SQLITE_FILE: file, DATABASE_URL: `sqlite://${file}` } : {}),
    ...(more.databaseUrl === undefined ? {} : { DATABASE_URL: more.databaseUrl }),
    ...plan.env,
    SANDBOX_COMMIT: commit,
    ...(branch === undefined ? {} : { SANDBOX_BRANCH: branch }),
    // By this its processes are found, wherever they have gone.
    AGENCY_SANDBOX: more.mark,
  }
}
