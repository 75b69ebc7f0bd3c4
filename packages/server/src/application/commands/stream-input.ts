import type { SubmitInput } from '../inputs/input.ts'
import type { Inputs } from '../inputs/submit.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import { followRun, type RunFrame } from '../readers/follow-run.ts'

/** Gives an input to its session and follows what comes of it. The generator is a reader: closing it, or the signal, leaves the run alone.
 *  Throws what refuses the input before the first frame; then nothing was stored. */
export function createStreamInput(deps: {
  readonly store: UnitOfWork
  readonly channels: Channels
  readonly inputs: Inputs
}) {
  return async function* stream(input: SubmitInput, signal: AbortSignal): AsyncGenerator<RunFrame> {
    const submitted = await deps.inputs.submit(input, signal)
    if (submitted.state === 'queued') yield { kind: 'queued', position: submitted.position }
    const taken = await submitted.taken
    const channel = deps.channels.hold(taken.sid)
    try {
      const previews =
        input.client?.features.some((feature) => feature === 'deltas' || feature === 'reasoning') ?? false
      const { runId, afterSeq } = taken
      yield* followRun({ channel, store: deps.store, runId, afterSeq, previews, signal })
    } finally {
      deps.channels.release(channel)
    }
  }
}
