import { chmodSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  commitAll,
  folderWith,
  git,
  isInstalled,
  laidOut,
  pathOf,
  project,
  putFiles,
  recorded,
  repositoryWith,
  run,
} from './workbench.ts'

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
      findings: 2,
      notChecked: [],
    })
  })

  it.each([
    ['package.json', 'eslint', 'eslint-10.15.0', 1, 3],
    ['pyproject.toml', 'ruff', 'ruff-0.16.9', 1, 3],
    ['pyproject.toml', 'flake8', 'flake8-7.4.1', 1, 4],
    ['Cargo.toml', 'cargo', 'clippy-1.95.0', 101, 1],
  ])('R-AGY-3 counts by %s what %s found, as it says it itself', (file, tool, said, exits, findings) => {
    const path = pathOf([], { [tool]: recorded(said, exits), 'cargo-clippy': {} })
    const ran = run(script('lint'), [], { cwd: folderWith({ [file]: '' }), path })
    expect([ran.status, ran.summary.findings, ran.summary.tool], ran.stdout).toEqual([1, findings, tool])
  })

  it('R-AGY-3 takes a linter that could not run for no finding, and for no clean bill either', () => {
    const cwd = folderWith({ 'package.json': '{}' })
    const broken = pathOf([], { eslint: recorded('eslint-10.15.0-no-config', 2) })
    const ran = run(script('lint'), [], { cwd, path: broken })
    expect(ran.stdout).toContain("ESLint couldn't find an eslint.config.* file.")
    expect([ran.status, ran.summary.findings, ran.summary.notChecked]).toEqual([
      3,
      0,
      ['javascript: eslint could not run'],
    ])
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

  it.each([
    ['package.json', 'prettier', 'prettier-3.10.1', 1, 1],
    ['pyproject.toml', 'ruff', 'ruff-0.16.9-format', 1, 1],
    ['pyproject.toml', 'black', 'black-26.5.1', 1, 1],
    // It lists what it would change and exits 0 all the same.
    ['go.mod', 'gofmt', 'gofmt-1.24.4', 0, 1],
    ['go.mod', 'gofmt', 'gofmt-1.24.4', 2, 1],
    ['Cargo.toml', 'cargo', 'rustfmt-1.95.0', 1, 2],
  ])('R-AGY-3 counts by %s what %s would change', (file, tool, said, exits, findings) => {
    const path = pathOf([], { [tool]: recorded(said, exits), rustfmt: {} })
    const ran = run(script('format'), ['--check'], { cwd: folderWith({ [file]: '' }), path })
    expect([ran.status, ran.summary.findings, ran.summary.tool], ran.stdout).toEqual([1, findings, tool])
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

  it.runIf(isInstalled('python3'))('R-AGY-3 calls a project without any test not checked', () => {
    const cwd = folderWith({ 'pyproject.toml': '', 'a.py': '' })
    const ran = run(script('test'), [], { cwd, path: pathOf(['python3']) })
    expect([ran.status, ran.summary.notChecked], ran.stdout).toEqual([3, ['python: there are no tests']])
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
