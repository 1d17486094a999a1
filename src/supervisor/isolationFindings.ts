/** What doctor tells of isolation: how far each agency's agents are kept apart just now, what they should be, and what no wall keeps. */
import type { Roster } from '../agencies/roster.ts'
import type { Driver, Drivers } from '../drivers/driver.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type Definition, driverOf, isolationOf, isWalled, members, wantsWall } from '../model/definition.ts'
import type { Finding } from '../model/finding.ts'
import { sayIsolation } from '../model/isolation.ts'
import { address } from '../model/names.ts'
import { wallHint, whyNoWall } from '../walls/grounds.ts'

export interface IsolationParts {
  readonly roster: Roster
  readonly drivers: Drivers
  readonly settings: { readonly driver: string }
}

const COOPERATIVE = 'cooperative (agents run as you: our commands are bound, a hostile process is not)'
const OUT_OF_REACH = 'registry, store, your token, your home, tmux and the work of others are out of reach'

export async function isolationFindings(parts: IsolationParts): Promise<readonly Finding[]> {
  const { definitions } = parts.roster
  if (definitions.size === 0) return [{ level: 'ok', what: `isolation: ${COOPERATIVE}` }]
  const why = [...definitions.values()].some(wantsWall) ? await whyNoWall() : undefined
  const found = await Promise.all([...definitions].map(([name, definition]) => ofAgency(parts, name, definition, why)))
  return found.flat()
}

async function ofAgency(
  parts: IsolationParts,
  name: string,
  definition: Definition,
  why: string | undefined,
): Promise<readonly Finding[]> {
  if (!wantsWall(definition))
    return [...running(parts, name, definition), { level: 'ok', what: `${name} is ${COOPERATIVE}` }]
  if (why !== undefined)
    return [
      { level: 'bad', what: `${name} is to be isolated, and ${why}: its agents are not started`, hint: wallHint(why) },
    ]
  const open = members(definition).filter(agent => !isWalled(definition, agent))
  const networked = members(definition).filter(agent => {
    const { level, network } = isolationOf(definition, agent)
    return level !== 'none' && network
  })
  const drivers = await driversOf(parts, definition)
  const carrying = drivers.filter(driver => driver.carriesLogin).map(({ name: driver }) => driver)
  const uncovered = [
    ...(carrying.length > 0 ? [`the login of ${carrying.join(', ')}, which its agents have a copy of`] : []),
    ...(networked.length > 0 ? ['the network, which whatever listens on this machine is a part of'] : []),
    'what every agent may ask Agency for, such as agency messages and agency log',
    'what /etc, /usr and /opt hold',
  ]
  const level: Finding =
    open.length === 0
      ? { level: 'ok', what: `${name} is isolated (bubblewrap: ${OUT_OF_REACH}; not covered: ${uncovered.join('; ')})` }
      : {
          level: 'warn',
          what: `${name} is isolated but for ${open.map(agent => agent.name).join(', ')}, which can do whatever you can`,
          hint: `take "isolation": "none" out of agencies/${name}/agency.json`,
        }
  return [level, ...unfit(name, drivers), ...running(parts, name, definition), ...outside(name, definition)]
}

/** Drivers of those that are to be behind a wall; one that cannot be read is told of elsewhere. */
async function driversOf({ drivers, settings }: IsolationParts, definition: Definition): Promise<readonly Driver[]> {
  const walled = members(definition).filter(agent => isWalled(definition, agent))
  const names = [...new Set(walled.map(agent => driverOf(definition, agent, settings.driver)))]
  const known = await Promise.all(names.map(driver => drivers.get(driver).catch(() => undefined)))
  return known.filter(driver => driver !== undefined)
}

/** Drivers that do not say what their program needs behind a wall. */
function unfit(name: string, drivers: readonly Driver[]): Finding[] {
  return drivers
    .filter(driver => !driver.canBeIsolated)
    .map(driver => ({
      level: 'bad',
      what: `${name} is to be isolated, and the driver ${driver.name} does not say what it needs: its agents are not started`,
      hint: `isolated: {…} in templates/drivers/${driver.name}.yaml, or another driver`,
    }))
}

/** Programs that live as an earlier definition had them. */
function running({ roster }: IsolationParts, name: string, definition: Definition): Finding[] {
  return members(definition).flatMap(agent => {
    const record = roster.agents.get(address(name, agent.name))
    const wished = isolationOf(definition, agent).level
    if (!record || record.pid === undefined || levelOf(record) === wished) return []
    return [
      {
        level: 'warn' as const,
        what: `${record.address} runs ${sayIsolation({ level: levelOf(record) })}, and is to be ${sayIsolation({ level: wished })}`,
        hint: `agency restart ${record.address}`,
      },
    ]
  })
}

/** Its commits are run in a sandbox, as the person where that has no wall. */
function outside(name: string, { sandbox }: Definition): Finding[] {
  if (sandbox?.isolation !== 'none') return []
  return [
    {
      level: 'warn',
      what: `${name} is isolated, and its sandboxes are not: what its agents commit is run there as you`,
      hint: `take "isolation": "none" out of "sandbox" in agencies/${name}/agency.json`,
    },
  ]
}

function levelOf({ isolation = 'none' }: AgentRecord) {
  return isolation
}
