import type { Json, SseEvent } from './replay/recording.ts'

export interface Frames {
  readonly events: SseEvent[]
  readonly pings: number
  /** Where the bytes are not as PROTOCOL 3.3 has them; empty when all is well. */
  readonly faults: string[]
}

const frame = /^event: ([a-z_]+)\r\ndata: ([^\r\n]*)\r\n\r\n/
const ping = /^: ping[^\r\n]*\r\n\r\n/
const keyOrder = [
  'type',
  'content',
  'token',
  'is_final',
  'call_id',
  'tool_name',
  'arguments',
  'requires_approval',
  'error',
  'metadata',
]

/** Reads a stream's bytes the strict way: CRLF, one space after the colon, one `data:` line, nothing outside ASCII, nothing left over. */
export function readFrames(raw: string): Frames {
  const events: SseEvent[] = []
  const faults: string[] = []
  let pings = 0
  let rest = raw
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is the range of ASCII
  const beyond = /[^\u0000-\u007f]/.exec(raw)
  if (beyond) faults.push(`not ASCII: ${JSON.stringify(beyond[0])}`)
  while (rest !== '') {
    const comment = ping.exec(rest)
    const event = comment ? null : frame.exec(rest)
    if (comment) pings += 1
    else if (event) {
      const data = parse(event[2] ?? '')
      if (data === undefined) faults.push(`data is not JSON: ${event[2]}`)
      else {
        events.push({ event: event[1] ?? '', data })
        if (event[1] === 'message') faults.push(...orderFaults(data))
      }
    } else {
      faults.push(`not a frame: ${JSON.stringify(rest.slice(0, 200))}`)
      break
    }
    rest = rest.slice((comment ?? event)?.[0].length)
  }
  return { events, pings, faults }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** PROTOCOL 3.3: null keys are left out of a chunk, and its keys keep the base order (an error's are DESIGN §8's). */
function orderFaults(data: Json): string[] {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return ['a chunk is not an object']
  const faults = Object.entries(data).flatMap(([key, value]) => (value === null ? [`chunk key ${key} is null`] : []))
  const places = Object.keys(data).flatMap((key) => (keyOrder.includes(key) ? [keyOrder.indexOf(key)] : []))
  if (data['type'] !== 'error' && places.some((place, i) => i > 0 && place < (places[i - 1] ?? 0))) {
    faults.push(`chunk keys out of order: ${Object.keys(data).join(', ')}`)
  }
  return faults
}
