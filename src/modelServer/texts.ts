/** What there is to answer in a request: the texts that were said since the model last spoke, known again when they come twice. */
import { createHash } from 'node:crypto'
import { partsOf } from './context.ts'
import { type ModelRequest, newest, type Turn } from './conversation.ts'

export interface Placed {
  readonly text: string
  /** Of its place in the conversation. Programs add blanks at the end when they send it again. */
  readonly key: string
}

/** Without what the program adds by itself; all of it when there is nothing else. */
export function placedTexts(request: ModelRequest): readonly Placed[] {
  const turns = newest(request)
  const users = (list: readonly Turn[]) => list.flatMap(turn => (turn.by === 'user' ? [turn.text] : []))
  const texts = users(turns)
  const first = users(request.turns).length - texts.length
  const place = (text: string, index: number): Placed => {
    return { text, key: digest(`${request.api} ${first + index} ${text.trimEnd()}`) }
  }
  const said = texts.flatMap((text, index) => {
    const words = partsOf(text).said
    return words === undefined ? [] : [place(words, index)]
  })
  return said.length > 0 || turns.some(turn => turn.by === 'tool') ? said : texts.map(place)
}

/** Some programs make one text of all that was queued. A header at the beginning of a line opens a message. */
export function messagesIn(text: string): readonly string[] {
  return text.split(/\n+(?=\[[\w/-]+ → [\w/-]+ · [\w-]+ · [0-9a-f]{8})/)
}

/** What programs say in place of a command's output: Claude Code, Codex, Gemini CLI and Qwen Code, opencode, Copilot, Continue. */
const REFUSALS = [
  /^The user doesn't want to proceed with this tool use/,
  /^(Wall time: [\d.]+ seconds\n)?aborted by user\s*$/,
  /^\[Operation Cancelled\]/,
  /^The user rejected permission to use this specific tool call/,
  /^The execution of this tool, or a previous tool was interrupted/,
  /^Permission denied by user\s*$/,
]

export function isRefusal(result: string): boolean {
  return REFUSALS.some(refusal => refusal.test(result))
}

/** What a program says again when its request has failed. */
export function retryKey(request: ModelRequest): string {
  const results = newest(request).filter(turn => turn.by === 'tool')
  return digest(JSON.stringify([request.api, placedTexts(request).at(-1)?.text, results]))
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('base64')
}
