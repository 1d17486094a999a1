import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
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
  serve,
} from './workbench.ts'

const agency = await laidOut('SecurityAgency')
const script = (name: string) => join(agency, 'scripts', name)
/** Made up at run time, so that no scanner takes this file for a leak. */
const AWS_KEY = `AKIA${'Z7QX'.repeat(4)}`
const LOCK = JSON.stringify({
  lockfileVersion: 3,
  packages: {
    '': { name: 'fixture', version: '1.0.0' },
    'node_modules/minimist': { version: '1.2.5', license: 'MIT' },
    'node_modules/lodash': { version: '4.17.21', license: 'MIT' },
    'node_modules/copyleft': { version: '1.0.0', license: 'GPL-3.0' },
    'node_modules/either': { version: '2.0.0', license: '(GPL-2.0 OR MIT)' },
    'node_modules/nameless': { version: '3.0.0' },
  },
})

/** As much of the npm registry as an audit asks for; without an answer it refuses, as a mirror does that has no advisories. */
function npmRegistry(answers: boolean): RequestListener {
  const versions = Object.fromEntries(
    ['1.2.5', '1.2.8'].map(version => [version, { name: 'minimist', version, dist: {} }]),
  )
  const told: Record<string, object> = {
    '/-/npm/v1/security/advisories/bulk': {
      minimist: [
        {
          id: 1097678,
          url: 'https://github.com/advisories/GHSA-xvch-5gv4-984h',
          title: 'Prototype Pollution in minimist',
          severity: 'critical',
          vulnerable_versions: '>=1.0.0 <1.2.6',
        },
      ],
    },
    '/minimist': { name: 'minimist', 'dist-tags': { latest: '1.2.8' }, versions },
  }
  return (request, response) => {
    const body = answers ? told[request.url ?? ''] : undefined
    response.statusCode = body ? 200 : 405
    response.setHeader('content-type', 'application/json')
    request.resume().on('end', () => response.end(JSON.stringify(body ?? {})))
  }
}

describe('secrets', () => {
  it('R-AGY-3 names place and kind of each, and never shows the value', () => {
    const cwd = repositoryWith({
      'src/a b.js': `const region = 'eu'\nconst key = '${AWS_KEY}'\n`,
      'deploy.pem': `-----BEGIN RSA ${'PRIVATE'} KEY-----\nabc\n`,
      'db.yml': `url: postgres://app:h0nest-Pa55@db.internal/app\nok: postgres://app:\${PASSWORD}@db/app\n`,
      'allowed.js': `const key = '${AWS_KEY}' // gitleaks:allow\n`,
      'settings.js': "const password = process.env.PASSWORD\nconst apiKey = 'your-api-key-goes-here'\n",
    })
    const ran = run(script('secrets'), [], { cwd, path: pathOf(['wc']) })
    expect(ran.stdout).toContain('src/a b.js:2: AWS access key')
    expect(ran.stdout).toContain('deploy.pem:1: private key')
    expect(ran.stdout).toContain('db.yml:1: password in a URL')
    expect(ran.stdout + ran.stderr).not.toMatch(new RegExp(`${AWS_KEY}|h0nest`))
    expect(ran.stderr).toContain('REDUCED check by built-in rules')
    expect([ran.status, ran.summary]).toEqual([
      1,
      {
        script: 'secrets',
        tool: 'built-in',
        status: 'findings',
        findings: 3,
        history: false,
        notChecked: ['kinds of secrets beyond our own patterns'],
      },
    ])
  })

  it('R-AGY-3 finds in the history what was deleted since, and never calls the reduced check clean', () => {
    const cwd = repositoryWith({ 'a.js': `const key = '${AWS_KEY}'\n` })
    putFiles(cwd, { 'a.js': 'const key = process.env.KEY\n' })
    commitAll(cwd, 'Take the key out')
    const now = run(script('secrets'), [], { cwd, path: pathOf(['wc']) })
    expect([now.status, now.summary.status, now.summary.findings]).toEqual([3, 'incomplete', 0])
    const ever = run(script('secrets'), ['--history'], { cwd, path: pathOf(['wc']) })
    expect([ever.status, ever.summary.findings]).toEqual([1, 1])
    expect(ever.stdout).toContain(`${git(cwd, 'rev-parse', '--short', 'HEAD~1')} a.js: AWS access key in the history`)
  })

  it('R-AGY-3 leaves it to gitleaks where it is installed, and tells the places that it names', () => {
    const path = pathOf(['wc'], { gitleaks: recorded('gitleaks-8.26.0', 9) })
    const cwd = repositoryWith({ 'a.js': 'a', '.gitignore': 'b.js\n' })
    const ran = run(script('secrets'), ['--history'], { cwd, path })
    expect(ran.stdout).toContain('  86af73f a.js: aws-access-token in the history')
    expect([ran.status, ran.summary.tool, ran.summary.findings, ran.summary.notChecked]).toEqual([1, 'gitleaks', 2, []])
    // What git ignores is no part of the project.
    const ignored = run(script('secrets'), [], { cwd: repositoryWith({ '.gitignore': '*.js\n' }), path })
    expect([ignored.status, ignored.summary.findings], ignored.stdout).toEqual([0, 0])
  })

  it('R-AGY-3 leaves gitleaks aside when it is told so, and does not call it missing', () => {
    const path = pathOf(['wc'], { gitleaks: { exits: 9 } })
    const ran = run(script('secrets'), ['--built-in'], { cwd: repositoryWith({ a: 'a' }), path })
    expect(ran.stderr).toContain('gitleaks is left aside, as --built-in says')
    expect(ran.stderr).not.toContain('not installed')
    expect([ran.status, ran.summary.tool, ran.summary.findings]).toEqual([3, 'built-in', 0])
  })

  it('R-AGY-3 tries its own patterns where gitleaks could not run', () => {
    const path = pathOf(['wc'], { gitleaks: { says: 'Error: unknown command "dir" for "gitleaks"', exits: 126 } })
    const ran = run(script('secrets'), [], { cwd: repositoryWith({ 'a.js': `const key = '${AWS_KEY}'\n` }), path })
    expect(ran.stdout).toContain('a.js:1: AWS access key')
    expect([ran.status, ran.summary.notChecked]).toEqual([1, ['files: gitleaks could not run']])
  })
})

describe('dependencies', () => {
  it('R-AGY-3 names vulnerable ones by its list where no service can be asked, and says how little that is', () => {
    const cwd = folderWith({ 'package.json': '{}', 'package-lock.json': LOCK })
    const ran = run(script('dependencies'), ['--offline'], { cwd })
    expect(ran.stdout).toContain('minimist 1.2.5: CVE-2021-44906 prototype pollution, fixed in 1.2.6')
    expect(ran.stdout).not.toContain('lodash')
    expect([ran.status, ran.summary.findings]).toEqual([1, 1])
    expect(ran.summary.notChecked).toEqual(['javascript: everything that context/advisories.txt does not list'])
  })

  it.each([
    ['requirements.txt', 'PyYAML==5.3.1\nflask==3.0.0\n', 'pyyaml 5.3.1: CVE-2020-14343'],
    ['go.mod', 'module x\n\nrequire (\n\tgolang.org/x/net v0.20.0\n)\n', 'golang.org/x/net 0.20.0: CVE-2024-45338'],
  ])('R-AGY-3 reads %s', (file, text, said) => {
    const ran = run(script('dependencies'), ['--offline'], { cwd: folderWith({ [file]: text }) })
    expect([ran.status, ran.stdout]).toEqual([1, expect.stringContaining(said)])
  })

  it.runIf(isInstalled('npm'))(
    'R-AGY-3 asks the service of npm, and stands in where that does not answer',
    async () => {
      const manifest = '{ "name": "fixture", "version": "1.0.0", "dependencies": { "minimist": "1.2.5" } }'
      const cwd = folderWith({ 'package.json': manifest, 'package-lock.json': LOCK })
      const dependencies = async (answers: boolean) => {
        const origin = await serve(npmRegistry(answers))
        return runBeside(script('dependencies'), [], {
          cwd,
          env: { npm_config_registry: origin, npm_config_fetch_retries: '0' },
        })
      }
      const asked = await dependencies(true)
      expect(asked.stdout, asked.stderr).toContain('1 critical severity vulnerability')
      expect([asked.status, asked.summary.tool, asked.summary.findings, asked.summary.notChecked]).toEqual([
        1,
        'npm',
        1,
        [],
      ])
      const away = await dependencies(false)
      expect(away.stderr).toContain('npm gets no answer from its service: REDUCED check')
      expect([away.status, away.summary.tool, away.summary.findings]).toEqual([1, 'built-in', 1])
      expect(away.summary.notChecked).toEqual(['javascript: everything that context/advisories.txt does not list'])
    },
  )

  it.each([
    ['go.mod', 'govulncheck', 'govulncheck-1.9.0', 3, [1, 'govulncheck', 1, 0]],
    ['go.mod', 'govulncheck', 'govulncheck-1.9.0-no-service', 1, [3, 'built-in', 0, 1]],
    ['Cargo.lock', 'cargo', 'cargo-audit-0.22.2', 1, [1, 'cargo-audit', 1, 0]],
    ['Cargo.lock', 'cargo', 'cargo-audit-0.22.2-no-service', 1, [3, 'built-in', 0, 1]],
  ])('R-AGY-3 tells by %s what %s found from a service that does not answer', (file, tool, said, exits, expected) => {
    const cwd = folderWith(file === 'go.mod' ? { 'go.mod': '' } : { 'Cargo.toml': '', 'Cargo.lock': '' })
    const path = pathOf([], { [tool]: recorded(said, exits), 'cargo-audit': {} })
    const ran = run(script('dependencies'), [], { cwd, path })
    const { tool: used, findings, notChecked } = ran.summary
    expect([ran.status, used, findings, (notChecked as string[]).length], ran.stdout + ran.stderr).toEqual(expected)
  })

  it('R-AGY-3 says when nothing is locked', () => {
    const ran = run(script('dependencies'), [], { cwd: folderWith({ 'package.json': '{}' }) })
    expect([ran.status, ran.summary.notChecked]).toEqual([3, ['javascript: there is no package-lock.json']])
  })
})

it('R-AGY-3 licenses: what is not allowed, or not said, is a finding', () => {
  const ran = run(script('licenses'), [], { cwd: folderWith({ 'package.json': '{}', 'package-lock.json': LOCK }) })
  expect(ran.stdout).toContain('copyleft 1.0.0: GPL-3.0')
  expect(ran.stdout).toContain('nameless 3.0.0: none')
  expect(ran.stdout).not.toContain('either')
  expect([ran.status, ran.summary.findings]).toEqual([1, 2])
  const missing = run(script('licenses'), [], { cwd: folderWith({ 'pyproject.toml': '' }), path: pathOf() })
  expect([missing.status, missing.stderr]).toEqual([3, expect.stringContaining('python3 -m pip install pip-licenses')])
})

it('R-AGY-3 licenses: the words of Python packages for their licenses are understood', () => {
  const says =
    '"Name","Version","License"\n"six","1.17.0","MIT License"\n"regex","2.0","Apache Software License; Python Software Foundation License"\n"x","1","GNU General Public License v3 (GPLv3)"'
  const ran = run(script('licenses'), [], {
    cwd: folderWith({ 'pyproject.toml': '' }),
    path: pathOf([], { 'pip-licenses': { says } }),
  })
  expect(ran.stdout).toContain('x 1: GNU General Public License v3 (GPLv3)')
  expect([ran.status, ran.summary.findings], ran.stdout).toEqual([1, 1])
})

it('R-AGY-3 code-scan: leaves Python to bandit, and says each thing once', () => {
  const cwd = folderWith({ 'load.py': 'yaml.load(t)\n', 'a.js': 'eval(x)\n' })
  const ran = run(script('code-scan'), [], { cwd, path: pathOf([], { bandit: recorded('bandit-1.9.4', 1) }) })
  expect(ran.stdout).toContain('a.js:1: runs a string as code')
  expect([ran.status, ran.summary.findings, ran.summary.tool], ran.stdout).toEqual([1, 3, 'bandit, built-in'])
})

it('R-AGY-3 code-scan: dangerous constructs by place, in each language', () => {
  const cwd = folderWith({
    'package.json': '{}',
    'run.js': `import { execSync } from 'node:child_process'\nexecSync(\`git log \${process.argv[2]}\`)\nelement.innerHTML = name\nexecSync('git status')\n`,
    'load.py': 'import yaml, subprocess\nyaml.load(text)\nsubprocess.run(command, shell=True)\nyaml.safe_load(text)\n',
    'main.go': 'client := &tls.Config{InsecureSkipVerify: true}\n',
  })
  const ran = run(script('code-scan'), [], { cwd, path: pathOf() })
  for (const place of ['run.js:2', 'run.js:3', 'load.py:2', 'load.py:3', 'main.go:1'])
    expect(ran.stdout, place).toContain(`${place}: `)
  expect([ran.status, ran.summary.findings]).toEqual([1, 5])
  const clean = run(script('code-scan'), [], { cwd: folderWith({ 'a.js': 'export const a = 1\n' }), path: pathOf() })
  expect([clean.status, clean.summary.status]).toEqual([3, 'incomplete'])
})

it.runIf(isInstalled('npm'))('R-AGY-3 sbom: every locked component, in CycloneDX', () => {
  const lock = {
    name: 'fixture',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'fixture', version: '1.0.0', dependencies: { minimist: '1.2.8' } },
      'node_modules/minimist': { version: '1.2.8', license: 'MIT' },
    },
  }
  const cwd = folderWith({
    'package.json': '{ "name": "fixture", "version": "1.0.0", "dependencies": { "minimist": "1.2.8" } }',
    'package-lock.json': JSON.stringify(lock),
  })
  const ran = run(script('sbom'), ['--output', 'out/sbom.json'], { cwd })
  expect([ran.status, ran.summary.tool, ran.summary.file], ran.stderr).toEqual([0, 'npm', 'out/sbom.json'])
  expect(readFileSync(join(cwd, 'out/sbom.json'), 'utf8')).toContain('pkg:npm/minimist@1.2.8')
  expect(ran.summary.components).toBe(1)
  const missing = run(script('sbom'), [], { cwd: folderWith({ 'go.mod': '' }), path: pathOf() })
  expect([missing.status, missing.summary.notChecked]).toEqual([3, ['components']])
})

it('R-AGY-3 infrastructure: what makes a container root on its host', () => {
  const compose =
    'services:\n  app:\n    privileged: true\n    volumes:\n      - /var/run/docker.sock:/var/run/docker.sock\n'
  const ran = run(script('infrastructure'), [], { cwd: folderWith({ 'compose.yaml': compose }), path: pathOf() })
  expect([ran.status, ran.summary.findings]).toEqual([1, 2])
  expect(ran.stdout).toContain('compose.yaml:3: a privileged container')
  expect(run(script('infrastructure'), [], { cwd: folderWith({}), path: pathOf() }).status).toBe(3)
})
