import { ApiError, createClient, type SessionDetail } from '@codelab/protocol'
import { pageFetch } from '../../net/api.ts'
import { type Executor, toolNames } from './executor.ts'
import { patchOf, previewBody } from './patch.ts'
import type { Link } from './turn-parts.ts'

/** A person who decides at once is not worth a connection. */
const patienceMs = 500
const againMs = 2000

/** A name that nobody else has; a page without a secure context has no UUIDs. */
export function randomName(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return `${prefix}-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** The way to the server for one session of this page. */
export function createLink(sessionId: string, executor: Executor): Link {
  const client = createClient({
    baseUrl: location.origin,
    fetch: pageFetch,
    client: {
      id: `${sessionId}-page`,
      name: 'codelab-console',
      features: ['deltas', 'usage', 'parallel-tools', 'cancel'],
      tools: [...toolNames],
      context: { workspace: { name: executor.workspace.name } },
    },
  })

  return {
    stream: (message, signal) => client.stream(sessionId, message, { signal }),

    async standing() {
      try {
        return standingOf((await client.getSession(sessionId)).state)
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return 'unknown'
        throw error
      }
    },

    async openCalls() {
      const { tool_calls: calls } = await client.openToolCalls(sessionId)
      return calls.map((call) => ({
        callId: call.call_id,
        tool: call.tool_name,
        arguments: call.arguments,
        requiresApproval: call.state === 'awaiting_approval',
      }))
    },

    async history() {
      const { messages } = await client.history(sessionId)
      const last = messages.at(-1)
      const answer = last?.role === 'assistant' && !last.tool_calls?.length ? (last.content ?? undefined) : undefined
      return { answer, said: messages.filter(({ role }) => role === 'user').length }
    },

    tellPreview(call, preview) {
      const patch = patchOf(preview, (path) => executor.workspace.read(path))
      if (patch === undefined) return
      previewBody(preview, patch)
        .then((body) => body && client.previewCall(sessionId, call.callId, body))
        // Without it whoever decides elsewhere sees that there is no preview.
        .catch(() => undefined)
    },

    async decidedElsewhere(callId, signal) {
      await pause(patienceMs, signal)
      while (!signal.aborted) {
        try {
          for await (const { event, data } of client.follow(sessionId, signal)) {
            if (isOver(callId, event, data)) return
          }
        } catch (error) {
          if (error instanceof ApiError) break
        }
        await pause(againMs, signal)
      }
      await new Promise<never>(() => {})
    },

    pause,
  }
}

function standingOf(state: SessionDetail['state']) {
  if (state === 'awaiting_tool' || state === 'awaiting_approval') return 'waiting'
  return state === 'running' ? 'running' : 'idle'
}

function isOver(callId: string, event: string, data: Readonly<Record<string, unknown>>): boolean {
  if (event === 'hello') {
    const { pending_approvals: pending } = data
    return Array.isArray(pending) && !pending.some((approval) => approval?.call_id === callId)
  }
  if (data['call_id'] !== callId) return false
  return event === 'approval.decided' || event === 'tool_result.created' || event === 'tool_call.cancelled'
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
