/** Brings a running agency to what its edited definition says. A bad edit is reported and changes nothing that runs. */

import { join } from 'node:path'
import { loadDefinition, loadDefinitions } from '../agencies/definitions.ts'
import { writeMissingRoles } from '../agencies/templates.ts'
import { ensureWorkplace } from '../agencies/worktrees.ts'
import { AgencyError } from '../kernel/errors.ts'
import { compareDefinitions, type Definition, driverOf, members } from '../model/definition.ts'
import { address } from '../model/names.ts'
import { type LifecycleParts, newAgent } from './parts.ts'
import { repositoryRoot } from './remove.ts'

/** Reads every definition at the daemon's start. An agency that has files but no record is new: laid out by hand or by a clone. */
export async function loadRoster(parts: LifecycleParts): Promise<void> {
  const { roster, workspace } = parts
  const { good, bad } = await loadDefinitions(workspace)
  for (const [name, error] of bad) roster.problems.set(name, error)
  for (const [name, definition] of good) {
    if (!roster.agencies.has(name)) await adopt(parts, definition)
    else roster.definitions.set(name, definition)
    await reconcileMembers(parts, definition, { before: undefined })
  }
}

/** Called when files of an agency have changed. */
export async function reconcileAgency(parts: LifecycleParts, name: string): Promise<void> {
  const { roster, workspace, log } = parts
  try {
    const definition = await loadDefinition(workspace, name)
    if (!definition) return
    const before = roster.definitions.get(name)
    const had = roster.problems.delete(name)
    if (!roster.agencies.has(name)) return await adopt(parts, definition)
    if (before && JSON.stringify(before) === JSON.stringify(definition)) {
      if (had) log.info({ agency: name }, 'the definition is good again')
      return
    }
    for (const agent of members(definition)) {
      const known = before && members(before).find(member => member.name === agent.name)
      if (
        !known ||
        driverOf(before, known, parts.settings.driver) !== driverOf(definition, agent, parts.settings.driver)
      )
        await parts.supervisor.launcher.checkProgram(name, agent, driverOf(definition, agent, parts.settings.driver))
    }
    roster.definitions.set(name, definition)
    await reconcileMembers(parts, definition, { before })
    await roster.saveAgency(roster.agency(name).record, 'definition changed', parts.clock.now())
  } catch (error) {
    if (!(error instanceof AgencyError)) throw error
    roster.problems.set(name, error)
    log.warn(
      { agency: name, code: error.code, err: error.message },
      'a definition was not taken: the agency runs on as it was',
    )
  }
}

async function adopt(parts: LifecycleParts, definition: Definition): Promise<void> {
  const { roster, clock } = parts
  roster.definitions.set(definition.name, definition)
  await roster.saveAgency(
    { name: definition.name, desired: 'stopped', createdAt: clock.now(), serverPid: undefined, session: undefined },
    'found on disk',
    clock.now(),
  )
  await reconcileMembers(parts, definition, { before: undefined })
}

async function reconcileMembers(
  parts: LifecycleParts,
  definition: Definition,
  { before }: { before: Definition | undefined },
): Promise<void> {
  const { roster, supervisor, workspace, tokens, settings, clock } = parts
  const { name } = definition
  const isRunning = roster.agencies.get(name)?.desired === 'running'
  for (const agent of members(definition)) {
    const of = address(name, agent.name)
    const isCoordinator = agent.name === definition.coordinator.name
    const driver = driverOf(definition, agent, settings.driver)
    const known = roster.agents.get(of)
    if (!known) {
      const { workplace } = await ensureWorkplace(workspace, repositoryRoot(parts, definition), {
        agency: name,
        name: agent.name,
      })
      await tokens.ensure(of)
      await roster.saveAgent({
        ...newAgent(parts, definition, agent, { workdir: workplace.folder, branch: workplace.branch }),
        desired: isRunning ? 'running' : 'stopped',
      })
      await writeMissingRoles(join(workspace.agencies, name), definition)
      if (isRunning) await supervisor.startAgent(of)
    } else if (known.driver !== driver || known.isCoordinator !== isCoordinator)
      await roster.saveAgent({ ...known, driver, isCoordinator })
  }
  for (const agent of supervisor.undefinedAgents(name)) {
    await supervisor.stopAgent(agent.address)
    await tokens.drop(agent.address)
    await roster.removeAgent(agent.address, clock.now(), 'it was taken out of agency.json')
  }
  if (!before || !isRunning) return
  for (const agent of compareDefinitions(before, definition, settings.driver).changed)
    await supervisor.restartAgent(address(name, agent.name))
}
