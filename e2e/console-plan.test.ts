import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient } from '../packages/protocol/src/index.ts'
import { json, startUpstream } from '../packages/server/test/contract/scripted-server.ts'
import { internalKey, ServerProcess } from '../packages/server/test/server-process.ts'
import { lane } from '../test/lanes.ts'
import { ConsolePage, needsChromium } from './console-page.ts'

const plan = '# A delete command\n\n1. Add `delete` to **main.ts**\n2. Test it'
const saidByCoder = 'The first step is done.'

/** The architect hands over with its plan; whoever has the result of that is the coder. */
function reply({ body }: { readonly body: unknown }) {
  const { messages = [] } = body as { messages?: readonly { role: string }[] }
  const call = { mode: 'coder', reason: 'The plan stands', plan }
  const handsOver = {
    content: 'This is how it can be done.',
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'switch_mode', arguments: JSON.stringify(call) } }],
  }
  const isCoder = messages.at(-1)?.role === 'tool'
  const message = isCoder ? { content: saidByCoder } : handsOver
  return json({ choices: [{ message, finish_reason: isCoder ? 'stop' : 'tool_calls' }] })
}

lane('chromium', needsChromium, () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>
  let server: ServerProcess
  beforeAll(async () => {
    upstream = await startUpstream(reply)
    const env = { OPENAI_BASE_URL: `${upstream.url}/v1`, OPENAI_API_KEY: 'sk-test', CODELAB_MODEL: 'openai:m' }
    server = await ServerProcess.start({ replicas: 1, postgres: false, env })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await upstream.close()
  })

  async function planned(sessionId: string): Promise<void> {
    const tools = ['read_file', 'write_file', 'switch_mode']
    const client = createClient({ baseUrl: server.url, key: internalKey, client: { id: 'desk', name: 'desk', tools } })
    const message = { type: 'user_message', content: 'Plan a delete command', agent_type: 'architect' }
    for await (const _ of client.stream(sessionId, message));
  }

  it('shows the plan of the architect, and approving it hands over to the coder', async () => {
    await planned('plan')
    await using opened = await ConsolePage.open(server.url, 'session/plan')
    const { page, faults } = opened
    const card = page.locator('.appr')
    await card.locator('.plan strong', { hasText: 'main.ts' }).waitFor()
    expect(await card.innerText()).toContain('Plan: A delete command')
    await page.getByRole('button', { name: /Approve/ }).click()
    await page.getByText(saidByCoder).first().waitFor()
    expect(await page.locator('main').innerText()).toMatch(/Architect[\s\S]*Coder/)
    expect(await page.locator('.appr').count()).toBe(0)
    expect(faults).toEqual([])
  })

  it('is used over a network that takes half a second for everything', async () => {
    await planned('slow')
    await using opened = await ConsolePage.open(server.url, 'inbox')
    const { page, faults } = opened
    const network = await page.context().newCDPSession(page)
    const bytesPerSecond = 40 * 1024
    await network.send('Network.enable')
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 500,
      downloadThroughput: bytesPerSecond,
      uploadThroughput: bytesPerSecond,
    })
    await page.goto(`${server.url}/#/session/slow`)
    await page.locator('.appr .plan').waitFor()
    await page.getByRole('button', { name: /Approve/ }).click()
    await page.getByText(saidByCoder).first().waitFor()
    expect(await page.locator('.appr').count()).toBe(0)
    expect(await page.getByText(saidByCoder).count()).toBe(1)
    expect(faults).toEqual([])
  })
})
