/** Where a program lies, and which version it says it is. */
import { access, constants } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { execa } from 'execa'

/** `name` on the PATH; a path is taken from `base`. Undefined when there is none that can be run. */
export async function findProgram(name: string, base = process.cwd()): Promise<string | undefined> {
  const candidates = name.includes('/')
    ? [resolve(base, name)]
    : (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, name))
  for (const path of candidates) {
    const isRunnable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isRunnable) return path
  }
  return undefined
}

/** The first line of `--version`; undefined when it says nothing in time. */
export async function programVersion(path: string): Promise<string | undefined> {
  const { stdout, exitCode } = await execa(path, ['--version'], { reject: false, timeout: 10_000, stdin: 'ignore' })
  return exitCode === 0 ? stdout.split('\n')[0]?.trim().slice(0, 80) || undefined : undefined
}
