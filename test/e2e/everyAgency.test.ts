import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { Workbench } from './workbench.ts'

it('R-AGY-1 R-AGY-4 every shipped template becomes an agency: its windows in order, and each agent briefed with role, context and ways to talk', async () => {
  await using bench = await Workbench.open()
  const project = bench.file('project')
  await execa('git', ['init', '--quiet', '--initial-branch=main', project])
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org']
  await execa('git', ['-C', project, ...identity, 'commit', '--quiet', '--allow-empty', '-m', 'Begin'])
  const templates = await readdir(join(packageRoot, 'templates', 'agencies'))
  expect(templates).toHaveLength(7)
  for (const name of templates) {
    const { agents, late } = await bench.ok(['create', name, '--repo', project], { timeoutMs: 60_000 })
    expect([name, late]).toEqual([name, []])
    const [, ...specialists] = agents.map((agent: string) => agent.split('/')[1])
    const windows = (await bench.tmux('list-windows', '-t', `=${name}:`, '-F', '#{window_index} #{window_name}')).split(
      '\n',
    )
    const expected = ['coordinator', ...specialists, 'tools', 'sandbox']
    expect(windows.filter(Boolean)).toEqual(expected.map((window, index) => `${index} ${window}`))
    for (const agent of agents as string[]) {
      const brief = await bench.text('registry', 'run', agent, 'brief.md')
      const [, own] = agent.split('/') as [string, string]
      const role = agent === agents[0] ? ['coordinator.md'] : ['agents', `${own}.md`]
      const parts = [role, ['context', 'memory.md'], ['context', 'protocols.md'], ['context', 'standards.md']]
      for (const part of parts) {
        const text = await bench.text('agencies', name, ...part)
        expect(brief.includes(text.trim()), `${agent} is told ${part.join('/')}`).toBe(true)
      }
      expect(brief, agent).toContain(`You are ${agent}.`)
      expect(brief, agent).not.toContain('(Cut here.')
    }
    const scripts = await readdir(bench.file('agencies', name, 'scripts'))
    expect(scripts, name).toContain('lib.sh')
  }
  const { agencies } = await bench.ok(['find', '--capability', 'compliance'])
  expect(agencies.map((agency: { name: string }) => agency.name)).toEqual(['SecurityAgency'])
}, 180_000)
