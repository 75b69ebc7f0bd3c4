import type { Dispatcher } from 'undici'
import { versionedUrl } from '../upstream/base-url.ts'
import { isObject } from '../upstream/fields.ts'

const askMs = 5_000
const longestList = 1024 * 1024

/** Finds out, once, whether a server is the proxy that loses tool calls when it streams: its list of models is an array whose items
 *  have `is_available` (PROTOCOL 7.1, 7.2). While nobody answers clearly it counts as that proxy and is asked again next time. */
export class ProxyShape {
  readonly #ask: () => Promise<boolean | undefined>
  #known: boolean | undefined

  constructor(baseUrl: string, headers: Readonly<Record<string, string>>, dispatcher: Dispatcher) {
    this.#ask = () => askForModels(baseUrl, headers, dispatcher)
  }

  async losesToolCalls(): Promise<boolean> {
    this.#known ??= await this.#ask()
    return this.#known ?? true
  }
}

async function askForModels(
  baseUrl: string,
  headers: Readonly<Record<string, string>>,
  dispatcher: Dispatcher,
): Promise<boolean | undefined> {
  const signal = AbortSignal.timeout(askMs)
  try {
    const { fetch } = await import('undici')
    const response = await fetch(versionedUrl(baseUrl, 'llm/models'), {
      headers,
      dispatcher,
      signal,
      redirect: 'manual',
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      return response.status === 404 || response.status === 405 ? false : undefined
    }
    let text = ''
    const decoder = new TextDecoder()
    for await (const piece of response.body ?? []) {
      text += decoder.decode(piece, { stream: true })
      if (text.length > longestList) return false
    }
    return isModelList(text)
  } catch {
    return undefined
  }
}

function isModelList(text: string): boolean {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((item) => isObject(item) && 'is_available' in item)
  } catch {
    return false
  }
}
