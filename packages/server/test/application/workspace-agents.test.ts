import { afterEach, beforeEach, expect, test } from 'vitest'
import { calls, routes, says } from '../fakes/scripted-model.ts'
import { client, events, owner, summary, TestApplication } from './start-application.ts'

let app: TestApplication
beforeEach(async () => {
  app = await TestApplication.start()
})
afterEach(() => app[Symbol.asyncDispose]())

const reviewer = (tools: string) =>
  `---\nname: reviewer\ndisplay_name: Reviewer\ntools: ${tools}\n---\nYou review changes with care.\n`
const declaring = (...texts: string[]) => ({
  client: client([], {
    tools: ['read_file', 'write_file'],
    context: { agents: texts.map((text, place) => ({ path: `.codelab/agents/${place}.md`, text })) },
  }),
})
const ref = { ownerId: owner, sessionId: 's1' }
const choose = (agent: string) => ({ kind: 'message' as const, content: 'look', agent })

test('can be chosen with the message that brings it, and has its prompt and its tools', async () => {
  app.model.push(says('Looks good.'))
  const frames = await app.send(choose('reviewer'), declaring(reviewer('[read_file]')))
  expect(summary(frames)).toEqual(['switched orchestrator>reviewer', 'completed'])
  expect(app.model.calls[0]?.system).toContain('You review changes with care.')
  expect(app.model.calls[0]?.tools.map(({ name }) => name)).toEqual(['read_file'])
  expect((await app.application.sessions.get(ref)).currentAgent).toBe('reviewer')
  expect((await app.application.sessions.agents(ref)).map(({ name }) => name)).toContain('reviewer')
})

test('stays with the session when a client does not speak of it, after a restart too', async () => {
  app.model.push(says('One.'))
  await app.send(choose('reviewer'), declaring(reviewer('[read_file]')))
  await app.stop()
  app = await TestApplication.start({ folder: app.folder })
  app.model.push(says('Two.'))
  await app.message('again')
  expect(app.model.calls[0]?.system).toContain('You review changes with care.')
})

test('is known to no other session', async () => {
  app.model.push(says('One.'))
  await app.send(choose('reviewer'), declaring(reviewer('[read_file]')))
  await expect(app.send(choose('reviewer'), { session: 's2' })).rejects.toMatchObject({ code: 'agent_unknown' })
  expect(app.application.agents.map(({ name }) => name)).not.toContain('reviewer')
})

test('may not call what it does not have', async () => {
  app.model.push(calls(['write_file', { path: 'a', content: 'b' }]), says('Then not.'))
  const frames = await app.send(choose('reviewer'), declaring(reviewer('[read_file]')))
  expect(summary(frames)).toEqual(['switched orchestrator>reviewer', 'completed'])
  expect((await app.history())[2]).toContain("Tool 'write_file' is not allowed for Reviewer")
})

test('another agent can hand over to it', async () => {
  app.model.push(routes('ask'), calls(['switch_mode', { mode: 'reviewer', reason: 'review' }]), says('Reviewed.'))
  const frames = await app.message('review it', declaring(reviewer('[read_file]')))
  expect(summary(frames)).toEqual(['switched orchestrator>ask', 'switched ask>reviewer', 'completed'])
})

test('a bad file is told of, once, and nothing fails', async () => {
  app.model.push(routes('coder'), says('Hello.'), says('Again.'))
  const bad = declaring('You review.', reviewer('[read_file]'))
  const first = events(await app.message('hello', bad)).filter((event) => event.type === 'agents.declared')
  expect(first).toMatchObject([
    { facts: { agents: ['reviewer'], faults: [{ file: '.codelab/agents/0.md', line: 1 }] } },
  ])
  expect(events(await app.message('hello', bad)).some((event) => event.type === 'agents.declared')).toBe(false)
})

test('goes with its file: the router has the session again', async () => {
  app.model.push(says('One.'), routes('ask'), says('Two.'))
  await app.send(choose('reviewer'), declaring(reviewer('[read_file]')))
  const frames = await app.message('more', declaring())
  expect(summary(frames)).toEqual(['switched orchestrator>ask', 'completed'])
})

test('a turn does not keep the files: the session does', async () => {
  app.model.push(says('One.'))
  await app.send(choose('reviewer'), declaring(reviewer('[read_file]')))
  const { sid } = await app.application.sessions.get(ref)
  const turn = await app.store.unitOfWork.read((tx) => tx.turns.latest(sid))
  expect(turn?.client?.context).toEqual({})
})
