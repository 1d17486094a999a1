/** An agent's screen for somebody who looks at it, with its colors: captured over our own channel, and only while they look. */
import { onlyPerson } from '../agencies/authority.ts'
import type { Roster } from '../agencies/roster.ts'
import { sleep } from '../kernel/abort.ts'
import type { Clock } from '../kernel/clock.ts'
import { AgencyError } from '../kernel/errors.ts'
import { type StyledRun, styledRows } from '../model/styledText.ts'
import type { PaneId, PaneTrace, Terminal } from '../terminal/terminal.ts'

export interface PaneView {
  /** Undefined while there is none. */
  readonly pane: string | undefined
  readonly columns: number
  readonly rows: number
  readonly lines: readonly (readonly StyledRun[])[]
  /** Why there is nothing to see. */
  readonly why?: string
}

/**
 * tmux tells of what a pane prints (`%output`, `refresh-client -B`) only to a client that is attached to its session, which ours never is:
 * one that attaches while others print a lot brings down tmux 3.3a, and one that is read too slowly makes it grow. So it is asked this
 * often whether something was printed, and captured when something was.
 */
const LOOK_MS = 200

interface Look {
  readonly at: number
  readonly pane: string | undefined
  readonly trace: PaneTrace | undefined
  readonly view: PaneView
  readonly digest: string
}

interface Parts {
  readonly roster: Roster
  readonly terminal: Pick<Terminal, 'capture' | 'trace'>
  readonly clock: Clock
}

export class PaneWatch {
  constructor(private readonly parts: Parts) {}

  /** As it is, and each time that it differs, until the signal aborts. */
  async *follow(caller: string, target: string, signal: AbortSignal): AsyncGenerator<PaneView> {
    onlyPerson(caller, 'look at an agent’s screen')
    const address = this.parts.roster.resolve(target)
    let last: Look | undefined
    while (!signal.aborted) {
      const look = await this.#look(address, last)
      if (look.digest !== last?.digest) yield look.view
      last = look
      await sleep(LOOK_MS, signal)
    }
  }

  /** The one before where nothing can have changed since. */
  async #look(address: string, last: Look | undefined): Promise<Look> {
    const { roster, terminal, clock } = this.parts
    const agent = roster.agents.get(address)
    const pane = agent?.pane
    const at = clock.now()
    const nothing = (why: string) => lookOf(at, undefined, { pane, columns: 0, rows: 0, lines: [], why })
    if (agent === undefined) return nothing(`${address} is no more`)
    if (pane === undefined || agent.state === 'stopped') return nothing(`${address} has no pane: it is ${agent.state}`)
    try {
      const trace = await terminal.trace(pane as PaneId)
      if (last?.pane === pane && last.trace?.shape === trace.shape && last.at > trace.printedAt) return last
      const { lines, width, height } = await terminal.capture(pane as PaneId, { withStyles: true })
      return lookOf(at, trace, { pane, columns: width, rows: height, lines: styledRows(lines) })
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
      return nothing(error.message)
    }
  }
}

function lookOf(at: number, trace: PaneTrace | undefined, view: PaneView): Look {
  return { at, pane: view.pane, trace, view, digest: JSON.stringify(view) }
}
