import type { SubmitInput, Taken } from '../inputs/input.ts'
import type { Inputs, Submitted } from '../inputs/submit.ts'
import { BegunStream } from '../ports/begun-stream.ts'
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
  function follow(input: SubmitInput, taken: Taken, signal: AbortSignal): AsyncGenerator<RunFrame> {
    const { store, channels, active } = deps
    const { sid, runId, afterSeq, attached } = taken
    const remote = attached === true && active.get(sid)?.runId !== runId
    const channel = remote ? channels.follow(sid) : channels.hold(sid)
    const left = () => (remote ? channels.unfollow(channel) : channels.release(channel))
    const previews = input.client?.features.some((feature) => feature === 'deltas' || feature === 'reasoning') ?? false
    return followRun({ channel, store, runId, afterSeq, previews, remote, signal, left })
  }

  async function* followLater(
    input: SubmitInput,
    { position, taken }: Extract<Submitted, { state: 'queued' }>,
    signal: AbortSignal,
  ): AsyncGenerator<RunFrame> {
    yield { kind: 'queued', position }
    yield* follow(input, await taken, signal)
  }

  return (input: SubmitInput, signal: AbortSignal): BegunStream<RunFrame> =>
    new BegunStream(async () => {
      const submitted = await deps.inputs.submit(input, signal)
      const rest =
        submitted.state === 'queued' ? followLater(input, submitted, signal) : follow(input, submitted.taken, signal)
      return { first: await rest.next(), rest }
    })
}
