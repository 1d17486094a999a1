/** Where each list stands on the screen, from a small one that shows one list to a wide one that shows all. Pure. */
import { FRAME_ROWS } from '../../layout.ts'
import type { Size } from '../../stage.ts'
import type { Data } from './data.ts'
import { type Heights, rowsOf } from './lists.ts'
import { LIST_NAMES, type ListName, type Lists } from './places.ts'

export interface Block {
  readonly list: ListName
  /** With its title. */
  readonly rows: number
}

export interface Arrangement {
  /** From top to bottom; beside each other: agents, and the rest. */
  readonly columns: readonly { readonly columns: number; readonly blocks: readonly Block[] }[]
  /** Lists that are not shown are named in a row of their own. */
  readonly hasTabs: boolean
}

const WIDE = 100
const HIGH_FOR_ALL = 22
const HIGH_FOR_TWO = 20
const LEAST = 4
const OTHERS = LIST_NAMES.filter(name => name !== 'agents')

export function arrange(data: Data | undefined, place: Lists, { columns, rows }: Size): Arrangement {
  const body = rows - FRAME_ROWS
  if (columns >= WIDE && body >= HIGH_FOR_ALL) {
    const left = Math.max(48, Math.floor(columns * 0.44))
    return {
      hasTabs: false,
      columns: [
        { columns: left, blocks: [{ list: 'agents', rows: body }] },
        { columns: columns - left - 1, blocks: share(data, place, body) },
      ],
    }
  }
  const under = body - 1
  if (body < HIGH_FOR_TWO)
    return { hasTabs: true, columns: [{ columns, blocks: [{ list: place.focus, rows: under }] }] }
  const upper = Math.ceil(under / 2)
  const blocks = [
    { list: 'agents' as const, rows: upper },
    { list: place.beside, rows: under - upper },
  ]
  return { hasTabs: true, columns: [{ columns, blocks }] }
}

/** Each as much as it needs, the chosen one and then the talk more than the rest, and all of the height is used. */
function share(data: Data | undefined, place: Lists, height: number): readonly Block[] {
  const needs = new Map(OTHERS.map(list => [list, 1 + Math.max(1, rowsOf(data, place, list).length)]))
  const given = new Map(OTHERS.map(list => [list, Math.min(LEAST, needs.get(list)!)]))
  let left = height - [...given.values()].reduce((sum, rows) => sum + rows, 0)
  const weight = (list: ListName) => (list === place.focus ? 3 : list === 'messages' || list === 'events' ? 2 : 1)
  while (left > 0) {
    const hungry = OTHERS.filter(list => given.get(list)! < needs.get(list)!)
    const eaters = hungry.length > 0 ? hungry : (['messages', 'events'] as const)
    for (const list of eaters) {
      const most = hungry.length > 0 ? needs.get(list)! - given.get(list)! : left
      const portion = Math.min(weight(list), left, most)
      given.set(list, given.get(list)! + portion)
      left -= portion
    }
  }
  return OTHERS.map(list => ({ list, rows: given.get(list)! }))
}

/** Rows for the lines of each list, also of those that are not shown. */
export function heightsOf({ columns }: Arrangement): Heights {
  const blocks = columns.flatMap(column => column.blocks)
  const height = (list: ListName) => Math.max(1, (blocks.find(block => block.list === list)?.rows ?? 2) - 1)
  return Object.fromEntries(LIST_NAMES.map(list => [list, height(list)])) as Heights
}
