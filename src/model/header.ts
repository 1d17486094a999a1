/** The line that opens every typed message: who, to whom, what, and the nonce by which it is recognised again. */
import { shortId } from '../kernel/ids.ts'

export interface Header {
  readonly from: string
  readonly to: string
  readonly type: string
  /** Short id of the message: the last 8 hex digits. The nonce on screens, in transcripts and in hooks. */
  readonly nonce: string
  /** Which hand-over of the message to this recipient it is when the same words may stand there already: from 1. */
  readonly redelivery: number | undefined
}

const HEADER =
  /\[(?<from>[\w/-]+) → (?<to>[\w/-]+) · (?<type>[\w-]+) · (?<nonce>[0-9a-f]{8})(?: · redelivery (?<again>\d{1,6}))?\]/

export function formatHeader(message: {
  id: string
  from: string
  to: string
  type: string
  redelivery: number | undefined
}): string {
  const { from, to, type } = message
  return `[${from} → ${to} · ${type} · ${ending({ nonce: shortId(message.id), redelivery: message.redelivery })}`
}

/** The end of the header, which no other hand-over of any message has: by it one is found again on a screen or in a transcript. */
export function signOf(header: Pick<Header, 'nonce' | 'redelivery'>): string {
  return ending(header).replaceAll(' ', '')
}

/** Whether a text that a terminal may have wrapped shows the hand-over of this sign. */
export function showsSign(text: string, sign: string): boolean {
  return text.replace(/\s+/g, '').includes(sign)
}

function ending({ nonce, redelivery }: Pick<Header, 'nonce' | 'redelivery'>): string {
  return redelivery === undefined ? `${nonce}]` : `${nonce} · redelivery ${redelivery}]`
}

/** Finds the header at the start of a text that a program received. */
export function parseHeader(text: string): { header: Header; body: string } | undefined {
  const match = HEADER.exec(text)
  if (!match?.groups || match.index > 2) return undefined
  const { from, to, type, nonce, again } = match.groups as Record<string, string>
  return {
    header: {
      from: from!,
      to: to!,
      type: type!,
      nonce: nonce!,
      redelivery: again === undefined ? undefined : Number(again),
    },
    body: text.slice(match.index + match[0].length).replace(/^\s/, ''),
  }
}

/** What is typed in place of a body that is long or has many lines. The path is absolute and the agent reads the file itself. */
export function formatMailLine(path: string, bytes: number): string {
  const size = bytes < 10_240 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KB`
  return `The message is in the file ${path} (${size}). Read all of it, then act on it.`
}

const MAIL_LINE = /^The message is in the file (?<path>.+) \(\d+ (?:bytes|KB)\)\. Read all of it, then act on it\.$/

export function parseMailLine(body: string): string | undefined {
  return MAIL_LINE.exec(body.trim())?.groups?.path
}
