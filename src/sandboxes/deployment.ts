/** Brings a sandbox up from nothing; what cannot be brought up whole is taken away whole. */
import { AgencyError } from '../kernel/errors.ts'
import { wantsWall } from '../model/definition.ts'
import type { Address } from '../model/names.ts'
import type { Sandbox } from '../model/sandbox.ts'
import type { DeployOrder, SandboxBook } from './book.ts'
import { chooseIsolation } from './isolation.ts'
import { launch } from './launch.ts'
import type { Progress, SandboxParts } from './parts.ts'
import { databaseServer, prepare } from './prepare.ts'
import { remove } from './removal.ts'

export async function deploy(
  parts: SandboxParts,
  book: SandboxBook,
  {
    caller,
    tell,
    signal,
    ...order
  }: DeployOrder & { caller: Address; tell: Progress; signal: AbortSignal | undefined },
): Promise<Sandbox> {
  const { definition } = parts.roster.agency(order.agency)
  databaseServer(parts, definition)
  const isolation = await chooseIsolation(
    definition.sandbox?.isolation ?? (wantsWall(definition) ? 'bubblewrap' : undefined),
  )
  if (isolation.note) tell(isolation.note)
  const wished = order.withoutApp ? { ...definition, sandbox: { ...definition.sandbox, app: '' as const } } : definition
  const recorded = await book.hands.run('new', () => book.record(caller, order, isolation))
  return book.hands.run(recorded.id, async () => {
    parts.crashAt('sandbox-recorded')
    let sandbox = recorded
    try {
      const prepared = await prepare(parts, wished, sandbox, tell, signal)
      sandbox = await book.move(prepared.sandbox, 'prepared')
      await launch(parts, sandbox, prepared.launch, tell, signal)
      if (signal?.aborted) throw new AgencyError('CONFLICT', `the deployment of ${sandbox.slug} was called off`)
      return await book.move(sandbox, 'up', { unit: book.unit(sandbox, 'decision', 'deployed') })
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
      tell('that did not work: taking it away again')
      await destroy(parts, book, await book.find(sandbox.id), why)
      throw error
    }
  })
}

/** Whatever is left of it. Whoever calls has the hand at it. */
export async function destroy(
  parts: SandboxParts,
  book: SandboxBook,
  before: Sandbox,
  reason: string | undefined,
): Promise<Sandbox> {
  if (before.state === 'destroyed') return before
  const sandbox = await book.move(before, 'destroy', { reason })
  parts.crashAt('sandbox-destroying')
  const notes = await remove(parts, sandbox)
  const unit = book.unit(sandbox, 'decision', 'destroyed', reason)
  return book.move(sandbox, 'gone', { reason, unit, notes: [...sandbox.notes, ...notes] })
}
