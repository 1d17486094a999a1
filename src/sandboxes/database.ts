/** A sandbox's own database: a fresh SQLite file needs nothing, and a PostgreSQL server gives one database and one role. */
import { randomBytes } from 'node:crypto'
import { execa } from 'execa'
import { AgencyError } from '../kernel/errors.ts'
import { shortId } from '../kernel/ids.ts'
import type { Sandbox } from '../model/sandbox.ts'

const PSQL_MS = 30_000

export interface OwnDatabase {
  /** As the programs get it. */
  readonly url: string
  /** Where its server listens. */
  readonly server: { readonly host: string; readonly port: number } | { readonly path: string }
}

/** `insidePort`: where the server is reached behind the wall; undefined where there is no wall. */
export async function createDatabase(
  admin: string,
  sandbox: Sandbox,
  insidePort: number | undefined,
): Promise<OwnDatabase> {
  const name = nameOf(sandbox)
  const password = randomBytes(18).toString('hex')
  await psql(admin, [
    `create role ${name} login password '${password}'`,
    // A role that is no superuser may give a database only to a role that it is a member of.
    `grant ${name} to current_user`,
    `create database ${name} owner ${name}`,
    `revoke connect on database ${name} from public`,
  ])
  const server = serverOf(admin)
  const inside = insidePort === undefined ? server : { host: '127.0.0.1', port: insidePort }
  const url =
    'path' in inside
      ? `postgresql://${name}:${password}@/${name}?host=${encodeURIComponent(inside.path.replace(/\/\.s\.PGSQL\.\d+$/, ''))}&port=${inside.path.split('.').at(-1)}`
      : `postgresql://${name}:${password}@${inside.host}:${inside.port}/${name}`
  return { url, server }
}

/** Also what is left of one that was made half. */
export async function dropDatabase(admin: string, sandbox: Sandbox): Promise<void> {
  const name = nameOf(sandbox)
  await psql(admin, [`drop database if exists ${name} with (force)`, `drop role if exists ${name}`])
}

function nameOf({ id }: Sandbox): string {
  return `agency_sandbox_${shortId(id)}`
}

function serverOf(admin: string): OwnDatabase['server'] {
  const url = new URL(admin)
  const port = Number(url.port || url.searchParams.get('port') || 5432)
  const folder = url.searchParams.get('host')
  if (folder?.startsWith('/')) return { path: `${folder}/.s.PGSQL.${port}` }
  return { host: (folder ?? url.hostname) || '127.0.0.1', port }
}

async function psql(admin: string, statements: readonly string[]): Promise<void> {
  // The address may hold a password, and the words of a process are for everybody to read.
  const script = ['\\set ON_ERROR_STOP on', ...statements.map(statement => `${statement};`)].join('\n')
  const url = new URL(admin)
  const password = decodeURIComponent(url.password)
  url.password = ''
  const done = await execa('psql', ['--no-psqlrc', '--quiet', '--dbname', url.href], {
    input: script,
    env: { PGCONNECT_TIMEOUT: '5', ...(password === '' ? {} : { PGPASSWORD: password }) },
    reject: false,
    timeout: PSQL_MS,
  })
  if (!done.failed) return
  const isMissing = done.code === 'ENOENT'
  const said = String(done.stderr || done.shortMessage)
    .trim()
    .split('\n')
    .at(-1)
  throw new AgencyError('ENVIRONMENT', isMissing ? 'psql is not installed' : `the database of the sandbox: ${said}`, {
    hint: isMissing ? 'apt-get install postgresql-client' : `psql ${url.href}   or "database": "sqlite" in agency.json`,
  })
}
