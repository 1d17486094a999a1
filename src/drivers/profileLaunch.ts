/** How a profile starts its program: words, environment, files, and what it needs behind a wall. */
import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { AgencyError } from '../kernel/errors.ts'
import type { Launch, LaunchContext, Overlay } from './driver.ts'
import { fill, placeholders } from './placeholders.ts'
import type { Profile } from './profileSchema.ts'

export function launchOf(
  profile: Profile,
  constants: Readonly<Record<string, string>>,
  context: LaunchContext,
): Launch {
  const values: Record<string, string | undefined> = {
    ...constants,
    address: context.address,
    agency: context.agency,
    agent: context.agent,
    workdir: context.workdir,
    run: context.runFolder,
    // What an agent may write behind a wall is nothing for one that is started as the person.
    own: context.isWalled ? join(context.runFolder, 'own') : context.runFolder,
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
    hint: `"command": ["./my-program"] of that agent, in agencies/${context.agency}/agency.json, or in that of a template: agency template new ${context.agency} --from ReviewDuo`,
  })
}
