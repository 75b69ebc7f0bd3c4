import { z } from 'zod'
import { Timestamp } from './sessions.ts'

export const Overview = z
  .object({
    version: z.string(),
    uptime_seconds: z.number().int(),
    memory_bytes: z.number().int(),
    status: z.enum(['healthy', 'degraded', 'unhealthy']),
    details: z.record(z.string(), z.unknown()).describe('As `GET /health/ready` tells the internal key.'),
    replicas: z.array(
      z.object({ id: z.string(), beat_at: Timestamp.describe('Its last sign of life, by the clock of the database.') }),
    ),
    handlers: z.array(
      z.object({ handler: z.string(), events_behind: z.number().int().describe('Events it has not come to yet.') }),
    ),
    events: z.number().int().describe('Ever stored.'),
    dead_letters: z.number().int(),
    tools: z.array(
      z.object({
        name: z.string(),
        class: z.enum(['read', 'write', 'execute', 'ask', 'handoff', 'finish']),
        asks: z.boolean().describe('A person is asked, unless a rule says otherwise.'),
        declared_only: z.boolean().describe('Only for clients that say that they run it.'),
      }),
    ),
    settings: z.array(
      z.object({
        name: z.string(),
        value: z.string().nullable().describe('Secrets are described, not shown. Null: not set.'),
        source: z.string().describe('`environment`, `.env:2`, `codelab.jsonc:18:9`, `--port`, `default`.'),
        about: z.string(),
      }),
    ),
  })
  .meta({ id: 'Overview' })
export type Overview = z.infer<typeof Overview>
