import type { SessionContext as SessionContextBody } from '@codelab/protocol'
import type { SessionContext } from '../../application/index.ts'

export function sessionContext(sessionId: string, context: SessionContext): SessionContextBody {
  const { agent, model, contextTokens, tokens, sections, messages } = context
  const share = (part: number) => (contextTokens === null ? null : Number((part / contextTokens).toFixed(4)))
  return {
    session_id: sessionId,
    agent,
    model,
    context_tokens: contextTokens,
    estimated_tokens: tokens,
    share: share(tokens),
    sections: sections.map((section) => ({ ...section, share: share(section.tokens) })),
    messages: { ...messages },
  }
}
