/** agencies/<Name>/logs/activity.log: the log of units as lines for people. Each line carries its order number, which is also the cursor. */
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { sleep } from '../kernel/abort.ts'
import type { Log } from '../kernel/log.ts'
import { appendText, TO_READ } from '../kernel/plainFile.ts'
import { type Unit, WORKSPACE_CONTEXT } from '../model/unit.ts'
import { unitLine } from '../model/unitWords.ts'
import type { Store } from '../storage/store.ts'

const BATCH = 500
const TAIL_BYTES = 16_384
const MARK = 'activity'
/** Units that come within it are written together. */
const PAUSE_MS = 100

export class ActivityLog {
  readonly #cursors = new Map<string, number>()
  #after: number | undefined

  constructor(
    private readonly parts: {
      readonly workspace: Workspace
      readonly store: Store
      readonly log: Pick<Log, 'warn'>
      readonly isThere: (agency: string) => boolean
    },
  ) {}

  async tick(signal?: AbortSignal): Promise<void> {
    const { store } = this.parts
    this.#after ??= Number((await store.marked(MARK)) ?? 0)
    for (;;) {
      const units = await store.units({ after: this.#after }, BATCH)
      if (units.length === 0) return
      const byAgency = groupByContext(units)
      for (const [context, own] of byAgency)
        if (context !== WORKSPACE_CONTEXT && this.parts.isThere(context)) await this.#writeOrPass(context, own)
      this.#after = units.at(-1)!.seq
      await store.mark(MARK, String(this.#after))
      await sleep(PAUSE_MS, signal)
    }
  }

  /** Where something else lies in place of its log, an agency has none: the others' go on. Of a disk that is full all wait. */
  async #writeOrPass(agency: string, units: readonly Unit[]): Promise<void> {
    await this.#write(agency, units).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EIO') throw error
      this.parts.log.warn({ err: error.message, agency }, 'its activity log cannot be written')
    })
  }

  async #write(agency: string, units: readonly Unit[]): Promise<void> {
    const folder = join(this.parts.workspace.agencies, agency, 'logs')
    const file = join(folder, 'activity.log')
    // The file may have been put aside just before this daemon began.
    const written = this.#cursors.get(agency) ?? Math.max(await lastCursor(file), await lastCursor(`${file}.1`))
    const fresh = units.filter(unit => unit.seq > written)
    if (fresh.length === 0) return
    await mkdir(folder, { recursive: true })
    await appendText(file, fresh.map(unitLine).join(''))
    this.#cursors.set(agency, fresh.at(-1)!.seq)
  }
}

/** Read from the file's own end, so that a crash between the line and the mark writes no line twice. */
async function lastCursor(file: string): Promise<number> {
  const handle = await open(file, TO_READ).catch(() => undefined)
  if (!handle) return 0
  try {
    const { size } = await handle.stat()
    const start = Math.max(0, size - TAIL_BYTES)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(TAIL_BYTES, size)), 0, undefined, start)
    const numbers = [
      ...buffer
        .subarray(0, bytesRead)
        .toString('utf8')
        .matchAll(/^\S+ #(\d+) /gm),
    ].map(match => Number(match[1]))
    return Math.max(0, ...numbers)
  } finally {
    await handle.close()
  }
}

function groupByContext(units: readonly Unit[]): Map<string, Unit[]> {
  const groups = new Map<string, Unit[]>()
  for (const unit of units) groups.set(unit.context, [...(groups.get(unit.context) ?? []), unit])
  return groups
}
