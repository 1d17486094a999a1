/** Where a new agency's files come from: a template, or the names given on the command line. */
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot, type Workspace } from '../config/workspace.ts'
import { readYaml } from '../config/yaml.ts'
import { AgencyError } from '../kernel/errors.ts'
import { readText } from '../kernel/plainFile.ts'
import { closest } from '../model/closest.ts'
import { type Definition, definitionSchema, members } from '../model/definition.ts'
import { checkName } from '../model/names.ts'
import { formatDefinition, withDefinitionsLocked } from './definitions.ts'
import { copyFolder, openUp } from './modes.ts'
import { laySharedScripts, sharedFolders } from './sharedScripts.ts'

export interface CreateOptions {
  readonly name: string
  readonly template?: string
  readonly agents?: readonly string[]
  readonly coordinator?: string
  readonly capabilities?: readonly string[]
  /** One driver for all, or `agent=driver` pairs. */
  readonly drivers?: readonly string[]
  readonly repo?: string
}

export function templateFolders(workspace: Workspace): readonly string[] {
  return [join(workspace.templates, 'agencies'), join(packageRoot, 'templates', 'agencies')]
}

export async function listTemplates(workspace: Workspace): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const folder of templateFolders(workspace))
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => []))
      if (entry.isDirectory() && !entry.name.startsWith('.')) found.add(entry.name)
  return [...found].sort()
}

/** `mayBeBroken`: a folder without agency.json counts too, so that somebody can say what is missing. */
export async function findTemplate(
  workspace: Workspace,
  name: string,
  mayBeBroken = false,
): Promise<string | undefined> {
  if (name.includes('/')) return undefined
  for (const home of templateFolders(workspace)) {
    const folder = join(home, name)
    if (await stat(mayBeBroken ? folder : join(folder, 'agency.json')).catch(() => undefined)) return folder
  }
  return undefined
}

/** AgencyError('BAD_DEFINITION') with file, line and path when its agency.json has a mistake. */
export async function readTemplate(folder: string): Promise<Definition> {
  const file = join(folder, 'agency.json')
  return readYaml(await readText(file), file, definitionSchema)
}

/** The definition that `create` would write, checked, with nothing on disk yet. */
export async function planAgency(
  workspace: Workspace,
  options: CreateOptions,
): Promise<{ definition: Definition; template: string | undefined }> {
  checkName('agency', options.name)
  const template = await findTemplate(workspace, checkName('agency', options.template ?? options.name))
  if (!template && (options.template !== undefined || !options.agents)) {
    const named = options.template ?? options.name
    const known = await listTemplates(workspace)
    const close = closest(
      named.toLowerCase(),
      known.map(name => name.toLowerCase()),
    )
    const meant = known.find(name => name.toLowerCase() === close)
    throw new AgencyError('NOT_FOUND', `there is no template ${named}`, {
      hint: `${meant ? `did you mean ${meant}? ` : ''}templates: ${known.join(', ')}; or name the agents: agency create ${options.name} --agents a,b`,
    })
  }
  const base = template ? await readTemplate(template) : undefined
  return { definition: applyOptions(base, options), template }
}

function applyOptions(base: Definition | undefined, options: CreateOptions): Definition {
  const coordinatorName = options.coordinator ?? base?.coordinator.name ?? 'lead'
  checkName('agent', coordinatorName)
  for (const agent of options.agents ?? []) checkName('agent', agent)
  const known = new Map((base ? members(base) : []).map(agent => [agent.name, agent]))
  const agents = options.agents ? options.agents.map(name => known.get(name) ?? { name }) : (base?.agents ?? [])
  const draft = {
    ...base,
    name: options.name,
    capabilities: options.capabilities ?? base?.capabilities ?? [],
    coordinator: { ...base?.coordinator, name: coordinatorName },
    agents,
    ...(options.repo ? { repo: options.repo } : {}),
  }
  const result = definitionSchema.safeParse(withDrivers(draft, options.drivers ?? []))
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  throw new AgencyError('USAGE', `${issue.path.join('.')}: ${issue.message}`, { hint: 'agency create --help' })
}

type Draft = {
  driver?: string
  coordinator: { name: string; driver?: string }
  agents: readonly { name: string; driver?: string }[]
}

function withDrivers<T extends Draft>(draft: T, drivers: readonly string[]): T {
  let result = draft
  for (const entry of drivers) {
    const [left, right] = entry.split('=', 2) as [string, string | undefined]
    if (right === undefined) {
      result = { ...result, driver: left }
      continue
    }
    const isCoordinator = left === 'coordinator' || left === result.coordinator.name
    if (!isCoordinator && !result.agents.some(agent => agent.name === left))
      throw new AgencyError('USAGE', `--driver ${entry}: there is no agent ${left}`, {
        hint: `agents: ${result.agents.map(agent => agent.name).join(', ')}`,
      })
    result = isCoordinator
      ? { ...result, coordinator: { ...result.coordinator, driver: right } }
      : { ...result, agents: result.agents.map(agent => (agent.name === left ? { ...agent, driver: right } : agent)) }
  }
  return result
}

/** Lays the agency's folder out in one step: it is there whole, or not at all. */
export async function layOutAgency(
  { workspace, umask }: { readonly workspace: Workspace; readonly umask: number },
  definition: Definition,
  template: string | undefined,
): Promise<string> {
  const folder = join(workspace.agencies, definition.name)
  const draft = join(workspace.agencies, `.${definition.name}.new`)
  await withDefinitionsLocked(workspace, async () => {
    await rm(draft, { recursive: true, force: true })
    try {
      if (template) await copyFolder(template, draft)
      const parts = ['agents', 'scripts', 'context', 'logs']
      await Promise.all(parts.map(part => mkdir(join(draft, part), { recursive: true })))
      if (template) await laySharedScripts(sharedFolders(workspace), template, draft)
      await writeFile(join(draft, 'agency.json'), formatDefinition(definition))
      await writeMissingRoles(draft, definition, umask)
      await makeScriptsRunnable(join(draft, 'scripts'))
      await openUp(draft, umask)
      await rename(draft, folder)
    } catch (error) {
      await rm(draft, { recursive: true, force: true })
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'ENOTEMPTY' || code === 'EEXIST')
        throw new AgencyError('CONFLICT', `the folder ${folder} exists`, {
          hint: `agency start ${definition.name}   or   agency remove ${definition.name}`,
        })
      throw error
    }
  })
  return folder
}

export async function writeMissingRoles(folder: string, definition: Definition, umask: number): Promise<void> {
  const names = definition.agents.map(agent => agent.name)
  await writeNew(
    join(folder, 'coordinator.md'),
    umask,
    `# Coordinator of ${definition.name}\n\nYou lead ${names.join(', ') || 'this agency'}. You take goals from the person and from other agencies, split them, give each part to the right\nspecialist, follow up, and report what was done with the evidence for it. You do not do the specialists' work.\n`,
  )
  await Promise.all(
    definition.agents.map(agent =>
      writeNew(
        join(folder, 'agents', `${agent.name}.md`),
        umask,
        `# ${agent.title ?? agent.name}\n\nYou are ${agent.name} of ${definition.name}${agent.capabilities.length ? `, for ${agent.capabilities.join(', ')}` : ''}. You work in your own git worktree, in small commits,\nand you tell your coordinator what you did, with the commit and the result of the tests.\n`,
      ),
    ),
  )
}

async function writeNew(file: string, umask: number, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    throw error
  }
  await openUp(file, umask)
}

async function makeScriptsRunnable(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  const scripts = entries.filter(entry => entry.isFile() && !entry.name.includes('.'))
  await Promise.all(scripts.map(({ name }) => chmod(join(folder, name), 0o755)))
}
