/** Which path speaks which provider's form. Base addresses are given with or without `/v1`, as each program wants it. */
import { anthropic } from './wire/anthropic.ts'
import { chat } from './wire/chat.ts'
import { gemini } from './wire/gemini.ts'
import { responses } from './wire/responses.ts'
import { TOKENS, type Wire } from './wire/wire.ts'

export type Route =
  | {
      readonly to: 'model'
      readonly wire: Wire
      readonly path?: { readonly model: string; readonly isStreamed: boolean }
    }
  | { readonly to: 'fact'; readonly body: unknown }
  | { readonly to: 'script' | 'received' }

const PROVIDERS: readonly (readonly [RegExp, Wire])[] = [
  [/^(\/v1)?\/messages$/, anthropic],
  [/^(\/v1)?\/responses$/, responses],
  [/^(\/v1)?\/chat\/completions$/, chat],
]
const GEMINI = /^(?:\/v1\w*)?\/(?:models|tunedModels)\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/
const MODEL = 'rehearsal'

export function findRoute(method: string, path: string): Route | undefined {
  return method === 'POST' ? findPost(path) : method === 'GET' || method === 'HEAD' ? findGet(path) : undefined
}

function findPost(path: string): Route | undefined {
  if (path === '/_script') return { to: 'script' }
  if (/^(\/v1)?\/messages\/count_tokens$/.test(path)) return { to: 'fact', body: { input_tokens: TOKENS.input } }
  const provider = PROVIDERS.find(([pattern]) => pattern.test(path))
  if (provider) return { to: 'model', wire: provider[1] }
  const [, model, action] = GEMINI.exec(path) ?? []
  if (action === 'countTokens') return { to: 'fact', body: { totalTokens: TOKENS.input } }
  if (model && action)
    return { to: 'model', wire: gemini, path: { model, isStreamed: action === 'streamGenerateContent' } }
  return undefined
}

function findGet(path: string): Route | undefined {
  if (path === '/_received') return { to: 'received' }
  if (path === '/' || path === '/_health') return { to: 'fact', body: { ok: true, name: 'agency model server' } }
  if (/^(\/v1)?\/models$/.test(path)) return { to: 'fact', body: MODELS }
  if (/^\/v1beta\/models$/.test(path)) return { to: 'fact', body: { models: [{ name: `models/${MODEL}` }] } }
  if (/^(\/v1)?\/models\/[^/]+$/.test(path))
    return { to: 'fact', body: { ...MODELS.data[0], id: path.split('/').at(-1) } }
  return undefined
}

/** Anthropic's and OpenAI's form in one; each reads its own fields. `models` is what Codex looks for. */
const MODELS = {
  object: 'list',
  data: [
    {
      id: MODEL,
      object: 'model',
      type: 'model',
      display_name: MODEL,
      created: 1_767_225_600,
      created_at: '2026-01-01T00:00:00Z',
      owned_by: 'agency',
    },
  ],
  models: [],
  first_id: MODEL,
  last_id: MODEL,
  has_more: false,
} as const
