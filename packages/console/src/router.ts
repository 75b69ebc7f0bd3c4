import { useSyncExternalStore } from 'react'

export const viewNames = ['sessions', 'session', 'inbox', 'usage', 'try', 'rules', 'health', 'first-run'] as const
export type ViewName = (typeof viewNames)[number]

/** Where the page is: `#/session/ID/timeline?event=12`. Behind the hash, so that no address of the API is taken and no server log sees it. */
export interface Route {
  readonly view: ViewName | undefined
  readonly parts: readonly string[]
  readonly query: URLSearchParams
}

/** What every view is given. */
export interface ViewProps {
  readonly route: Route
}

let read = ''
let route: Route = parse('')

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const [first = 'sessions', ...parts] = path.split('/').filter(Boolean).map(decode)
  return { view: viewNames.find((name) => name === first), parts, query: new URLSearchParams(query) }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function currentRoute(): Route {
  if (location.hash !== read) {
    read = location.hash
    route = parse(read)
  }
  return route
}

export function useRoute(): Route {
  return useSyncExternalStore((listener) => {
    addEventListener('hashchange', listener)
    return () => removeEventListener('hashchange', listener)
  }, currentRoute)
}

/** The address of a view, for a link. */
export function to(view: ViewName, ...parts: readonly string[]): string {
  return `#/${[view, ...parts.map(encodeURIComponent)].join('/')}`
}

export function go(view: ViewName, ...parts: readonly string[]): void {
  location.hash = to(view, ...parts)
}
