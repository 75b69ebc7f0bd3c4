/** What came back of one short question: an answer of any status, or a reason that names no address and no key. */
export type Reply =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'silence'; readonly reason: string }

const PATIENCE_MS = 5_000
const LONGEST_BODY = 2_000_000

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'names cannot be looked up',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
}

export interface Question {
  /** Makes it a POST of JSON. */
  readonly body?: unknown
  /** How long to wait in all, 5 s unless said. */
  readonly patienceMs?: number
  /** Characters to read at most, 2 million unless said. */
  readonly longestBody?: number
}

/** A request that ends in time, follows no redirect and reads a bounded answer. */
export async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  question: Question = {},
): Promise<Reply> {
  const { body, patienceMs = PATIENCE_MS, longestBody = LONGEST_BODY } = question
  try {
    const { credentials, address } = splitCredentials(url)
    const response = await fetch(address, {
      headers: { ...credentials, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    return { kind: 'answer', status: response.status, body: parse(await readStart(response, longestBody)) }
  } catch (error) {
    return { kind: 'silence', reason: reasonOf(error, patienceMs) }
  }
}

/** `fetch` refuses a URL with a user and password in it. */
function splitCredentials(url: string): { readonly credentials: Record<string, string>; readonly address: URL } {
  const address = new URL(url)
  if (address.username === '') return { credentials: {}, address }
  const pair = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`
  address.username = ''
  address.password = ''
  return { credentials: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, address }
}

async function readStart(response: Response, longest: number): Promise<string> {
  let text = ''
  if (!response.body) return text
  const decoder = new TextDecoder()
  for await (const bytes of response.body) {
    text += decoder.decode(bytes, { stream: true })
    if (text.length > longest) break
  }
  return text
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown, patienceMs: number): string {
  if (!(error instanceof Error)) return 'it failed'
  if (error.name === 'TimeoutError') return `no answer in ${patienceMs / 1_000} s`
  const cause = error.cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return REASONS[code] ?? (code === '' ? 'it failed' : `it failed with ${code}`)
}
