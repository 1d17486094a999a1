import { chmodSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commitAll, folderWith, git, laidOut, pathOf, project, putFiles, repositoryWith, run } from './workbench.ts'

const agency = await laidOut('CodeAgency')
const script = (name: string) => join(agency, 'scripts', name)

/** A project with a biome of its own, as `npm install` would leave it. */
function biomeProject(source: string): string {
  const biome = resolve(import.meta.dirname, '../../node_modules/.bin/biome')
  const folder = folderWith({
    'package.json': '{ "name": "fixture" }\n',
    'biome.json': '{}\n',
    'node_modules/.bin/biome': `#!/bin/sh\nexec "${biome}" "$@"\n`,
    'main.js': source,
  })
  chmodSync(join(folder, 'node_modules/.bin/biome'), 0o755)
  return folder
}

describe('lint', () => {
  it('R-AGY-3 finds what the linter of the project finds', () => {
    const clean = run(script('lint'), [], { cwd: biomeProject('export const a = 1;\n') })
    expect([clean.status, clean.summary.status]).toEqual([0, 'clean'])
    const bad = run(script('lint'), [], { cwd: biomeProject('var a = 1; if (a == 2) { debugger }\n') })
    expect(bad.status).toBe(1)
    expect(bad.summary).toEqual({
      script: 'lint',
      tool: 'biome',
      status: 'findings',
      findings: 1,
      notChecked: [],
    })
  })

  it.each([
    ['package.json', 'javascript', 'npm install --save-dev eslint @eslint/js'],
    ['pyproject.toml', 'python', 'python3 -m pip install ruff'],
    ['go.mod', 'go', / install .*go/],
    ['Cargo.toml', 'rust', 'rustup component add clippy'],
  ])(
    'R-AGY-3 says for %s what is not installed, how to install it, and what was not checked',
    (file, language, install) => {
      const ran = run(script('lint'), [], { cwd: folderWith({ [file]: '{}\n' }), path: pathOf() })
      expect(ran.status).toBe(3)
      expect(ran.stderr).toMatch(new RegExp(`is not installed. Not checked: ${language}\\.`))
      expect(ran.stderr).toMatch(install)
      expect(ran.summary).toMatchObject({ status: 'incomplete', tool: '', findings: 0, notChecked: [language] })
    },
  )

  it('R-AGY-3 lets findings in one language win over a missing tool of another, and names both', () => {
    const cwd = folderWith({ 'pyproject.toml': '', 'go.mod': '' })
    const ran = run(script('lint'), [], { cwd, path: pathOf([], { ruff: { says: 'main.py:1 E501', exits: 1 } }) })
    expect(ran.status).toBe(1)
    expect(ran.summary).toMatchObject({ tool: 'ruff', findings: 1, notChecked: ['go'] })
  })

  it('R-AGY-3 never calls a folder clean in which there is nothing to check', () => {
    const ran = run(script('lint'), [], { cwd: folderWith({}) })
    expect([ran.status, ran.summary.status]).toEqual([3, 'incomplete'])
  })
})

describe('format', () => {
  it('R-AGY-3 reports with --check, and mends without', () => {
    const cwd = biomeProject('export   const a=1\n')
    expect(run(script('format'), ['--check'], { cwd }).status).toBe(1)
    expect(readFileSync(join(cwd, 'main.js'), 'utf8')).toBe('export   const a=1\n')
    expect(run(script('format'), [], { cwd }).status).toBe(0)
    expect(readFileSync(join(cwd, 'main.js'), 'utf8')).toBe('export const a = 1;\n')
    expect(run(script('format'), ['--check'], { cwd }).status).toBe(0)
  })

  it('R-AGY-3 takes what gofmt lists for findings, although gofmt exits 0', () => {
    const cwd = folderWith({ 'go.mod': '' })
    const ran = run(script('format'), ['--check'], { cwd, path: pathOf([], { gofmt: { says: 'main.go' } }) })
    expect([ran.status, ran.summary.findings]).toEqual([1, 1])
  })

  it('R-AGY-3 says what is not installed', () => {
    const ran = run(script('format'), ['--check'], { cwd: folderWith({ 'package.json': '{}' }), path: pathOf() })
    expect(ran.status).toBe(3)
    expect(ran.stderr).toContain('npm install --save-dev prettier')
  })
})

describe('test', () => {
  it('R-AGY-3 runs the tests of the project', () => {
    const ran = run(script('test'), [], { cwd: project })
    expect([ran.status, ran.summary.status]).toEqual([0, 'clean'])
  })

  it('R-AGY-3 fails when they fail', () => {
    const cwd = folderWith({ 'package.json': '{ "scripts": { "test": "exit 7" } }' })
    const ran = run(script('test'), [], { cwd })
    expect([ran.status, ran.summary.findings]).toEqual([1, 1])
  })

  it('R-AGY-3 says what is not installed', () => {
    const ran = run(script('test'), [], { cwd: folderWith({ 'go.mod': '' }), path: pathOf() })
    expect([ran.status, ran.summary.notChecked]).toEqual([3, ['go']])
  })
})

describe('review', () => {
  it('R-AGY-3 finds on a branch what a reviewer must look at, and only in what the branch adds', () => {
    const cwd = repositoryWith({ 'src/old.js': '// TODO old\nconsole.log(1)\n', 'package.json': '{}\n' })
    git(cwd, 'checkout', '--quiet', '-b', 'feature')
    putFiles(cwd, {
      'src/a b.js': 'const a = 1\ndebugger\n// TODO later\n',
      'src/merge.js': '<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> other\n',
      'big.bin': 'x'.repeat(300 * 1024),
    })
    commitAll(cwd, 'Mess')
    const ran = run(script('review'), ['feature'], { cwd })
    expect(ran.status).toBe(1)
    expect(ran.stdout).toContain('src/a b.js:2: leftover debugging?')
    expect(ran.stdout).toContain('src/a b.js:3: new TODO')
    expect(ran.stdout).toContain('src/merge.js:1: conflict marker')
    expect(ran.stdout).toContain('src/merge.js:5: conflict marker')
    expect(ran.stdout).toContain('big.bin: 300 KB in one file')
    expect(ran.stdout).toContain('source changed, no test did')
    expect(ran.stdout).not.toContain('old.js')
    expect(ran.summary).toMatchObject({ findings: 6, files: 3, commit: git(cwd, 'rev-parse', 'feature') })
  })

  it('R-AGY-3 finds nothing on a tidy branch, from any worktree', () => {
    const cwd = repositoryWith({ 'src/a.js': 'export const a = 1\n' })
    git(cwd, 'checkout', '--quiet', '-b', 'feature')
    putFiles(cwd, { 'src/b.js': 'export const b = 2\n', 'test/b.test.js': 'test.skip()\n' })
    commitAll(cwd, 'Tidy')
    git(cwd, 'checkout', '--quiet', 'main')
    const ran = run(script('review'), ['--base', 'main', 'feature'], { cwd })
    expect(ran.status).toBe(0)
    expect(ran.summary).toMatchObject({ status: 'clean', findings: 0, files: 2, added: 2, removed: 0 })
  })

  it('R-AGY-3 refuses a branch that is not there and a folder without git', () => {
    expect(run(script('review'), ['nowhere'], { cwd: repositoryWith({ a: '' }) }).status).toBe(2)
    expect(run(script('review'), [], { cwd: folderWith({}) }).status).toBe(2)
  })
})
