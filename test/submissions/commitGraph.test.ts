import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { gitWith } from '../../src/agencies/git.ts'
import { diffText } from '../../src/submissions/diff.ts'
import { commit, git, gitProject } from '../e2e/gitProject.ts'

it('R-APR-4 what is shown is what the commits hold, also where a commit graph says something else', async () => {
  const home = await mkdtemp(join(tmpdir(), 'agency-graph-'))
  try {
    const repository = await gitProject(join(home, 'repo'))
    const from = await git(repository, 'rev-parse', 'HEAD')
    await writeFile(join(repository, 'work.txt'), 'made\n')
    const to = await commit(repository, 'Work')
    await git(repository, 'commit-graph', 'write', '--reachable')
    const file = join(repository, '.git', 'objects', 'info', 'commit-graph')
    const graph = (await readFile(file)).toString('hex')
    const [before, after] = await Promise.all([from, to].map(each => git(repository, 'rev-parse', `${each}^{tree}`)))
    await chmod(file, 0o600)
    await writeFile(file, Buffer.from(graph.replace(after!, before!), 'hex'))
    expect(await git(repository, 'diff', from, to)).toBe('')
    expect((await diffText(repository, { from, to }, 1000)).text).toContain('+made')
    expect((await gitWith(0o022).run(repository, ['diff', '--name-only', from, to])).trim()).toBe('work.txt')
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})
