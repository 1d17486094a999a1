/** Decides, from one look at a pane, whether text may be typed, Enter pressed, and whether the program has taken it. Pure. */
import type { AgentState } from './agent.ts'
import { showsSign } from './header.ts'

/** One look at the pane, read by the driver's rules. */
export interface Look {
  /** The pane's process is still the runner that we started, and the program in it lives. */
  readonly isSameProcess: boolean
  /** Copy mode: a paste would arrive there and Enter would not, and both would seem to succeed. */
  readonly inMode: boolean
  /** Keys of theirs may be on their way to the program, which has not shown them yet. */
  readonly isPersonTyping: boolean
  readonly state: AgentState
  /** Which rule decided the state. */
  readonly rule: string
  readonly composer: string | undefined
  /** The composer shows the program's stand-in for a long paste, and nothing else. */
  readonly isChip: boolean
  readonly showsQueued: boolean
  /** When the usage limit that it shows is over. */
  readonly limitedUntil?: number | undefined
  /** Everything visible, to look for a nonce. */
  readonly text: string
}

export type BeforeTyping =
  | { readonly go: true }
  | {
      readonly go: false
      readonly reason: string
      readonly until?: number | undefined
      /** The rule by which its screen shows a usage limit. */
      readonly limit?: string
    }

/**
 * Look first: only into a composer that is seen to be empty, of a program that is at its prompt.
 * `mayQueue`: the program takes text while it works and keeps it for the end of its turn, and the sender wants that.
 */
export function mayType(look: Look, mayQueue = false): BeforeTyping {
  const no = (reason: string) => ({ go: false as const, reason })
  if (!look.isSameProcess) return no('its pane does not run the program that was started')
  if (look.inMode) return no('its pane is in copy mode')
  if (look.isPersonTyping) return no('a person is typing in its pane')
  if (look.state === 'waiting') return no(`a dialog is open (${look.rule})`)
  if (look.state === 'limited')
    return { ...no(`its usage limit is reached (${look.rule})`), until: look.limitedUntil, limit: look.rule }
  if (look.state !== 'ready' && !(mayQueue && look.state === 'busy'))
    return no(`the agent is ${look.state} (${look.rule})`)
  if (look.composer === undefined) return no('no composer is seen')
  if (look.composer !== '') return no('its composer holds text that is not ours')
  return { go: true }
}

/** What we have typed, or are about to. */
export interface Typed {
  /** End of its header, by which this hand-over is told from every other. */
  readonly sign: string
  readonly text: string
}

export type AfterPaste = 'enter' | 'look-again' | 'stop'

/**
 * Enter only when our text, and nothing of a person's, is seen in the composer and no dialog has opened since.
 * `isLastLook`: the composer may show a chip or a scrolled part instead.
 */
export function mayEnter(look: Look, typed: Typed, isLastLook: boolean): AfterPaste {
  if (!look.isSameProcess || look.inMode || look.state === 'waiting') return 'stop'
  if (look.composer === undefined || look.composer === '') return 'look-again'
  const isOurs = look.isChip || isPartOf(look.composer, typed.text)
  if (look.isPersonTyping) return isLastLook ? 'stop' : 'look-again'
  if (isOurs && showsSign(look.composer, typed.sign)) return 'enter'
  if (!isLastLook) return 'look-again'
  return isOurs ? 'enter' : 'stop'
}

/** Compares only what every terminal shows as it is: wrapping, borders, emoji and combining marks are left out. */
function isPartOf(composer: string, text: string): boolean {
  const plain = (of: string) => of.replace(/[^\x21-\x7e\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]+/gu, '')
  return plain(text).includes(plain(composer))
}

export type Evidence = { readonly what: string } | undefined

/** What the screen says of a submit: the composer is empty and the program works, has queued it, or shows it in its conversation. */
export function evidenceOfSubmit(look: Look, sign: string): Evidence {
  if (!look.isSameProcess || look.composer !== '') return undefined
  if (look.showsQueued) return { what: 'the composer is empty and the program shows it as queued' }
  if (look.state === 'busy') return { what: `the composer is empty and the program is busy (${look.rule})` }
  if (showsSign(look.text, sign)) return { what: 'the composer is empty and the conversation shows it' }
  return undefined
}

export type Finding = 'confirmed' | 'press-enter' | 'again' | 'wait' | 'unknown'

/** After a crash, or a time without evidence: look, then act. */
export function findAgain(look: Look | undefined, typed: Typed, options: { isSameInstance: boolean }): Finding {
  const { sign } = typed
  // A new start begins with an empty composer: what the old one had not taken is gone, and what still stands on the
  // screen may be the old one's unsent composer. The mark tells a program that remembers it.
  if (!options.isSameInstance) return 'again'
  // A terminal that cannot be asked just now says nothing about the message: there will be another look.
  if (!look) return 'wait'
  if (!look.isSameProcess) return 'unknown'
  // Without a composer to tell from the rest, the sign on the screen may stand in an unsent one.
  if (look.composer === undefined) return 'wait'
  if (showsSign(look.composer, sign)) {
    // A person has typed beside it: they send both, or clear both.
    const isOursAlone = look.isChip || isPartOf(look.composer, typed.text)
    const mayPress = look.state === 'ready' && !look.inMode && !look.isPersonTyping
    return isOursAlone && mayPress ? 'press-enter' : 'wait'
  }
  if (showsSign(look.text, sign)) return 'confirmed'
  if (
    look.inMode ||
    look.isPersonTyping ||
    look.state === 'waiting' ||
    look.state === 'busy' ||
    look.state === 'starting'
  )
    return 'wait'
  if (look.state !== 'ready') return 'unknown'
  if (look.composer === '') return 'again'
  // A stand-in for a paste may be ours or not. A person's words are not: when they are sent or cleared there is more to see.
  return look.isChip ? 'unknown' : 'wait'
}
