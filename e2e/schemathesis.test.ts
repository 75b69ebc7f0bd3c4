import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScriptedUpstream, startScriptedUpstream } from '../packages/server/test/scripted-upstream.ts'
import { internalKey, ServerProcess } from '../packages/server/test/server-process.ts'
import { lane } from '../test/lanes.ts'
import { needsPython, pythonProgram } from './python-programs.ts'

const runLimitMs = 240_000
const seed = '20260118'

lane(
  'Schemathesis',
  () => needsPython('schemathesis'),
  () => {
    let upstream: ScriptedUpstream
    let server: ServerProcess
    beforeAll(async () => {
      upstream = await startScriptedUpstream()
      server = await ServerProcess.start({ env: { AGENT_RUNTIME__LLM_PROXY_URL: upstream.url } })
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
      await upstream?.close()
    })

    test(
      'finds no failure over /openapi.json',
      async () => {
        const args = [
          ...['--config-file', fileURLToPath(new URL('schemathesis.toml', import.meta.url))],
          'run',
          `${server.url}/openapi.json`,
          ...['--header', `x-internal-auth: ${internalKey}`],
          ...['--checks', 'all'],
          ...['--phases', 'examples,coverage,fuzzing'],
          ...['--max-examples', '25'],
          ...['--seed', seed],
          ...['--generation-deterministic'],
          ...['--request-timeout', '20'],
          // One: Python 3.11's `ast.parse`, which the tool calls, fails now and then on two threads.
          ...['--workers', '1'],
          '--no-color',
        ]
        const { code, output } = await run(pythonProgram('schemathesis'), args, server.folder)
        expect(code, output.slice(-20_000)).toBe(0)
      },
      runLimitMs,
    )
  },
)

async function run(program: string, args: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  const options = {
    cwd,
    maxBuffer: 64 * 1024 * 1024,
    timeout: runLimitMs,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd },
  }
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, options)
    return { code: 0, output: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string }
    return { code: typeof code === 'number' ? code : 1, output: `${stdout ?? ''}${stderr ?? ''}${String(error)}` }
  }
}
