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

/** A GET that waits 5 s at most, follows no redirect and reads 2 MB at most. */
export async function ask(url: string, headers: Readonly<Record<string, string>>): Promise<Reply> {
  try {
    const { credentials, address } = splitCredentials(url)
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const response = await fetch(address, { headers: { ...credentials, ...headers }, redirect: 'manual', signal })
    return { kind: 'answer', status: response.status, body: parse(await readStart(response)) }
  } catch (error) {
    return { kind: 'silence', reason: reasonOf(error) }
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

async function readStart(response: Response): Promise<string> {
  let text = ''
  if (!response.body) return text
  const decoder = new TextDecoder()
  for await (const bytes of response.body) {
    text += decoder.decode(bytes, { stream: true })
    if (text.length > LONGEST_BODY) break
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

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed'
  if (error.name === 'TimeoutError') return `no answer in ${PATIENCE_MS / 1_000} s`
  const cause = error.cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return REASONS[code] ?? (code === '' ? 'it failed' : `it failed with ${code}`)
}
