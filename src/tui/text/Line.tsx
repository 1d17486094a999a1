/** Rows of a screen, from its left end to its right. */
import { Box, Text } from 'ink'
import { memo, useContext, useEffect, useState } from 'react'
import { type Canvas, CanvasContext } from './canvas.ts'
import { paintRow, type Span } from './spans.ts'

export interface LineProps {
  readonly spans: readonly Span[]
  readonly columns: number
  readonly isSelected?: boolean
}

export const Line = memo(function Line(line: LineProps) {
  return <Painted rows={[paintLine(line)]} />
})

/** Many rows as one element: what a screen is made of costs by its elements. */
export function Lines({ lines, columns }: { readonly lines: readonly (readonly Span[])[]; readonly columns: number }) {
  return <Painted rows={lines.map(spans => paintRow(spans, columns))} />
}

/** Of each row the parts that stand beside each other. */
export function Rows({ rows }: { readonly rows: readonly (readonly LineProps[])[] }) {
  return <Painted rows={rows.map(parts => parts.map(paintLine).join(''))} />
}

function paintLine({ spans, columns, isSelected = false }: LineProps): string {
  return paintRow(spans, columns, isSelected)
}

function Painted({ rows }: { readonly rows: readonly string[] }) {
  const canvas = useContext(CanvasContext)
  if (canvas) return <Placed canvas={canvas} rows={rows} />
  return rows.map((text, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen has no other name
    <Text key={row} wrap="truncate">
      {text}
    </Text>
  ))
}

function Placed({ canvas, rows }: { readonly canvas: Canvas; readonly rows: readonly string[] }) {
  const [token] = useState(() => canvas.take())
  useEffect(() => () => canvas.give(token), [canvas, token])
  canvas.paint(token, rows)
  return (
    <Box height={rows.length}>
      <Text>{token}</Text>
    </Box>
  )
}
