/** How far an agent's program is kept from everything that is not its own: what agency.json says of it. */
import { z } from 'zod'
import type { IsolationLevel } from './sandbox.ts'

const place = z
  .string()
  .regex(/^(\/|~\/)[^\u0000-\u001f]+$/, 'is a whole path, such as ~/tools or /opt/data')
  .refine(path => !/(^|\/)\.\.?(\/|$)/.test(path), 'must not lead upward')

const level = z.enum(['none', 'bubblewrap'])

/** A level alone, or with what is to be seen behind the wall beside what the agent needs to work at all. */
export const isolationSchema = z.union([
  level,
  z.strictObject({
    level,
    /** False: its own loopback and nothing else. A model that is reached over the network is out of reach then. */
    network: z.boolean().default(true),
    readable: z.array(place).max(50).default([]),
    writable: z.array(place).max(50).default([]),
    /** Names of variables of your environment that its program gets; `NAME_*` is all that begin so. */
    environment: z
      .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*\*?$/, 'is the name of a variable, or NAME_*'))
      .max(50)
      .default([]),
  }),
])
export type IsolationWish = z.infer<typeof isolationSchema>

export interface Isolation {
  readonly level: IsolationLevel
  readonly network: boolean
  readonly readable: readonly string[]
  readonly writable: readonly string[]
  readonly environment: readonly string[]
}

export function readIsolation(wish: IsolationWish | undefined): Isolation {
  const plain = { network: true, readable: [], writable: [], environment: [] }
  return typeof wish === 'object' ? wish : { level: wish ?? 'none', ...plain }
}

/** What of the person's environment every program needs, and nothing that opens a door: no SSH_AUTH_SOCK, no DBUS_*, no TMUX. */
export const PLAIN_ENVIRONMENT: readonly string[] = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'LC_*', 'TZ', 'TERM', 'COLORTERM', 'NO_COLOR'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'EDITOR', 'PAGER'],
]

/** In the words of status, explain and doctor. */
export function sayIsolation({ level, network }: Pick<Isolation, 'level'> & Partial<Isolation>): string {
  if (level === 'none') return 'cooperative'
  return network === undefined ? 'isolated' : `isolated by bubblewrap, ${network ? 'with' : 'without'} the network`
}
