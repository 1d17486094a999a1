import { expect, it } from 'vitest'
import { Narrator } from '../../../src/cli/demo/narrate.ts'
import type { MessageDocument } from '../../../src/cli/documents.ts'

function told(message: Partial<MessageDocument>, width?: number): readonly string[] {
  const lines: string[] = []
  new Narrator(line => lines.push(...line.split('\n')), width).message({
    type: 'COMPLETE',
    ...message,
  } as MessageDocument)
  return lines.map(line => line.replace(/^ *\d+\.\d s/, '  0.0 s'))
}

it('R-ALL-3 tells a message in rows of the terminal, and says agency, type and sender once', () => {
  const message = {
    from: 'DocsAgency/tech-writer',
    to: 'DocsAgency/docs-coordinator',
    body: 'COMPLETE tech-writer: TASK-001: one dead link is mended, links finds nothing',
  }
  expect(told(message, 60)).toEqual([
    '  0.0 s  DocsAgency/tech-writer → docs-coordinator  COMPLETE',
    '         TASK-001: one dead link is mended, links finds',
    '         nothing',
  ])
  // Without a terminal each step is one line, whatever its length.
  expect(told(message)).toEqual([
    '  0.0 s  DocsAgency/tech-writer → docs-coordinator  COMPLETE  TASK-001: one dead link is mended, links finds nothing',
  ])
  expect(
    told({ ...message, to: 'human', body: 'COMPLETE tech-writer: done\n{"submit": true, "branch": "b"}' }),
  ).toEqual(['  0.0 s  DocsAgency/tech-writer → human  COMPLETE  done'])
  expect(told({ from: 'human', to: 'DocsAgency/docs-coordinator', body: 'x' }, 80)[0]).toContain(
    'human → DocsAgency/docs-coordinator',
  )
})

it('R-ALL-3 breaks a long step of its own at a blank, colors not counted', () => {
  const lines: string[] = []
  new Narrator(line => lines.push(line), 30).say('project: a library without a reference')
  expect(lines[0]).toMatch(/ s {2}project: a library\n {9}without a reference$/)
  const painted: string[] = []
  new Narrator(line => painted.push(line), 30).say('\u001b[1mproject:\u001b[22m a library without a reference')
  expect(painted[0]).toMatch(/a library\n {9}without a reference$/)
})
