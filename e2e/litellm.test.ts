import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchange } from '../packages/server/test/exchange.ts'
import { readFrames } from '../packages/server/test/frames.ts'
import { type ScriptedUpstream, startScriptedUpstream } from '../packages/server/test/scripted-upstream.ts'
import { ServerProcess } from '../packages/server/test/server-process.ts'
import { lane } from '../test/lanes.ts'
import { type LiteLlm, proxyKey, startLiteLlm } from './litellm/proxy.ts'
import { needsPython } from './python-programs.ts'

type Chunk = Readonly<Record<string, unknown>>

const mockText = 'The mock model of LiteLLM says hello.'
const internalKey = `Bearer ${proxyKey}`

lane(
  'LiteLLM',
  () => needsPython('litellm'),
  () => {
    let upstream: ScriptedUpstream
    let litellm: LiteLlm
    beforeAll(async () => {
      upstream = await startScriptedUpstream()
      litellm = await startLiteLlm(`${upstream.url}/v1`)
    }, 130_000)
    afterAll(async () => {
      await litellm?.[Symbol.asyncDispose]()
      await upstream?.close()
    })

    const ways: Record<string, (model: string) => Record<string, string>> = {
      'as the LLM Proxy': (model) => ({ AGENT_RUNTIME__LLM_PROXY_URL: litellm.url, AGENT_RUNTIME__LLM_MODEL: model }),
      'as an OpenAI-compatible server': (model) => ({
        OPENAI_BASE_URL: `${litellm.url}/v1`,
        OPENAI_API_KEY: proxyKey,
        CODELAB_MODEL: model,
      }),
    }

    describe.each(Object.entries(ways))('%s', (_, settings) => {
      async function withServer(model: string, work: (send: Send) => Promise<void>) {
        await using server = await ServerProcess.start({
          env: { ...settings(model), AGENT_RUNTIME__INTERNAL_API_KEY: internalKey },
        })
        await work(async (message, features = []) => {
          const body = JSON.stringify({ session_id: 'e2e', message, client: { features } })
          const headers = { 'x-internal-auth': internalKey, 'content-type': 'application/json' }
          const answer = await exchange(server.url, { method: 'POST', path: '/agent/message/stream', headers, body })
          const { events, faults } = readFrames(answer?.body ?? '')
          expect(faults).toEqual([])
          expect(events.at(-1)?.event).toBe('done')
          return events.filter(({ event }) => event === 'message').map(({ data }) => data as Chunk)
        })
      }

      test('a plain answer of the mock model', async () => {
        await withServer('mock', async (send) => {
          const chunks = await send({ type: 'user_message', content: 'explain this' })
          expect(chunks.map((chunk) => chunk['type'])).toEqual(['agent_switched', 'assistant_message'])
          // The mock's text is no routing verdict, so the words of the message decide.
          expect(chunks[0]?.['metadata']).toMatchObject({ to_agent: 'ask', confidence: 'low' })
          expect(chunks[1]).toMatchObject({ content: mockText, token: mockText, is_final: true })
        })
      })

      test('a streamed answer of the mock model', async () => {
        await withServer('mock', async (send) => {
          await send({ type: 'switch_agent', agent_type: 'ask' })
          const chunks = await send({ type: 'user_message', content: 'hello' }, ['deltas'])
          const deltas = chunks.slice(0, -1)
          expect(deltas.map((chunk) => chunk['token']).join('')).toBe(mockText)
          expect(deltas.every((chunk) => chunk['is_final'] === false && !('content' in chunk))).toBe(true)
          expect(chunks.at(-1)).toMatchObject({ content: mockText, token: '', is_final: true })
        })
      })

      test('a tool call and its result, relayed', async () => {
        await withServer('relay', async (send) => {
          const asked = await send({ type: 'user_message', content: 'read it @coder #read_file' })
          expect(asked[0]?.['metadata']).toMatchObject({ to_agent: 'coder', reason: 'scripted: coder' })
          expect(asked[1]).toMatchObject({
            type: 'tool_call',
            tool_name: 'read_file',
            arguments: { path: 'README.md' },
          })
          const call_id = asked[1]?.['call_id']
          const answered = await send({ type: 'tool_result', call_id, tool_name: 'read_file', result: '# Title' }, [
            'usage',
          ])
          expect(answered.at(-1)).toMatchObject({
            content: 'Done after 1 tool result(s). Last: # Title',
            is_final: true,
          })
          const usage = answered.find((chunk) => chunk['type'] === 'usage')
          expect(usage).toMatchObject({ input_tokens: expect.any(Number), output_tokens: expect.any(Number) })
          expect(usage?.['output_tokens']).toBeGreaterThan(0)
        })
      })

      test('two calls at once, relayed', async () => {
        await withServer('relay', async (send) => {
          const asked = await send({ type: 'user_message', content: 'read @coder #two_tools' }, ['parallel-tools'])
          const calls = asked.filter((chunk) => chunk['type'] === 'tool_call')
          expect(calls.map((chunk) => [chunk['tool_name'], chunk['arguments']])).toEqual([
            ['read_file', { path: 'README.md' }],
            ['list_files', { path: '.' }],
          ])
        })
      })

      test('a failure behind LiteLLM, in words of ours', async () => {
        await withServer('relay', async (send) => {
          const chunks = await send({ type: 'user_message', content: 'hi @coder #error:400' })
          expect(chunks.at(-1)).toMatchObject({ type: 'error', error: 'LLM request failed: upstream returned 400' })
        })
      })
    })
  },
)

type Send = (message: object, features?: readonly string[]) => Promise<readonly Chunk[]>
