import type { Fault } from './problems.ts'
import { quoted } from './shown.ts'
import type { ModelChoice } from './types.ts'

/** Where a provider is when nobody says. */
export const providerUrls = {
  proxy: 'http://localhost:8002',
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
} as const
const PROXY_MODEL = 'fake-llm'
const OPENAI_MODEL = 'gpt-4.1'
const ANTHROPIC_MODEL = 'claude-sonnet-4-5'

/** The settings that the choice depends on. */
export const modelSettings = ['model', 'proxyUrl', 'openaiKey', 'openaiUrl', 'anthropicKey', 'anthropicUrl'] as const

/** Those that were given; one that is missing was set nowhere. */
export type ModelSettings = { readonly [Name in (typeof modelSettings)[number]]?: string | undefined }

type Provider = 'proxy' | 'openai' | 'anthropic'

/**
 * Which model answers. `openai:ID`, `anthropic:ID` and `proxy:ID` name the provider; without such a prefix it is the one that is set up, the
 * proxy before OpenAI before Anthropic. A model id alone means the proxy. Other colons belong to the id (`llama3:8b`).
 */
export function chooseModel(given: ModelSettings, internalKey: string): ModelChoice | Fault {
  const named = /^(proxy|openai|anthropic):(.*)$/s.exec(given.model ?? '')
  if (named?.[2]?.trim() === '') {
    return {
      fault: `${quoted(given.model ?? '')} names no model. Write its id after the colon.`,
      wrong: quoted(given.model ?? ''),
    }
  }
  const provider = (named?.[1] as Provider | undefined) ?? providerThatIsSetUp(given)
  const id = named?.[2]?.trim() ?? given.model
  if (provider === 'proxy') {
    return { kind: 'llm-proxy', url: given.proxyUrl ?? providerUrls.proxy, model: id ?? PROXY_MODEL, key: internalKey }
  }
  if (provider === 'openai') return openai(given, id)
  if (provider === 'anthropic') return anthropic(given, id)
  return { kind: 'demo' }
}

function providerThatIsSetUp(given: ModelSettings): Provider | undefined {
  if (given.proxyUrl !== undefined) return 'proxy'
  if (given.openaiKey !== undefined || given.openaiUrl !== undefined) return 'openai'
  if (given.anthropicKey !== undefined || given.anthropicUrl !== undefined) return 'anthropic'
  return given.model === undefined ? undefined : 'proxy'
}

function openai(given: ModelSettings, id: string | undefined): ModelChoice | Fault {
  if (given.openaiKey === undefined && given.openaiUrl === undefined) {
    return {
      fault: `${quoted(given.model ?? '')} needs OPENAI_API_KEY, and that is not set.`,
      hint: 'For a compatible server set OPENAI_BASE_URL, with a key if it wants one.',
      wrong: 'OPENAI_API_KEY',
    }
  }
  return {
    kind: 'openai-compatible',
    url: given.openaiUrl ?? providerUrls.openai,
    ...(given.openaiKey === undefined ? {} : { apiKey: given.openaiKey }),
    model: id ?? OPENAI_MODEL,
  }
}

function anthropic(given: ModelSettings, id: string | undefined): ModelChoice | Fault {
  if (given.anthropicKey === undefined) {
    const subject = given.model === undefined ? 'Anthropic' : quoted(given.model)
    return {
      fault: `${subject} needs ANTHROPIC_API_KEY, and that is not set.`,
      hint: 'Set it, or ANTHROPIC_API_KEY_FILE to a file that holds it.',
      wrong: 'ANTHROPIC_API_KEY',
    }
  }
  return {
    kind: 'anthropic',
    apiKey: given.anthropicKey,
    baseUrl: given.anthropicUrl ?? providerUrls.anthropic,
    model: id ?? ANTHROPIC_MODEL,
  }
}
