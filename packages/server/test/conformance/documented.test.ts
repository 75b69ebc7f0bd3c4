import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { internalKey, ServerProcess } from '../server-process.ts'
import { Ide } from '../socket/ide.ts'

// docs/clients.md, as its reader uses it: what is shown is copied.

const page = readFileSync(join(import.meta.dirname, '../../../../docs/clients.md'), 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^ *\`\`\`${language}\n([\\s\\S]*?)^ *\`\`\`$`, 'gm'))].map(([, text = '']) => text)
const commands = blocks('sh').filter((text) => text.startsWith('curl'))

let server: ServerProcess
beforeAll(async () => {
  server = await ServerProcess.start()
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

async function shell(command: string): Promise<string> {
  const here = command.replaceAll('http://127.0.0.1:8001', server.url).replaceAll('KEY', internalKey)
  const { stdout } = await promisify(execFile)('sh', ['-c', here])
  return stdout
}

test('by hand: a message, the result of its call, and the events of both', async () => {
  const [message = '', result = '', events = ''] = commands
  expect(commands).toHaveLength(3)
  const asked = await shell(message)
  expect(asked).toContain('"agent_switched"')
  const callId = /"call_id":"([^"]+)","tool_name":"list_files"/.exec(asked)?.[1] ?? ''
  expect(callId).not.toBe('')
  const answered = await shell(result.replace('call_1', callId))
  expect(answered).toMatch(/"assistant_message"[\s\S]*event: done/)
  const followed = await shell(`${events.trim()} --max-time 1 || true`)
  expect(followed).toMatch(/^event: hello\r?$[\s\S]*event: turn\.ended/m)
})

test('a client of your own: hello, and what is answered', async () => {
  const [said = '', answer = ''] = blocks('json')
  using ide = await Ide.open(`${server.url}/ws/own`)
  ide.knowsAll = true
  ide.sendText(said)
  expect(await ide.next()).toEqual({ ...JSON.parse(answer), session_id: 'own' })
})

test('the settings for a team are taken as they stand', async () => {
  const lines = blocks('sh').find((text) => text.includes('CODELAB_AUTH_URL')) ?? ''
  const pairs = [...lines.matchAll(/^ *([A-Z_]+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value])
  expect(pairs).toHaveLength(5)
  const { config, problems } = await readConfig({ flags: {}, env: Object.fromEntries(pairs), cwd: '/' })
  expect(problems).toEqual([])
  expect(config?.socketAccess).toBe('session-capability')
})
