/** What a person reads of a message: a notice says in words what its other fields say to programs. Pure. */
export function messageWords({ body, payload }: { readonly body: string; readonly payload?: unknown }): string {
  const text = typeof payload === 'object' && payload !== null && 'text' in payload ? payload.text : undefined
  return typeof text === 'string' ? text : body
}
