import Fastify from 'fastify'
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import { addRoutes } from '../routes/index.ts'
import type { RouteDeps } from '../routes/route-deps.ts'

const tags = [
  { name: 'stream', description: 'Messages, tool results and decisions; answers as server-sent events.' },
  { name: 'sessions', description: 'Conversations: what was said, what waits.' },
  { name: 'rules', description: 'What is allowed without asking, and what never is.' },
  { name: 'agents', description: 'Who answers.' },
  { name: 'events', description: 'Figures and the audit.' },
  { name: 'access', description: 'Tokens of people, from the auth service.' },
  { name: 'health', description: 'For supervisors and load balancers.' },
]

/** The OpenAPI document as JSON text, made at the first request for it and kept: a start that nobody asks for it pays nothing. The routes are
 *  described by a second application that never listens. */
export function openApiText(deps: RouteDeps): () => Promise<string> {
  let text: Promise<string> | undefined
  return () => {
    text ??= describe(deps)
    return text
  }
}

async function describe(deps: RouteDeps): Promise<string> {
  const { default: swagger } = await import('@fastify/swagger')
  const { finishDocument } = await import('./finish.ts')
  const app = Fastify().withTypeProvider<ZodTypeProvider>()
  const zodToJsonConfig = { override: shownSchema }
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => String)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Agent Runtime Service',
        description: 'AI Agent Runtime with LLM integration and tool execution support',
        version: deps.options.version,
      },
      tags,
      components: {
        securitySchemes: { XInternalAuth: { type: 'apiKey', in: 'header', name: 'x-internal-auth' } },
      },
      security: [{ XInternalAuth: [] }],
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig }),
    transformObject: createJsonSchemaTransformObject({ zodToJsonConfig }),
  })
  addRoutes(app, deps)
  await app.ready()
  const document = finishDocument(app.swagger())
  await app.close()
  return JSON.stringify(document)
}

/** A schema that says itself how it is to be shown is shown so; the bounds of safe integers say nothing. */
function shownSchema({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodType
  jsonSchema: z.core.JSONSchema.BaseSchema
}): void {
  const override = z.globalRegistry.get(zodSchema)?.['override']
  if (typeof override === 'object' && override !== null) {
    const { description } = jsonSchema
    for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
    Object.assign(jsonSchema, override, description === undefined ? {} : { description })
  }
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
}
