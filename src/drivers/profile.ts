/** Turns a profile (templates/drivers/*.yaml) into a driver. Looked up in the workspace first, then in the package. */
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readYaml } from '../config/yaml.ts'
import { AgencyError } from '../kernel/errors.ts'
import { isOldReset, readResetTime } from '../model/resetTime.ts'
import type { Driver, Drivers, Launch, LaunchContext, Overlay, ScreenReading } from './driver.ts'
import { fileLink } from './fileLink.ts'
import { hookReader } from './hookReader.ts'
import { connectOpencode } from './opencode/link.ts'
import { fill, placeholders } from './placeholders.ts'
import { type Profile, profileSchema } from './profileSchema.ts'

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
      const text = await readFile(file, 'utf8').catch(() => undefined)
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
  const rules = profile.rules.map(rule => ({
    ...rule,
    screen: rule.screen ? new RegExp(rule.screen, 'mu') : undefined,
    title: rule.title ? new RegExp(rule.title, 'u') : undefined,
  }))
  const queued = profile.queued ? new RegExp(profile.queued, 'mu') : undefined
  const chip = profile.composer?.chip ? new RegExp(`^(?:${profile.composer.chip})$`, 'u') : undefined
  const readComposer = composerReader(profile)
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
    launch: context => launch(profile, constants, context),

    readScreen({ lines, title }, now = Date.now(), limitOver?: number): ScreenReading {
      const filled = lines.filter(line => line.trim() !== '')
      const composer = readComposer(lines)
      const isChip = composer !== undefined && (chip?.test(composer) ?? false)
      const showsQueued = queued?.test(filled.slice(-24).join('\n')) ?? false
      for (const rule of rules) {
        const region = filled.slice(-rule.lines).join('\n')
        const seen = rule.screen?.exec(region)
        const titled = rule.title?.exec(title)
        if ((rule.screen && !seen) || (rule.title && !titled) || (!rule.screen && !rule.title)) continue
        const words = (seen?.[0] ?? titled?.[0] ?? '').trim().slice(0, 200)
        const until = seen?.groups?.until ?? titled?.groups?.until
        const limitedUntil = until === undefined ? undefined : readResetTime(until, now)
        // The banner of a limit stays on the screen when the limit is over.
        const isOld = limitedUntil !== undefined && isOldReset(until!, limitedUntil, now, limitOver)
        if (rule.state === 'limited' && isOld) continue
        const question =
          rule.state === 'waiting'
            ? wordsOf((seen?.groups?.question ?? dialogFrom(region, seen?.index ?? region.length)).split('\n'))
            : undefined
        const evidence = rule.hint ? `${words} (${rule.hint})` : words
        const what = { state: rule.state, rule: rule.name, evidence, answers: rule.answers, limitedUntil }
        return { ...what, composer, isChip, showsQueued, question }
      }
      const evidence = filled.at(-1)?.slice(0, 200) ?? ''
      const what = { state: 'unknown' as const, rule: 'no rule matches the screen', evidence, answers: {} }
      return { ...what, limitedUntil: undefined, composer, isChip, showsQueued, question: undefined }
    },

    readHook: hookReader(profile),
    ...(profile.api ? { connect: connector(profile.api, constants) } : {}),
  }
}

/** A program that takes a name for its conversation may still tell of another later, when a person starts one in it. */
function isToldConversation({ start }: Profile): boolean {
  return start.flat().some(word => placeholders(word).includes('conversation'))
}

/** The words of a dialog, without the frame around them. */
function wordsOf(lines: readonly string[]): string {
  const words = lines.map(line =>
    line
      .replace(/[\u2500-\u259f]+/gu, ' ')
      .replace(/\s+/gu, ' ')
      .trim(),
  )
  return words.filter(Boolean).join('\n')
}

const FRAME = /^\s*[─━▔╭][─━▔]{9}/gmu

/**
 * A dialog begins at the last frame line above what its rule has found, or there: what was said before stands above it, and a
 * policy must not take those words for the question.
 */
function dialogFrom(region: string, found: number): string {
  const frame = [...region.slice(0, found).matchAll(FRAME)].at(-1)
  return region.slice(frame?.index ?? found)
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

function composerReader(profile: Profile): (lines: readonly string[]) => string | undefined {
  const form = profile.composer
  if (!form) return () => undefined
  const first = new RegExp(form.first, 'u')
  const end = form.end ? new RegExp(form.end, 'u') : undefined
  const edge = form.edge ? new RegExp(form.edge, 'gu') : undefined
  const placeholder = form.placeholder ? new RegExp(form.placeholder, 'u') : undefined
  return shown => {
    // Until the screen is full, a program's composer stands under its history and not at the foot of the pane.
    const lines = shown.slice(0, shown.findLastIndex(line => line.trim() !== '') + 1)
    const bottom = Math.max(0, lines.length - form.lines)
    // The lowest match: what was typed before stands above it, in the history.
    for (let row = lines.length - 1; row >= bottom; row--) {
      const match = first.exec(lines[row]!)
      if (!match) continue
      const text = [match.groups?.text ?? '']
      if (end) {
        const stop = lines.findIndex((line, index) => index > row && end.test(line))
        if (stop < 0) continue
        text.push(...lines.slice(row + 1, stop).map(line => (edge ? line.replace(edge, '') : line)))
      }
      const whole = text.join('\n').trim()
      return placeholder?.test(whole) ? '' : whole
    }
    return undefined
  }
}

function launch(profile: Profile, constants: Readonly<Record<string, string>>, context: LaunchContext): Launch {
  const values: Record<string, string | undefined> = {
    ...constants,
    address: context.address,
    agency: context.agency,
    agent: context.agent,
    workdir: context.workdir,
    run: context.runFolder,
    own: join(context.runFolder, 'own'),
    roleFile: context.roleFile,
    brief: context.brief,
    workspace: context.workspace,
    mail: context.mail,
    playbook: context.playbook,
    conversation: context.conversation,
    port: context.port?.toString(),
    instance: String(context.instance),
    secret: randomBytes(24).toString('hex'),
  }
  const mode = context.isResumed && profile.resume ? profile.resume : profile.start
  const argv = [...profile.command, ...mode].flatMap(argument => {
    if (argument === '{command}') return requireCommand(context)
    if (typeof argument === 'string') return [fill(argument, values)]
    return argument.every(word => placeholders(word).every(key => values[key]))
      ? argument.map(word => fill(word, values))
      : []
  })
  const env = fillEach(profile.env, values)
  const files = Object.fromEntries(
    Object.entries(profile.files).map(([path, text]) => [fill(path, values), fill(text, values)]),
  )
  const overlay = overlayOf(profile, values, context)
  return {
    argv: [...argv, ...context.extraArgs],
    env: {
      ...env,
      ...context.extraEnv,
      ...overlay?.env,
      ...(context.isWalled ? fillEach(profile.isolated?.env ?? {}, values) : {}),
    },
    unset: profile.unset,
    files,
    overlay: overlay?.overlay,
    isolated: profile.isolated && {
      environment: profile.isolated.environment,
      copies: { ...copiesOf(profile.isolated, values, context), ...overlay?.copies },
      folders: profile.isolated.folders.map(folder => fill(folder, values)),
      buildsWalls: profile.isolated.buildsWalls,
    },
  }
}

/** From where the person's files are, by what the agent's environment says. */
function copiesOf(
  { copies, homes }: NonNullable<Profile['isolated']>,
  values: Readonly<Record<string, string | undefined>>,
  { extraEnv }: LaunchContext,
): Record<string, string> {
  const moved = Object.entries(homes).flatMap(([variable, place]) => {
    const elsewhere = inherited(variable, extraEnv)
    return elsewhere ? [{ place: `${place}/`, elsewhere: `${elsewhere}/` }] : []
  })
  const truePlace = (from: string) => {
    const found = moved.find(({ place }) => from.startsWith(place))
    return found ? join(found.elsewhere, from.slice(found.place.length)) : from
  }
  return Object.fromEntries(Object.entries(copies).map(([from, to]) => [truePlace(from), fill(to, values)]))
}

/** What a program gets of a variable: by the agent's definition, else from the person. */
function inherited(name: string, extraEnv: Readonly<Record<string, string>>): string | undefined {
  return extraEnv[name] || process.env[name]
}

function fillEach(
  texts: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, fill(text, values)]))
}

interface LaidOver {
  readonly overlay: Overlay
  readonly env: Readonly<Record<string, string>>
  /** Behind a wall the program has a folder that it may write, and copies of these files in it. */
  readonly copies: Readonly<Record<string, string>>
}

/** The person's folder is that which the agent's environment names. */
function overlayOf(
  { overlay }: Profile,
  values: Readonly<Record<string, string | undefined>>,
  { runFolder, extraEnv, isWalled }: LaunchContext,
): LaidOver | undefined {
  if (!overlay) return undefined
  const { variable, home: inHome, folder, own, json } = overlay
  const value = (name: string) => inherited(name, extraEnv)
  const home = join(runFolder, 'home')
  const inside = isWalled ? join(values.own!, 'home') : home
  const copied = isWalled ? Object.keys(json) : []
  return {
    overlay: {
      of: join(value(variable) ?? join(value('HOME') ?? homedir(), inHome), folder),
      at: join(home, folder),
      own,
      json: fillEach(json, values),
      isLinked: !isWalled,
    },
    env: { [variable]: inside },
    copies: Object.fromEntries(copied.map(name => [join(home, folder, name), join(inside, folder, name)])),
  }
}

function requireCommand(context: LaunchContext): readonly string[] {
  if (context.command) return context.command
  throw new AgencyError('BAD_DEFINITION', `the agent ${context.address} has the driver script but no command`, {
    hint: `agencies/${context.agency}/agency.json: "command": ["./my-program"]`,
  })
}
