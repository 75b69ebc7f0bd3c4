import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { refusedUrl } from '../../packages/server/test/server-process.ts'
import { pythonProgram } from '../python-programs.ts'

const startLimitMs = 120_000
export const proxyKey = 'sk-codelab-e2e-0123456789abcdef'

export interface LiteLlm extends AsyncDisposable {
  readonly url: string
}

/** A LiteLLM proxy with `config.yaml`; `relayTo` is the base URL (with `/v1`) behind its model `relay`. */
export async function startLiteLlm(relayTo: string): Promise<LiteLlm> {
  const folder = mkdtempSync(join(tmpdir(), 'codelab-litellm-'))
  const url = await refusedUrl()
  const config = join(import.meta.dirname, 'config.yaml')
  const args = ['--config', config, '--host', '127.0.0.1', '--port', new URL(url).port]
  const child = spawn(pythonProgram('litellm'), args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      LITELLM_MASTER_KEY: proxyKey,
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      SCRIPTED_UPSTREAM_URL: relayTo,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-20_000)
    })
  }
  async function stop() {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  const limit = Date.now() + startLimitMs
  while (!(await answers(`${url}/health/liveliness`))) {
    if (child.exitCode !== null || Date.now() > limit) {
      await stop()
      throw new Error(`LiteLLM did not start:\n${output}`)
    }
    await sleep(200)
  }
  return { url, [Symbol.asyncDispose]: stop }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok
  } catch {
    return false
  }
}
