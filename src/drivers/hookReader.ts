/** What an event of a program says: by its profile, and only that. */
import { isObject } from '../kernel/json.ts'
import type { Reading } from '../model/agent.ts'
import type { Driver, HookReading } from './driver.ts'
import type { Profile } from './profileSchema.ts'

type Hooks = NonNullable<Profile['hooks']>

export function hookReader({ hooks }: Profile): Driver['readHook'] {
  const matchers = (hooks?.rules ?? []).map(rule => ({
    ...rule,
    matches: rule.matches === undefined ? undefined : new RegExp(rule.matches, 'u'),
  }))

  function state(event: string, payload: unknown): Reading | undefined {
    const rule = matchers.find(
      candidate =>
        candidate.event === event &&
        (candidate.field === undefined || (candidate.matches ?? /./su).test(fieldAt(payload, candidate.field) ?? '')),
    )
    const found = rule ? rule.state : hooks?.states[event]
    return found === undefined || found === 'same'
      ? undefined
      : { state: found, rule: `hook ${event}`, evidence: (rule?.field && fieldAt(payload, rule.field)) ?? event }
  }

  return (event, payload): HookReading => ({
    state: state(event, payload),
    prompt: fieldOf(hooks?.prompt, event, payload),
    question: questionOf(hooks, event, payload),
    conversation: fieldOf(hooks?.conversation, event, payload),
    transcript: fieldOf(hooks?.transcript, event, payload),
  })
}

function fieldOf(
  source: { readonly event?: string | undefined; readonly field: string } | undefined,
  event: string,
  payload: unknown,
): string | undefined {
  if (!source || (source.event !== undefined && source.event !== event)) return undefined
  return fieldAt(payload, source.field)
}

/** The words of a dialog; fields that the payload lacks are left out. */
function questionOf(hooks: Hooks | undefined, event: string, payload: unknown): string | undefined {
  const source = hooks?.question
  if (source?.event !== event) return undefined
  const words = source.text.replace(/\{([\w.]+)\}/g, (_, path: string) => fieldAt(payload, path) ?? '')
  return words.trim().slice(0, 600) || undefined
}

/** Follows dots inward. What is no text is shown as JSON. */
function fieldAt(payload: unknown, path: string): string | undefined {
  const found = path
    .split('.')
    .reduce<unknown>((inner, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), payload)
  if (found === undefined || found === null) return undefined
  return typeof found === 'string' ? found : JSON.stringify(found)
}
