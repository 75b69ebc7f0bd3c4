import { RuntimeError } from '../../domain/errors.ts'
import { type AssistantPart, textOf } from '../../domain/message.ts'
import { readTextCalls } from '../../domain/text-call.ts'
import type { ModelAnswer, ModelRequest } from '../ports/language-model.ts'

/** The answer with the calls that it has only as text as calls, marked so. Throws `upstream_bad_response` for one that was meant as a call and
 *  cannot be taken as one: shown as an answer it would be noise, and the model would wait for a result that never comes. */
export function withTextCalls(answer: ModelAnswer, { tools }: Pick<ModelRequest, 'tools'>): ModelAnswer {
  if (tools.length === 0 || answer.parts.some((part) => part.type === 'tool-call')) return answer
  const offered = new Map(tools.map(({ name, parameters }) => [name, parameters]))
  const reading = readTextCalls(textOf(answer.parts), offered)
  if (reading.kind === 'none') return answer
  if (reading.kind === 'broken') throw brokenCall(reading.why, reading.tool)
  const parts: AssistantPart[] = answer.parts.filter((part) => part.type !== 'text')
  if (reading.text !== '') parts.push({ type: 'text', text: reading.text })
  for (const call of reading.calls) parts.push({ type: 'tool-call', callId: '', ...call })
  return { ...answer, parts, reason: answer.reason === 'stop' ? 'tool-calls' : answer.reason, callsInText: true }
}

function brokenCall(why: 'unknown-tool' | 'unreadable', tool: string): RuntimeError {
  const named = tool === '' ? 'a tool call' : `a call of ${tool}`
  const reason =
    why === 'unknown-tool'
      ? `the model wrote ${named} as text, and there is no such tool`
      : `the model wrote ${named} as text, and it cannot be read`
  // A failure of a run is shown by its text alone, so what to do stands in it.
  return new RuntimeError('upstream_bad_response', `LLM request failed: ${reason}. ${advice}`, {
    details: { retry: false },
  })
}

const advice =
  "The model's server does not read tool calls out of its answers. For vLLM start it with --enable-auto-tool-choice and the --tool-call-parser of the model; else choose a model and a server that support tools. codelab doctor --model tries it"
