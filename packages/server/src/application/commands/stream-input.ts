import type { SubmitInput } from '../inputs/input.ts'
import type { Inputs } from '../inputs/submit.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import { followRun, type RunFrame } from '../readers/follow-run.ts'
import type { ActiveRuns } from '../run/active-runs.ts'

/** Gives an input to its session and follows what comes of it. The generator is a reader: closing it, or the signal, leaves the run alone.
 *  Throws what refuses the input before the first frame; then nothing was stored. */
export function createStreamInput(deps: {
  readonly store: UnitOfWork
  readonly channels: Channels
  readonly inputs: Inputs
  readonly active: ActiveRuns
}) {
  return async function* stream(input: SubmitInput, signal: AbortSignal): AsyncGenerator<RunFrame> {
    const { store, channels, active } = deps
    const submitted = await deps.inputs.submit(input, signal)
    if (submitted.state === 'queued') yield { kind: 'queued', position: submitted.position }
    const { sid, runId, afterSeq, attached } = await submitted.taken
    const remote = attached === true && active.get(sid)?.runId !== runId
    const channel = remote ? channels.follow(sid) : channels.hold(sid)
    try {
      const previews =
        input.client?.features.some((feature) => feature === 'deltas' || feature === 'reasoning') ?? false
      yield* followRun({ channel, store, runId, afterSeq, previews, remote, signal })
    } finally {
      if (remote) channels.unfollow(channel)
      else channels.release(channel)
    }
  }
}
