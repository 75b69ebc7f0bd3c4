import { addAgentRoutes } from './agents.ts'
import { addConversationRoutes } from './conversation.ts'
import { addEventRoutes } from './events.ts'
import { addHealthRoutes } from './health.ts'
import { addMessageStreamRoute } from './message-stream.ts'
import type { Api, RouteDeps } from './route-deps.ts'
import { addSessionEndRoutes, addSessionRoutes } from './session.ts'
import { addSessionListRoutes } from './sessions.ts'

/** Every operation that the document describes. */
export function addRoutes(app: Api, deps: RouteDeps): void {
  addHealthRoutes(app, deps)
  addMessageStreamRoute(app, deps)
  addSessionListRoutes(app, deps)
  addSessionRoutes(app, deps)
  addSessionEndRoutes(app, deps)
  addConversationRoutes(app, deps)
  addAgentRoutes(app, deps)
  addEventRoutes(app, deps)
}
