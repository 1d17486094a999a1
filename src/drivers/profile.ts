/** Turns a profile (templates/drivers/*.yaml) into a driver. Looked up in the workspace first, then in the package. */
import { statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readYaml } from '../config/yaml.ts'
import { AgencyError } from '../kernel/errors.ts'
import { readText } from '../kernel/plainFile.ts'
import type { Driver, Drivers } from './driver.ts'
import { fileLink } from './fileLink.ts'
import { hookReader } from './hookReader.ts'
import { connectOpencode } from './opencode/link.ts'
import { fill, placeholders } from './placeholders.ts'
import { launchOf } from './profileLaunch.ts'
import { type Profile, profileSchema } from './profileSchema.ts'
import { screenReader } from './profileScreen.ts'

/** What may stand in a path. */
const NAME = /^[a-z][a-z0-9-]{0,30}$/

/** `folders`: where profiles are looked up, first match wins. `constants`: values for {placeholders} that hold for every agent. */
export function profileDrivers(folders: readonly string[], constants: Readonly<Record<string, string>>): Drivers {
  const loaded = new Map<string, { stamp: string; driver: Driver }>()

  async function names(): Promise<readonly string[]> {
    const found = new Set<string>()
    for (const folder of folders)
      for (const file of await readdir(folder).catch(() => [] as string[]))
        if (file.endsWith('.yaml')) found.add(file.slice(0, -'.yaml'.length))
    return [...found].sort()
  }

  async function source(name: string): Promise<{ file: string; text: string }> {
    for (const folder of NAME.test(name) ? folders : []) {
      const file = join(folder, `${name}.yaml`)
      const text = await readText(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
        throw new AgencyError('BAD_DEFINITION', `${file} cannot be read: ${error.message}`, { hint: `ls -l ${file}` })
      })
      if (text !== undefined) return { file, text }
    }
    throw new AgencyError('NOT_FOUND', `there is no driver ${JSON.stringify(name.slice(0, 40))}`, {
      hint: `one of ${(await names()).join(', ')}`,
    })
  }

  return {
    names,
    source,
    // Asked for at every turn of every agent: an edit counts at once, but the file is read only after one.
    async get(name) {
      const stamp = NAME.test(name) ? stampOf(folders.map(folder => join(folder, `${name}.yaml`))) : undefined
      const cached = loaded.get(name)
      if (cached && cached.stamp === stamp) return cached.driver
      const { file, text } = await source(name)
      const driver = createProfileDriver(name, readYaml(text, file, profileSchema), constants)
      if (stamp !== undefined) loaded.set(name, { stamp, driver })
      return driver
    },
  }
}

/** Two edits within one tick of the file system's clock look alike. */
const SETTLED_MS = 50

/** Changes with every edit of the first of these files that is there. Undefined while an edit is too young to be told from the next. */
function stampOf(files: readonly string[]): string | undefined {
  try {
    for (const file of files) {
      const found = statSync(file, { bigint: true, throwIfNoEntry: false })
      if (!found) continue
      const { ino, size, mtimeNs, ctimeNs, ctimeMs } = found
      const isSettled = Math.abs(Date.now() - Number(ctimeMs)) > SETTLED_MS
      return isSettled ? `${file} ${ino} ${size} ${mtimeNs} ${ctimeNs}` : undefined
    }
  } catch {
    // A folder that may not be looked into: reading passes it over too.
  }
  return undefined
}

export function createProfileDriver(
  name: string,
  profile: Profile,
  constants: Readonly<Record<string, string>>,
): Driver {
  const [program] = profile.command

  return {
    name,
    title: profile.title,
    programName: typeof program === 'string' && !program.includes('{') ? program : undefined,
    package: profile.package,
    triedVersion: profile.tried,
    doors: profile.doors,
    typing: { ...profile.typing, alters: matcher(profile.typing.alters) },
    tellsTokens: profile.tellsTokens,
    hasHooks: profile.hooks?.complete ?? false,
    canResume: profile.resume !== undefined,
    namesConversation: profile.hooks?.conversation !== undefined && !isToldConversation(profile),
    needsPort: profile.port,
    canBeIsolated: profile.isolated !== undefined,
    carriesLogin: [...(profile.isolated?.environment ?? []), ...Object.keys(profile.isolated?.copies ?? {})].length > 0,
    interrupt: profile.interrupt ?? [],
    clear: profile.clear ?? [],
    boundary: boundaryOf(profile),
    install: profile.install,
    launch: context => launchOf(profile, constants, context),

    readScreen: screenReader(profile),
    readHook: hookReader(profile),
    ...(profile.api ? { connect: connector(profile.api, constants) } : {}),
  }
}

/** A program that takes a name for its conversation may still tell of another later, when a person starts one in it. */
function isToldConversation({ start }: Profile): boolean {
  return start.flat().some(word => placeholders(word).includes('conversation'))
}

/** Nothing matches a pattern that is not there. */
function matcher(pattern: string | undefined): (text: string) => boolean {
  const regex = pattern === undefined ? undefined : new RegExp(pattern, 'u')
  return text => regex?.test(text) ?? false
}

function boundaryOf({ hooks }: Profile): Driver['boundary'] {
  const boundary = hooks?.boundary
  if (!boundary) return undefined
  const { event, atMost = Number.POSITIVE_INFINITY, answer } = boundary
  return { event, atMost, answer: text => fill(answer, { text }), alters: matcher(boundary.alters) }
}

function connector(api: NonNullable<Profile['api']>, constants: Readonly<Record<string, string>>): Driver['connect'] {
  return async context => {
    const { runFolder: run, workdir, instance } = context
    const values = { ...constants, run, workdir, instance: String(instance) }
    if (api.kind === 'opencode') return connectOpencode(context, fill(api.passwordFile, values))
    return api.kind === 'lines'
      ? fileLink.lines(fill(api.file, values), text => fill(api.line, { text }))
      : fileLink.spool(fill(api.folder, values))
  }
}
