import type { IncomingMessage } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Application } from '../application/index.ts'
import { addClosing } from './http/closing.ts'
import { createReadCredential } from './http/credentials.ts'
import { gatewayPrefix } from './http/gateway-surface.ts'
import { createIdentify } from './http/identity.ts'
import { createKeyCheck } from './http/internal-auth.ts'
import { OpenAccess } from './http/open-access.ts'
import { createRateLimits } from './http/rate-limits.ts'
import { createBodyReader } from './http/read-body.ts'
import { createClientErrorHandler, createErrorHandler, createFrameworkErrorHandler } from './http/refuse.ts'
import { addRequestRules } from './http/request-rules.ts'
import { RouteTable } from './http/route-table.ts'
import { SignInCookie } from './http/sign-in-cookie.ts'
import { validatorCompiler } from './http/validation.ts'
import { openApiText } from './openapi/document.ts'
import type { ApiOptions } from './options.ts'
import { addConsoleRoutes, ConsoleFiles } from './routes/console.ts'
import { addDocsRoutes, docsFiles } from './routes/docs.ts'
import { addRoutes } from './routes/index.ts'
import { countRequests } from './routes/prometheus.ts'
import type { RouteDeps } from './routes/route-deps.ts'
import { addSessionSocketRoute } from './routes/session-socket.ts'
import { createAdmitStream } from './stream/admit-stream.ts'
import { OpenStreams } from './stream/open-streams.ts'

const restBodyLimit = 1024 * 1024
/** Longer than an id of 255 characters, each written as four escaped bytes. */
const pathPartLimit = 4096

/** How long a client may take to send its head, and all of its request; an answer may take as long as it needs. */
const headersTimeoutMs = 10_000
const requestTimeoutMs = 30_000
/** How often those two are looked at. */
const timeoutCheckMs = 1_000
/** A shorter one than the Gateway's own would reset requests on connections that it keeps. */
const keepAliveMs = 75_000

/** In the place of the framework's own compilers, which would be loaded with all that they need; ours are set before any is asked for. */
const neverAsked = (): never => {
  throw new Error('The compilers of schemas are set at once')
}
const noCompilers = { buildValidator: neverAsked, buildSerializer: neverAsked }

/** The HTTP face of the application (PROTOCOL). It never listens by itself; closing it ends the open streams with their last frames, so end
 *  the application first. */
export function buildApp(application: Application, options: ApiOptions): FastifyInstance {
  const { keys } = application
  const credentials = { internalKey: createKeyCheck(options.keys), keys, tokens: options.tokens }
  const readCredential = createReadCredential(credentials)
  const signIns = new SignInCookie({ ...credentials, secrets: options.keys })
  const identify = createIdentify({ readCredential, keys, signIns })
  const consoleFiles = new ConsoleFiles(options.consoleFolder)
  const access = new OpenAccess(options.log)
  const streams = new OpenStreams()
  const bodies = createBodyReader()
  const app = Fastify({
    logger: false,
    genReqId: ({ headers }) => knownRequestId(headers['x-request-id']) ?? options.requestId(),
    bodyLimit: restBodyLimit,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    // While it shuts down the stream endpoint still answers in-stream, and the rest by the error body (PROTOCOL 0.5).
    return503OnClosing: false,
    rewriteUrl: withoutSurface,
    routerOptions: { maxParamLength: pathPartLimit },
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: timeoutCheckMs },
    frameworkErrors: createFrameworkErrorHandler(identify),
    clientErrorHandler: createClientErrorHandler(options.requestId),
    schemaController: { compilersFactory: noCompilers },
  }).withTypeProvider<ZodTypeProvider>()

  app.setValidatorCompiler(validatorCompiler)
  // Answers are typed by their schemas; the tests hold them against these, so no request pays for it.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  app.setErrorHandler(createErrorHandler(options.log))
  app.decorateRequest('bodyBytes', 0)
  app.decorateRequest('principal', null)
  // No route takes it; with a body of its own the framework would answer before the 405 of PROTOCOL 1.3.
  app.addHttpMethod('QUERY', { hasBody: false, overrideExisting: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', bodies.read)

  addClosing(app, streams)
  app.addHook('onClose', async () => access[Symbol.dispose]())
  const { overloaded } = options.protection
  const limits = createRateLimits(options.protection)
  countRequests(app, options.meters)
  addRequestRules(app, {
    application,
    limits,
    overloaded,
    identify,
    browsers: options.browsers,
    staticFiles: new Set([...docsFiles, ...consoleFiles.paths]),
    routes: RouteTable.of(app),
    log: options.log,
    onClose: bodies.release,
  })
  const admitStream = createAdmitStream(streams, options.protection)
  const deps: RouteDeps = {
    application,
    options,
    identify,
    readCredential,
    signIns,
    access,
    streams,
    admitStream,
    limits,
  }
  addRoutes(app, deps)
  addSessionSocketRoute(app, deps)
  addConsoleRoutes(app, consoleFiles)
  addDocsRoutes(app, { document: openApiText(deps) })
  return app
}

/** Clients that knew the Gateway find everything under its prefix too; what differs there asks `isGatewaySurface`. */
function withoutSurface({ url = '/' }: IncomingMessage): string {
  return url.startsWith(`${gatewayPrefix}/`) ? url.slice(gatewayPrefix.length) : url
}

/** The caller's own id of the request, where it is one. */
function knownRequestId(given: string | string[] | undefined): string | undefined {
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : undefined
}
