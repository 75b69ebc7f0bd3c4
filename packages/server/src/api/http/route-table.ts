import type { FastifyInstance } from 'fastify'

interface Row {
  readonly pattern: RegExp
  readonly methods: Set<string>
}

/** Which methods a path has. The router itself cannot tell a wrong method from an unknown path. */
export class RouteTable {
  readonly #rows = new Map<string, Row>()

  /** Follows the routes that are added from now on. */
  static of(app: FastifyInstance): RouteTable {
    const table = new RouteTable()
    app.addHook('onRoute', (route) => {
      for (const method of [route.method].flat()) table.#add(route.url, method)
    })
    return table
  }

  /** In alphabetical order; none for an unknown path. `path` is as it was sent, without its query. */
  methodsOf(path: string): string[] {
    // A path of its own comes before one with a parameter in the same place.
    const rows = this.#rows.get(path) ?? [...this.#rows.values()].filter((row) => row.pattern.test(path))
    const methods = [rows].flat().flatMap((row) => [...row.methods])
    return [...new Set(methods)].sort()
  }

  #add(url: string, method: string): void {
    const row = this.#rows.get(url) ?? { pattern: patternOf(url), methods: new Set() }
    row.methods.add(method)
    this.#rows.set(url, row)
  }
}

function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    return segment.startsWith(':') ? '[^/]+' : segment.replaceAll('.', '\\.')
  })
  return new RegExp(`^${segments.join('/')}$`)
}
