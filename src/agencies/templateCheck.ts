/** Everything that is wrong with the folder of a template, or of an agency: named with file and line, nothing changed. */
import { stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { mistakesIn, readLoosely } from '../config/yaml.ts'
import { readText } from '../kernel/plainFile.ts'
import { definitionSchema } from '../model/definition.ts'
import { nameProblem } from '../model/names.ts'
import {
  capabilityFaults,
  type Fault,
  lineEndFaults,
  MAX_ROLE_CHARACTERS,
  type SpokenCapability,
  scriptFaults,
  textFaults,
} from '../model/templateFaults.ts'
import { playbookSchema } from '../rehearsal/playbook.ts'
import { readSharedNames, SHARED_LIST } from './sharedScripts.ts'
import { whatIsIn } from './whatIsIn.ts'

export interface CheckedAgainst {
  /** What the folder has to be called. */
  readonly name: string
  readonly drivers: readonly string[]
  /** Capabilities of the other templates. */
  readonly capabilities: readonly string[]
  /** Scripts that a template may name in `scripts/shared.txt`. */
  readonly sharedScripts: readonly string[]
}

export async function checkTemplate(folder: string, against: CheckedAgainst): Promise<readonly Fault[]> {
  const file = join(folder, 'agency.json')
  const text = await readText(file).catch(() => undefined)
  const named = nameProblem(against.name)
  const faults: Fault[] = named ? [{ file: folder, line: 1, what: `the name ${against.name} ${named}` }] : []
  if (text === undefined) return [...faults, { file, line: 1, what: 'is missing: a template begins with it' }]
  const mistakes = mistakesIn(text, definitionSchema)
  faults.push(...mistakes.map(({ line, path, what }) => ({ file, line, what: path ? `${path}: ${what}` : what })))
  faults.push(...lineEndFaults(file, text))
  const read = readLoosely(text)
  if (!read) return faults
  const said = readSaid(read)
  if (said.name !== undefined && said.name.word !== against.name)
    faults.push({ file, line: said.name.line, what: `says ${said.name.word}, but its folder is ${against.name}` })
  for (const { word, line } of said.drivers)
    if (!against.drivers.includes(word))
      faults.push({ file, line, what: `there is no driver ${word}: ${against.drivers.join(', ')}` })
  faults.push(...capabilityFaults(file, said.capabilities, against.capabilities))
  const parts = await Promise.all([
    checkRoles(folder, file, said),
    checkContext(folder),
    checkScripts(folder, against.sharedScripts),
    checkPlaybooks(folder, said),
  ])
  return [...faults, ...parts.flat()]
}

/** The words of a definition with their lines, also of one that the schema refuses. */
interface Said {
  readonly name: Word | undefined
  readonly coordinator: Word | undefined
  readonly agents: readonly Word[]
  readonly drivers: readonly Word[]
  readonly capabilities: readonly SpokenCapability[]
}

type Word = { readonly word: string; readonly line: number }

function readSaid({ value, lineOf }: NonNullable<ReturnType<typeof readLoosely>>): Said {
  const at = (path: readonly (string | number)[]): unknown =>
    path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value ?? {})
  const word = (...path: (string | number)[]): Word[] =>
    typeof at(path) === 'string' ? [{ word: at(path) as string, line: lineOf(path) }] : []
  const list = (...path: (string | number)[]): number[] => (Array.isArray(at(path)) ? [...(at(path) as []).keys()] : [])
  const agents = list('agents')
  const owners = [[], ['coordinator'], ...agents.map(index => ['agents', index])]
  return {
    name: word('name')[0],
    coordinator: word('coordinator', 'name')[0],
    agents: agents.flatMap(index => word('agents', index, 'name')),
    drivers: owners.flatMap(owner => word(...owner, 'driver')),
    capabilities: owners.flatMap(owner =>
      list(...owner, 'capabilities').flatMap(index => word(...owner, 'capabilities', index)),
    ),
  }
}

/** Each agent has a role, each role an agent, and a role with the shared context is short enough to be read whole. */
async function checkRoles(folder: string, definition: string, { coordinator, agents }: Said): Promise<Fault[]> {
  const context = (await readTexts(join(folder, 'context'))).reduce((sum, { text }) => sum + text.length, 0)
  const wanted = [
    ...(coordinator ? [{ ...coordinator, file: join(folder, 'coordinator.md') }] : []),
    ...agents.map(agent => ({ ...agent, file: join(folder, 'agents', `${agent.word}.md`) })),
  ]
  const faults = await Promise.all(
    wanted.map(async ({ word, line, file }): Promise<readonly Fault[]> => {
      const text = await readText(file).catch(() => undefined)
      if (text === undefined)
        return [{ file: definition, line, what: `${word} has no role file: ${relative(folder, file)} is missing` }]
      const isTooMuch = text.length + context > MAX_ROLE_CHARACTERS && text.length <= MAX_ROLE_CHARACTERS
      const what = `with context/ it has ${text.length + context} characters: what is over ${MAX_ROLE_CHARACTERS} may be cut`
      return [...textFaults(file, text), ...(isTooMuch ? [{ file, line: 1, what }] : [])]
    }),
  )
  const known = new Set(agents.map(({ word }) => `${word}.md`))
  const strangers = (await whatIsIn(join(folder, 'agents'))).filter(name => name.endsWith('.md') && !known.has(name))
  return [
    ...faults.flat(),
    ...strangers.map(name => ({
      ...{ file: join(folder, 'agents', name), line: 1 },
      what: 'is the role of nobody: agency.json names no such agent',
    })),
  ]
}

async function checkContext(folder: string): Promise<Fault[]> {
  return (await readTexts(join(folder, 'context'))).flatMap(({ file, text }) => textFaults(file, text))
}

/** Files without a dot are run; the others are read by them. */
async function checkScripts(folder: string, sharedScripts: readonly string[]): Promise<Fault[]> {
  const scripts = join(folder, 'scripts')
  const faults = await Promise.all(
    (await whatIsIn(scripts)).map(async (name): Promise<readonly Fault[]> => {
      const file = join(scripts, name)
      const found = await stat(file)
      if (!found.isFile()) return []
      const text = await readText(file)
      return name.includes('.') ? lineEndFaults(file, text) : scriptFaults(file, text, (found.mode & 0o100) !== 0)
    }),
  )
  const shared = await readSharedNames(folder)
  const unknown = shared.filter(({ word }) => !sharedScripts.includes(word))
  return [
    ...faults.flat(),
    ...unknown.map(({ word, line }) => ({
      ...{ file: join(scripts, SHARED_LIST), line },
      what: `there is no shared script ${word}: ${sharedScripts.join(', ')}`,
    })),
  ]
}

async function checkPlaybooks(folder: string, { coordinator, agents }: Said): Promise<Fault[]> {
  const known = new Set([coordinator, ...agents].map(agent => `${agent?.word}.yaml`))
  const playbooks = await readTexts(join(folder, 'rehearsal'), '.yaml')
  return playbooks.flatMap(({ name, file, text }) => [
    ...(known.has(name) ? [] : [{ file, line: 1, what: 'is the playbook of nobody: agency.json names no such agent' }]),
    ...mistakesIn(text, playbookSchema).map(({ line, path, what }) => ({ file, line, what: `${path}: ${what}` })),
  ])
}

async function readTexts(folder: string, ending = '.md') {
  const found = (await whatIsIn(folder)).filter(name => name.endsWith(ending))
  return Promise.all(
    found.map(async name => ({ name, file: join(folder, name), text: await readText(join(folder, name)) })),
  )
}
