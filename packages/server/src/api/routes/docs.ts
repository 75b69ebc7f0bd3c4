import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyReply } from 'fastify'
import type { Api } from './route-deps.ts'

const prefix = '/docs/static'

/** The files of Swagger UI that the page needs; all of them are served from here, so that it works offline. */
const files = [
  { name: 'swagger-ui.css', type: 'text/css; charset=utf-8' },
  { name: 'swagger-ui-bundle.js', type: 'text/javascript; charset=utf-8' },
  { name: 'favicon-32x32.png', type: 'image/png' },
] as const

const starter = `window.ui = SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null })\n`

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Agent Runtime Service</title>
<link rel="icon" type="image/png" href="docs/static/favicon-32x32.png">
<link rel="stylesheet" href="docs/static/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/static/swagger-ui-bundle.js"></script>
<script src="docs/static/start.js"></script>
</body>
</html>
`

/** Scripts and styles come from this server only; Swagger UI sets styles in the page itself. */
const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
} as const

/** Answered without the key, as the page itself. */
export const docsFiles: ReadonlySet<string> = new Set(
  [...files.map((file) => file.name), 'start.js'].map((name) => `${prefix}/${name}`),
)

export interface DocsOptions {
  /** The OpenAPI document as JSON text. */
  readonly document: () => Promise<string>
}

/** The description of the API, for programs and for people. Nothing of it is loaded before it is asked for. */
export function addDocsRoutes(app: Api, { document }: DocsOptions): void {
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type('application/json').send(await document())
  })
  for (const path of ['/docs', '/redoc']) {
    app.get(path, { schema: { hide: true } }, (_request, reply) => {
      return reply.headers(pageHeaders).type('text/html; charset=utf-8').send(page)
    })
  }
  app.get(`${prefix}/start.js`, { schema: { hide: true } }, (_request, reply) => {
    return reply.type('text/javascript; charset=utf-8').send(starter)
  })
  for (const { name, type } of files) {
    app.get(`${prefix}/${name}`, { schema: { hide: true } }, (_request, reply) => sendFile(reply, name, type))
  }
}

async function sendFile(reply: FastifyReply, name: string, type: string): Promise<FastifyReply> {
  const folder = join(dirname(fileURLToPath(import.meta.resolve('@fastify/swagger-ui'))), 'static')
  const bytes = await readFile(join(folder, name))
  return reply.header('cache-control', 'public, max-age=86400').type(type).send(bytes)
}
