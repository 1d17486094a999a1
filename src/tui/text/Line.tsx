/** One row of a screen, from its left end to its right. */
import { Text } from 'ink'
import { memo, useContext, useEffect, useState } from 'react'
import { type Canvas, CanvasContext } from './canvas.ts'
import { paintRow, type Span } from './spans.ts'

export interface LineProps {
  readonly spans: readonly Span[]
  readonly columns: number
  readonly isSelected?: boolean
}

export const Line = memo(function Line({ spans, columns, isSelected = false }: LineProps) {
  return <Painted text={paintRow(spans, columns, isSelected)} />
})

/** Several beside each other. */
export function Row({ parts }: { readonly parts: readonly LineProps[] }) {
  return <Painted text={parts.map(({ spans, columns, isSelected }) => paintRow(spans, columns, isSelected)).join('')} />
}

function Painted({ text }: { readonly text: string }) {
  const canvas = useContext(CanvasContext)
  return canvas ? <Placed canvas={canvas} text={text} /> : <Text wrap="truncate">{text}</Text>
}

function Placed({ canvas, text }: { readonly canvas: Canvas; readonly text: string }) {
  const [token] = useState(() => canvas.take())
  useEffect(() => () => canvas.give(token), [canvas, token])
  canvas.paint(token, text)
  return <Text>{token}</Text>
}
