/** Writes the pictures of the screens into the README: from the real screens, in a real terminal, over what the main job has left. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa, execaSync } from 'execa'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { endServer } from '../e2e/workbench.ts'

const socket = `agency-screens-${process.pid}`
const bin = join(packageRoot, 'bin', 'agency.js')
const env = { AGENCY_TMUX_SOCKET: socket, AGENCY_TMUX_CONFIG: '/dev/null', NO_COLOR: '1' }

interface Picture {
  readonly name: string
  readonly command: string
  readonly keys: readonly string[]
  readonly sees: RegExp
  readonly columns: number
  readonly rows: number
}

const PICTURES: readonly Picture[] = [
  { name: 'monitor', command: 'monitor', keys: [], sees: /1 agents \d/, columns: 110, rows: 22 },
  { name: 'approvals', command: 'approvals', keys: [], sees: /1 waits for you/, columns: 110, rows: 14 },
  { name: 'summary', command: 'approvals', keys: ['Enter'], sees: /\[summary\][\s\S]*Files/, columns: 110, rows: 28 },
  { name: 'diff', command: 'approvals', keys: ['Enter', 'Tab'], sees: /\[diff\][\s\S]*▾/, columns: 110, rows: 20 },
]

const played = await execa(process.execPath, [bin, 'demo', '--json', '--keep'], { env, stdin: 'ignore' })
const { workspace } = JSON.parse(played.stdout) as { workspace: string }
try {
  let readme = readFileSync(join(packageRoot, 'README.md'), 'utf8')
  for (const picture of PICTURES) readme = paste(readme, picture.name, await take(picture))
  writeFileSync(join(packageRoot, 'README.md'), readme)
} finally {
  await execa(process.execPath, [bin, '--workspace', workspace, 'down'], { env, reject: false })
  await endServer(socket)
  rmSync(dirname(workspace), { recursive: true, force: true })
}

async function take({ name, command, keys, sees, columns, rows }: Picture): Promise<string> {
  const shell = `'${process.execPath}' '${bin}' --workspace '${workspace}' ${command}`
  tmux('new-session', '-d', '-s', name, '-x', String(columns), '-y', String(rows), shell)
  for (const key of ['', ...keys]) {
    if (key !== '') tmux('send-keys', '-t', `=${name}:`, key)
    // Each key meets the screen that the one before it has made.
    await until(() => !/asking|^\s*$/.test(screen(name)), { timeoutMs: 5_000, everyMs: 100 })
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  if (!(await until(() => sees.test(screen(name)), { timeoutMs: 20_000, everyMs: 100 })))
    throw new Error(`${name} does not show ${sees}:\n${screen(name)}`)
  const shown = screen(name)
  tmux('kill-session', '-t', `=${name}:`)
  return shown
}

function screen(name: string): string {
  return tmux('capture-pane', '-p', '-t', `=${name}:`)
}

function tmux(...words: readonly string[]): string {
  return execaSync('tmux', ['-L', socket, ...words], { env }).stdout
}

/** Between its marks, with empty rows in a row as one. */
function paste(readme: string, name: string, shown: string): string {
  const rows = shown
    .split('\n')
    .map(row => row.trimEnd())
    .filter((row, index, all) => row.replace('│', '').trim() !== '' || all[index - 1]?.replace('│', '').trim() !== '')
  const [begin, end] = [`<!-- screen: ${name} -->\n`, `<!-- /screen -->`]
  const from = readme.indexOf(begin)
  const to = readme.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`README.md has no place for the screen ${name}`)
  return `${readme.slice(0, from)}${begin}\`\`\`\n${rows.join('\n').trimEnd()}\n\`\`\`\n${readme.slice(to)}`
}
