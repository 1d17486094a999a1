/** What is to be seen on the screen, as rows of styled text; no escape sequences yet. */

export type Style = 'plain' | 'dim' | 'bold' | 'green' | 'cyan' | 'yellow' | 'red'
export type Row = readonly { readonly text: string; readonly style: Style }[]

export interface Size {
  readonly columns: number
  readonly rows: number
}

export interface Frame {
  readonly history: readonly Row[]
  /** Never taller than the screen. */
  readonly block: readonly Row[]
  /** Place of the cursor in the block, or undefined while it is hidden. */
  readonly cursor: { readonly row: number; readonly column: number } | undefined
  readonly epoch: number
  readonly title: string
}

export function line(text: string, style: Style = 'plain'): Row {
  return [{ text, style }]
}
