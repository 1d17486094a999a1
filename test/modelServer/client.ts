/** A program of the test's own: asks a model server in each provider's form and reads what comes back. */
import { parseScript } from '../../src/modelServer/script.ts'
import { type ModelServer, type ModelServerOptions, startModelServer } from '../../src/modelServer/server.ts'

export interface Event {
  readonly name: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
  readonly data: any
}

export function open(script = '', options: Omit<ModelServerOptions, 'script'> = {}): Promise<ModelServer> {
  return startModelServer({ ...options, script: parseScript(script, 'test.yaml') })
}

export function post(server: ModelServer, path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer secret-of-the-test' }
  return fetch(`${server.url}${path}`, { method: 'POST', body: JSON.stringify(body), headers, ...init })
}

// biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
export async function ask(server: ModelServer, path: string, body: unknown): Promise<any> {
  return json(await post(server, path, body))
}

// biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
export function json(response: Response): Promise<any> {
  return response.json()
}

export async function events(server: ModelServer, path: string, body: unknown): Promise<readonly Event[]> {
  const response = await post(server, path, body)
  if (!response.headers.get('content-type')?.startsWith('text/event-stream'))
    throw new Error(`${response.status}: ${await response.text()}`)
  return parseEvents(await response.text())
}

export function parseEvents(text: string): readonly Event[] {
  return text
    .split('\n\n')
    .filter(Boolean)
    .map(block => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const data = field('data') ?? ''
      return { name: field('event'), data: data === '[DONE]' ? data : JSON.parse(data) }
    })
}

/** A conversation in Anthropic's form, with a shell tool: a text is the user's, a list of blocks whatever it says. */
export function messages(...said: readonly (string | { role: string; content: unknown })[]) {
  return {
    model: 'claude-test',
    max_tokens: 100,
    system: [{ type: 'text', text: 'You are an agent.' }],
    tools: [{ name: 'Bash', input_schema: { type: 'object', properties: { command: { type: 'string' } } } }],
    messages: said.map(content => (typeof content === 'string' ? { role: 'user', content } : content)),
  }
}

export function assistant(content: unknown): { role: string; content: unknown } {
  return { role: 'assistant', content }
}

export function result(id: string, content: unknown, ...more: readonly unknown[]): { role: string; content: unknown } {
  return { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content }, ...more] }
}
