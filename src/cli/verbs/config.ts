import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Document, isMap, parseDocument } from 'yaml'
import { z } from 'zod'
import { type ExplainedSetting, explainSettings } from '../../config/explained.ts'
import { withEditLock } from '../../config/fileLock.ts'
import { parseSettings, readSettings } from '../../config/settings.ts'
import { findWorkspace, type Workspace } from '../../config/workspace.ts'
import { readYaml } from '../../config/yaml.ts'
import { AgencyError } from '../../kernel/errors.ts'
import { isObject, replaceFile } from '../../kernel/json.ts'
import { columns, paint } from '../text.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'config',
  arguments: [
    { form: '[key]', about: 'a setting, such as delivery.maxAttempts' },
    { form: '[value]', about: 'its new value, as YAML' },
  ],
  options: [],
  examples: [
    'agency config',
    'agency config delivery.maxAttempts',
    'agency config tmux.socket work',
    'agency config groups "{builders: [CodeAgency]}"',
  ],
  async run(context, [key, value]) {
    const workspace = findWorkspace({ flag: context.workspaceFlag, cwd: context.cwd, env: context.env })
    if (key !== undefined && value !== undefined) await change(workspace, String(key), String(value))
    const settings = await readSettings(workspace.settingsFile, context.env)
    if (key === undefined) return { data: settings, text: columns(explainSettings(settings).map(showRow)) }
    const found = String(key)
      .split('.')
      .reduce<unknown>((at, part) => (isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined), settings)
    if (found === undefined && value === undefined)
      throw new AgencyError('NOT_FOUND', `there is no setting ${String(key)}, or it has no value`, {
        hint: 'agency config',
      })
    const restart =
      value === undefined ? '' : `\n${paint('gray', 'the daemon reads it at its next start: agency daemon restart')}`
    return {
      data: { [String(key)]: found ?? null },
      text: `${typeof found === 'object' ? JSON.stringify(found) : String(found)}${restart}`,
    }
  },
}

/** Comments and order of the person's file stay; a value the schema refuses is not written. */
async function change(workspace: Workspace, key: string, value: string): Promise<void> {
  // A workspace that was cloned has none yet.
  await mkdir(workspace.registry, { recursive: true, mode: 0o700 })
  await withEditLock({ folder: workspace.root, lockfilePath: join(workspace.registry, 'settings.lock') }, async () => {
    const document = editable(await readFile(workspace.settingsFile, 'utf8'), workspace.settingsFile)
    document.setIn(key.split('.'), readYaml(value, key, z.unknown(), null))
    const text = document.toString()
    refuseOr(() => parseSettings(text, workspace.settingsFile), key, value)
    await replaceFile(workspace.settingsFile, text, { mode: 0o644 })
  })
}

/** Of the value that was typed it is told as of a value, and not as of a line that nobody will find. */
function refuseOr(parse: () => void, key: string, value: string): void {
  try {
    parse()
  } catch (error) {
    const why = error instanceof AgencyError ? error.message.split(` at ${key}: `)[1] : undefined
    if (why === undefined) throw error
    const shown = JSON.stringify(value.slice(0, 40))
    throw new AgencyError('BAD_DEFINITION', `${key} cannot be ${shown}, and nothing is changed: ${why}`, {
      hint: `agency config ${key}   shows what it is`,
      cause: error,
    })
  }
}

/** Settings that the schema refuses may be mended one by one; a file of another form is for an editor. */
function editable(text: string, file: string): Document {
  readYaml(text, file, z.unknown())
  const document = parseDocument(text, { uniqueKeys: false })
  if (isMap(document.contents)) return document
  parseSettings(text, file)
  return document.contents === null ? document : new Document({})
}

function showRow({ name, value, about }: ExplainedSetting): readonly string[] {
  return [name, value === undefined ? '-' : JSON.stringify(value), paint('gray', about)]
}
