/** The agencies' definition files: read, checked, and edited under a lock. A bad edit keeps the last good definition. */
import { createHash } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { withEditLock } from '../config/fileLock.ts'
import type { Workspace } from '../config/workspace.ts'
import { mistakeAt, readYaml } from '../config/yaml.ts'
import { AgencyError } from '../kernel/errors.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import { readText } from '../kernel/plainFile.ts'
import { type AgentDefinition, type Definition, definitionSchema, launchOf } from '../model/definition.ts'
import { nameProblem } from '../model/names.ts'

export interface LoadedDefinitions {
  readonly good: ReadonlyMap<string, Definition>
  /** Agency → what is wrong with its file. */
  readonly bad: ReadonlyMap<string, AgencyError>
}

export function definitionFile(workspace: Workspace, agency: string): string {
  return join(workspace.agencies, agency, 'agency.json')
}

export async function loadDefinitions(workspace: Workspace): Promise<LoadedDefinitions> {
  const good = new Map<string, Definition>()
  const bad = new Map<string, AgencyError>()
  const entries = await readdir(workspace.agencies, { withFileTypes: true }).catch(() => [])
  for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
    if (!entry.isDirectory() || entry.name.startsWith('.') || nameProblem(entry.name)) continue
    try {
      const definition = await loadDefinition(workspace, entry.name)
      if (definition) good.set(entry.name, definition)
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
      bad.set(entry.name, error)
    }
  }
  return { good, bad }
}

/** Undefined when the folder has no agency.json. AgencyError('BAD_DEFINITION') with file, line and path when it has a bad one. */
export async function loadDefinition(workspace: Workspace, agency: string): Promise<Definition | undefined> {
  const file = definitionFile(workspace, agency)
  const text = await readText(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new AgencyError('BAD_DEFINITION', `${file} cannot be read: ${error.message}`, {
      hint: `ls -l ${file}`,
      cause: error,
    })
  })
  if (text === undefined) return undefined
  const definition = readYaml(text, file, definitionSchema)
  if (definition.name !== agency)
    throw mistakeAt(text, file, ['name'], {
      message: `it says ${definition.name}, but its folder is ${agency}`,
      hint: `edit ${file}, or rename the folder`,
    })
  return definition
}

/** A mistake in a definition that only shows beside the rest of the workspace: an unknown driver, a program that is not there. */
export async function mistakeInDefinition(
  workspace: Workspace,
  agency: string,
  path: readonly (string | number)[],
  what: { message: string; hint?: string },
): Promise<AgencyError> {
  const file = definitionFile(workspace, agency)
  return mistakeAt(await readText(file).catch(() => ''), file, path, what)
}

/** Tells whether an agent was started with what its definition says now. A digest, since an environment may hold secrets. */
export function launchDigest(definition: Definition, agent: AgentDefinition, fallbackDriver: string): string {
  return createHash('sha256')
    .update(JSON.stringify(launchOf(definition, agent, fallbackDriver)))
    .digest('hex')
    .slice(0, 16)
}

/** What is at its default is left out, so that the file stays one a person likes to edit. */
export function formatDefinition(definition: Definition): string {
  const slim = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(slim)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, inner]) => [key, slim(inner)] as const)
        .filter(([key, inner]) => inner !== undefined && !(OPTIONAL.has(key) && isEmpty(inner))),
    )
  }
  return `${JSON.stringify(slim(definition), null, 2)}\n`
}

const OPTIONAL = new Set(['args', 'env', 'capabilities', 'limits', 'policies', 'agents', 'worktrees'])

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** Whoever finds the lock file taken tries again 50 ms later: within this process nobody needs to. */
const own = new KeyedLock()

/** Serialises edits of agencies/, between processes too; waits for another's edit to end. */
export async function withDefinitionsLocked<T>(workspace: Workspace, edit: () => Promise<T>): Promise<T> {
  return own.run(workspace.registry, () => withFileLock(workspace, edit))
}

async function withFileLock<T>(workspace: Workspace, edit: () => Promise<T>): Promise<T> {
  await mkdir(workspace.agencies, { recursive: true })
  return withEditLock({ folder: workspace.agencies, lockfilePath: join(workspace.registry, 'agencies.lock') }, edit)
}
