import { createClient } from '@codelab/protocol'
import { expect, test } from 'vitest'
import { startScriptedUpstream } from './scripted-upstream.ts'
import { internalKey, refusedUrl, ServerProcess } from './server-process.ts'

test('a server whose model is away answers with the next one, says so and names no secret', async () => {
  const upstream = await startScriptedUpstream()
  const away = await refusedUrl()
  const models = {
    main: { provider: 'openai', id: 'big', baseUrl: away, apiKeyEnv: 'MAIN_KEY', fallback: ['spare'] },
    spare: {
      provider: 'openai',
      id: 'small',
      baseUrl: upstream.url,
      context: 32_000,
      price: { input: 2, output: 4, cached: 1 },
    },
  }
  await using server = await ServerProcess.start({
    env: {
      CODELAB_MODELS: JSON.stringify(models),
      MAIN_KEY: 'sk-of-the-main-model',
      CODELAB_UPSTREAM_RETRIES: '0',
      CODELAB_BREAKER_FAILURES: '2',
      CODELAB_MULTI_AGENT_MODE: 'false',
    },
  })
  try {
    const client = createClient({ baseUrl: server.url, key: internalKey })
    const ask = async (content: string) => {
      const texts: string[] = []
      for await (const frame of client.stream('s1', { content })) {
        if (frame.event === 'message' && frame.data.type === 'assistant_message') texts.push(frame.data.content ?? '')
        if (frame.event !== 'done' && frame.data.type === 'error') texts.push(frame.data.code)
      }
      return texts
    }
    expect(await ask('hello')).toEqual(['Hello from the scripted model.'])
    expect(await ask('hello again')).toEqual(['Hello from the scripted model.'])
    // Left alone by now: it is not even tried.
    expect(await ask('and again')).toEqual(['Hello from the scripted model.'])

    const list = await client.models()
    expect(list.models).toMatchObject([
      { alias: 'main', id: 'big', default: true, price: null, upstream: { state: 'open' } },
      { alias: 'spare', id: 'small', default: false, context: 32_000, upstream: { state: 'closed' } },
    ])
    expect(JSON.stringify(list)).not.toMatch(/sk-of|http|127\.0\.0\.1/)
    expect(await client.usage('s1')).toMatchObject({
      total: { calls: 6, input_tokens: 30, output_tokens: 15, cost: 0.00012 },
      models: [
        { alias: 'main', calls: 3, cost: 0 },
        { alias: 'spare', calls: 3, cost: 0.00012 },
      ],
    })

    expect((await client.chooseModel('s1', 'spare')).model).toBe('spare')
    expect(await ask('to you')).toEqual(['Hello from the scripted model.'])
    expect((await client.usage('s1')).models).toMatchObject([{ alias: 'main', calls: 3 }, { calls: 4 }])
    await expect(client.chooseModel('s1', 'nobody')).rejects.toMatchObject({
      status: 404,
      message: "There is no model 'nobody'. Known: main, spare",
    })
    expect(upstream.requests.every(({ authHeader }) => authHeader === null)).toBe(true)
    expect(server.output).not.toContain('sk-of')
  } finally {
    await upstream.close()
  }
})
