/** What can befall a workspace, each as one deed that ends with things as they were but for what the daemon has to mend. */
import { execa } from 'execa'
import { sleep } from '../../src/kernel/abort.ts'
import { isRunning } from '../../src/kernel/process.ts'
import type { Workbench } from '../e2e/workbench.ts'

export interface Scene {
  readonly bench: Workbench
  /** Between 0 and 1, from the storm's seed. */
  readonly random: () => number
  /** Addresses of the agents. */
  readonly team: readonly string[]
  readonly isTyped: (address: string) => boolean
}

export interface Deed {
  readonly name: string
  /** How often, against the others. */
  readonly weight: number
  run(scene: Scene): Promise<void>
}

export const DEEDS: readonly Deed[] = [
  { name: 'kill -9 of the daemon', weight: 6, run: killDaemon },
  { name: 'kill -9 of a program', weight: 6, run: killProgram },
  { name: 'kill -9 of a program and of the daemon', weight: 3, run: killBoth },
  { name: 'kill -9 of a runner', weight: 2, run: killRunner },
  { name: 'kill-pane', weight: 2, run: killPane },
  { name: 'respawn-pane', weight: 2, run: respawnPane },
  { name: 'a program stands still', weight: 3, run: standStill },
  { name: 'a person types and thinks better of it', weight: 5, run: draft },
  { name: 'a person scrolls back', weight: 3, run: scrollBack },
  { name: 'a window changes its size', weight: 3, run: resize },
  { name: 'restart', weight: 2, run: restart },
  { name: 'pause and resume', weight: 3, run: pause },
  { name: 'stop and start', weight: 2, run: stopAndStart },
  { name: 'kill-server and up', weight: 1, run: loseServer },
  { name: 'down and up', weight: 1, run: downAndUp },
]

export function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!
}

async function killDaemon({ bench, random }: Scene): Promise<void> {
  // The number in the file, for asking would start one.
  const pid = await daemonPid(bench)
  if (pid === undefined) return
  kill(pid)
  await sleep(random() * 1_500)
}

async function killBoth(scene: Scene): Promise<void> {
  await Promise.all([killDaemon(scene), killProgram(scene)])
}

async function killProgram(scene: Scene): Promise<void> {
  const pid = await somePid(scene, 'pid')
  if (pid > 0) kill(pid)
}

async function killRunner(scene: Scene): Promise<void> {
  const pid = await somePid(scene, 'runner')
  if (pid > 0) kill(pid)
}

async function killPane(scene: Scene): Promise<void> {
  await inPane(scene, (tmux, pane) => tmux('kill-pane', '-t', pane))
}

async function respawnPane(scene: Scene): Promise<void> {
  await inPane(scene, (tmux, pane) => tmux('respawn-pane', '-k', '-t', pane))
}

async function standStill(scene: Scene): Promise<void> {
  const pid = await somePid(scene, 'pid')
  if (!(pid > 0 && isRunning(pid))) return
  signal(pid, 'SIGSTOP')
  await sleep(500 + scene.random() * 3_000)
  signal(pid, 'SIGCONT')
}

async function draft(scene: Scene): Promise<void> {
  const { random } = scene
  await inPane({ ...scene, team: scene.team.filter(scene.isTyped) }, async (tmux, pane) => {
    await tmux('send-keys', '-t', pane, '-l', 'draft that nobody sends')
    await sleep(random() * 3_000)
    await tmux('send-keys', '-t', pane, 'C-u')
  })
}

async function scrollBack(scene: Scene): Promise<void> {
  await inPane(scene, async (tmux, pane) => {
    await tmux('copy-mode', '-t', pane)
    await sleep(scene.random() * 2_000)
    await tmux('send-keys', '-t', pane, '-X', 'cancel')
  })
}

async function resize(scene: Scene): Promise<void> {
  const { random } = scene
  const [x, y] = [60 + Math.floor(random() * 190), 15 + Math.floor(random() * 65)]
  await inPane(scene, (tmux, pane) => tmux('resize-window', '-t', pane, '-x', String(x), '-y', String(y)))
}

async function restart({ bench, random, team }: Scene): Promise<void> {
  await bench.run(['restart', pick(random, team)])
}

async function pause({ bench, random, team }: Scene): Promise<void> {
  const address = pick(random, team)
  await bench.run(['pause', address, '--why', 'storm'])
  await sleep(random() * 2_000)
  await bench.run(['resume', address])
}

async function stopAndStart({ bench, random, team }: Scene): Promise<void> {
  const address = pick(random, team)
  await bench.run(['stop', address])
  await sleep(random() * 1_000)
  await bench.run(['start', address])
}

async function loseServer({ bench }: Scene): Promise<void> {
  await execa('tmux', ['-L', bench.socket, 'kill-server'], { reject: false })
  await bench.run(['up'])
}

async function downAndUp({ bench }: Scene): Promise<void> {
  await bench.run(['down'])
  await bench.run(['up'])
}

type Tmux = (...args: readonly string[]) => Promise<unknown>

/** What is done to a pane may come too late for it: that is no fault of anybody's. */
async function inPane(
  { bench, random, team }: Scene,
  run: (tmux: Tmux, pane: string) => Promise<unknown>,
): Promise<void> {
  const [agency, agent] = pick(random, team).split('/')
  const tmux: Tmux = (...args) => execa('tmux', ['-L', bench.socket, ...args], { reject: false })
  const listed = await execa(
    'tmux',
    ['-L', bench.socket, 'list-panes', '-s', '-t', `=${agency}:`, '-F', '#{window_name} #{pane_id}'],
    { reject: false },
  )
  const pane = listed.stdout
    .split('\n')
    .find(line => line.startsWith(`${agent} `))
    ?.split(' ')[1]
  if (pane) await run(tmux, pane)
}

/** Of one of the agents, as its run folder says it; 0 where it says nothing. */
async function somePid({ bench, random, team }: Scene, file: 'pid' | 'runner'): Promise<number> {
  const text = await bench.text('registry', 'run', pick(random, team), file).catch(() => '')
  return Number.parseInt(text, 10) || 0
}

async function daemonPid(bench: Workbench): Promise<number | undefined> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,args='])
  const line = stdout.split('\n').find(line => line.includes('daemon.js') && line.trimEnd().endsWith(` ${bench.root}`))
  return line === undefined ? undefined : Number.parseInt(line, 10)
}

function kill(pid: number): void {
  signal(pid, 'SIGKILL')
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It had ended already.
  }
}
