/** A question that stands in the composer's place: it takes every key, and Enter means yes to whatever is highlighted. */
import type { Key } from '../kernel/keys.ts'
import type { Dialog, Effect, State } from './state.ts'

type Step = readonly [State, readonly Effect[]]

const CHOICES: Readonly<Record<string, 'yes' | 'no'>> = { '1': 'yes', y: 'yes', Y: 'yes', '2': 'no', n: 'no', N: 'no' }

/** What the person reads; the first line is how a screen profile recognises the dialog. */
export function wordsOf(dialog: Dialog): { title: string; yes: string; no: string } {
  return dialog.kind === 'trust'
    ? { title: 'Do you trust the files in this folder?', yes: '1. Yes, proceed', no: '2. No, exit' }
    : { title: 'Do you want to proceed?', yes: '1. Yes', no: '2. No' }
}

export function answerByKey(state: State, key: Key): Step {
  const dialog = state.dialogs[0]!
  if (key.kind === 'paste') return swallow(state, key.text)
  if (key.kind === 'char') {
    const choice = CHOICES[key.char]
    return choice ? answer(state, choice) : swallow(state, key.char)
  }
  if (key.name === 'enter') return answer(state, dialog.selected)
  if (key.name === 'escape' || key.name === 'ctrl-c') return answer(state, 'no')
  if (key.name === 'up') return [select(state, 'yes'), []]
  if (key.name === 'down') return [select(state, 'no'), []]
  return [state, []]
}

/** Text that arrives here is gone, as in all seven real programs tried: the log is the only trace of it. */
function swallow(state: State, text: string): Step {
  return [state, [{ do: 'log', kind: 'swallowed', text }]]
}

function select(state: State, selected: 'yes' | 'no'): State {
  const [first, ...others] = state.dialogs
  return { ...state, dialogs: [{ ...first!, selected }, ...others] }
}

function answer(state: State, choice: 'yes' | 'no'): Step {
  const [dialog, ...others] = state.dialogs as [Dialog, ...Dialog[]]
  const effects: Effect[] = [
    { do: 'log', kind: choice === 'yes' ? 'approved' : 'denied', text: dialog.question },
    { do: 'answer', dialog, isApproved: choice === 'yes' },
  ]
  if (dialog.kind === 'permission')
    effects.push({ do: 'hook', event: 'PermissionReply', payload: { question: dialog.question, choice } })
  return [{ ...state, dialogs: others }, effects]
}
