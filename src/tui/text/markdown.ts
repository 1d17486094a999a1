/** Markdown for reading, a line at a time: its marks become weight and color. Links keep their address: nothing that it says is hidden. */
import { type Role, type Span, span } from './spans.ts'

const INLINE = /(`+)([^`]+)\1|\*\*([^*]+)\*\*|__([^_]+)__|(?<![\w*])\*([^*\s][^*]*)\*|!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)/g
const FENCE = /^\s*(```|~~~)/

export function isFence(line: string): boolean {
  return FENCE.test(line)
}

/** `line` is guarded. `isCode`: it lies between two fences. */
export function markdownSpans(line: string, isCode: boolean): readonly Span[] {
  if (isCode) return [span(line, 'string')]
  if (isFence(line)) return [span(line, 'muted')]
  const heading = /^(#{1,6})\s+(.*)$/.exec(line)
  if (heading) return [span(heading[2]!, heading[1]!.length <= 2 ? 'heading' : 'strong')]
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return [span('─'.repeat(24), 'muted')]
  const item = /^(\s*)([-*+]|\d+[.)])\s+(\[[ xX]\]\s+)?(.*)$/.exec(line)
  if (item) return [span(`${item[1]}${bulletOf(item[2]!)} ${item[3] ?? ''}`, 'accent'), ...inline(item[4]!)]
  const quote = /^\s*>\s?(.*)$/.exec(line)
  if (quote) return [span('▎ ', 'muted'), ...inline(quote[1]!)]
  return inline(line)
}

function bulletOf(mark: string): string {
  return /^\d/.test(mark) ? mark : '•'
}

function inline(text: string): readonly Span[] {
  const out: Span[] = []
  let end = 0
  const put = (piece: string, role: Role) => {
    if (piece !== '') out.push(span(piece, role))
  }
  for (const match of text.matchAll(INLINE)) {
    put(text.slice(end, match.index), 'plain')
    const [, , code, strong, also, slanted, label, address] = match
    if (code !== undefined) put(code, 'string')
    else if (strong ?? also) put((strong ?? also)!, 'strong')
    else if (slanted !== undefined) put(slanted, 'accent')
    else {
      put(label!, 'name')
      put(` (${address})`, 'muted')
    }
    end = match.index + match[0].length
  }
  put(text.slice(end), 'plain')
  return out
}
