import type { ModelItem } from '@codelab/protocol'
import { amount, clean } from '../screen/text.ts'
import type { Chat } from './chat-session.ts'

/** `/model`: the models and which one answers; `/model ALIAS`: another one from the next step on; `/model auto`: the usual one again. */
export async function chooseModel(chat: Chat, wanted: string): Promise<void> {
  const { screen, place, conversation } = chat
  const { client } = place.link
  const { models } = await client.models()
  if (wanted === '') {
    const chosen = conversation.isNew ? undefined : (await client.getSession(conversation.sessionId)).model
    screen.notice(models.map((model) => modelRow(model, chosen)).join('\n'))
    return
  }
  const alias = wanted === 'auto' ? null : wanted
  if (alias !== null && !models.some((model) => model.alias === alias)) {
    screen.notice(`There is no model ${clean(wanted)}. There is ${models.map((model) => model.alias).join(', ')}`)
    return
  }
  // A session that has no message yet is made, so that there is something to choose for.
  if (conversation.isNew) await client.createSession(conversation.sessionId)
  await client.chooseModel(conversation.sessionId, alias)
  const usual = models.find((model) => model.default)?.alias ?? ''
  screen.setStatus({ model: alias ?? usual })
  screen.notice(alias === null ? 'The usual model answers again.' : `${clean(alias)} answers from the next step on.`)
}

function modelRow(model: ModelItem, chosen: string | undefined): string {
  const mark = model.alias === chosen || (chosen === undefined && model.default) ? '*' : ' '
  const context = model.context === null ? '' : `${amount(model.context)} tokens`
  const state = model.upstream && model.upstream.state !== 'closed' ? 'away' : ''
  const facts = [clean(model.provider), context, state].filter(Boolean).join(', ')
  return `${mark} ${clean(model.alias).padEnd(24)}  ${facts}`
}
