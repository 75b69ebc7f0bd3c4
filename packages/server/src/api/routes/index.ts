import { addAgentRoutes } from './agents.ts'
import { addApprovalRoutes } from './approvals.ts'
import { addAuthRoutes } from './auth.ts'
import { addCallPreviewRoute } from './call-preview.ts'
import { addContextRoutes } from './context.ts'
import { addConversationRoutes } from './conversation.ts'
import { addDeadLetterRoutes } from './dead-letters.ts'
import { addEventRoutes } from './events.ts'
import { addHealthRoutes } from './health.ts'
import { addKeyRoutes } from './keys.ts'
import { addMaintenanceRoutes } from './maintenance.ts'
import { addMessageStreamRoute } from './message-stream.ts'
import { addModelRoutes } from './models.ts'
import { addOverviewRoute } from './overview.ts'
import { addPrometheusRoute } from './prometheus.ts'
import type { Api, RouteDeps } from './route-deps.ts'
import { addRuleQuestionRoutes, addRuleRoutes } from './rules.ts'
import { addSessionEndRoutes, addSessionRoutes } from './session.ts'
import { addSessionEventsRoute } from './session-events.ts'
import { addSessionListRoutes } from './sessions.ts'
import { addSignInRoutes } from './sign-in.ts'
import { addUsageRoute } from './usage.ts'

/** Every operation that the document describes. */
export function addRoutes(app: Api, deps: RouteDeps): void {
  addHealthRoutes(app, deps)
  addAuthRoutes(app, deps)
  addSignInRoutes(app, deps)
  addMessageStreamRoute(app, deps)
  addSessionEventsRoute(app, deps)
  addSessionListRoutes(app, deps)
  addSessionRoutes(app, deps)
  addSessionEndRoutes(app, deps)
  addConversationRoutes(app, deps)
  addApprovalRoutes(app, deps)
  addContextRoutes(app, deps)
  addCallPreviewRoute(app, deps)
  addRuleRoutes(app, deps)
  addRuleQuestionRoutes(app, deps)
  addAgentRoutes(app, deps)
  addModelRoutes(app, deps)
  addUsageRoute(app, deps)
  addOverviewRoute(app, deps)
  addEventRoutes(app, deps)
  addDeadLetterRoutes(app, deps)
  addPrometheusRoute(app, deps)
  addMaintenanceRoutes(app, deps)
  addKeyRoutes(app, deps)
}
