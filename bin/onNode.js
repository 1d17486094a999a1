// Runs all tests, or those that are named, on another Node: what is committed, in a clone of its own, installed from nothing.
//   usage: onNode.js MAJOR [vitest argument …]
// The binary comes from the package registry, with the headers that better-sqlite3 is compiled against.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [major = '', ...rest] = process.argv.slice(2)
if (!/^\d+$/.test(major)) {
  process.stderr.write('error  which Node?\ntry    npm run test:node -- 22\n')
  process.exit(2)
}
const folder = mkdtempSync(join(tmpdir(), `agency-node-${major}-`))
try {
  process.exitCode = testOn(fetchNode())
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The folder with its `bin` and `include`. */
function fetchNode() {
  mustRun('npm', ['pack', '--silent', `node-${process.platform}-${process.arch}@${major}`], folder)
  const packed = readdirSync(folder).find(name => name.endsWith('.tgz'))
  mustRun('tar', ['xzf', packed], folder)
  return join(folder, 'package')
}

function testOn(node) {
  const clone = join(folder, 'clone')
  mustRun('git', ['clone', '--quiet', root, clone], folder)
  // A setting of the person's own would name the headers of their own Node.
  const env = {
    ...process.env,
    PATH: [join(node, 'bin'), process.env.PATH].join(delimiter),
    npm_config_nodedir: node,
  }
  return run(join(node, 'bin', 'node'), [join('bin', 'bootstrap.js'), 'test', ...rest], clone, env)
}

function mustRun(program, words, cwd) {
  if (run(program, words, cwd) !== 0) throw new Error(`failed: ${program} ${words.join(' ')}`)
}

function run(program, words, cwd, env = process.env) {
  return spawnSync(program, words, { cwd, env, stdio: 'inherit' }).status ?? 1
}
