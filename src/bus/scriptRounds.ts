/** Reads what script agents have written, each in its turn. */
import type { Roster } from '../agencies/roster.ts'
import { Pending } from '../kernel/pending.ts'
import type { Address } from '../model/names.ts'
import type { ScriptOutput } from './scriptOutput.ts'

/** Of one that floods no more is read than leaves time for everybody else. */
const FLOOD_PAUSE_MS = 100

export class ScriptRounds {
  readonly #written = new Pending()
  #whenMore: () => void = () => undefined

  constructor(private readonly parts: { readonly roster: Roster; readonly output: ScriptOutput }) {}

  /** Called when there is something to tick for that nobody else tells of. */
  onMore(listener: () => void): void {
    this.#whenMore = listener
  }

  hasWritten(address: Address): void {
    this.#written.add(address)
  }

  async tick(): Promise<void> {
    const { roster, output } = this.parts
    await this.#written.each(async address => {
      const record = roster.agents.get(address)
      if (!record || !(await output.read(record))) return
      setTimeout(() => {
        this.hasWritten(address)
        this.#whenMore()
      }, FLOOD_PAUSE_MS).unref()
    })
  }
}
