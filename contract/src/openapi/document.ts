import { type Endpoint, pathParameters, readsQuery } from '../endpoints/endpoint.ts'
import { Problem } from '../problem.ts'
import { REFERRED } from '../schemas.ts'
import type { Tool } from '../tools/tool.ts'
import { createComponents, type JsonSchema } from './components.ts'
import { TOOL_FAMILY, toolPaths } from './tools.ts'

type Components = ReturnType<typeof createComponents>

/** Endpoints and tools as an OpenAPI 3.1.1 document. Pure: the same give the same document. */
export function openApiDocument(endpoints: readonly Endpoint[], tools: readonly Tool[], info: { readonly version: string }): JsonSchema {
  const components = createComponents()
  for (const schema of REFERRED) components.refer(schema)
  const problem = components.refer(Problem)
  const paths: Record<string, Record<string, JsonSchema>> = toolPaths(tools, components, problem)
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method.toLowerCase()]: operationObject(endpoint, components, problem) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Purser',
      version: info.version,
      summary: 'The accounts officer of an agent fleet',
      description: 'Meters every call that agents make, prices it exactly, posts it to a ledger and shows where the money goes.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set([...endpoints.map((endpoint) => endpoint.family), TOOL_FAMILY])].map((name) => ({ name })),
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A key as `Authorization: Bearer finops_…`. Or an RFC 9421 signature with a registered public key. Local mode needs neither.',
        },
      },
    },
  }
}

function operationObject(endpoint: Endpoint, components: Components, problem: JsonSchema): JsonSchema {
  const inPath = new Set(pathParameters(endpoint.path))
  return {
    operationId: endpoint.operation,
    tags: [endpoint.family],
    summary: endpoint.summary,
    ...(endpoint.description === undefined ? {} : { description: endpoint.description }),
    ...(endpoint.permission === 'open' ? { security: [] } : { 'x-permission': endpoint.permission }),
    ...withParameters(endpoint, inPath, components),
    ...(readsQuery(endpoint) ? {} : withBody(endpoint, inPath, components)),
    responses: responsesOf(endpoint, components, problem),
  }
}

function withParameters(endpoint: Endpoint, inPath: ReadonlySet<string>, components: Components): JsonSchema {
  const parameters: JsonSchema[] = []
  for (const [name, schema] of Object.entries(propertiesOf(endpoint))) {
    if (!inPath.has(name) && !readsQuery(endpoint)) continue
    const example = endpoint.example?.input?.[name]
    parameters.push({
      name,
      in: inPath.has(name) ? 'path' : 'query',
      required: inPath.has(name) || requiredOf(endpoint).includes(name),
      schema: components.refer(schema),
      ...(example === undefined ? {} : { example }),
    })
  }
  if (endpoint.idempotencyField !== undefined) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: `Becomes ${endpoint.idempotencyField} when the body gives none, so that a retry posts nothing twice.`,
      schema: { type: 'string', maxLength: 256 },
    })
  }
  return parameters.length === 0 ? {} : { parameters }
}

function withBody(endpoint: Endpoint, inPath: ReadonlySet<string>, components: Components): JsonSchema {
  const required = requiredOf(endpoint).filter((name) => !inPath.has(name))
  const bodyFields = Object.entries(propertiesOf(endpoint)).filter(([name]) => !inPath.has(name))
  if (bodyFields.length === 0) return {}
  const schema =
    inPath.size === 0
      ? components.refer(endpoint.input)
      : {
          type: 'object',
          additionalProperties: false,
          properties: Object.fromEntries(bodyFields.map(([name, field]) => [name, components.refer(field)])),
          ...(required.length === 0 ? {} : { required }),
        }
  const given = Object.entries(endpoint.example?.input ?? {}).filter(([name]) => !inPath.has(name))
  return {
    requestBody: {
      required: required.length > 0,
      content: {
        'application/json': { schema, ...(endpoint.example?.input === undefined ? {} : { example: Object.fromEntries(given) }) },
      },
    },
  }
}

function responsesOf(endpoint: Endpoint, components: Components, problem: JsonSchema): JsonSchema {
  const example = endpoint.example?.answer
  return {
    [String(endpoint.status ?? 200)]: {
      description: endpoint.summary,
      content: {
        'application/json': { schema: components.refer(endpoint.answer), ...(example === undefined ? {} : { example }) },
        ...Object.fromEntries(Object.values(endpoint.formats ?? {}).map((type) => [type, { schema: { type: 'string' } }])),
      },
    },
    default: { description: 'Refused, with the reason', content: { 'application/problem+json': { schema: problem } } },
  }
}

function propertiesOf(endpoint: Endpoint): Record<string, JsonSchema> {
  return (endpoint.input as JsonSchema & { properties?: Record<string, JsonSchema> }).properties ?? {}
}

function requiredOf(endpoint: Endpoint): readonly string[] {
  return (endpoint.input as JsonSchema & { required?: readonly string[] }).required ?? []
}
