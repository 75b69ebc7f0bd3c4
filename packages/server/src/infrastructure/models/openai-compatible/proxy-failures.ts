import type { ModelEvent } from '../../../application/ports/language-model.ts'
import { upstreamFailure } from '../upstream/failure.ts'

const mark = '[Error] LiteLLM proxy'

/** The LLM Proxy reports its provider's failure as an answer (PROTOCOL 7.2). Text that may still become such a report is held back; a
 *  report without tool calls is thrown as `upstream_unavailable`. */
export async function* withoutProxyFailures(events: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent> {
  let text = ''
  let held: ModelEvent[] = []
  let watching = true
  for await (const event of events) {
    if (!watching) {
      yield event
      continue
    }
    if (event.type === 'text-delta') text += event.text
    if (event.type === 'finish' && text.startsWith(mark)) {
      const details = { retry: true, upstreamText: text }
      throw upstreamFailure('upstream_unavailable', 'upstream reported that its provider is not available', details)
    }
    held.push(event)
    if (event.type === 'usage' || (event.type === 'text-delta' && mayBeReport(text))) continue
    watching = false
    yield* held
    held = []
  }
}

function mayBeReport(text: string): boolean {
  return text.length < mark.length ? mark.startsWith(text) : text.startsWith(mark)
}
