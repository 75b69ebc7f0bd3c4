import type { Health } from '@codelab/protocol'

/** What a server says of itself; undefined when none answers in time, or something that is not ours. */
export async function askHealth(url: string, timeoutMs: number): Promise<Health | undefined> {
  try {
    const response = await fetch(new URL('/health', url), { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
    if (!response.ok) return undefined
    const body: unknown = await response.json()
    const isOurs = typeof body === 'object' && body !== null && 'service' in body && body.service === 'agent-runtime'
    return isOurs ? (body as Health) : undefined
  } catch {
    return undefined
  }
}

/** Whether the server takes the key. Undefined when it does not answer. */
export async function acceptsKey(url: string, key: string, timeoutMs: number): Promise<boolean | undefined> {
  try {
    const response = await fetch(new URL('/agents', url), {
      redirect: 'error',
      headers: { 'x-internal-auth': key },
      signal: AbortSignal.timeout(timeoutMs),
    })
    await response.body?.cancel()
    return response.status === 401 || response.status === 403 ? false : response.ok ? true : undefined
  } catch {
    return undefined
  }
}
