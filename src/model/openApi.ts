/** An OpenAPI 3 document as a description of outside services: what it answers to a request, as an example or a schema to sample. */
import { z } from 'zod'

export const openApiSchema = z.looseObject({
  openapi: z.string().regex(/^3\./, 'must be OpenAPI 3; Swagger 2 has to be converted'),
  paths: z.record(z.string().startsWith('/'), z.looseObject({})).default({}),
})
export type OpenApiDocument = z.infer<typeof openApiSchema>

/** Whether a file speaks of an API as a whole, and is no list of routes. */
export function isApiDocument(value: unknown): boolean {
  return isNode(value) && ('openapi' in value || 'swagger' in value)
}

export interface ApiAnswer {
  readonly status: number
  /** Content type; undefined for an answer without a body. */
  readonly type: string | undefined
  readonly body: { readonly example: unknown } | { readonly schema: object } | undefined
}

type Node = Readonly<Record<string, unknown>>

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']
const MOST_REFERENCES = 20

/** The answer of the lowest 2xx that the operation names, which is the first where they are in order; undefined when the document has no such operation. */
export function findAnswer(document: OpenApiDocument, method: string, path: string): ApiAnswer | undefined {
  const wanted = method.toLowerCase()
  for (const candidate of withoutBase(document, path))
    for (const [, item] of templatesFor(document, candidate)) {
      const node = resolve(document, item)
      const operation = resolve(document, node[wanted] ?? (wanted === 'head' ? node.get : undefined))
      if (Object.keys(operation).length > 0) return answerOf(document, operation)
    }
  return undefined
}

/** `GET /users/{id}`, in the order of the document. */
export function knownOperations(document: OpenApiDocument): readonly string[] {
  return Object.entries(document.paths).flatMap(([template, item]) =>
    Object.keys(item).flatMap(key => (METHODS.includes(key) ? [`${key.toUpperCase()} ${template}`] : [])),
  )
}

function answerOf(document: OpenApiDocument, operation: Node): ApiAnswer {
  const responses = resolve(document, operation.responses)
  const code = Object.keys(responses).find(key => /^2/.test(key)) ?? ('default' in responses ? 'default' : '204')
  // `2XX` and `default` name no status of their own.
  const status = /^\d{3}$/.test(code) ? Number(code) : 200
  const content = resolve(document, resolve(document, responses[code]).content)
  const [type] = Object.keys(content)
  return { status, type, body: type === undefined ? undefined : bodyOf(document, resolve(document, content[type])) }
}

function bodyOf(document: OpenApiDocument, media: Node): ApiAnswer['body'] {
  if ('example' in media) return { example: media.example }
  const [first] = Object.values(resolve(document, media.examples))
  const named = resolve(document, first)
  if ('value' in named) return { example: named.value }
  return isNode(media.schema) ? { schema: media.schema } : undefined
}

/** Paths that fit, those with the fewest variables first: `/users/me` goes before `/users/{id}`. */
function templatesFor(document: OpenApiDocument, path: string): readonly (readonly [string, unknown])[] {
  const variables = (template: string) => template.split('{').length
  return Object.entries(document.paths)
    .filter(([template]) => fits(template, path))
    .sort(([one], [other]) => variables(one) - variables(other))
}

function fits(template: string, path: string): boolean {
  const wanted = template.split('/')
  const given = path.split('/')
  return wanted.length === given.length && wanted.every((part, index) => fitsPart(part, given[index]!))
}

/** A part holds its variable between what stands before and behind it: `{id}.json`. */
function fitsPart(part: string, given: string): boolean {
  const begin = part.indexOf('{')
  const end = part.lastIndexOf('}')
  if (begin < 0 || end < begin) return part === given
  const [before, behind] = [part.slice(0, begin), part.slice(end + 1)]
  return given.length > before.length + behind.length && given.startsWith(before) && given.endsWith(behind)
}

/** As it is, and without the path of each server: whoever calls may have kept it or not. */
function withoutBase(document: OpenApiDocument, path: string): readonly string[] {
  const servers = Array.isArray(document.servers) ? (document.servers as unknown[]) : []
  const bases = servers.map(server => basePath(isNode(server) ? String(server.url ?? '') : ''))
  return [path, ...bases.flatMap(base => (base !== '' && path.startsWith(`${base}/`) ? [path.slice(base.length)] : []))]
}

function basePath(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').replace(/\/+$/, '')
}

/** What a local `$ref` means; an empty object for what is none. */
function resolve(document: OpenApiDocument, given: unknown): Node {
  let node = given
  for (let hops = 0; hops < MOST_REFERENCES; hops++) {
    if (!isNode(node)) return {}
    const { $ref: reference } = node
    if (typeof reference !== 'string') return node
    if (!reference.startsWith('#/')) return {}
    const keys = reference.slice(2).split('/').map(unescaped)
    node = keys.reduce<unknown>((at, key) => (isNode(at) && Object.hasOwn(at, key) ? at[key] : undefined), document)
  }
  return {}
}

function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~')
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
