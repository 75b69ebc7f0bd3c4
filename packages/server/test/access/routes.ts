import type { FastifyInstance } from 'fastify'

export interface Route {
  readonly method: string
  readonly path: string
}

/** Every route that there is, also those that the document leaves out; read from the tree that the router prints. */
export function routesOf(app: FastifyInstance): readonly Route[] {
  const routes: Route[] = []
  const above: string[] = []
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const match = /^((?:│ {3}| {4})*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line)
    if (!match) continue
    const [, indent = '', part = '', methods = ''] = match
    const depth = indent.length / 4
    above.length = depth
    above.push(part)
    for (const method of methods.split(', '))
      if (method !== '' && method !== 'HEAD') routes.push({ method, path: above.join('') })
  }
  return routes
}
