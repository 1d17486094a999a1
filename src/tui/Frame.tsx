/** What every screen has around it: a title with how things stand, and at the foot the keys of the moment. */
import { Box } from 'ink'
import type { ReactNode } from 'react'
import { FRAME_ROWS, hintSpans, type KeyHint, spread } from './layout.ts'
import type { Size } from './stage.ts'
import { Line } from './text/Line.tsx'
import type { Span } from './text/spans.ts'

interface FrameProps {
  readonly size: Size
  readonly title: readonly Span[]
  /** At the right end of the title. */
  readonly standing: readonly Span[]
  /** The most needed first: what does not fit is left out. */
  readonly keys: readonly KeyHint[]
  /** In place of the keys: what just happened, or what is asked. */
  readonly notice?: readonly Span[] | undefined
  readonly children: ReactNode
}

export function Frame({ size: { columns, rows }, title, standing, keys, notice, children }: FrameProps) {
  return (
    <Box flexDirection="column" height={rows} width={columns}>
      <Line spans={spread(title, standing, columns)} columns={columns} />
      <Box flexDirection="column" height={rows - FRAME_ROWS} width={columns} overflowY="hidden">
        {children}
      </Box>
      <Line spans={notice ?? hintSpans(keys, columns)} columns={columns} />
    </Box>
  )
}
