import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Application } from '../../application/index.ts'
import type { Credential } from '../http/credentials.ts'
import type { Identify } from '../http/identity.ts'
import type { OpenAccess } from '../http/open-access.ts'
import type { RateLimits } from '../http/rate-limits.ts'
import type { SignInCookie } from '../http/sign-in-cookie.ts'
import type { ApiOptions } from '../options.ts'
import type { AdmitStream } from '../stream/admit-stream.ts'
import type { OpenStreams } from '../stream/open-streams.ts'

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

export interface RouteDeps {
  readonly application: Application
  readonly options: ApiOptions
  readonly identify: Identify
  readonly readCredential: (text: string) => Promise<Credential | undefined>
  readonly signIns: SignInCookie
  readonly access: OpenAccess
  readonly streams: OpenStreams
  readonly admitStream: AdmitStream
  readonly limits: RateLimits
}
