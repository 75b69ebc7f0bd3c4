import type { FastifyInstance } from 'fastify'
import type { OpenStreams } from '../stream/open-streams.ts'
import { Tally } from './tally.ts'

/** How long a request that has begun may take until it is answered, once nothing new is taken. */
const lastAnswerMs = 1_000

/** Ends every connection when the server closes: streams by their last frames, what is being answered by its answer. The framework would
 *  wait for a client that has sent half a request, or nothing at all, as long as such a client has for it. Call it before other hooks. */
export function addClosing(app: FastifyInstance, streams: OpenStreams): void {
  const open = new Tally()
  app.addHook('onRequest', (request, reply, next) => {
    // A socket is open for as long as its client likes; its own end comes after this.
    if (request.headers.upgrade === undefined) reply.raw.once('close', open.add())
    next()
  })
  app.addHook('preClose', async () => {
    await streams.drain()
    await open.empty(lastAnswerMs)
    app.server.close()
    app.server.closeAllConnections()
  })
}
