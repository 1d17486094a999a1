import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { packageRoot } from '../../src/config/workspace.ts'
import { profileDrivers } from '../../src/drivers/profile.ts'

/** What a screen file says above its line of equals signs; below it stands the screen, just as a pane shows it. */
interface Expected {
  /** Captured from the program, or drawn from its documentation. */
  readonly from: string
  readonly state: string
  readonly rule: string
  readonly composer?: string
  readonly chip?: boolean
  readonly queued?: boolean
  /** Words that the question of a dialog holds. */
  readonly question?: string
  readonly title?: string
  /** When a limit ends, for a screen that is looked at on 21 November 2026 at 14:30, local time: YYYY-MM-DDTHH:MM. */
  readonly until?: string
  /** Choices that the dialog is known to have. */
  readonly answers?: readonly string[]
}

const NOW = new Date(2026, 10, 21, 14, 30).getTime()

const screens = join(import.meta.dirname, 'screens')
const drivers = profileDrivers([join(packageRoot, 'templates', 'drivers')], {})

for (const driver of readdirSync(screens))
  describe(`the profile of ${driver}`, () => {
    for (const file of readdirSync(join(screens, driver)))
      it(`R-BUS-4 reads ${file.replace('.txt', '')} as it is`, async () => {
        const [head = '', screen = ''] = readFileSync(join(screens, driver, file), 'utf8').split(/^===\n/m)
        const wanted = parse(head) as Expected
        // A pane has as many lines as it is high: most programs leave those at its foot empty until the screen is full.
        const lines = [...screen.split('\n'), '', '', '']
        const {
          evidence: _,
          question,
          answers,
          limitedUntil,
          ...seen
        } = (await drivers.get(driver)).readScreen({ lines, title: wanted.title ?? '' }, NOW)
        expect(seen).toEqual({
          state: wanted.state,
          rule: wanted.rule,
          composer: wanted.state === 'waiting' ? seen.composer : wanted.composer,
          isChip: wanted.chip ?? false,
          showsQueued: wanted.queued ?? false,
        })
        expect(limitedUntil).toBe(wanted.until === undefined ? undefined : new Date(wanted.until).getTime())
        if (wanted.answers) expect(Object.keys(answers)).toEqual(wanted.answers)
        if (wanted.question === undefined) expect(question).toBeUndefined()
        else expect(question).toContain(wanted.question)
      })
  })

it('every driver that is typed into has screens of each state that delivery depends on', async () => {
  for (const name of await drivers.names()) {
    if (!(await drivers.get(name)).doors.includes('typing')) continue
    const states = new Set(readdirSync(join(screens, name)).map(file => file.split(/[-.]/)[0]))
    expect([name, ...['ready', 'busy', 'waiting'].filter(state => !states.has(state))]).toEqual([name])
  }
})
