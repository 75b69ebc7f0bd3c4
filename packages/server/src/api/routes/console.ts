import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import staticFiles from '@fastify/static'
import type { FastifyReply } from 'fastify'
import type { Api } from './route-deps.ts'

/** All that the page has comes from this server, as files: no inline script or style, no other host, no frame. */
const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
} as const

const index = 'index.html'
const missing =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>CodeLab</title><p>The console is not built. Run: npm run build\n'

/** The built console, read once: what is there then is what is served. */
export class ConsoleFiles {
  readonly folder: string
  /** Answered without the key, as the page itself. */
  readonly paths: ReadonlySet<string>

  constructor(folder: string) {
    this.folder = folder
    const names = filesIn(folder)
    this.paths = new Set(['/', ...names.filter((name) => name !== index).map((name) => `/${name}`)])
  }
}

/** Compressed twins are for the files that they are of. */
function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(?:gz|br)$/.test(entry.name))
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
  } catch {
    return []
  }
}

export function addConsoleRoutes(app: Api, { folder, paths }: ConsoleFiles): void {
  const hide = { schema: { hide: true } }
  if (paths.size === 1) {
    app.get('/', hide, (_request, reply) => {
      return reply.code(404).headers(pageHeaders).type('text/html; charset=utf-8').send(missing)
    })
    return
  }
  app.register(staticFiles, { root: folder, serve: false, preCompressed: true })
  app.get('/', hide, (_request, reply) => send(reply.headers(pageHeaders), index))
  for (const path of paths) {
    if (path === '/') continue
    app.get(path, hide, (_request, reply) => send(reply, path.slice(1)))
  }
}

/** Names of assets have a hash of what is in them; the others are asked for again each time. */
function send(reply: FastifyReply, name: string): FastifyReply {
  const isHashed = name.startsWith('assets/')
  if (isHashed) return reply.sendFile(name, { maxAge: '365d', immutable: true })
  return reply.header('cache-control', 'no-cache').sendFile(name, { cacheControl: false })
}
