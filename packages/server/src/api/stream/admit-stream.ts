import type { FastifyReply, FastifyRequest } from 'fastify'
import { RuntimeError } from '../../application/index.ts'
import { principalOf } from '../http/identity.ts'
import { Places } from '../http/places.ts'
import { overloaded } from '../http/request-rules.ts'
import type { ProtectionOptions } from '../options.ts'
import type { OpenStreams } from './open-streams.ts'

/** Room for one more answer, from before its body is read until it is over. Gives the refusal, or undefined. */
export type AdmitStream = (request: FastifyRequest, reply: FastifyReply) => RuntimeError | undefined

export function createAdmitStream(streams: OpenStreams, protection: ProtectionOptions): AdmitStream {
  const places = new Places(() => protection.maxStreamsPerUser)
  return (request, { raw }) => {
    if (streams.size >= protection.maxStreams) return overloaded()
    const leave = places.take(principalOf(request))
    if (!leave) return tooManyOpen()
    raw.once('close', leave)
    return undefined
  }
}

function tooManyOpen(): RuntimeError {
  return new RuntimeError('overloaded', 'You have too many streams open', {
    details: { hint: 'Close one that you no longer read, then send it again.', retryAfterMs: 5_000 },
  })
}
