import type { ListedRule } from '@codelab/protocol'
import { clean } from '../screen/text.ts'
import { CommandFailure, exitCodes } from '../server/failure.ts'
import type { Chat } from './chat-session.ts'

const shownIds = 8

/** `/rules`: those that hold in this session, strongest first. `/rules all`: the built-in ones too. `/rules revoke ID`. */
export async function showRules(chat: Chat, argument: string): Promise<void> {
  const { screen, place, conversation } = chat
  const { client } = place.link
  const { rules } = await client.rules(conversation.isNew ? undefined : conversation.sessionId)
  const [verb = '', start = ''] = argument.split(/\s+/)
  if (verb === 'revoke') {
    const rule = findRule(rules, start)
    await client.deleteRule(rule.id ?? '')
    screen.notice(`Revoked: ${ruleText(rule)}`)
    return
  }
  const shown = rules.filter(({ source }) => verb === 'all' || source !== 'built-in')
  const builtIn = rules.length - shown.length
  const rest = builtIn > 0 ? `${builtIn} built-in rules: /rules all` : ''
  const lines = shown.length === 0 ? ['No rules of your own here. [l] in an approval makes one.'] : ruleRows(shown)
  screen.notice(
    [...lines, ...(rest ? [rest] : []), ...(shown.some(({ id }) => id) ? ['/rules revoke ID'] : [])].join('\n'),
  )
}

/** A stored rule by the start of its id. Throws CommandFailure when it is not one. */
export function findRule(rules: readonly ListedRule[], start: string): ListedRule {
  const found = start === '' ? [] : rules.filter(({ id }) => id?.startsWith(start))
  const [rule, second] = found
  if (rule && !second) return rule
  const text = second
    ? `Several rules begin with ${clean(start)}`
    : `No rule has the id ${clean(start) || '(none given)'}`
  throw new CommandFailure(exitCodes.usage, text, ['The ids stand in the first column of the list.'])
}

/** Strongest first: the first one that matches decides, a deny always. */
export function ruleRows(rules: readonly ListedRule[]): string[] {
  return [...rules].reverse().map((rule) => {
    const id = rule.id?.slice(0, shownIds) ?? ''
    return `${id.padEnd(shownIds)}  ${rule.source.padEnd(8)}  ${ruleText(rule)}`
  })
}

function ruleText({ effect, tool, pattern }: Pick<ListedRule, 'effect' | 'tool' | 'pattern'>): string {
  return clean(`${effect.padEnd(5)}  ${tool}  ${pattern}`)
}
