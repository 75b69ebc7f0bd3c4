import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export const issuer = 'https://auth.codelab.local'
export const audience = 'codelab-api'

interface Signer {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
}

/** Who gives out tokens, with real keys and a real address for the public ones. */
export class Issuer implements AsyncDisposable {
  /** How often its keys were asked for. */
  asked = 0
  readonly #server: Server
  readonly #keys: JWK[] = []

  private constructor(server: Server) {
    this.#server = server
    server.on('request', (_request, response) => {
      this.asked++
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: this.#keys }))
    })
  }

  static async start(): Promise<Issuer> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Issuer(server)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/.well-known/jwks.json`
  }

  /** A new key; its public half is published at once. */
  async addKey(alg: string, kid: string): Promise<Signer> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
    this.#keys.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' })
    return { kid, alg, privateKey }
  }

  removeKey(kid: string): void {
    const at = this.#keys.findIndex((key) => key.kid === kid)
    if (at >= 0) this.#keys.splice(at, 1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Claims in seconds from now where they are times. */
export async function tokenOf(
  { kid, alg, privateKey }: Signer,
  claims: Record<string, unknown> & { exp?: number; nbf?: number } = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const { exp = 300, nbf, ...more } = claims
  const all = { iss: issuer, aud: audience, sub: 'alice', type: 'access', ...more }
  return await new SignJWT({ ...all, exp: now + exp, ...(nbf === undefined ? {} : { nbf: now + nbf }) })
    .setProtectedHeader({ alg, kid })
    .sign(privateKey)
}
