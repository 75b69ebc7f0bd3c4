import { readdirSync, readFileSync } from 'node:fs'
import type { UpstreamRequest } from '../scripted-upstream.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export interface SseEvent {
  readonly event: string
  readonly data: Json
}

export interface RecordedResponse {
  /** Null when the client left before the end. */
  readonly status: number | null
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Json
  readonly body_text?: string
  readonly sse_raw?: string
  readonly events?: readonly SseEvent[]
}

export interface RecordedUpstreamRequest {
  readonly kind: UpstreamRequest['kind']
  readonly auth_header: string
  readonly model: string
  readonly stream: boolean
  readonly messages: readonly { [key: string]: Json }[]
  readonly tools?: readonly string[]
  readonly [field: string]: Json | readonly unknown[] | undefined
}

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Json
  readonly body_raw?: string
}

/** One step; which fields are set says which kind (see the README beside the recordings). */
export interface Step {
  readonly request?: RecordedRequest
  readonly response?: RecordedResponse
  readonly upstream_requests?: readonly RecordedUpstreamRequest[]
  readonly client_disconnects_after_s?: number
  readonly then_wait_s?: number
  readonly wait_s?: number
  readonly restart?: string
  readonly runtime?: string
  readonly parallel?: readonly Step[]
  readonly start_offsets_s?: readonly number[]
  /** A step on a socket: it is opened, or texts are sent on the one that is open. */
  readonly ws?: { readonly connect?: string; readonly send?: readonly string[] }
  /** What came of opening it. */
  readonly result?: 'accepted' | { readonly rejected: string }
  /** What came until there was a second of silence. */
  readonly frames?: readonly string[]
}

export interface Recording {
  readonly name: string
  readonly description: string
  readonly target: 'runtime' | 'stage5' | 'gateway'
  readonly tags: readonly string[]
  readonly fresh_state: boolean
  readonly upstream?: string
  readonly steps: readonly Step[]
}

const folder = new URL('../fixtures/recordings/', import.meta.url)

export function loadRecordings(): Recording[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return files.sort().map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
}
