/** A small web project for sandboxes: a server, tests, a seed and mocks, with nothing to install. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commit, git, gitProject } from './gitProject.ts'

const SERVER = `
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
createServer(async (request, response) => {
  const rates = await fetch(process.env.MOCK_URL + '/rates/eur').then(answer => answer.json())
  response.end(JSON.stringify({ seeded: readFileSync(process.env.SQLITE_FILE, 'utf8'), rates }))
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening on ' + process.env.PORT))
`
const TESTS = `
import assert from 'node:assert'
import test from 'node:test'
test('the app answers with its data', async () => {
  const answer = await fetch(process.env.APP_URL).then(response => response.json())
  assert.deepEqual(answer, { seeded: 'first', rates: { rate: 1.5, of: 'eur' } })
})
test('adds', () => assert.equal(1 + 1, 2))
`
const MOCKS = `
env: RATES_URL
routes:
  - path: /rates/:name
    body: { rate: 1.5, of: '{name}' }
  - { method: post, path: /orders, status: 201, headers: { x-order: '7' }, body: created, delay: 0.01 }
`

/** On `main`, with a branch `feature/user-profile` one commit ahead. */
export async function sandboxProject(folder: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const repository = await gitProject(folder)
  const manifest = {
    type: 'module',
    scripts: { start: 'node server.js', test: 'node --test', seed: 'printf first > "$SQLITE_FILE"' },
  }
  await put(repository, {
    'package.json': JSON.stringify(manifest),
    'server.js': SERVER,
    'app.test.js': TESTS,
    'mocks/rates.yaml': MOCKS,
    '.gitignore': 'node_modules\n',
  })
  await commit(repository, 'An app')
  await git(repository, 'switch', '--quiet', '-c', 'feature/user-profile')
  await put(repository, { 'profile.txt': 'new\n', ...files })
  await commit(repository, 'A profile')
  await git(repository, 'switch', '--quiet', 'main')
  return repository
}

async function put(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}
