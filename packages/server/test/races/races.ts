import { setTimeout as sleep } from 'node:timers/promises'
import { finalTextOf } from '../crash/wire.ts'
import { expectOutcomes, outcomeOf, type RaceStage } from './stage.ts'

/** One round on sessions of its own; what it returns went wrong. */
export type Race = (stage: RaceStage) => Promise<string[]>

const result = (callId: string, text = 'the content') => ({ type: 'tool_result', call_id: callId, result: text })
const decision = (callId: string, decided: string) => ({ type: 'hitl_decision', call_id: callId, decision: decided })

/** RELIABILITY of one session under clients that do not wait for each other. */
export const races: Readonly<Record<string, Race>> = {
  'two messages at once': (stage) => messagesAtOnce(stage, 2),

  'five messages at once': (stage) => messagesAtOnce(stage, 5),

  'the result of a call twice at once': async (stage) => {
    const id = stage.newId()
    const callId = await stage.withOpenCall(id, 'read')
    const asked = stage.upstream.calls
    const other = stage.random.chance(0.5) ? 'the content' : 'something else'
    const both = await Promise.all([stage.input(id, result(callId)), stage.input(id, result(callId, other))])
    return [
      // The identical one may be given the answer of the first.
      ...expectOutcomes(both, ['answer', 'call_answered'], ...(other === 'the content' ? [['answer', 'answer']] : [])),
      ...(await askedOnce(stage, id, asked)),
      ...(await stage.faultsOf(id)),
    ]
  },

  'approve and reject at once': async (stage) => {
    const id = stage.newId()
    const callId = await stage.withOpenCall(id, 'write')
    const both = await Promise.all(['approve', 'reject'].map((word) => stage.input(id, decision(callId, word))))
    return [
      ...expectOutcomes(both, ['call', 'approval_not_pending'], ['answer', 'approval_not_pending']),
      ...(await stage.faultsOf(id)),
    ]
  },

  'the same decision twice at once': async (stage) => {
    const id = stage.newId()
    const callId = await stage.withOpenCall(id, 'write')
    const asked = stage.upstream.calls
    const both = await Promise.all([1, 2].map(() => stage.input(id, decision(callId, 'reject'))))
    return [
      ...expectOutcomes(both, ['answer', 'approval_not_pending'], ['answer', 'answer']),
      ...(await askedOnce(stage, id, asked)),
      ...(await stage.faultsOf(id)),
    ]
  },

  'a decision and a message at once': async (stage) => {
    const id = stage.newId()
    const callId = await stage.withOpenCall(id, 'write')
    const word = stage.random.pick(['approve', 'reject'])
    const [decided, said] = await Promise.all([
      stage.input(id, decision(callId, word)),
      stage.say(id, 'instead #plain'),
    ])
    const known = ['call', 'answer', 'call_superseded', 'approval_not_pending']
    return [
      ...(known.includes(outcomeOf(decided)) ? [] : [`the decision: ${outcomeOf(decided)}`]),
      ...expectOutcomes([said], ['answer']),
      ...(await stage.faultsOf(id)),
    ]
  },

  'a decision of another session': async (stage) => {
    const [id, foreign] = [stage.newId(), stage.newId()]
    const callId = await stage.withOpenCall(id, 'write')
    await stage.withOpenCall(foreign, 'write')
    const [theirs, ours] = await Promise.all([
      stage.input(foreign, decision(callId, 'approve')),
      stage.input(id, decision(callId, 'reject')),
    ])
    return [
      ...expectOutcomes([theirs], ['approval_not_pending']),
      ...expectOutcomes([ours], ['answer']),
      ...(await stage.faultsOf(id)),
      ...(await stage.faultsOf(foreign)),
    ]
  },

  'the same session created twelve times at once': async (stage) => {
    const id = stage.newId()
    const made = await Promise.all(
      Array.from({ length: 12 }, () => stage.rest('POST', '/sessions', { session_id: id })),
    )
    const counts = [201, 409].map((status) => made.filter((answer) => answer.status === status).length)
    return [...(String(counts) === '1,11' ? [] : [`201 and 409: ${counts}`]), ...(await stage.faultsOf(id))]
  },

  'a deletion during a turn': async (stage) => {
    const id = stage.newId()
    const { whole } = await stage.begin(id, 'doomed #slow:20')
    const deleted = await stage.rest('DELETE', `/sessions/${id}`)
    const [gone, streamed] = await Promise.all([stage.rest('GET', `/sessions/${id}`), whole])
    return [
      ...(deleted.status === 200 && gone.status === 404 ? [] : [`DELETE ${deleted.status}, then GET ${gone.status}`]),
      ...expectOutcomes([streamed], ['session_deleted']),
      ...((await stage.settled(id)) ? ['the session is back'] : []),
      // The id is free again, for a session that knows nothing of the first.
      ...(await stage.faultsOf(id)),
      ...((await stage.settled(id))?.messages.length === 2 ? [] : ['the new session has messages of the old']),
    ]
  },

  'a deletion and a message at once': async (stage) => {
    const id = stage.newId()
    await stage.rest('POST', '/sessions', { session_id: id })
    const [deleted, said] = await Promise.all([stage.rest('DELETE', `/sessions/${id}`), stage.say(id, 'late #plain')])
    return [
      ...(deleted.status === 200 ? [] : [`DELETE was answered with ${deleted.status}`]),
      ...expectOutcomes([said], ['answer'], ['session_deleted']),
      ...(await stage.faultsOf(id)),
    ]
  },

  'two cancellations of a turn': async (stage) => {
    const id = stage.newId()
    const { whole } = await stage.begin(id, 'stopped #slow:20')
    const cancelled = await Promise.all([1, 2].map(() => stage.rest('POST', `/sessions/${id}/cancel`)))
    return [
      ...cancelled.flatMap(({ status }) => (status === 200 ? [] : [`cancel was answered with ${status}`])),
      ...(cancelled.some(({ body }) => body['cancelled'] === true) ? [] : ['nobody cancelled it']),
      ...expectOutcomes([await whole], ['cancelled']),
      ...(await stage.faultsOf(id)),
    ]
  },

  'a cancellation and a result at once': async (stage) => {
    const id = stage.newId()
    const callId = await stage.withOpenCall(id, stage.random.pick(['read', 'write']))
    const [cancelled, streamed] = await Promise.all([
      stage.rest('POST', `/sessions/${id}/cancel`),
      stage.input(id, result(callId)),
    ])
    return [
      ...(cancelled.status === 200 ? [] : [`cancel was answered with ${cancelled.status}`]),
      ...expectOutcomes([streamed], ['answer'], ['cancelled'], ['call_superseded']),
      ...(await stage.faultsOf(id)),
    ]
  },

  'a client that leaves at any moment': async (stage) => {
    const id = stage.newId()
    await stage.rest('POST', '/sessions', { session_id: id })
    const content = 'left #slow:3'
    const leaving = AbortSignal.timeout(1 + stage.random.below(40))
    const streamed = await stage.say(id, content, { signal: leaving })
    await sleep(20)
    const snapshot = await stage.settled(id)
    const roles = snapshot?.messages.map((message) => message.role[0]).join('')
    const whole = roles === 'ua' && snapshot?.messages[1]?.content?.endsWith('five.')
    const never = roles === '' && streamed.frames.length === 0
    return [
      ...(whole || never ? [] : [`stored is ${roles}: ${snapshot?.messages[1]?.content}`]),
      ...(await stage.faultsOf(id)),
    ]
  },

  'a switch during a run': async (stage) => {
    const id = stage.newId()
    const { whole } = await stage.begin(id, 'busy #slow:5')
    const [rest, streamed, answered] = await Promise.all([
      stage.rest('POST', `/agents/${id}/switch`, { target_agent: 'ask', reason: 'race' }),
      stage.input(id, { type: 'switch_agent', agent_type: 'architect', content: '' }),
      whole,
    ])
    const current = await stage.rest('GET', `/agents/${id}/current`)
    return [
      ...([200, 409].includes(rest.status) ? [] : [`the switch was answered with ${rest.status}`]),
      ...expectOutcomes([streamed], ['done']),
      ...expectOutcomes([answered], ['answer']),
      ...(['architect', 'ask'].includes(String(current.body['agent_type'] ?? current.body['current_agent']))
        ? []
        : [`the agent is ${JSON.stringify(current.body)}`]),
      ...(await stage.faultsOf(id)),
    ]
  },
}

async function messagesAtOnce(stage: RaceStage, count: number): Promise<string[]> {
  const id = stage.newId()
  const names = Array.from({ length: count }, (_, i) => `message-${i}`)
  const streams = await Promise.all(names.map((name) => stage.say(id, `${name} #plain`)))
  const foreign = names.filter(
    (name, i) => !finalTextOf(streams[i] ?? { frames: [], end: 'cut' })?.includes(`to ${name} `),
  )
  const messages = (await stage.settled(id))?.messages ?? []
  const roles = messages.map((message) => message.role[0]).join('')
  return [
    ...foreign.map((name) => `${name} was not given its own answer`),
    ...(roles === 'ua'.repeat(count) ? [] : [`the order is ${roles}`]),
    ...(await stage.faultsOf(id)),
  ]
}

/** The model was asked exactly once more. */
async function askedOnce(stage: RaceStage, id: string, before: number): Promise<string[]> {
  await stage.settled(id)
  const asked = stage.upstream.calls - before
  return asked === 1 ? [] : [`the model was asked ${asked} times`]
}
