/** Answers by an OpenAPI document: its example, or one that is sampled from its schema. Here, and not in the daemon: a schema may ask for a billion. */
import { findAnswer, knownOperations, type OpenApiDocument } from '../../model/openApi.ts'

export interface Answered {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly note: string
}

const MOST_NAMED = 50
const JSON_TYPE = 'application/json'

/** Undefined when no document is there to ask. */
export async function answerByDocument(
  documents: readonly OpenApiDocument[],
  method: string,
  path: string,
): Promise<Answered | undefined> {
  for (const document of documents) {
    const found = findAnswer(document, method, path)
    if (!found) continue
    const { status, type = '', body } = found
    if (body === undefined) return { status, type, text: '', note: '' }
    const value = 'example' in body ? body.example : await sampled(body.schema, document)
    return { status, type, text: written(value, type), note: 'example' in body ? '' : '   sampled' }
  }
  if (documents.length === 0) return undefined
  const known = documents.flatMap(knownOperations)
  const text = JSON.stringify({ error: `no document knows ${method} ${path}`, known: known.slice(0, MOST_NAMED) })
  return { status: 404, type: JSON_TYPE, text, note: '   no document knows this' }
}

async function sampled(schema: object, document: OpenApiDocument): Promise<unknown> {
  const { sampleOf } = await import('./apiSample.ts')
  return sampleOf(schema, document)
}

/** Text stays text where JSON is not asked for. */
function written(value: unknown, type: string): string {
  return typeof value === 'string' && !/[/+]json\b/.test(type) ? value : (JSON.stringify(value) ?? '')
}
