/** Scripts that several templates have: kept once in templates/scripts, laid into an agency's scripts/ when it is made. */
import { access, copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot, type Workspace } from '../config/workspace.ts'
import { AgencyError } from '../kernel/errors.ts'
import { readText } from '../kernel/plainFile.ts'

/** Names one shared script a line, in a template's scripts/. What a script sources comes without being named. */
export const SHARED_LIST = 'shared.txt'

export function sharedFolders(workspace: Workspace): readonly string[] {
  return [join(workspace.templates, 'scripts'), join(packageRoot, 'templates', 'scripts')]
}

/** Names of all that can be shared, what is sourced only left out. */
export async function listShared(folders: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(folders.map(folder => readdir(folder).catch(() => [])))
  return [...new Set(found.flat())].filter(name => !name.includes('.')).sort()
}

export async function readSharedNames(template: string): Promise<readonly { word: string; line: number }[]> {
  const text = await readText(join(template, 'scripts', SHARED_LIST)).catch(() => '')
  return text
    .split('\n')
    .map((line, index) => ({ word: line.replace(/#.*/, '').trim(), line: index + 1 }))
    .filter(({ word }) => word !== '')
}

/** Copies what the template names, and what is sourced, unless the template has its own of that name. */
export async function laySharedScripts(folders: readonly string[], template: string, target: string): Promise<void> {
  const scripts = join(target, 'scripts')
  const named = (await readSharedNames(template)).map(({ word }) => word)
  const own = await readdir(scripts)
  const wanted = [...named, ...(own.length + named.length > 0 ? ['lib.sh'] : [])]
  const lay = async (name: string) => {
    const source = await firstThatHas(folders, name)
    if (source === undefined)
      throw new AgencyError(
        'BAD_DEFINITION',
        `${join(template, 'scripts', SHARED_LIST)}: there is no shared script ${name}`,
        {
          hint: `there are: ${(await listShared(folders)).join(', ')}`,
        },
      )
    await copyFile(source, join(scripts, name))
  }
  await Promise.all([...new Set(wanted)].filter(name => !own.includes(name)).map(lay))
}

async function firstThatHas(folders: readonly string[], name: string): Promise<string | undefined> {
  if (name.includes('/')) return undefined
  for (const folder of folders) {
    const file = join(folder, name)
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file
  }
  return undefined
}
