import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { isInstalled, laidOut, run, templates } from './workbench.ts'

interface Definition {
  readonly name: string
  readonly capabilities: readonly string[]
  readonly coordinator: { readonly name: string }
  readonly agents: readonly {
    readonly name: string
    readonly title: string
    readonly capabilities: readonly string[]
  }[]
}

const EXPECTED = {
  CodeAgency: {
    capabilities: ['backend', 'frontend', 'api-design', 'code-review'],
    coordinator: 'code-coordinator',
    agents: ['python-agent', 'js-agent', 'go-agent', 'code-reviewer'],
    scripts: ['lint', 'format', 'review', 'test'],
  },
  QAAgency: {
    capabilities: ['testing', 'quality-assurance', 'performance-testing'],
    coordinator: 'qa-coordinator',
    agents: ['test-lead', 'qa-engineer', 'perf-tester', 'bug-tracker'],
    scripts: ['run-tests', 'coverage', 'perf', 'load', 'bug'],
  },
  DevOpsAgency: {
    capabilities: ['ci-cd', 'deployment', 'infrastructure', 'monitoring'],
    coordinator: 'devops-coordinator',
    agents: ['cicd-engineer', 'ops-monitor', 'deploy-manager'],
    scripts: ['perf', 'pipelines', 'health', 'release-check'],
  },
  SecurityAgency: {
    capabilities: ['security-audit', 'vulnerability-scanning', 'compliance'],
    coordinator: 'security-coordinator',
    agents: ['security-auditor', 'vulnerability-scanner', 'compliance-checker'],
    scripts: ['secrets', 'dependencies', 'code-scan', 'sbom', 'licenses', 'infrastructure'],
  },
  DocsAgency: {
    capabilities: ['technical-writing', 'api-docs', 'user-guides'],
    coordinator: 'docs-coordinator',
    agents: ['tech-writer', 'api-documenter', 'tutorial-creator'],
    scripts: ['links', 'prose', 'api-docs', 'openapi', 'run-tutorial'],
  },
  ReviewDuo: {
    capabilities: ['pair-programming', 'code-review'],
    coordinator: 'reviewer',
    agents: ['author'],
    scripts: ['lint', 'review', 'test'],
  },
  ResearchTriad: {
    capabilities: ['research', 'content', 'reporting'],
    coordinator: 'research-lead',
    agents: ['researcher', 'content-writer', 'reporter'],
    scripts: ['links', 'sources'],
  },
}

const AGENCIES = await Promise.all(
  Object.entries(EXPECTED).map(async ([name, expected]) => [name, expected, await laidOut(name)] as const),
)

describe.each(AGENCIES)('%s', (name, expected, made) => {
  const folder = join(templates, 'agencies', name)
  const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8')
  const definition = JSON.parse(read('agency.json')) as Definition

  it('R-AGY-3 has the agents and capabilities that its definition promises', () => {
    expect(definition.name).toBe(name)
    expect(definition.capabilities).toEqual(expected.capabilities)
    expect(definition.coordinator.name).toBe(expected.coordinator)
    expect(definition.agents.map(agent => agent.name)).toEqual(expected.agents)
    const known = new Set(definition.capabilities)
    for (const agent of definition.agents) expect(agent.capabilities.filter(word => !known.has(word))).toEqual([])
  })

  it('R-AGY-3 gives each agent a role with how to start, hand over, talk and treat git', () => {
    const roles = ['coordinator.md', ...expected.agents.map(agent => `agents/${agent}.md`)]
    expect(readdirSync(join(folder, 'agents')).sort()).toEqual(expected.agents.map(agent => `${agent}.md`).sort())
    for (const role of roles) {
      const text = read(role)
      for (const heading of ['How to start a task', 'Quality bar', 'What to hand over', 'When to ask, when to stop'])
        expect(text, role).toContain(`## ${heading}\n`)
      expect(text, role).toContain('## Git discipline\n')
      expect(text, role).toMatch(/Never push/)
      expect(text, role).toContain('"$AGENCY_BIN" send')
      const lines = text.split('\n').length
      expect(lines, `${role} has ${lines} lines`).toBeGreaterThan(54)
      expect(lines, `${role} has ${lines} lines`).toBeLessThan(111)
    }
  })

  it('R-BUS-1 gives each specialist the commands to tell how it goes, to ask, to answer, and to look what waits', () => {
    for (const agent of expected.agents) {
      const text = read('agents', `${agent}.md`)
      for (const word of ['STATUS ', 'QUESTION from ', 'BLOCKED ', 'COMPLETE '])
        expect(text, agent).toContain(`/coordinator" "${word}${agent}:`)
      expect(text, agent).toMatch(new RegExp(`"\\$AGENCY_BIN" reply \\w+ "ANSWER ${agent}: `))
      expect(text, agent).toContain('"$AGENCY_BIN" inbox')
    }
  })

  it('R-APR-2 has a coordinator who hands in what is done, except where results go back to another agency', () => {
    if (name === 'QAAgency') return
    expect(read('coordinator.md')).toMatch(/"submit": true|"\$AGENCY_BIN" submit --branch/)
    expect(read('coordinator.md')).toContain('agency approvals')
  })

  it('R-AGY-2 has shared memory, standards and protocols', () => {
    for (const part of ['memory', 'standards', 'protocols']) expect(read('context', `${part}.md`)).toMatch(/^# \w/)
  })

  it('R-AGY-3 has a playbook for every agent, named after it', () => {
    const agents = [expected.coordinator, ...expected.agents]
    expect(readdirSync(join(folder, 'rehearsal')).sort()).toEqual(agents.map(agent => `${agent}.yaml`).sort())
    for (const agent of agents) {
      const document = parseDocument(read('rehearsal', `${agent}.yaml`))
      expect([...document.errors, ...document.warnings], agent).toEqual([])
      expect(document.get('name')).toBe(agent)
    }
  })

  it('R-AGY-3 has scripts that can be run and that explain themselves', () => {
    const runnable = readdirSync(join(made, 'scripts')).filter(file => !file.includes('.'))
    expect(runnable.sort()).toEqual([...expected.scripts].sort())
    for (const script of expected.scripts) {
      const path = join(made, 'scripts', script)
      accessSync(path, constants.X_OK)
      const help = run(path, ['--help'], { cwd: folder })
      expect(help.status, script).toBe(0)
      expect(help.stdout, script).toMatch(/^Usage: /)
      expect(help.stdout, script).toMatch(/^Exit codes: /m)
      expect(help.stdout, script).toMatch(/^Example: /m)
      const refused = run(path, ['--nonsense'], { cwd: folder })
      expect(refused.status, script).toBe(2)
      expect(refused.stderr, script).toContain('--nonsense')
    }
  })

  it.runIf(isInstalled('shellcheck'))('R-AGY-3 has scripts that shellcheck finds nothing in', () => {
    const scripts = [...expected.scripts, 'lib.sh'].map(script => join(made, 'scripts', script))
    expect(run('shellcheck', ['-x', ...scripts], { cwd: folder }).stdout).toBe('')
    for (const script of scripts) expect(run('shellcheck', [script], { cwd: folder }).stdout).toBe('')
  })

  it('R-ALL-3 is written in plain quotes and names no machine', () => {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(md|yaml|json)$/.test(file) || !existsSync(join(folder, file))) continue
      expect(read(file), file).not.toMatch(/[\u2018\u2019\u201c\u201d]|\/home\/|\/root\/|\/Users\//)
    }
  })
})
