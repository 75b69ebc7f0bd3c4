/** Answered without a key: the exact path, before its query (PROTOCOL 1.2). */
const openPaths: ReadonlySet<string> = new Set([
  '/health',
  '/oauth/token',
  '/.well-known/jwks.json',
  '/auth/me',
  '/auth/sign-in',
  '/auth/sign-out',
  '/health/live',
  '/health/ready',
  '/ready',
  '/llm/models',
  '/docs',
  '/openapi.json',
  '/redoc',
  '/favicon.ico',
])

export function isOpenPath(url: string, staticFiles: ReadonlySet<string>): boolean {
  const path = pathOf(url)
  return openPaths.has(path) || staticFiles.has(path)
}

export function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}
