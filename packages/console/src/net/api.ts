import { ApiError, type Client, type ClientProfile, createClient } from '@codelab/protocol'
import { lostSignIn } from './sign-in-state.ts'

/** Says that a request that changes something comes from this page: no form of another site can set it. */
const pageHeader = 'x-codelab-console'

/** `fetch` of this page: with its cookie, and with its header where something is changed. An expired sign-in is told to the page. */
export async function pageFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if ((init.method ?? 'GET') !== 'GET') headers.set(pageHeader, '1')
  const response = await fetch(input, { ...init, headers, credentials: 'same-origin' })
  if (response.status === 401) lostSignIn()
  return response
}

/** A typed client that declares itself on the stream. */
export function createPageClient(client: ClientProfile): Client {
  return createClient({ baseUrl: location.origin, fetch: pageFetch, client })
}

/** Every endpoint that the typed client knows. */
export const api = createClient({ baseUrl: location.origin, fetch: pageFetch })

/** Any other endpoint. Throws ApiError for an answer that is no success. */
export async function call<T>(
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const response = await pageFetch(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ...(signal ? { signal } : {}),
  })
  if (!response.ok) throw await ApiError.of(response)
  return (response.status === 204 ? undefined : await response.json()) as T
}
