import { Agent } from 'undici'
import {
  describeLanguageModel,
  type LanguageModelMaker,
  type Scenario,
} from '../../../../test/contract/language-model.ts'
import { roomyLimits, sampleRequest } from '../../../../test/contract/sample-request.ts'
import { json, type Reply, startUpstream, streamFixture } from '../../../../test/contract/scripted-server.ts'
import { createAnthropicModel } from './anthropic.ts'

// Scripted to the documented format of Anthropic's Messages API, not recorded.
const replies: Record<Scenario, Reply> = {
  text: { pieces: [streamFixture('anthropic-text')] },
  'tool-call': { pieces: [streamFixture('anthropic-thinking-tool-call')] },
  'several-calls': { pieces: [streamFixture('anthropic-tool-calls')] },
  failure: json({ type: 'error', error: { type: 'overloaded_error', message: 'http://internal/ is busy' } }, 529),
  incomplete: { pieces: [streamFixture('anthropic-text').subarray(0, 1100)] },
  hang: { pieces: [streamFixture('anthropic-text').subarray(0, 1100)], end: 'hang' },
  opaque: { pieces: [streamFixture('anthropic-thinking-tool-call')] },
}

const anthropic: LanguageModelMaker = {
  can: ['several-calls', 'failure', 'incomplete', 'hang', 'opaque'],
  usage: true,
  async make(scenario) {
    const upstream = await startUpstream(() => replies[scenario])
    const dispatcher = new Agent()
    const model = createAnthropicModel({
      apiKey: 'k',
      baseUrl: upstream.url,
      model: 'claude-sonnet-4-20250514',
      limits: roomyLimits,
      thinkingBudget: 2_000,
      dispatcher,
    })
    return {
      model,
      request: sampleRequest,
      ...(scenario === 'text' ? { text: 'Привет, мир! 你好 🚀 "quotes" \\ back\nnew line' } : {}),
      code: 'upstream_unavailable',
      opaque: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds+/=',
      lastBody: () => upstream.requests.at(-1)?.text ?? '',
      async close() {
        await dispatcher.destroy()
        await upstream.close()
      },
    }
  },
}

describeLanguageModel('anthropic through the AI SDK bridge', anthropic)
