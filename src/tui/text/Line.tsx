/** One row of a screen. */
import { Text } from 'ink'
import { memo, useContext, useEffect, useState } from 'react'
import { RowBookContext } from './rowBook.ts'
import { paintRow, type Span } from './spans.ts'

interface LineProps {
  readonly spans: readonly Span[]
  readonly columns: number
  readonly isSelected?: boolean
}

export const Line = memo(function Line({ spans, columns, isSelected = false }: LineProps) {
  const book = useContext(RowBookContext)
  const [mark] = useState(() => book?.take())
  useEffect(() => () => (mark === undefined ? undefined : book?.give(mark)), [book, mark])
  const text = paintRow(spans, columns, isSelected)
  if (book === undefined || mark === undefined) return <Text wrap="truncate">{text}</Text>
  book.put(mark, { text, columns })
  return <Text>{mark}</Text>
})
