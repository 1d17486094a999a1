/** One row of a screen. */
import { Text } from 'ink'
import { memo } from 'react'
import { paintRow, type Span } from './spans.ts'

interface LineProps {
  readonly spans: readonly Span[]
  readonly columns: number
  readonly isSelected?: boolean
}

export const Line = memo(function Line({ spans, columns, isSelected = false }: LineProps) {
  return <Text wrap="truncate">{paintRow(spans, columns, isSelected)}</Text>
})
