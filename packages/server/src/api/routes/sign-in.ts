import { ErrorBody, SignedOut, SignInRequest, SignInState } from '@codelab/protocol'
import type { FastifyRequest } from 'fastify'
import { RuntimeError } from '../../application/index.ts'
import { isLocalName, nameOf } from '../http/browser-safety.ts'
import type { Credential, Principal } from '../http/credentials.ts'
import { isLoopbackAddress } from '../http/loopback-address.ts'
import { refuseUnauthorized } from '../http/request-rules.ts'
import { checkOwnPage } from '../http/sign-in-cookie.ts'
import { timestamp } from '../shapes/time.ts'
import { failuresOfBody } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const tags = ['access']
const bodyLimit = 16 * 1024

/** Signing pages of the console in and out. The cookie is `HttpOnly`: no script ever has a key. */
export function addSignInRoutes(app: Api, { options, identify, limits, signIns, readCredential }: RouteDeps): void {
  /** Whoever reaches a server of this machine that has no key of its own may do all that it can do. */
  const isOpenTo = ({ ip, headers }: FastifyRequest): boolean =>
    options.openSignIn && isLoopbackAddress(ip) && isLocalName(nameOf(headers.host) ?? '')

  const stateOf = (request: FastifyRequest, principal: Principal | undefined): SignInState => ({
    signed_in: principal !== undefined,
    sign_in: isOpenTo(request) ? 'not_needed' : 'needed',
    kind: principal?.kind ?? null,
    user: principal?.kind === 'person' ? principal.owner.ownerId : null,
    expires_at: typeof principal?.term?.expiresAt === 'number' ? timestamp(principal.term.expiresAt) : null,
    tokens: options.tokens !== undefined,
  })

  app.get(
    '/auth/me',
    {
      schema: {
        operationId: 'getSignIn',
        summary: 'Who is signed in',
        description:
          'And whether anybody has to. `not_needed`: the server has only its default key and is called on this machine; a sign-in without a key is taken. Answered without a key.',
        tags,
        security: [],
        response: { 200: SignInState, 422: failuresOfBody[422], 500: ErrorBody },
      },
    },
    async (request) => stateOf(request, await identify(request.raw)),
  )

  app.post(
    '/auth/sign-in',
    {
      bodyLimit,
      schema: {
        operationId: 'signIn',
        summary: 'Sign a page in',
        description:
          'With the internal key, a personal key or a token. The answer sets a cookie that no script can read; requests with it that change something have to send `x-codelab-console` too, and come from a page of this server. It ends with the key or token, at the latest after 7 days (12 hours for the internal key). 30 attempts a minute for each address.',
        tags,
        security: [],
        body: SignInRequest,
        response: { 200: SignInState, 403: ErrorBody, ...failuresOfBody },
      },
    },
    async (request, reply) => {
      checkOwnPage(request.raw)
      const refusal = await limits.ofSignIn(request)
      if (refusal) throw refusal
      const { key } = request.body
      const credential = key === undefined ? openCredential(request) : await readCredential(key)
      if (!credential) return refuseUnauthorized(reply) as never
      const { cookie, principal } = await signIns.seal(request.raw, credential, key ?? '')
      reply.header('set-cookie', cookie)
      return stateOf(request, principal)
    },
  )

  app.post(
    '/auth/sign-out',
    {
      schema: {
        operationId: 'signOut',
        summary: 'Sign a page out',
        description: 'The browser forgets the cookie. To end a personal key everywhere, revoke it.',
        tags,
        security: [],
        response: { 200: SignedOut, 403: ErrorBody, 422: failuresOfBody[422], 500: ErrorBody },
      },
    },
    (request, reply) => {
      checkOwnPage(request.raw)
      reply.header('set-cookie', signIns.end(request.raw))
      return { signed_in: false as const }
    },
  )

  function openCredential(request: FastifyRequest): Credential {
    if (isOpenTo(request)) return { kind: 'service', place: 0 }
    throw new RuntimeError('invalid_input', 'A key is needed to sign in', {
      details: { hint: 'Send `key`: the internal key, a personal key or a token.' },
    })
  }
}
