/** Keys that move, the same ones on every screen: as in vi and less, with the arrows beside. */
import type { Key } from '../kernel/keys.ts'
import type { Motion } from './scroll.ts'

const MOTIONS: Readonly<Record<string, Motion>> = {
  j: 'down',
  k: 'up',
  down: 'down',
  up: 'up',
  g: 'first',
  G: 'last',
  home: 'first',
  end: 'last',
  'ctrl-d': 'half-down',
  'ctrl-u': 'half-up',
  'ctrl-f': 'page-down',
  'ctrl-b': 'page-up',
  'page-down': 'page-down',
  'page-up': 'page-up',
}

/** `a`, `G`, `enter`, `ctrl-d`; of pasted text nothing, so that no pasted word presses keys. */
export function nameOf(key: Key): string {
  if (key.kind === 'char') return key.char
  return key.kind === 'key' ? key.name : ''
}

export function motionOf(name: string): Motion | undefined {
  return Object.hasOwn(MOTIONS, name) ? MOTIONS[name] : undefined
}
