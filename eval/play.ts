import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { internalKey, ServerProcess } from '../packages/server/test/server-process.ts'
import { startScriptedModel } from './scripted-model.ts'
import type { ClientCall, End, Task } from './task.ts'
import { TaskWorkspace } from './workspace.ts'

const launcher = join(import.meta.dirname, '../bin/codelab.js')
const scriptedMs = 60_000
const realMs = 900_000

/** How a task went; `reason` says what was wrong. */
export interface Outcome {
  readonly task: Task
  readonly passed: boolean
  readonly reason: string
  readonly seconds: number
  readonly calls: number
  readonly tokens: { readonly in: number; readonly out: number; readonly cached: number } | null
}

/** Does the task with the built server and the built client: with the model of these settings, else with the task's own script. */
export async function play(task: Task, settings: Readonly<Record<string, string>> | undefined): Promise<Outcome> {
  using workspace = new TaskWorkspace(task.files)
  await using model = settings
    ? undefined
    : await startScriptedModel(task.script(), (request) => task.meanwhile?.(workspace, request))
  const env = settings ?? { OPENAI_API_KEY: 'sk-none', OPENAI_BASE_URL: model?.url ?? '', CODELAB_MODEL: 'scripted' }
  await using server = await ServerProcess.start({ env })
  const begun = performance.now()
  const output = await runClient(task, workspace, server.url, settings ? realMs : scriptedMs)
  const seconds = (performance.now() - begun) / 1000
  const { end, answer, calls, tokens } = readLines(output)
  const facts = { task, seconds, calls: calls.length, tokens }
  try {
    const faults = model?.faults ?? []
    if (faults.length > 0) throw new Error(faults.join('\n'))
    checkEnd(task, end)
    await task.check({ workspace, answer, end, calls })
    return { ...facts, passed: true, reason: '' }
  } catch (error) {
    return { ...facts, passed: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

function checkEnd({ ends = 'completed' }: Task, end: End): void {
  const wanted = ends === 'completed' ? 'completed' : ends.code
  const found = ends === 'completed' ? end.outcome : end.code
  if (found !== wanted) throw new Error(`ended with ${found ?? end.outcome} and not with ${wanted}: ${end.message}`)
}

async function runClient(task: Task, workspace: TaskWorkspace, url: string, limitMs: number): Promise<string> {
  const rules = [
    ...(task.allow ?? []).flatMap((rule) => ['--allow', rule]),
    ...(task.deny ?? []).flatMap((rule) => ['--deny', rule]),
  ]
  const args = [launcher, 'run', '--json', '--agent', task.agent, ...rules, task.request]
  const child = spawn(process.execPath, args, {
    cwd: workspace.folder,
    env: { ...workspace.env, CODELAB_URL: url, CODELAB_INTERNAL_API_KEY: internalKey },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.resume()
  await once(child, 'close')
  return output
}

interface Line {
  readonly type: string
  readonly [field: string]: unknown
}

function readLines(output: string) {
  const lines = output
    .split('\n')
    .filter(Boolean)
    .map((line): Line => JSON.parse(line))
  const results = new Map(lines.filter(({ type }) => type === 'tool.result').map((line) => [line['call_id'], line]))
  const calls = lines
    .filter(({ type }) => type === 'tool.call')
    .map((line): ClientCall => {
      const result = results.get(line['call_id'])
      return {
        tool: String(line['tool']),
        arguments: line['arguments'] as Readonly<Record<string, unknown>>,
        ok: result ? result['ok'] === true : null,
      }
    })
  const last = lines.at(-1)
  const end: End = {
    outcome: String(last?.['outcome'] ?? last?.type ?? 'nothing'),
    code: typeof last?.['code'] === 'string' ? last['code'] : null,
    message: String(last?.['message'] ?? ''),
  }
  const answer = String(lines.findLast(({ type }) => type === 'message')?.['text'] ?? '')
  return { end, answer, calls, tokens: (last?.['tokens'] ?? null) as Outcome['tokens'] }
}
