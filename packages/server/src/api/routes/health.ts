import { Health, HealthCheck } from '@codelab/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HealthState } from '../options.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const tags = ['health']
/** A check that takes longer says enough. */
const checkMs = 2_000

export function addHealthRoutes(app: Api, { options, identify, streams }: RouteDeps): void {
  const { version, model } = options
  const check = createCheck(options.health)
  const isOperator = async (request: FastifyRequest) => (await identify(request.raw))?.kind === 'service'
  const ownDetails = () => ({
    overloaded: options.protection.overloaded(),
    open_streams: streams.size,
    version,
    uptime_seconds: uptimeSeconds(),
  })

  app.get(
    '/health',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'How the service is',
        description:
          'Always 200 while the process answers; `status` says what it stands on. `model` is `demo` when no model is configured.',
        tags,
        security: [],
        response: { 200: Health },
      },
    },
    async () => {
      const { status } = await check()
      const uptime = uptimeSeconds()
      return { status, service: 'agent-runtime' as const, version, model: model.model, uptime_seconds: uptime }
    },
  )

  app.get(
    '/health/live',
    {
      schema: {
        operationId: 'getLiveness',
        summary: 'Whether the process answers',
        description: 'For a supervisor: restart the process when this fails. Details only with the internal key.',
        tags,
        security: [],
        response: { 200: HealthCheck },
      },
    },
    async (request) => {
      const details = { version, model: `${model.provider}: ${model.model}` }
      return { status: 'healthy' as const, ...((await isOperator(request)) ? { details } : {}) }
    },
  )

  const ready = async (request: FastifyRequest, reply: FastifyReply) => {
    const { status, details } = await check()
    const body = (await isOperator(request)) ? { status, details: { ...details, ...ownDetails() } } : { status }
    return reply.code(status === 'unhealthy' ? 503 : 200).send(body)
  }
  for (const [path, operationId] of [
    ['/health/ready', 'getReadiness'],
    ['/ready', 'getReadinessShort'],
  ] as const) {
    app.get(
      path,
      {
        schema: {
          operationId,
          summary: 'Whether it takes requests',
          description:
            'For a load balancer: 503 while the database is away or its disk is full, and as soon as the process shuts down. Details only with the internal key.',
          tags,
          security: [],
          response: { 200: HealthCheck, 503: HealthCheck },
        },
      },
      ready,
    )
  }
}

function uptimeSeconds(): number {
  return Math.floor(process.uptime())
}

/** One check at a time, however many ask. */
function createCheck(health: () => Promise<HealthState>): () => Promise<HealthState> {
  let running: Promise<HealthState> | undefined
  return () => {
    running ??= limited(health).finally(() => {
      running = undefined
    })
    return running
  }
}

async function limited(health: () => Promise<HealthState>): Promise<HealthState> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<HealthState>((resolve) => {
    timer = setTimeout(() => resolve({ status: 'unhealthy', details: { check: 'took too long' } }), checkMs)
  })
  try {
    return await Promise.race([health(), late])
  } catch {
    return { status: 'unhealthy', details: { check: 'failed' } }
  } finally {
    clearTimeout(timer)
  }
}
