/** One thing that `agency doctor` says, and what to type about it. Each part of the product finds its own. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'bad'
  readonly what: string
  readonly hint?: string
}
