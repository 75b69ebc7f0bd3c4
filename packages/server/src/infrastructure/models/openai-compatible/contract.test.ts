import { Agent } from 'undici'
import {
  describeLanguageModel,
  type LanguageModelMaker,
  type Scenario,
} from '../../../../test/contract/language-model.ts'
import { roomyLimits, sampleRequest } from '../../../../test/contract/sample-request.ts'
import { json, type Reply, startUpstream, streamFixture } from '../../../../test/contract/scripted-server.ts'
import { createOpenAICompatibleModel } from './adapter.ts'

const replies: Record<Scenario, Reply> = {
  text: { pieces: [streamFixture('openai-text')] },
  'tool-call': { pieces: [streamFixture('openai-text-and-tool-call')] },
  'several-calls': { pieces: [streamFixture('openai-tool-calls')] },
  failure: json({ error: { message: 'scripted busy at http://internal/', type: 'server_error' } }, 503),
  incomplete: { pieces: [streamFixture('openai-text').subarray(0, 700)] },
  hang: { pieces: [streamFixture('openai-text').subarray(0, 700)], end: 'hang' },
  opaque: { pieces: [streamFixture('gemini-tool-calls')] },
}

function maker(provider: 'openai-compatible' | 'llm-proxy', streamed: boolean): LanguageModelMaker {
  return {
    can: streamed
      ? ['several-calls', 'failure', 'incomplete', 'hang', 'opaque']
      : ['several-calls', 'failure', 'opaque'],
    usage: true,
    async make(scenario) {
      const upstream = await startUpstream(async (seen) => {
        if (seen.method === 'GET') return json([{ id: 'm', is_available: true }])
        if (streamed || scenario === 'failure') return replies[scenario]
        return json(wholes[scenario])
      })
      const dispatcher = new Agent()
      const { url } = upstream
      const model = createOpenAICompatibleModel({
        provider,
        baseUrl: url,
        model: scenario === 'opaque' ? 'gemini-3-flash' : 'gpt-4o-mini',
        headers: { authorization: 'Bearer k' },
        limits: roomyLimits,
        streaming: streamed ? 'always' : 'auto',
        dispatcher,
      })
      return {
        model,
        request: sampleRequest,
        ...(scenario === 'text' ? { text: 'Привет, мир! 你好 🚀 "quotes" \\ back\nnew line' } : {}),
        code: 'upstream_unavailable',
        opaque: '{"google":{"thought_signature":"CpkBAdHtim9+/A=="}}',
        lastBody: () => upstream.requests.at(-1)?.text ?? '',
        async close() {
          await dispatcher.destroy()
          await upstream.close()
        },
      }
    },
  }
}

const call = (id: string, name: string) => ({ id, type: 'function', function: { name, arguments: '{"path":"a"}' } })
const whole = (message: object, finish_reason = 'tool_calls') => ({
  id: 'chatcmpl-fake',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
})
const signature = { google: { thought_signature: 'CpkBAdHtim9+/A==' } }
const wholes: Partial<Record<Scenario, object>> = {
  text: whole({ content: 'Привет, мир! 你好 🚀 "quotes" \\ back\nnew line' }, 'stop'),
  'tool-call': whole({ tool_calls: [call('c1', 'read_file')] }),
  'several-calls': whole({ tool_calls: [call('c1', 'read_file'), call('c2', 'list_files')] }),
  opaque: whole({ tool_calls: [{ ...call('c1', 'read_file'), extra_content: signature }] }),
}

describeLanguageModel('openai-compatible, streamed', maker('openai-compatible', true))
describeLanguageModel('llm-proxy, streamed', maker('llm-proxy', true))
describeLanguageModel('llm-proxy, not streamed', maker('llm-proxy', false))
