/** A body that fits a schema of an OpenAPI document. A file of its own, since few mocks need what it loads. */
import { sample } from 'openapi-sampler'
import type { OpenApiDocument } from '../../model/openApi.ts'

export function sampleOf(schema: object, document: OpenApiDocument): unknown {
  return sample(schema, { skipWriteOnly: true, quiet: true }, document)
}
