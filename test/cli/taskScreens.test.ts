import { expect, it } from 'vitest'
import type { TaskDocument, TaskStoryDocument } from '../../src/cli/documents.ts'
import { runLines } from '../../src/cli/runLines.ts'
import { drawGraph } from '../../src/cli/task/graph.ts'
import { showStory } from '../../src/cli/task/show.ts'
import { errorText } from '../../src/cli/text.ts'

const task = (number: number, changes: Partial<TaskDocument> = {}): TaskDocument => ({
  ...{ id: String(number).padStart(32, '0'), label: `TASK-${number}`, title: 'A thing', body: '', needs: [] },
  ...{ createdBy: 'human', createdAt: '2026-11-21T12:00:00Z', priority: 'normal', dependsOn: [], state: 'ready' },
  ...{
    since: '2026-11-21T12:00:00Z',
    epoch: 0,
    attempts: 0,
    maxAttempts: 3,
    interruptions: 0,
    iteration: 1,
    isUnapproved: false,
  },
  ...changes,
})

const evil = '\u001b[2J\u001b]0;x\u0007\u202e'

it('R-ALL-4 nothing that an agent wrote, or called a file, moves the cursor', () => {
  const evidence = { ahead: 1, files: [], problems: [`1 uncommitted: a${evil}\nb`], checks: [] }
  const checks = [{ command: `npm${evil} test`, status: 1, seconds: 1, log: '/log' }]
  const { problems: _, ...good } = evidence
  const stories = [
    { task: { ...task(1, { body: evil, title: evil, reason: evil }), evidence }, parts: [], events: [] },
    { task: { ...task(1), evidence: { ...good, problems: [], checks } }, parts: [], events: [] },
  ] as unknown as readonly TaskStoryDocument[]
  const error = errorText({ code: 'CONFLICT', message: `it is blocked (${evil})`, hint: `agency ${evil}` })
  for (const shown of [...stories.map(showStory), error]) {
    expect(shown).toContain('\ufffd')
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  }
})

it('R-TSK-4 a failed check is told by its name, the lines that matter, and where all of its report is', () => {
  const run = { name: 'unit tests', command: 'if [ -f package.json ]; then npm test --silent; fi', seconds: 1.5 }
  const failed = { ...run, status: 3, log: '/w/1.log', tail: ['work.txt is not mended'] }
  const named = { ...failed, failures: [{ name: 'adds', message: '1 is not 2' }] }
  expect(runLines(failed)).toEqual([
    'failed with 3  unit tests  1.5 s',
    '  work.txt is not mended',
    'all of it: /w/1.log',
  ])
  expect(runLines(named)).toEqual(['failed with 3  unit tests  1.5 s', '  ✖ adds  1 is not 2', 'all of it: /w/1.log'])
  expect(runLines({ ...run, status: 0, log: '/w/1.log' })).toEqual(['passed  unit tests  1.5 s', '/w/1.log'])
})

it('R-TSK-1 a graph of any depth is drawn, and no wider than a person can follow', () => {
  const chain = Array.from({ length: 10_000 }, (_, index) =>
    task(index, index === 0 ? {} : { dependsOn: [{ task: task(index - 1).id, on: 'success' }] }),
  )
  const lines = drawGraph(chain, 'tree').split('\n')
  expect(lines).toHaveLength(10_000)
  expect(Math.max(...lines.map(line => line.length))).toBeLessThan(150)
  expect(
    drawGraph(chain.slice(0, 3), 'tree')
      .split('\n')
      .map(line => line.indexOf('TASK')),
  ).toEqual([0, 3, 6])
})
