import { sinceStamp } from '../processes/script.ts'
import { Connection, requestBytes } from './connection.ts'
import { Distribution, type Percentiles } from './distribution.ts'

export interface Turns {
  readonly url: string
  /** Lines of the head, each with its end. */
  readonly headers: string
  /** So many conversations go on at once. */
  readonly atOnce: number
  /** Whichever comes first. */
  readonly seconds: number
  readonly turns?: number
  /** A conversation has so many turns, then another one takes its place. */
  readonly turnsPerSession: number
  /** Begins the ids of sessions: those that were before go on. */
  readonly name: string
  /** Of so many earlier messages, sent along by who talks to a server that remembers nothing. */
  readonly historyOf?: number
  /** Each conversation begins so much after the one before. */
  readonly rampMs?: number
  /** What a client with tools does when the server asks for one. */
  readonly answersCalls?: boolean
}

export interface TurnFigures {
  readonly turns: number
  readonly failed: number
  readonly seconds: number
  readonly wallMs: Percentiles
  readonly firstTokenMs: Percentiles
  /** From the model's write to our read, of every token with a stamp. */
  readonly lagMs: Percentiles
  /** Of one that failed, for who has to find out why. */
  readonly failure?: string
}

export async function runTurns(order: Turns): Promise<TurnFigures> {
  const url = new URL(order.url)
  const wall = new Distribution()
  const first = new Distribution()
  const lag = new Distribution()
  const started = performance.now()
  const until = started + order.seconds * 1000
  let left = order.turns ?? Number.POSITIVE_INFINITY
  let turns = 0
  let failed = 0
  let failure: string | undefined

  async function converse(place: number): Promise<void> {
    if (order.rampMs) await new Promise((resolve) => setTimeout(resolve, place * (order.rampMs ?? 0)))
    let connection = new Connection(url)
    for (let n = 0; left > 0 && performance.now() < until; n++) {
      left -= 1
      const session = `${order.name}-${place}-${Math.floor(n / order.turnsPerSession)}`
      try {
        const said = await turn(connection, session)
        if (said === undefined) turns += 1
        else {
          failed += 1
          failure ??= said.slice(0, 2000)
        }
      } catch (thrown) {
        failed += 1
        failure ??= String(thrown)
        connection.close()
        connection = new Connection(url)
      }
    }
    connection.close()
  }

  /** Undefined when all went well. */
  async function turn(connection: Connection, session: string): Promise<string | undefined> {
    const begun = performance.now()
    let text = await post(
      connection,
      session,
      { type: 'user_message', content: 'Go on, please.', agent_type: 'coder' },
      begun,
    )
    for (let steps = 0; order.answersCalls && steps < 3 && text.includes('"type":"tool_call"'); steps++) {
      const callId = /"call_id":"([^"]+)"/.exec(text)?.[1]
      const waits = text.includes('"requires_approval":true')
      const answer = waits
        ? { type: 'hitl_decision', call_id: callId, decision: 'approve' }
        : { type: 'tool_result', call_id: callId, tool_name: 'read_file', result: 'const answer = 42' }
      text = await post(connection, session, answer)
    }
    wall.add(performance.now() - begun)
    return text.includes('"is_final":true') && text.includes('event: done') && !text.includes('"type":"tool_call"')
      ? undefined
      : text
  }

  async function post(connection: Connection, session: string, message: object, begun?: number): Promise<string> {
    const body = JSON.stringify({ session_id: session, message, ...history(order.historyOf) })
    let carried = ''
    let waitsForFirst = begun !== undefined
    let ended = false
    const bytes = requestBytes(url, 'POST', '/agent/message/stream', order.headers, body)
    const { text } = await connection.send(bytes, (piece) => {
      if (ended) return
      const seen = carried + piece
      const whole = seen.lastIndexOf('\r\n\r\n') + 4
      const frames = seen.slice(0, whole)
      carried = seen.slice(whole)
      if (waitsForFirst && begun !== undefined && frames.includes('"token":"')) {
        waitsForFirst = false
        first.add(performance.now() - begun)
      }
      // The last chunk has the whole text again.
      const last = frames.indexOf('"type":"assistant_message","content":"')
      ended = last >= 0
      const tokens = ended ? frames.slice(0, last) : frames
      for (const [, digits = ''] of tokens.matchAll(/~(\d{9})/g)) lag.add(sinceStamp(digits))
    })
    return text
  }

  await Promise.all(Array.from({ length: order.atOnce }, (_, place) => converse(place)))
  const seconds = (performance.now() - started) / 1000
  return {
    turns,
    failed,
    seconds,
    wallMs: wall.percentiles(),
    firstTokenMs: first.percentiles(),
    lagMs: lag.percentiles(),
    ...(failure !== undefined && { failure }),
  }
}

const histories = new Map<number, object>()

function history(messages = 0): object {
  if (messages === 0) return {}
  let made = histories.get(messages)
  if (!made) {
    const said = Array.from({ length: 8 }, (_, n) => `word${n} `).join('')
    const one = (n: number) =>
      n % 2 === 0 ? { role: 'user', content: 'Go on, please.' } : { role: 'assistant', content: said }
    made = { history: Array.from({ length: messages }, (_, n) => one(n)) }
    if (histories.size < 100) histories.set(messages, made)
  }
  return made
}
