/** A message's life or a task's story, and help: lines in a window. */
import { FRAME_ROWS } from '../../layout.ts'
import { guard } from '../../text/guard.ts'
import { Lines } from '../../text/Line.tsx'
import { type Span, span } from '../../text/spans.ts'
import { HELP } from './keys.ts'
import type { StoryPlace } from './places.ts'
import { storyLines } from './rows/story.ts'
import type { State } from './state.ts'

export function StoryView({ state: { size }, place }: { readonly state: State; readonly place: StoryPlace }) {
  const height = size.rows - FRAME_ROWS
  const lines = storyLines(place, size.columns - 1) ?? [
    [place.why === undefined ? span('asking the daemon …', 'muted') : span(guard(place.why), 'bad')],
  ]
  return <Window lines={lines.slice(place.top, place.top + height)} columns={size.columns} />
}

export function HelpView({ state: { size } }: { readonly state: State }) {
  const lines = HELP.flatMap(([group, keys]) => [
    [span(group, 'accent')],
    ...keys.map(([key, what]) => [span(`  ${key.padEnd(24)}`, 'strong'), span(what)]),
    [],
  ])
  const height = size.rows - FRAME_ROWS
  // A low screen shows all of it without the lines between.
  const shown = lines.length > height ? lines.filter(line => line.length > 0) : lines
  return <Window lines={shown.slice(0, height)} columns={size.columns} />
}

function Window({ lines, columns }: { readonly lines: readonly (readonly Span[])[]; readonly columns: number }) {
  return <Lines lines={lines.map(spans => [span(' '), ...spans])} columns={columns} />
}
