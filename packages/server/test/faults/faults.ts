import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, calls, chunk, drip, frames, json, open, says, secret } from './replies.ts'

type Fault = (call: Call) => void | Promise<void>

const half = chunk({ content: 'Half an ' })
export const greeting = 'Привет, мир 🚀'

function status(code: number, headers: object = {}, message = secret): Fault {
  return ({ response }) => json(response, code, { error: { message, type: 'server_error' } }, headers)
}

/** A stream whose body is this, word for word. */
function body(text: string, type?: string): Fault {
  return ({ response }) => {
    open(response, type)
    response.end(text)
  }
}

/** The call again and again: `path` makes each one different or all the same. */
function keepsReading(path: (step: number) => string, usage?: object): Fault {
  return ({ response, step }) => {
    const wanted = {
      id: `call_${path(step)}_${step}`,
      name: 'read_file',
      arguments: JSON.stringify({ path: path(step) }),
    }
    calls(response, [wanted], 'tool_calls', usage)
  }
}

function wants(...wanted: Parameters<typeof calls>[1]): Fault {
  return ({ response, step }) => (step >= wanted.length ? says(response, greeting) : calls(response, wanted))
}

/** Always, however often it is told what is wrong. */
function insists(...wanted: Parameters<typeof calls>[1]): Fault {
  return ({ response }) => calls(response, wanted)
}

const readme = '{"path":"README.md"}'
const bytes = new TextEncoder().encode(frames(greeting))

/** The rows of the table of upstream faults, by name. */
export const faults: Readonly<Record<string, Fault>> = {
  reset: ({ response }) => void response.socket?.resetAndDestroy(),
  rate_limited: status(429, { 'retry-after': '1' }),
  rate_limited_once: ({ response, attempt }) =>
    attempt === 1
      ? json(response, 429, { error: { message: secret } }, { 'retry-after': '1' })
      : says(response, greeting),
  status_500: status(500),
  status_503: status(503),
  status_401: status(401),
  status_403: status(403),
  status_400: status(400),
  context: status(400, {}, `context_length_exceeded ${secret}`),
  hang_headers: () => {},
  hang_first: ({ response }) => open(response),
  hang_mid: ({ response }) => {
    open(response)
    response.write(half)
  },
  heartbeat_stall: async ({ response }) => {
    open(response)
    response.write(half)
    while (!response.destroyed) {
      response.write(': still here\n\n')
      await sleep(50)
    }
  },
  truncate: async ({ response }) => {
    open(response)
    await drip(response, [half], 50)
    response.socket?.resetAndDestroy()
  },
  truncate_clean: body(half),
  malformed_json: body(`data: {"choices": [${secret}\n\n`),
  html: body(`<html><body>${secret}</body></html>`, 'text/html'),
  empty: body(''),
  no_choices: body(`{"choices":[],"note":"${secret}"}`, 'application/json'),
  null_content: body(chunk({ role: 'assistant', content: null }) + chunk({}, 'stop')),
  midstream_error: body(`${half}data: {"error":{"message":"${secret}"}}\n\n`),
  wrong_ctype: body(frames(greeting), 'text/plain'),
  crlf: body(frames(greeting).replaceAll('\n', '\r\n')),
  comments: body(`: hello\n\n${frames(greeting).replaceAll('\n\n', '\n\n: ping\n\n')}`),
  utf8_split: async ({ response }) => {
    open(response)
    await drip(
      response,
      Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(i * 7, i * 7 + 7)),
      1,
    )
    response.end()
  },
  slow_drip: async ({ response }) => {
    open(response)
    await drip(
      response,
      Array.from(greeting, (content) => chunk({ content })),
      100,
    )
    response.end(frames())
  },
  huge_chunk: body(frames('x'.repeat(8 * 1024 * 1024))),
  nul_bytes: body(frames('a\u0000b')),
  lone_surrogate: body(frames('a\ud83db')),
  bad_tool_args: insists({ id: 'bad', name: 'read_file', arguments: '{not json' }),
  unknown_tool: insists({ id: 'odd', name: 'launch_rocket', arguments: '{}' }),
  empty_tool_name: insists({ id: 'nameless', name: '', arguments: '{}' }),
  dup_tool_id: wants(
    { id: 'twin', name: 'read_file', arguments: readme },
    { id: 'twin', name: 'list_files', arguments: '{"path":"."}' },
  ),
  no_tool_id: wants({ name: 'read_file', arguments: readme }),
  fail_n: ({ response, attempt }) =>
    attempt <= 2 ? json(response, 503, { error: { message: secret } }) : says(response, greeting),
  runaway: keepsReading((step) => `file-${step}`),
  same_again: keepsReading(() => 'same'),
  costly: keepsReading((step) => `big-${step}`, { prompt_tokens: 60_000, completion_tokens: 1, total_tokens: 60_001 }),
  length_in_call: ({ response }) =>
    calls(response, [{ id: 'long', name: 'write_file', arguments: '{"path":"a.md","content":"# A lo' }], 'length'),
  cut_arguments: insists({ id: 'cut', name: 'write_file', arguments: '{"path":"a.md","content":"# A lo' }),
}
