/** The diff of a change as bytes: its digest, and as much of it as is shown. Never held in memory as a whole. */
import { createHash } from 'node:crypto'
import { execa } from 'execa'
import { OUR_GIT } from '../agencies/git.ts'
import { AgencyError } from '../kernel/errors.ts'

/** Everything that a person's configuration, the repository's attributes or a terminal could change about it is fixed. */
const FIXED = [
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.commitGraph=false',
  '-c',
  'core.compression=6',
  '-c',
  'core.quotePath=true',
  '-c',
  'diff.suppressBlankEmpty=false',
  '-c',
  'diff.orderFile=/dev/null',
  '-c',
  'diff.interHunkContext=0',
  'diff',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--full-index',
  '--no-renames',
  '--diff-algorithm=myers',
  '--no-indent-heuristic',
  '--unified=3',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--submodule=short',
  '--ignore-submodules=none',
]

/** SHA-256 of `git diff --binary base commit`. */
export async function diffDigest(repository: string, base: string, commit: string): Promise<string> {
  const hash = createHash('sha256')
  await readDiff(repository, ['--binary', base, commit, '--'], chunk => {
    hash.update(chunk)
    return true
  })
  return hash.digest('hex')
}

/** Its text for people, at most so many bytes; binary files are named and not shown. */
export async function diffText(
  repository: string,
  { from, to }: { from: string; to: string },
  maxBytes: number,
): Promise<{ text: string; isCut: boolean }> {
  const chunks: Buffer[] = []
  let bytes = 0
  await readDiff(repository, [from, to, '--'], chunk => {
    chunks.push(chunk)
    bytes += chunk.length
    return bytes <= maxBytes
  })
  return { text: Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8'), isCut: bytes > maxBytes }
}

/** `take` returns false when it has had enough. */
async function readDiff(folder: string, args: readonly string[], take: (chunk: Buffer) => boolean): Promise<void> {
  const running = execa('git', ['-C', folder, ...FIXED, ...args], {
    env: OUR_GIT,
    stdin: 'ignore',
    stdout: 'pipe',
    buffer: { stdout: false, stderr: true },
    reject: false,
    timeout: 120_000,
  })
  let isEnough = false
  for await (const chunk of running.stdout) {
    if (take(chunk as Buffer)) continue
    isEnough = true
    running.kill()
    break
  }
  const result = await running
  if (result.exitCode !== 0 && !isEnough)
    throw new AgencyError('GIT', `git diff failed in ${folder}: ${result.stderr || result.shortMessage}`, {
      hint: `git -C ${folder} fsck`,
    })
}
