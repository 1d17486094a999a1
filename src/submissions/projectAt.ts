/** What a commit says about how its project is run, read from git without checking it out. */
import type { Git } from '../agencies/git.ts'
import { type ProjectFiles, TELLING_FILES } from '../model/sandboxPlan.ts'

const MOST_BYTES = 1_000_000

export async function projectAt(git: Git, repository: string, commit: string): Promise<ProjectFiles> {
  const listed = await git.run(repository, ['ls-tree', '-z', '-l', commit])
  const entries = listed.split('\0').filter(Boolean).map(readEntry)
  const texts: Record<string, string> = {}
  for (const { name, bytes, isFile } of entries) {
    if (!isFile || bytes > MOST_BYTES || !TELLING_FILES.includes(name)) continue
    texts[name] = await git.run(repository, ['cat-file', 'blob', `${commit}:${name}`])
  }
  return { texts, names: new Set(entries.map(({ name }) => name)) }
}

/** `100644 blob HASH    SIZE TAB name`; a folder has `-` for a size. */
function readEntry(line: string): { name: string; bytes: number; isFile: boolean } {
  const tab = line.indexOf('\t')
  const [mode = '', , , size = ''] = line.slice(0, tab).split(/ +/)
  return { name: line.slice(tab + 1), bytes: Number(size) || 0, isFile: mode.startsWith('100') }
}
