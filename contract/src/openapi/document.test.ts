import { Value } from '@sinclair/typebox/value'
import { describe, expect, it } from 'vitest'
import { ENDPOINTS, pathParameters } from '../endpoints/index.ts'
import { REFERRED } from '../schemas.ts'
import { selfContained, TOOLS } from '../tools/index.ts'
import { openApiDocument } from './document.ts'

const document = openApiDocument(ENDPOINTS, TOOLS, { version: '1.2.3' })
const text = JSON.stringify(document)
interface EnvelopeBody {
  readonly schema: { readonly oneOf: readonly { readonly title: string; readonly 'x-permission': string }[] }
  readonly examples: object
}
const DOORS = ['POST /v1', 'POST /v1/v1', 'POST /mcp']

describe('the API document', () => {
  it('is OpenAPI 3.1.1 with every path, and every operation once', () => {
    expect(document).toMatchObject({ openapi: '3.1.1', info: { version: '1.2.3' } })
    const paths = document.paths as Record<string, Record<string, { operationId: string }>>
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(listed.sort()).toEqual([...ENDPOINTS.map(({ method, path }) => `${method} ${path}`), ...DOORS].sort())
    const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId))
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('refers to nothing that is not there, and keeps no name outside of the components', () => {
    const names = Object.keys((document.components as { schemas: object }).schemas)
    const referred = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(referred.length).toBeGreaterThan(ENDPOINTS.length)
    for (const reference of referred) {
      expect(reference).toMatch(/^#\/components\/schemas\//)
      expect(names).toContain(reference.slice('#/components/schemas/'.length))
    }
    expect(text).not.toContain('"$id"')
    expect(text).not.toContain('patternProperties')
  })

  it('describes each parameter of a path, and answers each operation with a success and a problem', () => {
    const paths = document.paths as Record<
      string,
      Record<string, { parameters?: { name: string; in: string; required: boolean }[]; responses: object }>
    >
    for (const [path, methods] of Object.entries(paths)) {
      for (const operation of Object.values(methods)) {
        const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
        expect(inPath.map(({ name }) => name).sort()).toEqual(pathParameters(path).sort())
        expect(inPath.every(({ required }) => required)).toBe(true)
        expect(Object.keys(operation.responses)).toContain('default')
        expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).toBe(true)
      }
    }
  })

  it('shows every tool at both paths of the envelope, with its schema, permission and an example', () => {
    const paths = document.paths as Record<string, { post: { requestBody: { content: Record<string, EnvelopeBody> } } }>
    for (const path of ['/v1', '/v1/v1']) {
      const body = paths[path]?.post.requestBody.content['application/json']
      expect(body?.schema.oneOf.map(({ title }) => title)).toEqual(TOOLS.map(({ tool }) => tool))
      expect(body?.schema.oneOf.map((envelope) => envelope['x-permission'])).toEqual(TOOLS.map(({ permission }) => permission))
      expect(Object.keys(body?.examples ?? {})).toEqual(TOOLS.map(({ tool }) => tool))
    }
  })

  it('is made the same twice', () => {
    expect(JSON.stringify(openApiDocument(ENDPOINTS, TOOLS, { version: '1.2.3' }))).toBe(text)
  })
})

describe('every endpoint', () => {
  it.each(ENDPOINTS.map((endpoint) => [endpoint.operation, endpoint] as const))(
    '%s has an example that its schema takes',
    (_name, endpoint) => {
      const example = endpoint.example?.input
      expect(example).toBeDefined()
      const first = Value.Errors(endpoint.input, [...REFERRED], example).First()
      expect(first === undefined ? null : `${first.path}: ${first.message}`).toBeNull()
    },
  )

  it('has an operation name that tools can carry, and a path of this server', () => {
    for (const { operation, path } of ENDPOINTS) {
      expect(operation).toMatch(/^[a-z][a-z_]{2,40}$/)
      expect(path).toMatch(/^\/(?:v1\/finops|api\/v1|api\/finops|forecast|actuator)(?:\/|$)/)
    }
  })
})

describe('every tool', () => {
  it.each(TOOLS.map((tool) => [tool.tool, tool] as const))(
    '%s has an example that its schema takes, and a schema that stands by itself',
    (_name, tool) => {
      const first = Value.Errors(tool.input, [...REFERRED], tool.example).First()
      expect(first === undefined ? null : `${first.path}: ${first.message}`).toBeNull()
      for (const schema of [tool.input, tool.answer]) {
        expect(selfContained(schema)).toMatchObject({ type: 'object' })
        expect(JSON.stringify(selfContained(schema))).not.toMatch(/"\$(?:ref|id)"/)
      }
      expect(tool.tool).toMatch(/^[a-z][a-z_]{2,40}$/)
    },
  )
})
