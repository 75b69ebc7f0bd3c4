import { ErrorBody, KeySet, RateLimitBody, TokenAnswer, TokenRefusal, TokenRequest } from '@codelab/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type AuthAnswer, type AuthService, RuntimeError } from '../../application/index.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const formLimit = 16 * 1024
const longestForwarded = 1024
const form = 'application/x-www-form-urlencoded'
const tags = ['access']

const failures = { 404: ErrorBody, 429: RateLimitBody, 502: ErrorBody, 503: ErrorBody, 504: ErrorBody }

/** Where clients that know one address only get their tokens: the auth service is asked, its answer goes through as it is. */
export function addAuthRoutes(app: Api, { options, limits }: RouteDeps): void {
  const service = async (request: FastifyRequest): Promise<AuthService> => {
    const refusal = await limits.ofStranger(request)
    if (refusal) throw refusal
    if (!options.auth) {
      throw new RuntimeError('not_found', 'This server has no auth service', {
        details: { hint: 'Set CODELAB_AUTH_URL to the address of the auth service.' },
      })
    }
    return options.auth
  }

  app.post(
    '/oauth/token',
    {
      bodyLimit: formLimit,
      config: { takesBytes: true },
      schema: {
        operationId: 'getToken',
        summary: 'Get or refresh a token',
        description:
          'Passed on to the auth service that `CODELAB_AUTH_URL` names; its answer comes back as it is, refusals too. Without one: 404.',
        tags,
        security: [],
        consumes: [form],
        body: TokenRequest,
        response: { 200: TokenAnswer, 400: TokenRefusal, 401: TokenRefusal, 413: ErrorBody, ...failures },
      },
    },
    async (request, reply) => {
      const auth = await service(request)
      const { 'content-type': contentType = form, authorization, 'x-forwarded-for': given } = request.headers
      const before = typeof given === 'string' && given.length <= longestForwarded ? [given] : []
      const forwardedFor = [...before, request.ip].join(', ')
      const body = request.body ?? new Uint8Array()
      return pass(reply, await auth.token({ body, contentType, authorization, forwardedFor }))
    },
  )

  app.get(
    '/.well-known/jwks.json',
    {
      schema: {
        operationId: 'getSigningKeys',
        summary: 'The keys that tokens are signed with',
        description: 'Those of the auth service that `CODELAB_AUTH_URL` names. Without one: 404.',
        tags,
        security: [],
        response: { 200: KeySet, ...failures },
      },
    },
    async (request, reply) => pass(reply, await (await service(request)).keys()),
  )
}

/** Its bytes, past every schema: what the service says is the service's. */
function pass(reply: FastifyReply, { status, headers, body }: AuthAnswer): never {
  return reply.code(status).headers(headers).send(Buffer.from(body)) as never
}
