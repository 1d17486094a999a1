import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseSettings } from '../../config/settings.ts'
import { AgencyError } from '../../kernel/errors.ts'
import type { Verb } from '../verb.ts'

const SETTINGS = `# Settings of this workspace. Everything has a default: agency config shows all of it.

# The repository that agencies work on, relative to this file. Without it: the git repository around the folder
# in which you type "agency create".
# repo: .

# The driver of agents that name none: claude, rehearsal, script, shell.
driver: claude

# Names for "agency broadcast --to NAME".
# groups:
#   builders: [CodeAgency]
`

const IGNORED = ['/registry/', '/sandbox/', '/agencies/*/logs/']

export const verb: Verb = {
  name: 'init',
  arguments: [{ form: '[dir]', about: 'folder of the workspace (default: this one); made when missing' }],
  options: [{ form: '--driver <name>', about: 'driver of agents that name none (default: claude)' }],
  examples: ['agency init', 'agency init ~/teams --driver rehearsal'],

  async run(context, [dir], options) {
    const root = resolve(context.cwd, (dir as string | undefined) ?? '.')
    const file = join(root, 'agency.yaml')
    if (existsSync(file))
      throw new AgencyError('CONFLICT', `${file} exists: this is a workspace already`, {
        hint: 'agency create CodeAgency',
      })
    const text =
      options.driver === undefined ? SETTINGS : SETTINGS.replace('driver: claude', `driver: ${String(options.driver)}`)
    parseSettings(text, file)
    await layOut(root, file, text).catch((cause: NodeJS.ErrnoException) => {
      if (!['ENOTDIR', 'EEXIST', 'EACCES', 'EPERM', 'ENAMETOOLONG'].includes(cause.code ?? '')) throw cause
      throw new AgencyError('USAGE', `${root} cannot be a workspace: ${cause.message}`, {
        hint: 'agency init ~/teams',
        cause,
      })
    })
    return { data: { workspace: root }, text: `workspace ${root}\nnext   agency create CodeAgency` }
  },
}

async function layOut(root: string, file: string, text: string): Promise<void> {
  for (const folder of ['agencies', 'sandbox']) await mkdir(join(root, folder), { recursive: true })
  await mkdir(join(root, 'registry'), { recursive: true, mode: 0o700 })
  await ignoreState(root)
  await writeFile(file, text, { flag: 'wx' })
}

/** Runtime state does not belong in git; what a person has in .gitignore stays as it is. */
async function ignoreState(root: string): Promise<void> {
  const file = join(root, '.gitignore')
  const present = await readFile(file, 'utf8').catch(() => '')
  const missing = IGNORED.filter(line => !present.split('\n').includes(line))
  if (missing.length > 0)
    await writeFile(file, `${present}${present === '' || present.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`)
}
