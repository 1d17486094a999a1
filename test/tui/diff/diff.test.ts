import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { widthOf } from '../../../src/model/width.ts'
import { coloredLine, loadHighlighter } from '../../../src/tui/diff/highlight.ts'
import { type DiffFile, parseDiff } from '../../../src/tui/diff/parse.ts'
import { type DiffMode, diffRow, layDiffRows, pairsOf } from '../../../src/tui/diff/rows.ts'
import { showDiffRow } from '../../../src/tui/diff/show.ts'
import { inTreeOrder, treeRows } from '../../../src/tui/diff/tree.ts'
import { paintRow, type Span } from '../../../src/tui/text/spans.ts'
import { commit, git, gitProject } from '../../e2e/gitProject.ts'

const NONE = new Set<string>()
const words = (spans: readonly Span[]) => spans.map(({ text }) => text).join('')
const file = (path: string): DiffFile => ({
  path,
  change: 'changed',
  isBinary: false,
  insertions: 0,
  deletions: 0,
  lines: [],
})

/** What git says of a change that has everything in it that is hard to read. */
async function hardDiff(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agency-diff-'))
  try {
    const repo = await gitProject(folder)
    await writeFile(join(repo, 'plain.txt'), 'one\ntwo\nthree\n')
    await writeFile(join(repo, 'gone.md'), '-- a/x\n')
    await writeFile(join(repo, 'run.sh'), 'echo\n')
    await writeFile(join(repo, 'picture.bin'), Buffer.from([0, 1, 2]))
    await commit(repo, 'before')
    await writeFile(join(repo, 'plain.txt'), 'one\n2\nthree\nfour')
    await rm(join(repo, 'gone.md'))
    await writeFile(join(repo, 'with space.txt'), '++ b/y\n')
    await writeFile(join(repo, 'täst "x"\n\x1b[2J.md'), 'a\n')
    await writeFile(join(repo, 'picture.bin'), Buffer.from([0, 3]))
    await git(repo, 'update-index', '--chmod=+x', 'run.sh')
    await git(repo, 'add', '-A', 'plain.txt', 'gone.md', 'with space.txt', 'picture.bin', 'täst "x"\n\x1b[2J.md')
    await git(repo, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},vendored`)
    await git(repo, 'commit', '--quiet', '-m', 'after')
    return `${await git(repo, 'diff', '--no-renames', 'HEAD~1', 'HEAD')}\n`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

describe('a diff, read', () => {
  it('R-APR-3 has every file of it with its lines and numbers, whatever it is called and holds', async () => {
    const files = parseDiff(await hardDiff())
    const of = (path: string) => files.find(each => each.path === path)
    expect(files.map(({ path }) => path).sort()).toEqual(
      ['gone.md', 'picture.bin', 'plain.txt', 'run.sh', 'täst "x"\n\x1b[2J.md', 'vendored', 'with space.txt'].sort(),
    )
    expect(of('plain.txt')).toMatchObject({ change: 'changed', insertions: 2, deletions: 1 })
    expect(of('plain.txt')!.lines.map(({ kind, text, before, after }) => [kind, text, before, after])).toEqual([
      ['hunk', '@@ -1,3 +1,4 @@', undefined, undefined],
      ['context', 'one', 1, 1],
      ['removed', 'two', 2, undefined],
      ['added', '2', undefined, 2],
      ['context', 'three', 3, 3],
      ['added', 'four', undefined, 4],
      ['note', '\\ No newline at end of file', undefined, undefined],
    ])
    // A line that looks as a heading is a line.
    expect(of('gone.md')).toMatchObject({ change: 'deleted', deletions: 1, lines: [{}, { text: '-- a/x' }] })
    expect(of('with space.txt')).toMatchObject({ change: 'added', insertions: 1, lines: [{}, { text: '++ b/y' }] })
    expect(of('picture.bin')).toMatchObject({ isBinary: true })
    expect(of('run.sh')!.lines.map(({ text }) => text)).toEqual(['old mode 100644', 'new mode 100755'])
    expect(of('vendored')!.lines.at(-1)!.text).toContain('Subproject commit')
  })

  it('takes any text at all', () => {
    const lines = fc.constantFrom(
      'diff --git a/x b/x',
      '@@ -1,2 +1,2 @@',
      '+a',
      '-b',
      ' c',
      '\\ no',
      '--- a/x',
      '+++ "b/\\303x"',
      '',
      'x',
    )
    fc.assert(
      fc.property(fc.array(lines), all => {
        for (const each of parseDiff(all.join('\n')))
          for (const mode of ['unified', 'split'] as const) layDiffRows([each], mode, NONE)
      }),
    )
  })
})

describe('the rows of a diff', () => {
  const files = parseDiff(
    [
      ...['diff --git a/a.ts b/a.ts', '--- a/a.ts', '+++ b/a.ts', '@@ -1,3 +1,4 @@', ' const a = 1', '-let b = 2'],
      ...['+let b = 3', '+let d = "\u001b[31m日本"', ' // end', 'diff --git a/b.txt b/b.txt', '@@ -1 +0,0 @@', '-gone'],
    ].join('\n'),
  )

  it('are found by their number, folded or not, in both modes', () => {
    const shown = (mode: DiffMode, folded: ReadonlySet<string>) => {
      const rows = layDiffRows(files, mode, folded)
      return Array.from({ length: rows.count }, (_, number) => {
        const { file: of, row } = diffRow(rows, number)!
        return row === undefined ? of.path : row
      })
    }
    expect(shown('unified', NONE)).toEqual(['a.ts', 0, 1, 2, 3, 4, 5, 'b.txt', 0, 1])
    expect(shown('split', NONE)).toEqual(['a.ts', 0, 1, 2, 3, 4, 'b.txt', 0, 1])
    expect(shown('unified', new Set(['a.ts']))).toEqual(['a.ts', 'b.txt', 0, 1])
    expect(diffRow(layDiffRows(files, 'unified', NONE), 99)).toBeUndefined()
    expect(pairsOf(files[0]!)[2]).toMatchObject({ left: { text: 'let b = 2' }, right: { text: 'let b = 3' } })
  })

  it('never move the cursor, and are as wide as the screen', async () => {
    await loadHighlighter()
    for (const mode of ['unified', 'split'] as const)
      for (const columns of [40, 120]) {
        const rows = layDiffRows(files, mode, NONE)
        for (let number = 0; number < rows.count; number++)
          for (const left of [0, 8, 200]) {
            const row = paintRow(showDiffRow(diffRow(rows, number)!, { columns, mode, left, folded: NONE }), columns)
            expect(widthOf(row.replace(/\u001b\[[0-9;]*m/g, ''))).toBe(columns)
            expect(row).not.toContain('\u001b[31m日本')
          }
      }
  })

  it('are colored by their language, each side as what it is', async () => {
    await loadHighlighter()
    const [code] = files
    expect(coloredLine(code!, 1)).toContainEqual({ text: 'const', role: 'keyword' })
    expect(coloredLine(code!, 2)).toContainEqual({ text: '2', role: 'number' })
    expect(words(coloredLine(code!, 4))).toBe('let d = "�[31m日本"')
    expect(coloredLine(code!, 5)).toEqual([{ text: '// end', role: 'muted' }])
    expect(coloredLine(files[1]!, 1)).toEqual([{ text: 'gone', role: 'plain' }])
    const long = { ...file('x.js'), lines: [{ kind: 'added' as const, text: 'x'.repeat(20_000), before: 1, after: 1 }] }
    expect(words(coloredLine(long, 0))).toMatch(/^x{10000}… 10000 more characters$/)
  })
})

describe('the file tree', () => {
  it('folds folders, and puts those that are alone on one row', () => {
    const files = ['README.md', 'src/a/deep/x.ts', 'src/a/deep/y.ts', 'src/b.ts'].map(file)
    const shown = (folded: ReadonlySet<string>) =>
      treeRows(files, folded).map(
        ({ depth, name, file: at }) => `${'  '.repeat(depth)}${name}${at === undefined ? '' : `=${at}`}`,
      )
    expect(shown(NONE)).toEqual(['src/', '  a/deep/', '    x.ts=1', '    y.ts=2', '  b.ts=3', 'README.md=0'])
    expect(shown(new Set(['src/a/deep/']))).toEqual(['src/', '  a/deep/', '  b.ts=3', 'README.md=0'])
  })

  it('R-APR-3 has the files of the diff in its own order: both begin with the same one', () => {
    const files = ['CHANGELOG.md', 'README.md', 'src/a/deep/x.ts', 'src/b.ts', 'test/x.ts'].map(file)
    const ordered = inTreeOrder(files)
    expect(ordered.map(({ path }) => path)).toEqual([
      ...['src/a/deep/x.ts', 'src/b.ts', 'test/x.ts', 'CHANGELOG.md', 'README.md'],
    ])
    const inTree = treeRows(ordered, NONE).flatMap(({ file: at }) => at ?? [])
    expect(inTree).toEqual([0, 1, 2, 3, 4])
  })
})
