/** The typing door: look, paste, see it in the composer, look again, Enter, and believe nothing without evidence. */

import type { Driver } from '../../drivers/driver.ts'
import { sleep, until } from '../../kernel/abort.ts'
import { shortId } from '../../kernel/ids.ts'
import { isAlive } from '../../kernel/process.ts'
import type { AgentRecord } from '../../model/agent.ts'
import { redeliveryNumber } from '../../model/delivery.ts'
import { signOf } from '../../model/header.ts'
import { holdsOf } from '../../model/holds.ts'
import type { Message } from '../../model/message.ts'
import {
  type BeforeTyping,
  type Evidence,
  evidenceOfSubmit,
  type Finding,
  findAgain,
  type Look,
  mayEnter,
  mayType,
  type Typed,
} from '../../model/typing.ts'
import type { DeliveryWithMessage } from '../../storage/store.ts'
import type { PaneId } from '../../terminal/terminal.ts'
import { hasReached } from '../ledger.ts'
import { typedText } from '../mail.ts'
import { showsInTranscript } from '../transcript.ts'
import { breakOff } from './breakOff.ts'
import type { Door, DoorParts } from './door.ts'

/** A margin over the program's own paste window: its clock starts a little after ours. */
const WINDOW_MARGIN_MS = 8
const LOOK_EVERY_MS = 8
const RELOOK_MS = 3_000
/** After their last key a person is thought to go on typing for one to two seconds: tmux tells whole ones. */
const PERSON_MS = 1_000
/** The terminal could not be asked, as in the first moments of a daemon. */
const BLIND_MS = 300
/** Without a program there is nothing to look at: the next start asks for a look itself. */
const ABSENT_MS = 30_000
/** Time for the hook at the end of a turn. */
const HOOK_ASKS_MS = 1_500
/** A person who types, a dialog, a long turn: how long a hand-over may stay undecided before it is called unknown. */
const UNDECIDED_MS = 600_000
const HISTORY_LINES = 2_000
/** How long a program that shows a composer may take to read what was pasted into it. */
const UNREAD_MS = 10_000

export function typingDoor(parts: DoorParts): Door {
  const { ledger, terminal, clock, settings, workspace } = parts
  /** When the screen of an agent last said that it works. */
  const workedAt = new Map<string, number>()
  /** Messages for which an agent was asked to break off its turn and did not: they wait for its end like any other. */
  const refused = new Map<string, Set<string>>()

  async function look(agent: AgentRecord, driver: Driver, historyLines = 0): Promise<Look> {
    const screen = await terminal.capture(agent.pane as PaneId, historyLines > 0 ? { historyLines } : undefined)
    const shown = screen.lines.slice(-screen.height)
    const reading = driver.readScreen({ lines: shown, title: screen.title }, clock.now(), agent.limitedUntil)
    return {
      // A program that has just ended leaves a screen that looks ready, over a terminal that echoes what is typed.
      isSameProcess: screen.panePid === agent.panePid && agent.pid !== undefined && isAlive(agent.pid),
      inMode: screen.inMode,
      isPersonTyping: screen.keyedAt !== undefined && clock.now() - screen.keyedAt < PERSON_MS,
      state: reading.state,
      rule: reading.rule,
      composer: reading.composer,
      isChip: reading.isChip,
      showsQueued: reading.showsQueued,
      limitedUntil: reading.limitedUntil,
      text: screen.lines.join('\n'),
    }
  }

  async function typedOf({ message, delivery }: DeliveryWithMessage, driver: Driver): Promise<Typed> {
    const redelivery = redeliveryNumber(delivery)
    const mailOver = driver.typing.alters(message.body) ? 0 : settings.delivery.mailOver
    const options = { redelivery, mailOver }
    return {
      sign: signOf({ nonce: shortId(message.id), redelivery }),
      text: await typedText(workspace, message, delivery.to, options),
    }
  }

  /** Pastes, and waits until the composer shows it and the paste window is over. */
  async function pasteAndSee(
    typed: Typed,
    agent: AgentRecord,
    driver: Driver,
    signal: AbortSignal,
  ): Promise<'enter' | 'stop' | 'nothing-left'> {
    const pasted = await terminal.paste(agent.pane as PaneId, typed.text)
    if (pasted !== 'pasted') return 'nothing-left'
    ledger.reach('paste:after')
    const began = performance.now()
    let seenAt: number | undefined
    const verdict = await until(
      async () => {
        const isLastLook = performance.now() - began > driver.typing.composerWaitMs
        const next = mayEnter(await look(agent, driver), typed, isLastLook)
        if (next !== 'enter') return next === 'stop' || isLastLook ? 'stop' : undefined
        seenAt ??= performance.now()
        // The last look is the one that counts: after the window, directly before Enter.
        return performance.now() - seenAt >= driver.typing.pasteWindowMs + WINDOW_MARGIN_MS ? 'enter' : undefined
      },
      { timeoutMs: driver.typing.composerWaitMs + driver.typing.pasteWindowMs + 1000, everyMs: LOOK_EVERY_MS, signal },
    )
    return verdict ?? 'stop'
  }

  /** Waits for evidence: a hook moves the delivery itself, the screen is read beside it. */
  async function awaitEvidence(
    item: DeliveryWithMessage & { readonly typed: Typed },
    agent: AgentRecord,
    driver: Driver,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { sign } = item.typed
    let before: Evidence
    let isConfirmed = false
    const stop = ledger.onEvent(event => {
      if (event.kind === 'moved' && event.delivery.id === item.delivery.id)
        isConfirmed ||= hasReached(event.delivery, 'confirmed')
    })
    const began = performance.now()
    const isDone = await until(
      async () => {
        if (isConfirmed) return true
        // Where hooks tell everything, the screen is asked only when they have been silent for half the time.
        if (driver.hasHooks && performance.now() - began < driver.typing.confirmWaitMs / 2) return undefined
        const now = evidenceOfSubmit(await look(agent, driver), sign)
        if (now && before) {
          await ledger.move(item.delivery.id, { event: 'confirm', at: clock.now(), evidence: now.what })
          return true
        }
        before = now
        return undefined
      },
      { timeoutMs: driver.typing.confirmWaitMs, everyMs: LOOK_EVERY_MS, signal },
    ).finally(stop)
    return isDone === true
  }

  /** What stands in the composer may have been read this moment: within its paste window an Enter would be a part of it. */
  async function afterItsWindow(agent: AgentRecord, driver: Driver, typed: Typed): Promise<Finding> {
    await sleep(driver.typing.pasteWindowMs + WINDOW_MARGIN_MS)
    const now = await look(agent, driver, HISTORY_LINES).catch(() => undefined)
    const finding = findAgain(now, typed, { isSameInstance: true })
    return finding === 'press-enter' || finding === 'confirmed' ? finding : 'wait'
  }

  async function enter(item: DeliveryWithMessage, agent: AgentRecord, evidence: string): Promise<void> {
    if ((await terminal.pressKey(agent.pane as PaneId, 'Enter')) !== 'pressed') {
      await ledger.store.postpone(item.delivery.id, clock.now() + 500)
      return
    }
    ledger.reach('enter:after')
    await ledger.move(item.delivery.id, { event: 'hand', at: clock.now(), evidence, dueAt: clock.now() + RELOOK_MS })
  }

  /** May be typed now, or after the turn is broken off. */
  async function mayGo(agent: AgentRecord, driver: Driver, { id, whileBusy }: Message): Promise<BeforeTyping> {
    const seen = await look(agent, driver)
    if (isJustDone(agent, driver, seen)) return { go: false, reason: 'its turn has just ended: its hook asks first' }
    if (seen.state !== 'busy') refused.delete(agent.address)
    const hasRefused = refused.get(agent.address)?.has(id) === true
    const mayInterrupt =
      whileBusy === 'interrupt' && driver.interrupt.length > 0 && seen.state === 'busy' && !hasRefused
    const before = mayType(seen, mayInterrupt || (whileBusy === 'queue' && driver.typing.queuesWhileBusy))
    return !before.go && hasRefused
      ? { ...before, reason: `${before.reason}, and did not let itself be interrupted` }
      : before
  }

  /** Where a hook asks at the end of a turn it comes a moment after the screen; it does not come when a person has pressed Esc. */
  function isJustDone({ address, state }: AgentRecord, driver: Driver, seen: Look): boolean {
    if (!driver.boundary) return false
    if (seen.state === 'busy') workedAt.set(address, clock.now())
    const at = workedAt.get(address)
    return seen.state === 'ready' && state === 'busy' && at !== undefined && clock.now() - at < HOOK_ASKS_MS
  }

  /** A program at work is asked to break off, once for a message: what did not help would only be pressed for ever. */
  async function interrupt(
    agent: AgentRecord,
    driver: Driver,
    message: Message,
    signal: AbortSignal,
  ): Promise<BeforeTyping> {
    const seen = await look(agent, driver)
    if (seen.state !== 'busy') return mayType(seen)
    const after = await breakOff({ ...parts, look }, agent, driver, signal)
    if (after.state !== 'busy') return mayType(after)
    refused.set(agent.address, (refused.get(agent.address) ?? new Set()).add(message.id))
    return mayGo(agent, driver, message)
  }

  return {
    async obstacle(agent, driver, message) {
      if (!agent.pane) return { reason: 'it has no pane' }
      if (agent.pid === undefined) return { reason: 'its program is not running yet' }
      const before = await mayGo(agent, driver, message)
      return before.go ? undefined : before
    },

    // Two pastes in an unsent composer would merge into one message.
    room: (_agent, underWay) =>
      underWay.some(({ state }) => ['claimed', 'handing', 'handed'].includes(state)) ? 0 : 1,

    async handOver(item, agent, driver, signal) {
      const { delivery, message } = item
      const hold = (reason: string) => ledger.move(delivery.id, { event: 'hold', at: clock.now(), reason })
      let before = await mayGo(agent, driver, message)
      if (before.go && message.whileBusy === 'interrupt') before = await interrupt(agent, driver, message, signal)
      if (!before.go) {
        await hold(before.reason)
        return
      }
      const begun = await ledger.move(delivery.id, {
        event: 'begin',
        at: clock.now(),
        door: 'typing',
        instance: agent.instance,
      })
      if (!begun) return
      const typed = await typedOf({ delivery: begun, message }, driver)
      const seen = await pasteAndSee(typed, agent, driver, signal)
      if (seen === 'nothing-left') {
        await ledger.move(delivery.id, {
          event: 'release',
          at: clock.now(),
          evidence: 'the terminal refused the paste: not a byte left',
          notBefore: clock.now() + 250,
        })
        return
      }
      if (seen === 'stop') {
        // It may stand in the composer, or a dialog may have swallowed it: nothing is pressed, and the sweeper looks again.
        await ledger.store.postpone(delivery.id, clock.now() + 500)
        return
      }
      const evidence = awaitEvidence({ ...item, typed }, agent, driver, signal)
      // Should Enter fail, nobody waits for this any more: its own failure must not end the daemon.
      evidence.catch(() => undefined)
      await enter(item, agent, `the composer showed ${shortId(message.id)}, and Enter was pressed`)
      if (await evidence) return
      const now = await look(agent, driver)
      const isOurs = now.composer !== undefined && mayEnter(now, typed, false) === 'enter' && now.state === 'ready'
      if (!isOurs) return
      await terminal.pressKey(agent.pane as PaneId, 'Enter')
      await awaitEvidence({ ...item, typed }, agent, driver, signal)
    },

    async resolve(item, agent, driver) {
      const { delivery } = item
      const typed = await typedOf(item, driver)
      const at = clock.now()
      if (await showsInTranscript(agent.transcript, typed.sign)) {
        await ledger.move(delivery.id, { event: 'confirm', at, evidence: 'looked again: its transcript holds it' })
        return
      }
      // What a dead program has left on the screen takes no Enter; the next start is looked at.
      const isThere = agent.pane !== undefined && agent.pid !== undefined && agent.state !== 'dead'
      const isSameInstance = delivery.instance === agent.instance
      if (!isThere && isSameInstance) {
        await ledger.store.postpone(delivery.id, at + ABSENT_MS)
        return
      }
      const now = isThere ? await look(agent, driver, HISTORY_LINES).catch(() => undefined) : undefined
      const first = findAgain(now, typed, { isSameInstance })
      const seen = first === 'press-enter' ? await afterItsWindow(agent, driver, typed) : first
      // Pasted, and not shown: a program that is still busy with its own start reads it later, and would then have it twice.
      const mayCome = delivery.state === 'handing' && isSameInstance && at - delivery.since < UNREAD_MS
      // Our Enter would hand it over to an agent that is to be given nothing.
      const mayPress = holdsOf(agent).every(({ kind }) => kind === 'draining')
      const finding = (seen === 'again' && mayCome) || (seen === 'press-enter' && !mayPress) ? 'wait' : seen
      if (finding === 'confirmed')
        await ledger.move(delivery.id, { event: 'confirm', at, evidence: 'looked again: the conversation shows it' })
      else if (finding === 'press-enter') {
        await terminal.pressKey(agent.pane as PaneId, 'Enter')
        if (delivery.state === 'handing')
          await ledger.move(delivery.id, {
            event: 'hand',
            at,
            evidence: 'looked again: it stood in the composer, and Enter was pressed',
            dueAt: at + RELOOK_MS,
          })
        else await ledger.store.postpone(delivery.id, at + RELOOK_MS)
      } else if (finding === 'again')
        await ledger.move(delivery.id, {
          event: 'retry',
          at,
          evidence: 'looked again: it is neither in the composer nor in the conversation',
        })
      else if (finding === 'wait' && (!isOverdue(item, at) || !mayPress))
        await ledger.store.postpone(delivery.id, at + (now ? RELOOK_MS : BLIND_MS))
      else
        await ledger.move(delivery.id, {
          event: 'lose',
          at,
          reason: now
            ? `nobody can tell whether it arrived: the agent is ${now.state} (${now.rule})`
            : 'its pane cannot be looked at',
        })
    },
  }

  function isOverdue(item: DeliveryWithMessage, at: number): boolean {
    return at - item.delivery.since > UNDECIDED_MS
  }
}
