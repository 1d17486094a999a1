import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  commitAll,
  folderWith,
  git,
  isInstalled,
  laidOut,
  pathOf,
  putFiles,
  recorded,
  repositoryWith,
  run,
  runBeside,
  service,
} from './workbench.ts'

const agency = await laidOut('DevOpsAgency')
const script = (name: string) => join(agency, 'scripts', name)

const PIPELINE = {
  '.github/workflows/ci.yml':
    'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@main\n      - run: curl -s https://example.org/x | sh\n',
  Dockerfile:
    'FROM node:latest AS build\nFROM build\nADD https://example.org/tool /tool\nRUN curl -s https://example.org | sh\n',
  'deploy.sh': '#!/bin/sh\ncd $1\nrm -rf $2/*\n',
  'tools/my step': '#!/usr/bin/env bash\ncd $1\n',
  'not-ours.sh': '#!/usr/bin/env zsh\necho $x\n',
}

describe('pipelines', () => {
  it.runIf(isInstalled('shellcheck'))('R-AGY-3 finds what is wrong in workflows, Dockerfiles and scripts', () => {
    const cwd = repositoryWith(PIPELINE)
    const ran = run(script('pipelines'), [], { cwd, path: pathOf(['shellcheck']) })
    for (const said of [
      '.github/workflows/ci.yml:6: an action at a moving version',
      '.github/workflows/ci.yml:7: runs what it downloads',
      '.github/workflows/ci.yml:1: 1 of 1 jobs have no timeout-minutes',
      'Dockerfile:1: the base node:latest moves',
      'Dockerfile:3: ADD of a URL',
      'Dockerfile:4: runs what it downloads',
      'runs as root',
      'deploy.sh:2:4: note: Double quote',
      'tools/my step:2:1: warning:',
    ])
      expect(ran.stdout).toContain(said)
    expect(ran.stdout).not.toContain('the base build moves')
    expect([ran.status, ran.summary.findings]).toEqual([1, 13])
    expect(ran.summary.notChecked).toEqual(['workflow syntax and expressions', 'most rules for Dockerfiles'])
  })

  it('R-AGY-3 leaves it to the tools that are there', () => {
    const good = { says: '', exits: 0 }
    const path = pathOf([], { actionlint: good, hadolint: good, shellcheck: recorded('shellcheck-0.9.0', 1) })
    const ran = run(script('pipelines'), [], { cwd: repositoryWith(PIPELINE), path })
    expect([ran.status, ran.summary.findings, ran.summary.notChecked]).toEqual([1, 5, []])
    expect(ran.summary.tool).toBe('actionlint, hadolint, shellcheck')
  })

  it('R-AGY-3 says what is not installed, and never calls an empty folder clean', () => {
    const bare = run(script('pipelines'), [], { cwd: folderWith({ 'a.sh': '#!/bin/sh\n' }), path: pathOf() })
    expect([bare.status, bare.summary.notChecked]).toEqual([3, ['shell scripts']])
    expect(bare.stderr).toMatch(/install .*shellcheck/)
    expect(run(script('pipelines'), [], { cwd: folderWith({}) }).status).toBe(3)
  })
})

it.runIf(isInstalled('curl'))('R-AGY-3 health: no answer, a bad answer and a slow one are findings', async () => {
  const origin = await service()
  const health = (...args: string[]) => runBeside(script('health'), ['--disk', '100', ...args])
  const bad = await health('--max-ms', '200', `${origin}/`, `${origin}/bad`, `${origin}/slow`, 'http://127.0.0.1:1/')
  expect(bad.stdout).toContain(`${origin}/bad answers 503`)
  expect(bad.stdout).toMatch(/\/slow took \d+ ms, more than 200/)
  expect(bad.stdout).toContain('http://127.0.0.1:1/ does not answer')
  expect([bad.status, bad.summary.asked]).toEqual([1, 4])
  expect((await health('--max-ms', '5000', origin)).status).toBe(0)
  expect((await health('ftp://x')).status).toBe(2)
})

describe('release-check', () => {
  it('R-AGY-3 finds what stands in the way of a release', () => {
    const cwd = repositoryWith({
      'package.json': '{\n  "version": "1.0.0"\n}\n',
      'package-lock.json': '{\n  "version": "0.9.0"\n}\n',
      'CHANGELOG.md': '# Changelog\n\n## 0.9.0\n',
    })
    git(cwd, 'tag', 'v1.0.0')
    putFiles(cwd, { 'migrations/2.sql': 'ALTER TABLE people DROP COLUMN email;\n' })
    commitAll(cwd, 'Drop a column')
    putFiles(cwd, { 'loose.txt': '' })
    const ran = run(script('release-check'), [], { cwd })
    for (const said of [
      'v1.0.0 is released already',
      'CHANGELOG.md has no entry for 1.0.0',
      'package-lock.json is of version 0.9.0',
      '1 files are not committed',
      'migrations/2.sql: destroys data',
    ])
      expect(ran.stdout).toContain(said)
    expect([ran.status, ran.summary.findings, ran.summary.back]).toEqual([1, 5, 'v1.0.0'])
  })

  it('R-AGY-3 is content with a release that can be made and taken back', () => {
    const cwd = repositoryWith({
      'package.json': '{\n  "version": "1.0.0"\n}\n',
      'CHANGELOG.md': '## 1.0.0\n\n## 1.1.0\n',
    })
    git(cwd, 'tag', 'v1.0.0')
    putFiles(cwd, { 'package.json': '{\n  "version": "1.1.0"\n}\n' })
    commitAll(cwd, 'Version 1.1.0')
    const ran = run(script('release-check'), [], { cwd })
    expect([ran.status, ran.summary.status, ran.summary.version], ran.stdout).toEqual([0, 'clean', '1.1.0'])
    expect(run(script('release-check'), ['--since', 'nowhere'], { cwd }).status).toBe(2)
    expect(run(script('release-check'), [], { cwd: folderWith({}) }).status).toBe(2)
  })
})
