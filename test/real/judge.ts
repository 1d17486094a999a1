/** Judges delivery by what the model received, and by nothing that the sender says. */
import { readFileSync } from 'node:fs'
import { parseHeader, parseMailLine } from '../../src/model/header.ts'
import { sanitise } from '../../src/model/sanitize.ts'
import type { ModelServer } from '../../src/modelServer/server.ts'

export interface Sent {
  readonly id: string
  readonly body: string
}

export interface Verdict {
  readonly whole: number
  /** First words of each, with how it differs. */
  readonly altered: readonly string[]
  readonly lost: readonly string[]
  readonly twice: readonly string[]
}

interface Arrival {
  readonly nonce: string
  readonly redelivery: number | undefined
  readonly body: string
}

export function judge(server: ModelServer, sent: readonly Sent[]): Verdict {
  const arrivals = server.received.requests
    .filter(({ isSide }) => !isSide)
    .flatMap(({ texts, results }) => [...texts, ...results.map(({ text }) => text)])
    .flatMap(arrivalsIn)
  const verdict = { whole: 0, altered: [] as string[], lost: [] as string[], twice: [] as string[] }
  for (const { id, body } of sent) {
    const own = arrivals.filter(({ nonce }) => nonce === id.slice(-8))
    const short = JSON.stringify(body.slice(0, 40))
    if (own.length === 0) verdict.lost.push(short)
    else if (own.every(arrival => arrival.body !== expected(body)))
      verdict.altered.push(`${short}: ${differs(own[0]!.body, expected(body))}`)
    else verdict.whole++
    const signs = own.map(({ redelivery }) => redelivery ?? 0)
    if (new Set(signs).size < signs.length) verdict.twice.push(short)
  }
  return verdict
}

/** A text may hold several messages, when the program has merged what was queued. */
function arrivalsIn(text: string): readonly Arrival[] {
  const parts = text.split(
    /(?=\[(?:human|system|Real\/\w+) → Real\/a · \w+ · (?!00000000)[0-9a-f]{8}(?: · redelivery \d+)?\] )/u,
  )
  return parts.flatMap((part): Arrival[] => {
    const found = parseHeader(part)
    // An inner header, as one of the messages has it, belongs to the body before it.
    if (!found || found.header.nonce === '00000000') return []
    const { nonce, redelivery } = found.header
    return [{ nonce, redelivery, body: bodyOf(found.body) }]
  })
}

function bodyOf(text: string): string {
  // Claude Code puts a mark around what was pasted, and Codex around what a hook has answered.
  const words = text.replace(/\s*<\/(?:pasted_content|hook_prompt)[^>]*>/g, '').trim()
  const path = parseMailLine(words.split('\n')[0]!)
  if (path === undefined) return words
  return expected(readFileSync(path, 'utf8'))
}

function expected(body: string): string {
  return sanitise(body).text.trim()
}

function differs(got: string, wanted: string): string {
  let at = 0
  while (at < wanted.length && got[at] === wanted[at]) at++
  return `${got.length} characters for ${wanted.length}; from ${at}: ${JSON.stringify(got.slice(at, at + 30))} for ${JSON.stringify(wanted.slice(at, at + 30))}`
}
