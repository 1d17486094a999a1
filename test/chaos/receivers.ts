/** What receivers wrote down when it arrived, of every door, and the verdict over it: never what a sender believes. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { sanitise } from '../../src/model/sanitize.ts'
import type { Workbench } from '../e2e/workbench.ts'

export interface Got {
  /** Short id of the message; undefined where no header was in front. */
  readonly nonce: string | undefined
  readonly sha: string
  readonly redelivery: boolean
}

export interface Sent {
  readonly to: string
  readonly body: string
}

export interface Accepted extends Sent {
  /** What its sender was told. */
  readonly said: string
}

export interface Verdict {
  readonly lost: readonly string[]
  readonly altered: readonly string[]
  /** Arrived more often than once without saying so. */
  readonly unmarked: readonly string[]
  readonly marked: number
  /** Texts that became prompts and that nobody sent: a person's draft, say. */
  readonly foreign: number
}

/** Ids by what is wrong with them. `isTyped`: whether the body goes through a composer, where control characters do not. */
export function judge(
  sent: ReadonlyMap<string, Sent>,
  arrivals: readonly Got[],
  isTyped: (address: string) => boolean,
): Verdict {
  const got = new Map<string | undefined, Got[]>()
  for (const arrival of arrivals) got.set(arrival.nonce, [...(got.get(arrival.nonce) ?? []), arrival])
  const of = (id: string) => got.get(id.slice(-8)) ?? []
  const isWhole = ({ to, body }: Sent, { sha }: Got) =>
    sha === digest(body) || (isTyped(to) && sha === digest(sanitise(body).text.trim()))
  return {
    lost: [...sent.keys()].filter(id => of(id).length === 0),
    altered: [...sent].filter(([id, message]) => of(id).some(arrival => !isWhole(message, arrival))).map(([id]) => id),
    unmarked: [...sent.keys()].filter(id => of(id).filter(({ redelivery }) => !redelivery).length > 1),
    marked: arrivals.filter(({ redelivery }) => redelivery).length,
    foreign: arrivals.filter(({ nonce }) => nonce === undefined).length,
  }
}

export async function scriptGot(bench: Workbench, address: string): Promise<Got[]> {
  const text = await readFile(bench.file('registry', 'run', address, 'got.jsonl'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as { id: string; sha: string; redelivery: boolean })
    .map(({ id, sha, redelivery }) => ({ nonce: id.slice(-8), sha, redelivery }))
}

/** A typed body that went by file is judged by the file, one that went in line by the composer's text. */
export async function typedGot(bench: Workbench, address: string): Promise<Got[]> {
  const entries = await bench.received(address)
  return entries
    .filter(entry => entry.kind === 'prompt' || entry.kind === 'queued')
    .map(entry => ({
      nonce: entry.nonce,
      sha: entry.fileSha256 ?? digest(String(entry.text).replace(/^\[[^\]]*\] /, '')),
      redelivery: entry.redelivery === true,
    }))
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
