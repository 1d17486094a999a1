/** Brings a running agency to what its edited definition says. A bad edit is reported and changes nothing that runs. */
import { join } from 'node:path'
import {
  definitionFile,
  launchDigest,
  loadDefinition,
  loadDefinitions,
  mistakeInDefinition,
} from '../agencies/definitions.ts'
import { repositoryRoot } from '../agencies/repository.ts'
import { writeMissingRoles } from '../agencies/templates.ts'
import { AgencyError } from '../kernel/errors.ts'
import { isAlive } from '../kernel/process.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type AgentDefinition, type Definition, driverOf, isWalled, members } from '../model/definition.ts'
import { address } from '../model/names.ts'
import { type LifecycleParts, newAgent } from './parts.ts'

/** Reads every definition at the daemon's start. An agency that has files but no record is new: laid out by hand or by a clone. */
export async function loadRoster(parts: LifecycleParts): Promise<void> {
  const { roster, workspace } = parts
  const { good, bad } = await loadDefinitions(workspace)
  for (const [name, error] of bad) roster.problems.set(name, error)
  for (const name of roster.agencies.keys())
    if (!good.has(name) && !bad.has(name)) roster.problems.set(name, fileIsGone(parts, name))
  for (const name of good.keys()) await reconcileAgency(parts, name, { isSameEnough: false })
}

/** Called when files of an agency have changed. `isSameEnough`: nothing is looked at when the definition reads as before. */
export async function reconcileAgency(
  parts: LifecycleParts,
  name: string,
  { isSameEnough }: { isSameEnough: boolean } = { isSameEnough: true },
): Promise<void> {
  const { roster, log } = parts
  try {
    await takeDefinition(parts, name, isSameEnough)
    if (roster.problems.delete(name)) log.info({ agency: name }, 'the definition is good again')
  } catch (error) {
    if (!(error instanceof AgencyError)) throw error
    const isKnown = roster.problems.get(name)?.message === error.message
    roster.problems.set(name, error)
    if (isKnown) return
    log.warn(
      { agency: name, code: error.code, err: error.message },
      'a definition was not taken: the agency goes on as it was',
    )
  }
}

async function takeDefinition(parts: LifecycleParts, name: string, isSameEnough: boolean): Promise<void> {
  const { roster, workspace, clock } = parts
  const definition = await loadDefinition(workspace, name)
  if (!definition) {
    if (roster.agencies.has(name)) throw fileIsGone(parts, name)
    return
  }
  const before = roster.definitions.get(name)
  const isSame = before !== undefined && JSON.stringify(before) === JSON.stringify(definition)
  if (isSame && isSameEnough && !roster.problems.has(name)) return
  const isNew = !roster.agencies.has(name)
  if (!isNew) await refuseUnusable(parts, definition, before)
  roster.definitions.set(name, definition)
  try {
    if (isNew) await adopt(parts, name)
    await reconcileMembers(parts, definition)
    if (!isNew && !isSame) await roster.saveAgency(roster.agency(name).record, 'definition changed', clock.now())
  } catch (error) {
    if (before) roster.definitions.set(name, before)
    throw error
  }
}

async function adopt({ roster, clock }: LifecycleParts, name: string): Promise<void> {
  await roster.saveAgency(
    { name, desired: 'stopped', createdAt: clock.now(), serverPid: undefined, session: undefined },
    'found on disk',
    clock.now(),
  )
}

function fileIsGone({ workspace }: LifecycleParts, name: string): AgencyError {
  const file = definitionFile(workspace, name)
  return new AgencyError('BAD_DEFINITION', `${file} is gone`, {
    hint: `put it back; to end the agency: agency remove ${name}`,
  })
}

/** What a schema cannot see, looked at before anything that runs is touched. */
async function refuseUnusable(
  parts: LifecycleParts,
  definition: Definition,
  before: Definition | undefined,
): Promise<void> {
  const { workspace, starter, settings } = parts
  const { name } = definition
  if (before && before.repo !== definition.repo)
    throw await mistakeInDefinition(workspace, name, ['repo'], {
      message: `the worktrees of ${name} belong to ${before.repo ?? 'no repository'}: the repository of an agency cannot be changed`,
      hint: `set it back, or make another agency: agency create --help`,
    })
  for (const [index, agent] of members(definition).entries()) {
    if (!isOutdated(parts, definition, agent)) continue
    const at = index === 0 ? ['coordinator'] : ['agents', index - 1]
    await starter.launcher
      .checkProgram(name, agent, driverOf(definition, agent, settings.driver), isWalled(definition, agent))
      .catch(async error => {
        if (!(error instanceof AgencyError)) throw error
        const key = error.code === 'NOT_FOUND' ? 'driver' : 'command'
        throw await mistakeInDefinition(workspace, name, [...at, key], {
          message: error.message,
          ...(error.hint ? { hint: error.hint } : {}),
        })
      })
  }
}

/** New, or started otherwise than its definition now says. */
function isOutdated({ roster, settings }: LifecycleParts, definition: Definition, agent: AgentDefinition): boolean {
  const known = roster.agents.get(address(definition.name, agent.name))
  return known?.launch !== launchDigest(definition, agent, settings.driver)
}

async function reconcileMembers(parts: LifecycleParts, definition: Definition): Promise<void> {
  const { roster, starter, tokens, clock } = parts
  const { name } = definition
  const isRunning = roster.agencies.get(name)?.desired === 'running'
  for (const agent of members(definition)) {
    const known = roster.agents.get(address(name, agent.name))
    if (known) await adjust(parts, definition, agent, known)
    else await enlist(parts, definition, agent, isRunning)
  }
  for (const agent of starter.undefinedAgents(name)) {
    await starter.stopAgent(agent.address)
    await tokens.drop(agent.address)
    await roster.removeAgent(agent.address, clock.now(), 'it was taken out of agency.json')
    await starter.forget(agent.address)
  }
}

async function enlist(
  parts: LifecycleParts,
  definition: Definition,
  agent: AgentDefinition,
  isRunning: boolean,
): Promise<void> {
  const { roster, starter, workspace, tokens, workplaces } = parts
  const { name } = definition
  const of = address(name, agent.name)
  const made = await workplaces.make(definition, agent.name, repositoryRoot(parts, definition))
  const { workplace } = made
  await workplaces.setUp(definition, [made])
  await tokens.ensure(of)
  await roster.saveAgent({
    ...newAgent(parts, definition, agent, { workdir: workplace.folder, branch: workplace.branch }),
    desired: isRunning ? 'running' : 'stopped',
  })
  await writeMissingRoles(join(workspace.agencies, name), definition, parts.umask)
  if (isRunning) await starter.startAgent(of)
}

/** Starts an agent anew whose program, arguments or environment are no longer those that it was started with. */
async function adjust(
  parts: LifecycleParts,
  definition: Definition,
  agent: AgentDefinition,
  known: AgentRecord,
): Promise<void> {
  const { roster, starter, settings } = parts
  const driver = driverOf(definition, agent, settings.driver)
  const isCoordinator = agent.name === definition.coordinator.name
  if (known.driver !== driver || known.isCoordinator !== isCoordinator)
    await roster.saveAgent({ ...known, driver, isCoordinator })
  const lives = known.desired === 'running' && known.pid !== undefined && isAlive(known.pid)
  if (lives && known.launch !== undefined && isOutdated(parts, definition, agent))
    await starter.restartAgent(known.address)
}
