import { setTimeout as sleep } from 'node:timers/promises'
import { exchange } from '../exchange.ts'
import { readFrames } from '../frames.ts'
import { type ScriptedUpstream, startScriptedUpstream } from '../scripted-upstream.ts'
import { internalKey, refusedUrl, ServerProcess } from '../server-process.ts'
import { type Bindings, compare, fill, type Mismatch } from './compare.ts'
import { applied, type Difference, recordedAt } from './difference.ts'
import { differences } from './differences.ts'
import {
  asEvents,
  comparableHeaders,
  expectedOnSocket,
  expectedOutcome,
  type Outcome,
  observedUpstream,
} from './normalise.ts'
import { RecordedSocket } from './recorded-socket.ts'
import type { Json, RecordedRequest, Recording, Step } from './recording.ts'
import { supersetOf } from './superset.ts'

/** A server and the model behind it; several scenarios may use it one after the other. */
export interface Stage {
  readonly server: ServerProcess
  readonly upstream: ScriptedUpstream
}

export interface StageOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly upstreamRefuses?: boolean
}

export async function openStage({ env, upstreamRefuses }: StageOptions = {}): Promise<Stage & AsyncDisposable> {
  const upstream = await startScriptedUpstream()
  try {
    const server = await ServerProcess.start({
      env: {
        AGENT_RUNTIME__LLM_PROXY_URL: upstreamRefuses ? await refusedUrl() : upstream.url,
        // The recorded form of an approval, and the version the recorded service had.
        HITL_APPROVE: 'acknowledge',
        AGENT_RUNTIME__VERSION: '0.3.0',
        ...env,
      },
    })
    return {
      server,
      upstream,
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]()
        await upstream.close()
      },
    }
  } catch (error) {
    await upstream.close()
    throw error
  }
}

/** True when the scenario cannot share a server with others. */
export function needsOwnServer(recording: Recording): boolean {
  return (
    recording.fresh_state ||
    recording.upstream !== undefined ||
    recording.steps.some((step) => step.runtime !== undefined || step.restart !== undefined)
  )
}

/** Plays a scenario on a stage of its own. */
export async function replayAlone(recording: Recording): Promise<string[]> {
  const changed = recording.steps.find((step) => step.runtime?.includes(' with '))?.runtime
  const setting = changed?.split(' with ')[1]?.split('=')
  await using stage = await openStage({
    upstreamRefuses: recording.upstream !== undefined,
    env: setting?.[0] && setting[1] ? { [setting[0]]: setting[1] } : {},
  })
  // Awaited here: the stage is taken down when this returns.
  return await replay(recording, stage)
}

/** Sends every step and returns what is wrong, one line each: a difference that the table does not have, or a row that did not come true. */
export async function replay(recording: Recording, stage: Stage): Promise<string[]> {
  const scene = new Scene(recording, stage)
  const unused = new Set(differences.filter((row) => row.recording === recording.name))
  const lines: string[] = []
  for (const [index, step] of recording.steps.entries()) {
    for (const played of await scene.play(step, String(index))) lines.push(...judge(played, unused, scene.bindings))
  }
  for (const row of unused)
    lines.push(`step ${row.step} ${row.at}: the table has a row for a step that was not compared`)
  return lines
}

interface Played {
  readonly key: string
  readonly request: RecordedRequest | undefined
  readonly expected: Outcome
  readonly actual: Outcome
  readonly faults: readonly string[]
}

function judge(played: Played, unused: Set<Difference>, bindings: Bindings): string[] {
  const rows = [...unused].filter((row) => String(row.step) === played.key)
  for (const row of rows) unused.delete(row)
  const superset = supersetOf(played.request?.method ?? '', played.request?.path ?? '')
  const wanted = rows.reduce(applied, played.expected)
  const line = ({ path, expected, actual }: Mismatch) =>
    `step ${played.key} ${path}\n    expected ${expected}\n    actual   ${actual}`
  const lines = compare(wanted, played.actual, { bindings, superset }).map(line)
  for (const row of rows) {
    const was = recordedAt(played.expected, row.at)
    const how = { bindings: new Map(bindings), superset }
    const now = recordedAt(played.actual, row.at)
    const same = was === undefined ? now === undefined : compare(was, now, how, row.at).length === 0
    if (same && !row.byChance)
      lines.push(`step ${played.key} ${row.at}: as recorded, so the table's row is wrong (${row.because})`)
  }
  return [...lines, ...played.faults.map((fault) => `step ${played.key} framing: ${fault}`)]
}

class Scene {
  readonly bindings: Bindings = new Map()
  readonly #recording: Recording
  readonly #stage: Stage
  #socket: RecordedSocket | undefined

  constructor(recording: Recording, stage: Stage) {
    this.#recording = recording
    this.#stage = stage
  }

  async play(step: Step, key: string): Promise<Played[]> {
    // The recorded service wrote in the background every five seconds; here an answer is stored before it is shown.
    if (step.wait_s !== undefined) await sleep(Math.min(step.wait_s, 0.3) * 1000)
    if (step.restart !== undefined) await this.#stage.server.restart()
    if (step.parallel !== undefined) return this.#together(step, key)
    if (step.ws !== undefined) return [await this.#onSocket(step, step.ws, key)]
    this.#socket?.close()
    return step.request === undefined ? [] : [await this.#alone(step, step.request, key)]
  }

  async #onSocket(step: Step, { connect, send }: NonNullable<Step['ws']>, key: string): Promise<Played> {
    const before = this.#stage.upstream.requests.length
    const request = { method: 'WS', path: '/ws', headers: {} }
    const expected = expectedOnSocket(step)
    if (connect !== undefined) {
      this.#socket?.close()
      this.#socket = await RecordedSocket.open(this.#stage.server.url.replace('http', 'ws') + connect)
      return { key, request, expected, actual: { status: null, headers: {}, body: this.#socket.result }, faults: [] }
    }
    const events = asEvents((await this.#socket?.send(send ?? [])) ?? [])
    const upstream = this.#stage.upstream.requests.slice(before).map(observedUpstream)
    return { key, request, expected, actual: { status: null, headers: {}, events, upstream }, faults: [] }
  }

  async #alone(step: Step, request: RecordedRequest, key: string): Promise<Played> {
    const before = this.#stage.upstream.requests.length
    const played = await this.#send(step, request, key)
    if (step.then_wait_s !== undefined) await sleep(Math.min(step.then_wait_s, 2) * 1000)
    const asked = this.#recording.upstream === undefined && isStream(request)
    const upstream = asked ? this.#stage.upstream.requests.slice(before).map(observedUpstream) : undefined
    return { ...played, actual: { ...played.actual, ...(upstream && { upstream }) } }
  }

  async #together(step: Step, key: string): Promise<Played[]> {
    const before = this.#stage.upstream.requests.length
    const steps = step.parallel ?? []
    const played = await Promise.all(
      steps.map(async (part, i) => {
        await sleep((step.start_offsets_s?.[i] ?? 0) * 1000)
        if (part.request === undefined) throw new Error('a parallel step without a request')
        const { actual, expected, ...rest } = await this.#send(part, part.request, `${key}.${i}`)
        const { upstream: _, ...own } = expected
        return { ...rest, actual, expected: own as Outcome }
      }),
    )
    const expected = expectedOutcome({ status: null, headers: {} }, step.upstream_requests ?? [])
    const upstream = this.#stage.upstream.requests.slice(before).map(observedUpstream)
    const all = { key, request: undefined, expected, actual: { status: null, headers: {}, upstream }, faults: [] }
    return [...played, all]
  }

  async #send(step: Step, request: RecordedRequest, key: string): Promise<Played> {
    const asked = this.#recording.upstream === undefined && isStream(request)
    const expected = expectedOutcome(
      step.response ?? { status: null, headers: {} },
      asked ? (step.upstream_requests ?? []) : undefined,
    )
    const body = request.body_raw ?? (request.body === undefined ? undefined : JSON.stringify(request.body))
    const leaveAfterMs = step.client_disconnects_after_s && step.client_disconnects_after_s * 1000
    const got = await exchange(
      this.#stage.server.url,
      {
        method: request.method,
        path: fill(request.path, this.bindings),
        headers: request.headers,
        ...(body !== undefined && { body: fill(body, this.bindings) }),
      },
      leaveAfterMs,
    )
    if (got === undefined) return { key, request, expected, actual: { status: null, headers: {} }, faults: [] }
    const isEventStream = String(got.headers['content-type'] ?? '').startsWith('text/event-stream')
    const frames = isEventStream ? readFrames(got.body) : undefined
    const actual: Outcome = {
      status: got.status,
      headers: comparableHeaders(got.headers),
      ...(frames ? { events: frames.events as unknown as Json } : bodyOf(got.body, expected)),
    }
    const silent = step.response?.sse_raw?.includes(': ping') && frames?.pings === 0
    const faults = [...(frames?.faults ?? []), ...(silent ? ['no heartbeat came where one was recorded'] : [])]
    return { key, request, expected, actual, faults }
  }
}

/** As `body` when it is JSON, else as `text`; nothing where the recording leaves it out. */
function bodyOf(text: string, expected: Outcome): { body?: Json; text?: string } {
  if (!('body' in expected) && !('text' in expected) && !('events' in expected)) return {}
  try {
    return { body: JSON.parse(text) }
  } catch {
    return { text }
  }
}

function isStream(request: RecordedRequest): boolean {
  return request.path === '/agent/message/stream' && request.headers['x-internal-auth'] === internalKey
}
