/** What is run in a sandbox: what agency.json says, and for the rest a guess from the project's own files. */
import { z } from 'zod'

const command = z.string().trim().min(1).max(4000)
const seconds = z.number().positive().max(86_400)

export const sandboxSchema = z.strictObject({
  /** Shell command that starts the program; it listens on 127.0.0.1:$PORT. Empty: there is none. */
  app: z.union([command, z.literal('')]).optional(),
  test: z.union([command, z.literal('')]).optional(),
  /** Run once before the program starts: fills the database that DATABASE_URL names. */
  seed: z.union([command, z.literal('')]).optional(),
  /** Run once in the fresh worktree, such as `npm ci`; it alone may use the network. */
  setup: z.union([command, z.literal('')]).optional(),
  /** Folder of the repository, or one file of it: `*.yaml` and `*.json` with routes for outside services, or OpenAPI documents. */
  mocks: z
    .string()
    .min(1)
    .refine(path => !/^[/~]|(^|\/)\.\.(\/|$)/.test(path), 'must be a path inside the repository, such as mocks')
    .optional(),
  database: z.enum(['sqlite', 'postgres', 'none']).optional(),
  /** Server for `postgres`; the sandbox gets a database of its own there. Else AGENCY_SANDBOX_POSTGRES of the daemon. */
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'is postgres://user@host/database')
    .optional(),
  ready: z.strictObject({ path: z.string().startsWith('/').default('/'), timeout: seconds.default(60) }).optional(),
  /** bubblewrap: refuse where it cannot be had. none: never. Without: where this machine can. */
  isolation: z.enum(['none', 'bubblewrap']).optional(),
  /** Git-ignored folders of the repository that are seen in it, beside those of `worktrees.share`. */
  share: z.array(z.string().min(1)).max(50).optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).optional(),
  /** Seconds that the tests may take, and setup and seed each. */
  timeout: seconds.optional(),
})
export type SandboxWishes = z.infer<typeof sandboxSchema>

export interface SandboxPlan {
  readonly app: string | undefined
  readonly test: string | undefined
  readonly seed: string | undefined
  readonly setup: string | undefined
  readonly mocks: string | undefined
  readonly database: 'sqlite' | 'postgres' | 'none'
  readonly ready: { readonly path: string; readonly timeout: number }
  readonly share: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly timeout: number
}

/** What of a project tells how it is run: texts by file name, and the names in its root. */
export interface ProjectFiles {
  readonly texts: Readonly<Record<string, string>>
  readonly names: ReadonlySet<string>
}

export const TELLING_FILES = ['package.json', 'pyproject.toml', 'requirements.txt', 'go.mod', 'Cargo.toml', 'Makefile']

export const DEFAULT_TIMEOUT_S = 600

/** What is said goes before what is guessed; an empty command means that there is none. */
export function planSandbox(wishes: SandboxWishes | undefined, files: ProjectFiles): SandboxPlan {
  const guess = guessCommands(files)
  const chosen = (said: string | undefined, guessed: string | undefined) =>
    said === undefined ? guessed : said || undefined
  const said = wishes ?? {}
  return {
    app: chosen(said.app, guess.app),
    test: chosen(said.test, guess.test),
    seed: chosen(said.seed, guess.seed),
    setup: chosen(said.setup, undefined),
    mocks: said.mocks ?? (files.names.has('mocks') ? 'mocks' : undefined),
    database: said.database ?? 'sqlite',
    ready: said.ready ?? { path: '/', timeout: 60 },
    share: [...new Set([...(said.share ?? []), ...guess.share])],
    env: said.env ?? {},
    timeout: said.timeout ?? DEFAULT_TIMEOUT_S,
  }
}

interface Guess {
  readonly app?: string | undefined
  readonly test?: string | undefined
  readonly seed?: string | undefined
  readonly share: readonly string[]
}

/** The first kind of project that has a command for a thing gives it. */
function guessCommands(files: ProjectFiles): Guess {
  const guesses = [node(files), python(files), go(files), rust(files), make(files)]
  const first = (key: 'app' | 'test' | 'seed') => guesses.map(guess => guess[key]).find(Boolean)
  return { app: first('app'), test: first('test'), seed: first('seed'), share: guesses.flatMap(({ share }) => share) }
}

function node({ texts, names }: ProjectFiles): Guess {
  const scripts = scriptsOf(texts['package.json'])
  if (!scripts) return { share: [] }
  const runner = names.has('pnpm-lock.yaml') ? 'pnpm' : names.has('yarn.lock') ? 'yarn' : 'npm'
  const run = (...wanted: string[]) => {
    const name = wanted.find(candidate => typeof scripts[candidate] === 'string')
    if (name === undefined) return undefined
    return name === 'test' || name === 'start' ? `${runner} ${name}` : `${runner} run ${name}`
  }
  // What `npm init` writes, which only says that there is none.
  const hasTests = !/no test specified/.test(String(scripts.test ?? ''))
  return {
    app: run('start', 'serve', 'dev'),
    test: hasTests ? run('test') : undefined,
    seed: run('seed', 'db:seed'),
    share: ['node_modules'],
  }
}

function scriptsOf(manifest: string | undefined): Record<string, unknown> | undefined {
  if (manifest === undefined) return undefined
  try {
    const { scripts } = JSON.parse(manifest) as { scripts?: Record<string, unknown> }
    return scripts && typeof scripts === 'object' ? scripts : {}
  } catch {
    return {}
  }
}

function python({ texts, names }: ProjectFiles): Guess {
  const told = `${texts['pyproject.toml'] ?? ''}\n${texts['requirements.txt'] ?? ''}`
  if (told.trim() === '') return { share: [] }
  const program = names.has('.venv') ? '.venv/bin/python' : 'python3'
  const main = ['app', 'main'].find(name => names.has(`${name}.py`))
  const usesPytest = /\bpytest\b/.test(told)
  const hasTests = usesPytest || names.has('tests') || names.has('test')
  return {
    app: names.has('manage.py')
      ? `${program} manage.py runserver 127.0.0.1:$PORT`
      : main && /\b(uvicorn|fastapi|starlette)\b/i.test(told)
        ? `${program} -m uvicorn ${main}:app --host 127.0.0.1 --port $PORT`
        : main && /\bflask\b/i.test(told)
          ? `${program} -m flask --app ${main} run --host 127.0.0.1 --port $PORT`
          : undefined,
    test: hasTests ? (usesPytest ? `${program} -m pytest` : `${program} -m unittest -v`) : undefined,
    share: ['.venv'],
  }
}

function go({ texts, names }: ProjectFiles): Guess {
  if (texts['go.mod'] === undefined) return { share: [] }
  // -v, so that each test is named in the output.
  return { app: names.has('main.go') ? 'go run .' : undefined, test: 'go test -v ./...', share: [] }
}

function rust({ texts }: ProjectFiles): Guess {
  if (texts['Cargo.toml'] === undefined) return { share: [] }
  return { test: 'cargo test', share: [] }
}

function make({ texts }: ProjectFiles): Guess {
  const targets = new Set([...(texts.Makefile ?? '').matchAll(/^([A-Za-z][\w-]*)\s*:(?!=)/gm)].map(([, name]) => name!))
  const run = (...wanted: string[]) => {
    const name = wanted.find(candidate => targets.has(candidate))
    return name && `make ${name}`
  }
  return { app: run('serve', 'run', 'start'), test: run('test', 'check'), seed: run('seed'), share: [] }
}
