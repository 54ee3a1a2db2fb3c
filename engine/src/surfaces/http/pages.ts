import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { ENDPOINTS, openApiDocument, TOOLS } from '@purser/contract'
import type { FastifyInstance, FastifyReply } from 'fastify'

const require = createRequire(import.meta.url)

export interface PageOptions {
  readonly version: string
  /** Folder with the start page; null: only a line of text is served. */
  readonly webFolder: string | null
}

/** What people open in a browser: the start page, the API document and its rendering. Everything is served from here, nothing from elsewhere. */
export async function addPages(app: FastifyInstance, options: PageOptions): Promise<void> {
  const document = JSON.stringify(openApiDocument(ENDPOINTS, TOOLS, { version: options.version }))
  app.get('/openapi.json', (_request, reply) => reply.header('content-type', 'application/json; charset=utf-8').send(document))
  const assets = dirname(require.resolve('swagger-ui-dist/package.json'))
  await app.register(fastifyStatic, { root: assets, prefix: '/docs/assets/', decorateReply: false, index: false })
  app.get('/docs', (_request, reply) => html(reply, DOCS_PAGE))
  app.get('/docs/', (_request, reply) => reply.redirect('/docs'))
  app.get('/docs/start.js', (_request, reply) => reply.header('content-type', 'text/javascript; charset=utf-8').send(DOCS_SCRIPT))
  const start = startPage(options.webFolder)
  app.get('/', (_request, reply) => html(reply, start.page))
  app.get('/start.js', (_request, reply) => reply.header('content-type', 'text/javascript; charset=utf-8').send(start.script))
  app.get('/favicon.ico', (_request, reply) => reply.redirect('/docs/assets/favicon-32x32.png'))
}

function html(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
    .header('referrer-policy', 'no-referrer')
    .send(page)
}

function startPage(folder: string | null): { page: string; script: string } {
  if (folder === null) return { page: '<!doctype html><title>Purser</title><p>Purser runs here. <a href="/docs">API</a></p>', script: '' }
  return { page: readFileSync(join(folder, 'index.html'), 'utf8'), script: readFileSync(join(folder, 'start.js'), 'utf8') }
}

const DOCS_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Purser API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<div id="ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`

const DOCS_SCRIPT = `window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#ui', deepLinking: true, validatorUrl: null })
`
