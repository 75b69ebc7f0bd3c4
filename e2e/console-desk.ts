import { createHash } from 'node:crypto'
import { createClient, type StreamChunk } from '../packages/protocol/src/index.ts'

type Call = Extract<StreamChunk, { type: 'tool_call' }>

const tools = ['read_file', 'write_file', 'list_files']
const maxRounds = 20

/** A client with a folder in memory, as a terminal would be one: it runs what it may, shows what would change, and leaves decisions to others. */
export class Desk {
  readonly headers: Readonly<Record<string, string>>
  readonly #client: ReturnType<typeof createClient>
  readonly #files = new Map([
    ['notes.txt', 'one\n'],
    ['README.md', '# A project\n'],
  ])

  constructor(baseUrl: string, key: string) {
    this.headers = { 'x-internal-auth': key }
    this.#client = createClient({ baseUrl, key, client: { id: 'desk', name: 'desk', features: ['preview'], tools } })
  }

  /** Until the turn ended, or waits for a person. */
  async say(sessionId: string, content: string): Promise<void> {
    let calls = await this.#send(sessionId, { type: 'user_message', content })
    for (let round = 0; round < maxRounds && calls.length > 0; round++) {
      const next: Call[] = []
      for (const call of calls) {
        if (call.requires_approval) await this.#show(sessionId, call)
        else
          next.push(
            ...(await this.#send(sessionId, { type: 'tool_result', call_id: call.call_id, ...this.#run(call) })),
          )
      }
      calls = next
    }
  }

  async #send(sessionId: string, message: object): Promise<Call[]> {
    const calls: Call[] = []
    for await (const { event, data } of this.#client.stream(sessionId, message)) {
      if (event === 'message' && data.type === 'tool_call') calls.push(data)
    }
    return calls
  }

  async #show(sessionId: string, { call_id: callId, arguments: values }: Call): Promise<void> {
    const [path, after] = [String(values['path']), String(values['content'])]
    const before = this.#files.get(path)
    const digest = before === undefined ? null : createHash('sha256').update(before).digest('hex')
    const diff = wholeDiff(path, before ?? '', after)
    await this.#client.previewCall(sessionId, callId, { old_sha256: digest, diff, truncated: false })
  }

  #run({ tool_name: tool, arguments: values }: Call): { result: object } | { error: string } {
    if (tool === 'list_files') {
      const items = [...this.#files.keys()].map((name) => ({ name, path: name, type: 'file' }))
      return { result: { success: true, items, total_count: items.length } }
    }
    const content = this.#files.get(String(values['path']))
    if (tool === 'read_file')
      return content === undefined ? { error: 'File not found' } : { result: { success: true, content } }
    this.#files.set(String(values['path']), String(values['content']))
    return { result: { success: true } }
  }
}

/** Every line goes and comes: enough for files of a line. */
function wholeDiff(path: string, before: string, after: string): string {
  const [gone, come] = [before, after].map((text) => text.split('\n').filter(Boolean)) as [string[], string[]]
  const head = `--- a/${path}\n+++ b/${path}\n@@ -1,${gone.length} +1,${come.length} @@\n`
  return head + [...gone.map((line) => `-${line}\n`), ...come.map((line) => `+${line}\n`)].join('')
}
