/** An agent's screen for somebody who looks at it: captured over our own channel, and only while they look. */
import { onlyPerson } from '../agencies/authority.ts'
import type { Roster } from '../agencies/roster.ts'
import { sleep } from '../kernel/abort.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { PaneId, Terminal } from '../terminal/terminal.ts'

export interface PaneView {
  /** Undefined while there is none. */
  readonly pane: string | undefined
  readonly columns: number
  readonly rows: number
  readonly lines: readonly string[]
  /** Why there is nothing to see. */
  readonly why?: string
}

const LOOK_MS = 200
/** A screen on which nothing moves is looked at less often. */
const IDLE_LOOK_MS = 600
const IDLE_AFTER = 10

export class PaneWatch {
  constructor(private readonly parts: { readonly roster: Roster; readonly terminal: Terminal }) {}

  /** As it is, and each time that it differs, until the signal aborts. */
  async *follow(caller: string, target: string, signal: AbortSignal): AsyncGenerator<PaneView> {
    onlyPerson(caller, 'look at an agent’s screen')
    const address = this.parts.roster.resolve(target)
    let last = ''
    for (let same = 0; !signal.aborted; same++) {
      const view = await this.#look(address)
      const digest = JSON.stringify(view)
      if (digest !== last) {
        yield view
        same = 0
      }
      last = digest
      await sleep(same < IDLE_AFTER ? LOOK_MS : IDLE_LOOK_MS, signal)
    }
  }

  async #look(address: string): Promise<PaneView> {
    const agent = this.parts.roster.agents.get(address)
    const pane = agent?.pane
    const nothing = { pane, columns: 0, rows: 0, lines: [] }
    if (agent === undefined) return { ...nothing, why: `${address} is no more` }
    if (pane === undefined || agent.state === 'stopped')
      return { ...nothing, why: `${address} has no pane: it is ${agent.state}` }
    try {
      const { lines, width, height } = await this.parts.terminal.capture(pane as PaneId)
      return { pane, columns: width, rows: height, lines }
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
      return { ...nothing, why: error.message }
    }
  }
}
