/** Questions that wait for the person: asked through a dialog, answered by a key. */
import type { Dialog, Event } from './state.ts'

export class Questions {
  readonly #answers = new Map<number, (isApproved: boolean) => void>()
  readonly #dispatch: (event: Event) => void
  #asked = 0

  constructor(dispatch: (event: Event) => void) {
    this.#dispatch = dispatch
  }

  ask(kind: Dialog['kind'], question: string): Promise<boolean> {
    const id = ++this.#asked
    return new Promise(resolve => {
      this.#answers.set(id, resolve)
      // As Claude Code: Enter pressed blindly grants a permission, but refuses trust, and the program is gone.
      const selected = kind === 'trust' ? 'no' : 'yes'
      this.#dispatch({ on: 'ask', dialog: { id, kind, question, selected } })
    })
  }

  answer(dialog: Dialog, isApproved: boolean): void {
    this.#answers.get(dialog.id)?.(isApproved)
    this.#answers.delete(dialog.id)
  }
}
