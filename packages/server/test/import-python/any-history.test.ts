import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createAgents } from '../../src/application/agents.ts'
import { importSessions } from '../../src/application/import-python/import-sessions.ts'
import type { SessionSource, SourceSession } from '../../src/application/ports/session-source.ts'
import { buildHistory } from '../../src/application/run/request.ts'
import { tools } from '../../src/catalogue/tools/index.ts'
import type { Message } from '../../src/domain/message.ts'
import { createMarkdownAgents } from '../../src/infrastructure/agents/markdown-agents.ts'
import { openSqliteStore } from '../../src/infrastructure/persistence/sqlite/open-store.ts'
import { systemClock } from '../../src/infrastructure/system-clock.ts'
import { uuidIds } from '../../src/infrastructure/uuid-ids.ts'
import { refusedBecause } from '../simulation/strict-provider.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

const callId = fc.constantFrom('call_1', 'call_2', 'call_imported_1', '', 'x y')
const tool = fc.constantFrom('read_file', 'write_file', 'execute_command', 'no such tool', '')
const call = fc.record({
  id: callId,
  function: fc.record({
    name: tool,
    arguments: fc.oneof(fc.constantFrom('{"path":"a","content":"x"}', '{', '', 'null', '[1]'), fc.json(), fc.object()),
  }),
})
const time = fc.constantFrom(
  '2026-01-18 20:00:00.123456',
  '2026-01-18T20:00:00Z',
  '2026-01-18 23:00:00+03',
  'soon',
  null,
)
const content = fc.oneof(
  fc.constantFrom(
    'null',
    '',
    '  ',
    '[Error] LiteLLM proxy',
    '{"status":"approved","tool_name":"write_file","arguments":3}',
  ),
  fc.string({ unit: 'binary' }),
  fc.constant(null),
)
const message = fc.record({
  role: fc.constantFrom('user', 'assistant', 'assistant', 'tool', 'tool', 'system', 'robot'),
  content,
  time,
  name: fc.option(tool),
  toolCallId: fc.option(callId),
  toolCalls: fc.oneof(
    fc.constant(null),
    fc.array(call, { maxLength: 3 }).map((calls) => JSON.stringify(calls)),
    fc.array(call, { maxLength: 3 }),
    fc.string(),
  ),
})
const approval = fc.record({
  callId,
  kind: fc.constantFrom('tool', 'tool', 'plan'),
  tool,
  arguments: fc.oneof(fc.constant('{"path":"a","content":"x"}'), fc.json(), fc.object()),
  reason: fc.option(fc.string()),
  time,
})
const agent = fc.constantFrom('orchestrator', 'coder', 'architect', 'nobody', '')
const agentSwitch = fc.record({
  from: fc.option(agent),
  to: fc.option(agent),
  reason: fc.option(fc.string()),
  time,
  metadata: fc.oneof(fc.json(), fc.object(), fc.constant(null)),
})
const session = fc.record({
  title: fc.option(fc.string({ unit: 'binary' })),
  createdAt: time,
  lastActivity: time,
  isActive: fc.boolean(),
  currentAgent: fc.option(agent),
  messages: fc.array(message, { maxLength: 12 }),
  switches: fc.array(agentSwitch, { maxLength: 4 }),
  approvals: fc.array(approval, { maxLength: 3 }),
})

function sourceOf(sessions: readonly SourceSession[]): SessionSource {
  const none = { deletedSessions: 0, messages: 0, switches: 0, pendingApprovals: 0, strayApprovals: 0 }
  return {
    shown: 'memory',
    mayBeInUse: false,
    counts: async () => ({ sessions: sessions.length, ...none }),
    async *sessions() {
      yield* sessions
    },
    async [Symbol.asyncDispose]() {},
  }
}

it('makes of whatever is stored a history that a provider takes, or takes up a call that waits', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'codelab-any-'))
  const file = join(folder, 'ours.db')
  const store = await openSqliteStore({ file, durability: 'normal', clock: systemClock, log: quiet, onFatal() {} })
  try {
    const catalogue = await createMarkdownAgents({ knownTools: tools.map(({ name }) => name) }).load()
    const agents = createAgents(catalogue, 'multi')
    const sessions = fc.sample(session, { numRuns: 600, seed: 611 }).map((row, at) => ({ ...row, id: `s${at}` }))
    const deps = {
      source: sourceOf(sessions),
      store: store.unitOfWork,
      agents,
      tools,
      clock: systemClock,
      ids: uuidIds,
    }
    const report = await importSessions(deps, { ownerId: 'service', apply: true })
    expect(report).toMatchObject({ taken: { sessions: 600 }, unsound: [], leftOut: [] })
    expect(report.ours).toEqual(report.taken)
    expect(report.taken.waiting).toBeGreaterThan(10)
    const next: Message = { role: 'user', parts: [{ type: 'text', text: 'Go on' }] }
    await store.unitOfWork.read(async (tx) => {
      for (const { id } of sessions) {
        const stored = await tx.sessions.find('service', id)
        if (!stored) throw new Error(`${id} is not there`)
        const { messages } = buildHistory(await tx.messages.list(stored.sid))
        const request = { purpose: 'answer' as const, system: '', tools: [], messages: [...messages, next] }
        expect([id, refusedBecause(request)]).toEqual([id, undefined])
        const waiting = await tx.calls.list(stored.sid, 'open')
        expect([id, stored.state]).toEqual([id, waiting.length > 0 ? 'awaiting_approval' : 'idle'])
        expect(
          waiting.every(({ state, agent: by }) => state === 'awaiting_approval' && by === stored.currentAgent),
        ).toBe(true)
      }
    })
    const again = await importSessions(deps, { ownerId: 'service', apply: true })
    expect(again).toMatchObject({ taken: { sessions: 0 }, ours: report.taken })
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
})
