import { ApiError } from '@codelab/protocol'
import type { Link } from '../conversation/link.ts'
import type { OfferedRule } from '../screen/always-dialog.ts'
import type { RuleMaker } from '../screen/ask-person.ts'
import { clean } from '../screen/text.ts'

export interface RuleMakerParts {
  readonly link: Link
  readonly sessionId: () => string
  readonly clientId: string
  /** Says what was made, or why nothing was. */
  readonly say: (text: string) => void
}

/** Rules of the server, as an approval makes them. Calls that wait and that a new rule lets pass are noted in `passing`. */
export function createRuleMaker(parts: RuleMakerParts): RuleMaker & { readonly passing: ReadonlyMap<string, string> } {
  const passing = new Map<string, string>()

  async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      const why = error instanceof ApiError ? clean(error.message) : 'the server does not answer'
      parts.say(`No rule was made: ${why}.`)
      return undefined
    }
  }

  async function offer(callId: string): Promise<readonly OfferedRule[] | undefined> {
    const found = await attempt(() => parts.link.client.ruleSuggestions(parts.sessionId(), callId))
    if (found?.suggestions.length === 0) {
      parts.say('A person is asked about this call whatever the rules say.')
      return undefined
    }
    return found?.suggestions
  }

  async function make({ scope, tool, pattern, effect }: OfferedRule): Promise<string | undefined> {
    const rule = { scope, session_id: parts.sessionId(), tool, pattern, effect, client_id: parts.clientId }
    const made = await attempt(() => parts.link.client.createRule(rule))
    if (!made) return undefined
    const text = `${effect} ${tool} ${pattern}`
    for (const callId of made.now_allowed) passing.set(callId, text)
    parts.say(`Rule for this ${scope}: ${clean(text)}     /rules`)
    return text
  }

  return { offer, make, passing }
}
