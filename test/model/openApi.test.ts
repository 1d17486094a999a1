import { describe, expect, it } from 'vitest'
import { findAnswer, isApiDocument, knownOperations, openApiSchema } from '../../src/model/openApi.ts'

const json = (media: object) => ({ content: { 'application/json': media } })
const document = openApiSchema.parse({
  openapi: '3.1.0',
  servers: [{ url: 'https://rates.example.com/v2/' }],
  paths: {
    '/rates/{id}': {
      parameters: [],
      get: { responses: { 404: {}, 200: json({ example: { rate: 1.5 } }) } },
      delete: { responses: { 204: {} } },
      put: { responses: { '2XX': { $ref: '#/components/responses/Rate' } } },
    },
    '/rates/eur': { get: { responses: { 200: json({ examples: { one: { value: 'euro' } } }) } } },
    '/files/{id}.csv': { get: { responses: { default: { content: { 'text/csv': { example: 'a,b' } } } } } },
    '/orders': { post: { responses: { 201: json({ schema: { $ref: '#/components/schemas/Order' } }), 200: {} } } },
    '/circle': { get: { $ref: '#/paths/~1circle/get' } },
  },
  components: { responses: { Rate: json({ schema: { type: 'object' } }) }, schemas: { Order: { type: 'object' } } },
})
const answer = (method: string, path: string) => findAnswer(document, method, path)

describe('R-APR-1 an OpenAPI document answers', () => {
  it('with the status, content type and example of its first 2xx', () => {
    expect(answer('GET', '/rates/usd')).toEqual({
      ...{ status: 200, type: 'application/json', body: { example: { rate: 1.5 } } },
    })
    expect(answer('GET', '/rates/eur')?.body).toEqual({ example: 'euro' })
    expect(answer('HEAD', '/rates/usd')?.status).toBe(200)
    expect(answer('DELETE', '/rates/usd')).toEqual({ status: 204, type: undefined, body: undefined })
    expect(answer('PUT', '/rates/usd')).toMatchObject({ status: 200, body: { schema: { type: 'object' } } })
    expect(answer('GET', '/files/7.csv')).toMatchObject({ status: 200, type: 'text/csv' })
    expect(answer('POST', '/orders')).toMatchObject({ status: 200 })
  })

  it('below the path of its server too, and to nothing that it does not know', () => {
    expect(answer('GET', '/v2/rates/usd')).toBeDefined()
    for (const [method, path] of [
      ['POST', '/rates/usd'],
      ['GET', '/rates'],
      ['GET', '/rates/usd/more'],
      ['GET', '/files/.csv'],
      ['GET', '/v2/v2/rates/usd'],
      ['GET', '/circle'],
      ['PARAMETERS', '/rates/usd'],
    ] as const)
      expect([method, path, answer(method, path)]).toEqual([method, path, undefined])
    expect(knownOperations(document)).toContain('DELETE /rates/{id}')
    expect(knownOperations(document)).toHaveLength(7)
  })

  it('is told from a list of routes, and Swagger 2 is refused', () => {
    expect(isApiDocument([{ path: '/a' }])).toBe(false)
    expect(isApiDocument({ routes: [] })).toBe(false)
    expect(isApiDocument({ swagger: '2.0' })).toBe(true)
    expect(openApiSchema.safeParse({ swagger: '2.0', paths: {} }).success).toBe(false)
  })
})
