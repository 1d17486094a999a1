/** Every rule of behaviour in one pure function: what happened, at what time → the new state and what to do. */

import type { KeyName } from '../kernel/keys.ts'
import * as edit from './composer.ts'
import { answerByKey } from './dialog.ts'
import { type Effect, type Entry, type Event, type KeyEvent, QUIT_WINDOW_MS, type State } from './state.ts'

export type Step = readonly [State, readonly Effect[]]

// Enough for any screen, little enough to wrap again on every resize.
const HISTORY_ENTRIES = 600

export function reduce(state: State, event: Event, now: number): Step {
  switch (event.on) {
    case 'entry':
      return [withEntry(state, event.entry), []]
    case 'ask':
      return ask(state, event)
    case 'submit':
      return event.isFeedback ? accept(state, event.text, now) : submit(state, event.text, now)
    case 'turn-ended':
      return state.turn?.id === event.turn ? endTurn(state, now) : [state, []]
    case 'key':
      return state.dialogs.length > 0 ? answerByKey(state, event.key) : press(state, event, now)
  }
}

export function withEntry(state: State, entry: Entry): State {
  const history = [...state.history, entry]
  if (history.length <= HISTORY_ENTRIES) return { ...state, history }
  return { ...state, history: history.slice(-HISTORY_ENTRIES / 2), epoch: state.epoch + 1 }
}

function ask(state: State, { dialog }: Event & { on: 'ask' }): Step {
  const hook: Effect = { do: 'hook', event: 'PermissionRequest', payload: { question: dialog.question } }
  return [{ ...state, dialogs: [...state.dialogs, dialog] }, dialog.kind === 'permission' ? [hook] : []]
}

function press(state: State, event: KeyEvent, now: number): Step {
  const { key } = event
  if (key.kind === 'char') return [edited(state, edit.insertText(state.composer, key.char)), []]
  if (key.kind === 'paste') return [{ ...edited(state, edit.insertPaste(state.composer, key.text)), pastedAt: now }, []]
  if (key.name === 'enter') return enter(state, event, now)
  if (key.name === 'escape') return state.turn ? interrupt(state, now) : [state, []]
  if (key.name === 'ctrl-c' || key.name === 'ctrl-d') return ctrlC(state, now)
  return [pressEditingKey(state, key.name), []]
}

const EDITING: Partial<Record<KeyName, (composer: edit.Composer) => edit.Composer>> = {
  newline: composer => edit.insertText(composer, '\n'),
  backspace: edit.removeBefore,
  delete: edit.removeAfter,
  'ctrl-u': edit.removeLineBefore,
  left: composer => edit.moveBy(composer, -1),
  right: composer => edit.moveBy(composer, 1),
  home: edit.moveToLineStart,
  end: edit.moveToLineEnd,
}

function pressEditingKey(state: State, name: KeyName): State {
  if (name === 'ctrl-l') return { ...state, epoch: state.epoch + 1 }
  if (name === 'up' || name === 'down') {
    const moved = edit.moveLine(state.composer, name)
    return moved ? { ...state, composer: moved } : recall(state, name === 'up' ? -1 : 1)
  }
  const change = EDITING[name]
  return change ? edited(state, change(state.composer)) : state
}

function edited(state: State, composer: edit.Composer): State {
  return { ...state, composer, recalled: undefined }
}

function recall(state: State, step: -1 | 1): State {
  const place = (state.recalled ?? state.sent.length) + step
  if (place < 0 || (state.recalled === undefined && step === 1)) return state
  if (place >= state.sent.length) return edited(state, edit.emptyComposer)
  return { ...state, composer: edit.composerOf(state.sent[place]!), recalled: place }
}

/** As real programs do: an Enter hard on the heels of a paste, or read together with typed text, is part of the text. */
function isTextEnter(state: State, event: KeyEvent, now: number): boolean {
  return event.isJoined === true || now - state.pastedAt < state.pasteWindowMs
}

/** Whether this key would hand in a prompt just now. */
export function wouldSubmit(state: State, event: KeyEvent, now: number): boolean {
  const isEnter = event.key.kind === 'key' && event.key.name === 'enter'
  return (
    isEnter &&
    state.dialogs.length === 0 &&
    !isTextEnter(state, event, now) &&
    edit.textOf(state.composer).trim() !== ''
  )
}

function enter(state: State, event: KeyEvent, now: number): Step {
  if (isTextEnter(state, event, now)) return [edited(state, edit.insertText(state.composer, '\n')), []]
  if (!wouldSubmit(state, event, now)) return [state, []]
  const text = edit.textOf(state.composer)
  const emptied = { ...edited(state, edit.emptyComposer), sent: [...state.sent, text].slice(-100) }
  return event.isDropped ? [emptied, []] : submit(emptied, text, now)
}

function submit(state: State, text: string, now: number): Step {
  if (text.trimStart().startsWith('!')) return bang(state, text)
  if (text.trimStart().startsWith('/')) return slash(state, text)
  const [next, effects] = accept(state, text, now)
  return [next, [...effects, { do: 'hook', event: 'UserPromptSubmit', payload: { prompt: text } }]]
}

function accept(state: State, text: string, now: number): Step {
  if (state.turn || state.queue.length > 0)
    return [{ ...state, queue: [...state.queue, text] }, [{ do: 'log', kind: 'queued', text }]]
  const [begun, effects] = beginTurn(state, text, now)
  return [begun, [{ do: 'log', kind: 'prompt', text }, ...effects]]
}

function bang(state: State, text: string): Step {
  const command = text.trimStart().slice(1).trim()
  const shown = withEntry(state, { kind: 'tool', text: `! ${command}` })
  return [shown, [{ do: 'log', kind: 'bang', text }, ...(command ? [{ do: 'shell', command } as const] : [])]]
}

const HELP = '/help this list · /clear empty the screen · /quit leave · !command run a shell command · esc interrupt'

function slash(state: State, text: string): Step {
  const log: Effect = { do: 'log', kind: 'slash', text }
  const command = text.trim().split(/\s/, 1)[0]!
  if (command === '/quit' || command === '/exit') return [state, [log, { do: 'quit' }]]
  if (command === '/clear') return [{ ...state, history: [], epoch: state.epoch + 1 }, [log]]
  const entry: Entry =
    command === '/help' ? { kind: 'notice', text: HELP } : { kind: 'error', text: `Unknown command: ${command}` }
  return [withEntry(state, entry), [log]]
}

function beginTurn(state: State, text: string, now: number): Step {
  const turn = { id: state.turns + 1, since: now }
  const begun = { ...withEntry(state, { kind: 'user', text }), turn, turns: turn.id }
  return [begun, [{ do: 'turn', turn: turn.id, text }]]
}

function endTurn(state: State, now: number): Step {
  const [next, effects] = takeQueued({ ...state, turn: undefined }, now)
  return [next, [{ do: 'hook', event: 'Stop', payload: {} }, ...effects]]
}

/** No Stop event on Esc, as Claude Code: whoever relies on it alone believes the agent busy for ever. */
function interrupt(state: State, now: number): Step {
  const stopped = withEntry({ ...state, turn: undefined }, { kind: 'notice', text: 'Interrupted' })
  const [next, effects] = takeQueued(stopped, now)
  return [next, [{ do: 'log', kind: 'interrupt', text: '' }, { do: 'interrupt' }, ...effects]]
}

function takeQueued(state: State, now: number): Step {
  const [text, ...queue] = state.queue
  return text === undefined ? [state, []] : beginTurn({ ...state, queue }, text, now)
}

function ctrlC(state: State, now: number): Step {
  if (state.composer.cells.length > 0) return [edited(state, edit.emptyComposer), []]
  if (state.turn) return interrupt(state, now)
  if (now - state.quitArmedAt < QUIT_WINDOW_MS) return [state, [{ do: 'quit' }]]
  return [{ ...state, quitArmedAt: now }, []]
}
