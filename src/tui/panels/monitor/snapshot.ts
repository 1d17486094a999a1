/** The monitor where there is no terminal: everything once, as text or as one document. */
import type { Client } from '../../../cli/client.ts'
import type { Result } from '../../../cli/verb.ts'
import { fitColumns, span } from '../../text/spans.ts'
import { merged, type OverviewDocument } from './data.ts'
import { headingOf } from './heading.ts'
import { sampleHost } from './host.ts'
import { countOf, rowsOf } from './lists.ts'
import { LIST_NAMES, listsOf } from './places.ts'
import { begin } from './state.ts'

const COLUMNS = 120
const MOST_ROWS = 20

export async function snapshot(client: Client): Promise<Result> {
  const overview = (await client.get('/v1/overview')) as OverviewDocument
  const host = sampleHost()
  const state = { ...begin({ columns: COLUMNS, rows: 50 }, Date.now()), host, data: merged(undefined, overview) }
  const place = listsOf(undefined)
  const blocks = LIST_NAMES.map(name => {
    const rows = rowsOf(state.data, place, name)
    const lines = rows
      .slice(0, name === 'agents' ? rows.length : MOST_ROWS)
      .map(row => textOf(fitColumns(row.draw(COLUMNS, state.now), COLUMNS)))
    const more = rows.length > lines.length ? [`  and ${rows.length - lines.length} more`] : []
    return [`${name} ${countOf(name, rows)}`, ...lines, ...more].join('\n')
  })
  const { title, standing } = headingOf(state)
  const head = textOf([...title, span('  '), ...standing.slice(0, -1)])
  return { data: { ...overview, host }, text: [head.trim(), ...blocks].join('\n\n') }
}

function textOf(spans: readonly { readonly text: string }[]): string {
  return spans
    .map(({ text }) => text)
    .join('')
    .trimEnd()
}
