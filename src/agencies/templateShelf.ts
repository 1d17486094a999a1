/** The templates there are: seen, made from another one, and checked. */
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { replaceValue } from '../config/yaml.ts'
import type { Drivers } from '../drivers/driver.ts'
import { AgencyError } from '../kernel/errors.ts'
import { readText } from '../kernel/plainFile.ts'
import { checkOf } from '../model/check.ts'
import { type Definition, driverOf, members } from '../model/definition.ts'
import { type Address, checkName } from '../model/names.ts'
import type { Fault } from '../model/templateFaults.ts'
import { onlyPerson } from './authority.ts'
import { withDefinitionsLocked } from './definitions.ts'
import { copyFolder, makeFolder, openUp } from './modes.ts'
import { listShared, readSharedNames, sharedFolders } from './sharedScripts.ts'
import { checkTemplate } from './templateCheck.ts'
import { findTemplate, listTemplates, readTemplate, templateFolders } from './templates.ts'
import { whatIsIn } from './whatIsIn.ts'

export interface TemplateSummary {
  readonly name: string
  readonly folder: string
  readonly isShipped: boolean
  readonly description: string | undefined
  readonly capabilities: readonly string[]
  readonly agents: readonly string[]
  /** What is wrong with its agency.json: agency template check tells all of it. */
  readonly problem?: string
}

export interface TemplateDetails extends TemplateSummary {
  readonly coordinator: string
  readonly roles: readonly {
    readonly name: string
    readonly title: string | undefined
    readonly capabilities: readonly string[]
    readonly driver: string | undefined
    readonly role: string
  }[]
  readonly scripts: readonly { readonly name: string; readonly isShared: boolean }[]
  readonly context: readonly string[]
  readonly playbooks: readonly string[]
  readonly checks: readonly string[]
}

export interface Checked {
  readonly name: string
  readonly folder: string
  readonly faults: readonly Fault[]
}

interface ShelfParts {
  readonly workspace: Workspace
  readonly umask: number
  readonly drivers: Drivers
}

export class TemplateShelf {
  constructor(private readonly parts: ShelfParts) {}

  async list(): Promise<readonly TemplateSummary[]> {
    const all = await listTemplates(this.parts.workspace)
    return Promise.all(all.map(name => this.#summary(name)))
  }

  async show(name: string): Promise<TemplateDetails> {
    const folder = await this.#find(name)
    const definition = await readTemplate(folder)
    const shared = (await readSharedNames(folder)).map(({ word }) => word)
    const [scripts, context, playbooks] = await Promise.all(
      ['scripts', 'context', 'rehearsal'].map(part => whatIsIn(join(folder, part))),
    )
    return {
      ...this.#summarise(folder, definition),
      coordinator: definition.coordinator.name,
      roles: members(definition).map(agent => ({
        ...{ name: agent.name, title: agent.title, capabilities: agent.capabilities },
        driver: driverOf(definition, agent, '') || undefined,
        role: agent === definition.coordinator ? 'coordinator.md' : `agents/${agent.name}.md`,
      })),
      scripts: [
        ...scripts!.filter(script => !script.includes('.')).map(script => ({ name: script, isShared: false })),
        ...shared.map(script => ({ name: script, isShared: true })),
      ].sort((a, b) => a.name.localeCompare(b.name)),
      ...{
        context: context!,
        playbooks: playbooks!,
        checks: definition.checks.map(checkOf).map(({ name, command }) => name ?? command),
      },
    }
  }

  /** A template of the workspace's own, copied from a template, or from the folder of an agency. */
  async make(caller: Address, name: string, { from, cwd }: { from: string; cwd: string }): Promise<Checked> {
    onlyPerson(caller, 'make a template')
    checkName('agency', name)
    const { workspace, umask } = this.parts
    const home = join(workspace.templates, 'agencies')
    const [folder, draft] = [join(home, name), join(home, `.${name}.new`)]
    const source = isPath(from) ? resolve(cwd, from) : await this.#find(from)
    const renamed = await renamedDefinition(source, name)
    await makeFolder(home, umask)
    await withDefinitionsLocked(workspace, async () => {
      await rm(draft, { recursive: true, force: true })
      try {
        await copyFolder(source, draft)
        await rm(join(draft, 'logs'), { recursive: true, force: true })
        await writeFile(join(draft, 'agency.json'), renamed)
        await openUp(draft, umask)
        await rename(draft, folder)
      } catch (error) {
        await rm(draft, { recursive: true, force: true })
        const code = (error as NodeJS.ErrnoException).code
        if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
        throw new AgencyError('CONFLICT', `the template ${name} exists: ${folder}`, {
          hint: `agency template show ${name}`,
        })
      }
    })
    return this.#check(folder)
  }

  /** One template by name, one folder by its path, or all there are. Nothing is changed. What lies elsewhere on the machine is looked into for the person alone. */
  async check(caller: Address, target: string | undefined, cwd: string): Promise<readonly Checked[]> {
    if (target === undefined) {
      const all = await listTemplates(this.parts.workspace)
      return Promise.all(all.map(async name => this.#check(await this.#find(name, true))))
    }
    if (isPath(target)) onlyPerson(caller, 'have a folder looked into')
    return [await this.#check(isPath(target) ? resolve(cwd, target) : await this.#find(target, true))]
  }

  async #check(folder: string): Promise<Checked> {
    const name = basename(folder)
    const [drivers, sharedScripts, all] = await Promise.all([
      this.parts.drivers.names(),
      listShared(sharedFolders(this.parts.workspace)),
      this.list(),
    ])
    const capabilities = all.filter(other => other.name !== name).flatMap(other => other.capabilities)
    return { name, folder, faults: await checkTemplate(folder, { name, drivers, sharedScripts, capabilities }) }
  }

  async #find(name: string, mayBeBroken = false): Promise<string> {
    const found = await findTemplate(this.parts.workspace, name, mayBeBroken)
    if (found !== undefined) return found
    throw new AgencyError('NOT_FOUND', `there is no template ${name.slice(0, 60)}`, {
      hint: `templates: ${(await listTemplates(this.parts.workspace)).join(', ')}; a folder is written with a slash: ./${basename(name)}`,
    })
  }

  async #summary(name: string): Promise<TemplateSummary> {
    const folder = await this.#find(name, true)
    try {
      return this.#summarise(folder, await readTemplate(folder))
    } catch (error) {
      const nothing = { description: undefined, capabilities: [], agents: [] }
      return { name, folder, isShipped: this.#isShipped(folder), ...nothing, problem: (error as Error).message }
    }
  }

  #summarise(folder: string, definition: Definition): TemplateSummary {
    const { description, capabilities, agents } = definition
    return {
      ...{ name: basename(folder), folder, isShipped: this.#isShipped(folder), description, capabilities },
      agents: agents.map(agent => agent.name),
    }
  }

  #isShipped(folder: string): boolean {
    return folder.startsWith(templateFolders(this.parts.workspace)[1]!)
  }
}

function isPath(target: string): boolean {
  return target.includes('/') || target.startsWith('.')
}

/** agency.json as the person wrote it, but for its name. */
async function renamedDefinition(source: string, name: string): Promise<string> {
  const file = join(source, 'agency.json')
  const text = await readText(file).catch(() => {
    throw new AgencyError('NOT_FOUND', `there is no agency.json in ${source}`, { hint: 'agency template list' })
  })
  return replaceValue(text, ['name'], name)
}
