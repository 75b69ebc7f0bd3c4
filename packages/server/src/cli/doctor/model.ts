import type { ConfigEntry, ModelChoice, ModelEntry } from '../../config.ts'
import { providerName } from '../banner.ts'
import { type Finding, ok, problem, skipped } from './finding.ts'
import { ask, type Reply } from './http.ts'

interface Probe {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The setting that holds the key, and the one that holds the address. */
  readonly keyName: string
  readonly urlName: string
  /** The provider lists all that it serves, so a model that is not in the list does not exist. */
  readonly complete: boolean
}

/** Whether the provider can be reached, takes the key and knows the model. It asks for the list of models only: nothing is paid for. */
export async function checkModel(
  { choice: model, settings }: Pick<ModelEntry, 'choice' | 'settings'>,
  entries: readonly ConfigEntry[],
): Promise<Finding> {
  if (model.kind === 'demo') {
    return skipped(
      'Model',
      'demo: a few rules, no language model',
      'Set OPENAI_API_KEY, ANTHROPIC_API_KEY or AGENT_RUNTIME__LLM_PROXY_URL.',
    )
  }
  const name = providerName(model)
  const named = settings && { keyName: settings.key, urlName: settings.url }
  const probe = { ...probeOf(model), ...named }
  const reply = await ask(probe.url, probe.headers)
  if (reply.kind === 'silence') {
    return problem(
      name,
      `${model.model}, cannot be reached: ${reply.reason}`,
      whereFrom(entries, probe.urlName),
      `fix: start it, or set ${probe.urlName}`,
    )
  }
  return judge(name, model.model, probe, reply, entries)
}

function judge(
  name: string,
  model: string,
  probe: Probe,
  { status, body }: Extract<Reply, { kind: 'answer' }>,
  entries: readonly ConfigEntry[],
): Finding {
  if (status === 401 || status === 403) {
    const fix = probe.keyName.startsWith('CODELAB')
      ? 'fix: give both sides the same key'
      : `fix: set ${probe.keyName} to a key that is valid there`
    return problem(name, `${status}, the key was refused`, whereFrom(entries, probe.keyName), fix)
  }
  if (status === 404 && !probe.complete) {
    return skipped(
      name,
      `${model}, answers but lists no models`,
      `If chats fail, look at ${probe.urlName}: it mostly ends with /v1.`,
    )
  }
  if (status !== 200) return problem(name, `${model}, answers with ${status}`, whereFrom(entries, probe.urlName))
  const ids = idsOf(body)
  if (ids.length === 0 || ids.some((id) => id === model || id.startsWith(`${model}-`)))
    return ok(name, `${model}, reachable, key accepted`)
  const missing = `${model} is not among its ${ids.length} models`
  const advice = 'CODELAB_MODEL names the model.'
  return probe.complete ? problem(name, missing, advice) : skipped(name, missing, advice)
}

function probeOf(model: Exclude<ModelChoice, { kind: 'demo' }>): Probe {
  if (model.kind === 'llm-proxy') {
    return {
      url: `${model.url}/v1/llm/models`,
      headers: { 'x-internal-auth': model.key },
      keyName: 'CODELAB_INTERNAL_API_KEY',
      urlName: 'CODELAB_LLM_PROXY_URL',
      complete: false,
    }
  }
  if (model.kind === 'anthropic') {
    return {
      url: `${model.baseUrl}/models?limit=1000`,
      headers: { 'x-api-key': model.apiKey, 'anthropic-version': '2023-06-01' },
      keyName: 'ANTHROPIC_API_KEY',
      urlName: 'ANTHROPIC_BASE_URL',
      complete: new URL(model.baseUrl).host === 'api.anthropic.com',
    }
  }
  return {
    url: `${model.url}/models`,
    headers: model.apiKey === undefined ? {} : { authorization: `Bearer ${model.apiKey}` },
    keyName: 'OPENAI_API_KEY',
    urlName: 'OPENAI_BASE_URL',
    complete: new URL(model.url).host === 'api.openai.com',
  }
}

/** `OPENAI_API_KEY_FILE, from .env:3`: where the setting that is at fault was made. */
function whereFrom(entries: readonly ConfigEntry[], name: string): string {
  const entry = entries.find((candidate) => candidate.name === name)
  // Those of an entry of `models` are no settings of their own.
  if (!entry) return name
  if (entry.value === null) return `${name} is not set`
  return `${entry.via ?? name}, from ${entry.source}`
}

/** Model ids of an OpenAI or Anthropic list, `{data: [{id}]}`, or of the proxy's plain array. */
function idsOf(body: unknown): string[] {
  const list: unknown = typeof body === 'object' && body !== null && 'data' in body ? body.data : body
  if (!Array.isArray(list)) return []
  return list.flatMap((item: unknown) =>
    typeof item === 'object' && item !== null && 'id' in item && typeof item.id === 'string' ? [item.id] : [],
  )
}
