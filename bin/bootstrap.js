// What `npm start`, `npm test`, `npm run coverage` and `npm run bench` do first on a fresh machine: node's version, tmux and git, packages, build.
// Uses node's own modules only: nothing is installed yet when it runs.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const MAIN_JOBS = {
  start: args => [process.execPath, [join(root, 'bin', 'agency.js'), 'demo', ...args]],
  test: args => [process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args]],
  coverage: args => [process.execPath, [join(root, 'bin', 'coverage.js'), ...args]],
  bench: args => [process.execPath, [join(root, 'bin', 'workshop.js'), 'bench', ...args]],
  screens: args => [process.execPath, [join(root, 'bin', 'workshop.js'), 'screens', ...args]],
  'try:real': args => [process.execPath, [join(root, 'bin', 'workshop.js'), 'real', ...args]],
}

const [job = 'start', ...rest] = process.argv.slice(2)
if (!Object.hasOwn(MAIN_JOBS, job)) fail(`there is no job ${job}`, `npm start, npm test or npm run bench`, 2)
checkNode()
for (const tool of ['git', 'tmux']) await ensureTool(tool)
installPackages()
build()
const [command, args] = MAIN_JOBS[job](rest)
process.exit(run(command, args))

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    fail(`node ${process.versions.node} is too old: 20.19 or newer is needed`, 'https://nodejs.org', 8)
}

async function ensureTool(tool) {
  if (has(tool)) return
  const install = installCommand(tool)
  if (!install) fail(`${tool} is not installed`, `install ${tool} with your system's package manager`, 8)
  const shown = install.map(step => step.join(' ')).join(' && ')
  const isAgreed = process.env.CI ? true : await ask(`${tool} is not installed. Run: ${shown} ? [y/N] `)
  if (!isAgreed) fail(`${tool} is not installed`, shown, 8)
  for (const [program, ...words] of install)
    if (run(program, words) !== 0) fail(`${tool} could not be installed`, shown, 8)
}

function installCommand(tool) {
  const sudo = process.getuid?.() === 0 || !has('sudo') ? [] : ['sudo']
  if (has('brew')) return [['brew', 'install', tool]]
  if (has('apt-get'))
    return [
      [...sudo, 'apt-get', 'update'],
      [...sudo, 'apt-get', 'install', '-y', tool],
    ]
  if (has('dnf')) return [[...sudo, 'dnf', 'install', '-y', tool]]
  if (has('pacman')) return [[...sudo, 'pacman', '-S', '--noconfirm', tool]]
  if (has('zypper')) return [[...sudo, 'zypper', 'install', '-y', tool]]
  if (has('apk')) return [[...sudo, 'apk', 'add', tool]]
  return undefined
}

async function ask(question) {
  if (!process.stdin.isTTY) return false
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await prompt.question(question)
  prompt.close()
  return /^y(es)?$/i.test(answer.trim())
}

/** Packages that are installed as the lock file says are left alone, whoever installed them, and however old the files are. */
function installPackages() {
  if (isInstalled()) return
  process.stderr.write(
    'installing packages. better-sqlite3 compiles where no prebuilt binary can be had: one or two minutes, with python3, make and g++\n',
  )
  // Node's own headers, where they lie beside it: compiling then fetches nothing.
  const prefix = dirname(dirname(process.execPath))
  if (existsSync(join(prefix, 'include', 'node', 'node.h'))) process.env.npm_config_nodedir ??= prefix
  if (run('npm', ['ci', '--no-audit', '--no-fund']) !== 0)
    fail(
      'the packages could not be installed',
      'npm ci   (to compile better-sqlite3: apt-get install python3 make g++, or xcode-select --install)',
      8,
    )
}

function isInstalled() {
  const wanted = packagesIn(join(root, 'package-lock.json'))
  const present = packagesIn(join(root, 'node_modules', '.package-lock.json'))
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true
    if (!present[path]) return Boolean(optional)
    return present[path].version === version
  })
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
  } catch {
    return {}
  }
}

function build() {
  const built = join(root, 'dist', 'cli.js')
  if (existsSync(built) && statSync(built).mtimeMs > newest(join(root, 'src'))) return
  process.stderr.write('building\n')
  if (run(process.execPath, [join(root, 'bin', 'build.js')]) !== 0) fail('the build failed', 'npm run build', 1)
}

function newest(folder) {
  return Math.max(
    statSync(folder).mtimeMs,
    ...readdirSync(folder, { withFileTypes: true }).map(entry =>
      entry.isDirectory() ? newest(join(folder, entry.name)) : statSync(join(folder, entry.name)).mtimeMs,
    ),
  )
}

function has(tool) {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', tool], { stdio: 'ignore' }).status === 0
}

/** The exit status; a child that a signal ended counts as failed. */
function run(program, words) {
  const result = spawnSync(program, words, { cwd: root, stdio: 'inherit' })
  return result.status ?? 1
}

function fail(message, hint, code) {
  process.stderr.write(`error  ${message}\ntry    ${hint}\n`)
  process.exit(code)
}
