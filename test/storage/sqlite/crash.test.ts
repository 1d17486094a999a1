import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { SqliteEngine } from '../../../src/storage/sqlite/engine.ts'
import { holdOwnership } from '../../../src/storage/sqlite/guard.ts'
import { bundle } from '../bundle.ts'
import { temporaryFolder } from './setup.ts'

let writer: string
let worker: string
beforeAll(async () => {
  writer = await bundle('test/storage/sqlite/writer.ts', 'writer')
  worker = await bundle('src/storage/sqlite/worker.ts', 'crash-worker')
})

/** Kills the process with SIGKILL as soon as it has printed `lines` lines; gives every whole line that it printed. */
async function killAfter(child: ChildProcess, lines: number): Promise<string[]> {
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (output.split('\n').length > lines) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return output.split('\n').slice(0, -1)
}

describe('a store whose process is killed', () => {
  it('R-LOG-6 R-BUS-4 has every acknowledged message, round after round', async () => {
    const file = join(temporaryFolder(), 'agency.db')
    const acknowledged: string[] = []
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, [writer, 'write', file, worker], { stdio: ['ignore', 'pipe', 'inherit'] })
      const ids = await killAfter(child, 1 + Math.floor(Math.random() * 400))
      expect(ids.length).toBeGreaterThan(0)
      acknowledged.push(...ids)
      const engine = new SqliteEngine(file)
      expect(engine.store.check()).toEqual([])
      expect(acknowledged.filter(id => engine.store.find(id)?.deliveries.length !== 1)).toEqual([])
      // Every other round leaves the WAL to the next process, as a crash of the daemon does.
      if (round % 2 === 0) engine.close()
    }
  })

  it('R-LOG-6 stops acknowledging when the disk gives an error, and ends its worker', async () => {
    const file = join(temporaryFolder(), 'agency.db')
    // No file may grow over 1.5 MB: Node ignores the signal, so the write itself fails.
    const command = `ulimit -f 1500; exec "$@"`
    const child = spawn('bash', ['-c', command, 'bash', process.execPath, writer, 'write', file, worker], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = await killAfter(child, Number.POSITIVE_INFINITY)
    expect(lines.slice(-5)).toEqual([...Array.from({ length: 4 }, () => 'failed DISK'), 'lost DISK'])
    const engine = new SqliteEngine(file)
    expect(engine.store.check()).toEqual([])
    expect(lines.slice(0, -5).filter(id => !engine.store.find(id))).toEqual([])
    engine.close()
  })
})

describe('ownership', () => {
  it('is held by one process, and is free at once when that is killed', async () => {
    const file = join(temporaryFolder(), 'owner.db')
    const child = spawn(process.execPath, [writer, 'own', file], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout!, 'data')
    expect(() => holdOwnership(file)).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
    child.kill('SIGKILL')
    await once(child, 'close')
    holdOwnership(file).release()
  })

  it('is held once within a process too, and can be released', () => {
    const file = join(temporaryFolder(), 'owner.db')
    const held = holdOwnership(file)
    expect(() => holdOwnership(file)).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
    held.release()
    holdOwnership(file).release()
  })
})
