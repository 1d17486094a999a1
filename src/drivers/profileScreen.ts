/** What a profile reads on its program's screen: the state, the composer, the words of a dialog. */
import { isOldReset, readResetTime } from '../model/resetTime.ts'
import type { Driver } from './driver.ts'
import type { Profile } from './profileSchema.ts'

/** The first rule that matches decides. */
export function screenReader(profile: Profile): Driver['readScreen'] {
  const rules = profile.rules.map(rule => ({
    ...rule,
    screen: rule.screen ? new RegExp(rule.screen, 'mu') : undefined,
    title: rule.title ? new RegExp(rule.title, 'u') : undefined,
  }))
  const queued = profile.queued ? new RegExp(profile.queued, 'mu') : undefined
  const chip = profile.composer?.chip ? new RegExp(`^(?:${profile.composer.chip})$`, 'u') : undefined
  const readComposer = composerReader(profile)
  return ({ lines, title }, now = Date.now(), limitOver) => {
    const filled = lines.filter(line => line.trim() !== '')
    const composer = readComposer(lines)
    const isChip = composer !== undefined && (chip?.test(composer) ?? false)
    const showsQueued = queued?.test(filled.slice(-24).join('\n')) ?? false
    for (const rule of rules) {
      const region = filled.slice(-rule.lines).join('\n')
      const seen = rule.screen?.exec(region)
      const titled = rule.title?.exec(title)
      if ((rule.screen && !seen) || (rule.title && !titled) || (!rule.screen && !rule.title)) continue
      const words = (seen?.[0] ?? titled?.[0] ?? '').trim().slice(0, 200)
      const until = seen?.groups?.until ?? titled?.groups?.until
      const limitedUntil = until === undefined ? undefined : readResetTime(until, now)
      // The banner of a limit stays on the screen when the limit is over.
      const isOld = limitedUntil !== undefined && isOldReset(until!, limitedUntil, now, limitOver)
      if (rule.state === 'limited' && isOld) continue
      const question =
        rule.state === 'waiting'
          ? wordsOf((seen?.groups?.question ?? dialogFrom(region, seen?.index ?? region.length)).split('\n'))
          : undefined
      const evidence = rule.hint ? `${words} (${rule.hint})` : words
      const what = { state: rule.state, rule: rule.name, evidence, answers: rule.answers, limitedUntil }
      return { ...what, composer, isChip, showsQueued, question }
    }
    const evidence = filled.at(-1)?.slice(0, 200) ?? ''
    const what = { state: 'unknown' as const, rule: 'no rule matches the screen', evidence, answers: {} }
    return { ...what, limitedUntil: undefined, composer, isChip, showsQueued, question: undefined }
  }
}

/** The words of a dialog, without the frame around them. */
function wordsOf(lines: readonly string[]): string {
  const words = lines.map(line =>
    line
      .replace(/[\u2500-\u259f]+/gu, ' ')
      .replace(/\s+/gu, ' ')
      .trim(),
  )
  return words.filter(Boolean).join('\n')
}

const FRAME = /^\s*[─━▔╭][─━▔]{9}/gmu

/**
 * A dialog begins at the last frame line above what its rule has found, or there: what was said before stands above it, and a
 * policy must not take those words for the question.
 */
function dialogFrom(region: string, found: number): string {
  const frame = [...region.slice(0, found).matchAll(FRAME)].at(-1)
  return region.slice(frame?.index ?? found)
}

function composerReader(profile: Profile): (lines: readonly string[]) => string | undefined {
  const form = profile.composer
  if (!form) return () => undefined
  const first = new RegExp(form.first, 'u')
  const end = form.end ? new RegExp(form.end, 'u') : undefined
  const edge = form.edge ? new RegExp(form.edge, 'gu') : undefined
  const placeholder = form.placeholder ? new RegExp(form.placeholder, 'u') : undefined
  return shown => {
    // Until the screen is full, a program's composer stands under its history and not at the foot of the pane.
    const lines = shown.slice(0, shown.findLastIndex(line => line.trim() !== '') + 1)
    const bottom = Math.max(0, lines.length - form.lines)
    // The lowest match: what was typed before stands above it, in the history.
    for (let row = lines.length - 1; row >= bottom; row--) {
      const match = first.exec(lines[row]!)
      if (!match) continue
      const text = [match.groups?.text ?? '']
      if (end) {
        const stop = lines.findIndex((line, index) => index > row && end.test(line))
        if (stop < 0) continue
        text.push(...lines.slice(row + 1, stop).map(line => (edge ? line.replace(edge, '') : line)))
      }
      const whole = text.join('\n').trim()
      return placeholder?.test(whole) ? '' : whole
    }
    return undefined
  }
}
