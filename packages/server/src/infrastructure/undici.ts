import type { Dispatcher } from 'undici'
import requestOf from 'undici/lib/api/api-request.js'
import Agent from 'undici/lib/dispatcher/agent.js'

// The index of undici loads all that it has, `fetch`, caches, proxies and mocks: 5 MB, and a part of every start, for what nobody asks for.
// Who needs `fetch` imports it from there when it does.

export { Agent }

/** One request over these connections, as `request` of undici. */
export function request(
  url: URL,
  { dispatcher, ...options }: Omit<Dispatcher.RequestOptions, 'origin' | 'path'> & { readonly dispatcher: Dispatcher },
): Promise<Dispatcher.ResponseData> {
  return requestOf.call(dispatcher, { ...options, origin: url.origin, path: url.pathname + url.search })
}
