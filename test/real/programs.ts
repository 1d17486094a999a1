/** The real programs that are tried: which package each comes in, and where it is installed for the trial. */

import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { parse } from 'yaml'
import { packageRoot } from '../../src/config/workspace.ts'

export const PROGRAMS = ['claude', 'codex', 'gemini', 'qwen', 'opencode', 'pi', 'copilot', 'continue'] as const
export type Program = (typeof PROGRAMS)[number]

export interface Installed {
  readonly program: Program
  readonly version: string
  /** Folder with its executable. */
  readonly bin: string
}

export function isProgram(name: string): name is Program {
  return (PROGRAMS as readonly string[]).includes(name)
}

/** Installs the version that its profile was tried with, or another; a folder that has it already is used as it is. */
export async function install(program: Program, folder: string, wanted?: string): Promise<Installed> {
  const file = join(packageRoot, 'templates', 'drivers', `${program}.yaml`)
  const profile = parse(readFileSync(file, 'utf8')) as { package?: string; tried?: string }
  if (!profile.package) throw new Error(`${file} names no package`)
  const place = join(folder, program)
  const version = wanted ?? profile.tried ?? 'latest'
  if (versionIn(place, profile.package) !== version) {
    await mkdir(place, { recursive: true })
    const spec = `${profile.package}@${version}`
    await execa('npm', ['install', '--prefix', place, '--no-audit', '--no-fund', '--loglevel', 'error', spec])
  }
  return { program, version: versionIn(place, profile.package) ?? version, bin: join(place, 'node_modules', '.bin') }
}

function versionIn(place: string, name: string): string | undefined {
  try {
    const text = readFileSync(join(place, 'node_modules', ...name.split('/'), 'package.json'), 'utf8')
    return (JSON.parse(text) as { version: string }).version
  } catch {
    return undefined
  }
}
