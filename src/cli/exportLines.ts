/** JSON Lines to a file or to stdout, one after the other: nothing is gathered in memory, and a file is whole or not there. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { AgencyError } from '../kernel/errors.ts'

const STDOUT = 1

/** Returns how many lines were written. */
export async function exportLines(
  file: string,
  produce: (write: (line: unknown) => void) => Promise<unknown>,
): Promise<number> {
  const draft = `${file}.${process.pid}.partial`
  const target = file === '-' ? STDOUT : open(draft, file)
  let count = 0
  let failure: NodeJS.ErrnoException | undefined
  const write = (line: unknown) => {
    try {
      writeWhole(target, `${JSON.stringify(line)}\n`)
      count++
    } catch (error) {
      failure = error as NodeJS.ErrnoException
      throw error
    }
  }
  try {
    // Written at once: while a full pipe makes us wait, nothing more is read from the daemon.
    await produce(write)
    if (file !== '-') renameSync(draft, file)
  } catch (error) {
    // Who read our output has read enough: that is no error.
    if (failure?.code !== 'EPIPE') throw failure ?? error
  } finally {
    if (file !== '-') {
      closeSync(target)
      rmSync(draft, { force: true })
    }
  }
  return count
}

function open(draft: string, file: string): number {
  try {
    return openSync(draft, 'w', 0o600)
  } catch (cause) {
    throw new AgencyError('USAGE', `${file} cannot be written: ${(cause as Error).message}`, {
      hint: 'name a file in a folder that is yours, or - for stdout',
      cause,
    })
  }
}

/** A pipe that is full, or takes a part, is tried again. */
function writeWhole(target: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let done = 0; done < bytes.length; )
    try {
      done += writeSync(target, bytes, done)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
}
