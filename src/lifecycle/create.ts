/** agency create: the folder, a worktree and token for each agent, the session. All of it, or nothing. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { loadDefinition } from '../agencies/definitions.ts'
import { type CreateOptions, layOutAgency, planAgency } from '../agencies/templates.ts'
import { countUncommitted, findRepository } from '../agencies/worktrees.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type Definition, driverOf, isWalled, members } from '../model/definition.ts'
import { address, checkName } from '../model/names.ts'
import type { MadeWorkplace } from '../worktrees/workplaces.ts'
import { type LifecycleParts, newAgent, type Progress } from './parts.ts'

export interface CreateRequest extends CreateOptions {
  /** Where the person stands: the repository around it is taken when none is named. */
  readonly cwd: string
}

export interface Created {
  readonly name: string
  readonly agents: readonly string[]
  readonly repository: string | undefined
  /** Changes in the repository that are not committed: its agents begin at HEAD, without them. */
  readonly uncommitted: number
  /** Agents whose program had not come up within the time: the supervisor goes on with them. */
  readonly late: readonly string[]
  /** What the person should know of the worktrees: what is not shared, a setup that failed. */
  readonly notes: readonly string[]
}

const START_TIMEOUT_MS = 10_000

export async function createAgency(
  parts: LifecycleParts,
  request: CreateRequest,
  progress: Progress,
): Promise<Created> {
  const { workspace, settings, roster, starter } = parts
  const name = checkName('agency', request.name)
  if (roster.agencies.has(name) || existsSync(join(workspace.agencies, name)))
    throw new AgencyError('CONFLICT', `the agency ${name} exists`, {
      hint: `agency start ${name}   or   agency remove ${name}`,
    })
  const { definition: planned, template } = await planAgency(workspace, request)
  const [repository] = await Promise.all([
    repositoryOf(parts, planned, request),
    ...members(planned).map(agent =>
      starter.launcher.checkProgram(name, agent, driverOf(planned, agent, settings.driver), isWalled(planned, agent)),
    ),
  ])
  // `repo` of a template is read from the workspace's root, as in any definition; --repo from where the person stands.
  const isKept = repository === undefined || (planned.repo !== undefined && request.repo === undefined)
  const definition = isKept ? planned : { ...planned, repo: repository }
  await starter.launcher.connect()

  const undo: (() => Promise<unknown>)[] = []
  try {
    progress(`writing agencies/${name}`)
    const folder = await layOutAgency(parts, definition, template)
    undo.push(() => rm(folder, { recursive: true, force: true }))
    const written = (await loadDefinition(workspace, name))!
    const notes = await enlist(parts, written, repository, undo, progress)
    progress(`starting ${members(written).length} agents in the tmux session ${name}`)
    undo.push(() => starter.stopAgency(name))
    await starter.startAgency(name)
    const late = await starter.whenRunning(name, START_TIMEOUT_MS)
    return {
      name,
      agents: members(written).map(agent => address(name, agent.name)),
      repository,
      uncommitted: repository === undefined ? 0 : await countUncommitted(parts.git, repository),
      late: late.map(agent => agent.address),
      notes,
    }
  } catch (error) {
    for (const step of undo.reverse())
      await step().catch(failure => parts.log.error({ err: failure }, 'a step of create could not be undone'))
    throw error
  }
}

/** Workplaces, tokens and records for a definition that is on disk. */
async function enlist(
  parts: LifecycleParts,
  definition: Definition,
  repository: string | undefined,
  undo: (() => Promise<unknown>)[],
  progress: Progress,
): Promise<readonly string[]> {
  const { roster, tokens, clock, starter, workplaces } = parts
  const { name } = definition
  roster.definitions.set(name, definition)
  undo.push(() => roster.removeAgency(name, clock.now(), 'its creation failed and was undone'))
  await roster.saveAgency(
    { name, desired: 'stopped', createdAt: clock.now(), serverPid: undefined, session: undefined },
    'create',
    clock.now(),
  )
  if (repository) progress(`making a worktree of ${repository} for each agent`)
  const records: AgentRecord[] = []
  const places: MadeWorkplace[] = []
  // One after the other: git locks the repository for each worktree.
  for (const agent of members(definition)) {
    const made = await workplaces.make(definition, agent.name, repository)
    undo.push(made.undo)
    places.push(made)
    records.push(newAgent(parts, definition, agent, { workdir: made.workplace.folder, branch: made.workplace.branch }))
  }
  undo.push(() =>
    Promise.all(records.map(record => Promise.all([tokens.drop(record.address), starter.forget(record.address)]))),
  )
  // Asked in one turn, and so one commit.
  await Promise.all(records.flatMap(record => [tokens.ensure(record.address), roster.saveAgent(record)]))
  const { setup } = definition.worktrees ?? {}
  if (repository && setup) progress(`running ${setup} in each worktree`)
  const failures = await workplaces.setUp(definition, places)
  return [...places.flatMap(({ notes }) => notes), ...failures]
}

/** `--repo`, else `repo` of the template, else of agency.yaml, else the repository around the person's folder; undefined when there is none. */
async function repositoryOf(
  parts: LifecycleParts,
  definition: Definition,
  request: CreateRequest,
): Promise<string | undefined> {
  const { workspace, settings } = parts
  if (request.repo !== undefined)
    return findRepository(parts.git, resolve(request.cwd, request.repo), { isNamed: true })
  const named = definition.repo ?? settings.repo
  if (named !== undefined) return findRepository(parts.git, resolve(workspace.root, named), { isNamed: true })
  return findRepository(parts.git, request.cwd, { isNamed: false })
}
