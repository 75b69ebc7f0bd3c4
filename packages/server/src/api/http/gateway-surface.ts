import type { FastifyRequest } from 'fastify'

/** Where the Gateway served its clients (CLIENTS 4). */
export const gatewayPrefix = '/api/v1'

/** Whether the client speaks to what was the Gateway. A few answers have another form there. */
export function isGatewaySurface({ originalUrl }: Pick<FastifyRequest, 'originalUrl'>): boolean {
  return originalUrl.startsWith(`${gatewayPrefix}/`)
}
