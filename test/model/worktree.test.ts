import { expect, it } from 'vitest'
import { isReminderDue, readPorcelain, reminderText, type WorktreeStatus } from '../../src/model/worktree.ts'

it('R-AGY-6 reads what git says of a worktree, whatever its files are called', () => {
  const hash = 'a'.repeat(40)
  const text = [
    `# branch.oid ${hash}`,
    '# branch.head agency/Code/a',
    `1 .M N... 100644 100644 100644 ${hash} ${hash} a file with spaces`,
    `2 R. N... 100644 100644 100644 ${hash} ${hash} R100 new name`,
    '? not an entry: the path it had',
    `u UU N... 100644 100644 100644 100644 ${hash} ${hash} ${hash} both.txt`,
    '? new\nline',
    '',
  ].join('\0')
  expect(readPorcelain(text)).toEqual({
    commit: hash,
    branch: 'agency/Code/a',
    changed: [
      { path: 'a file with spaces', isConflict: false },
      { path: 'new name', isConflict: false },
      { path: 'both.txt', isConflict: true },
      { path: 'new\nline', isConflict: false },
    ],
  })
  expect(readPorcelain('# branch.oid (initial)\0# branch.head (detached)\0')).toEqual({
    commit: undefined,
    branch: undefined,
    changed: [],
  })
})

it('R-AGY-6 a reminder comes after the time, once in each such time, and never when it is switched off', () => {
  const due = (oldestChangeAt: number | undefined, remindedAt: number | undefined, after = 100) =>
    isReminderDue({ oldestChangeAt, remindedAt }, 1000, after)
  expect(due(900, undefined)).toBe(true)
  expect(due(901, undefined)).toBe(false)
  expect(due(undefined, undefined)).toBe(false)
  expect(due(100, 901)).toBe(false)
  expect(due(100, 900)).toBe(true)
  expect(due(100, undefined, 0)).toBe(false)
})

it('R-AGY-6 a reminder says for how long, how much, and where to commit it', () => {
  const status = { uncommitted: 3, oldestChangeAt: 0, branch: 'agency/Code/a' } as WorktreeStatus
  expect(reminderText(status, 42 * 60_000)).toBe(
    'uncommitted work for 42 min: 3 files. Commit it on your branch agency/Code/a',
  )
  expect(reminderText({ ...status, uncommitted: 1 }, 5 * 3_600_000)).toContain('for 5 h: 1 file. ')
})
