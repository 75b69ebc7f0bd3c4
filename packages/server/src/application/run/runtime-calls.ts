import { readArtifact } from '../../domain/artifact.ts'
import type { ToolCall } from '../../domain/tool-call.ts'
import type { Transaction } from '../ports/store.ts'

export interface RuntimeAnswer {
  readonly failed: boolean
  /** What the model reads. */
  readonly text: string
}

/** Answers a call that no client runs, from what is stored of the session. */
export async function answerRuntimeCall(
  tx: Transaction,
  { sid, tool }: Pick<ToolCall, 'sid' | 'tool'>,
  args: Readonly<Record<string, unknown>>,
): Promise<RuntimeAnswer> {
  switch (tool) {
    case 'read_artifact':
      return await answerReadArtifact(tx, sid, args)
    default:
      return { failed: true, text: `Error: Tool '${tool}' is not available` }
  }
}

async function answerReadArtifact(
  tx: Transaction,
  sid: string,
  args: Readonly<Record<string, unknown>>,
): Promise<RuntimeAnswer> {
  const callId = String(args['call_id'])
  const call = await tx.calls.find(sid, callId)
  if (!call) return failed(`There is no call '${callId.slice(0, 200)}' in this conversation.`)
  const text = (await tx.artifacts.find(sid, callId)) ?? (await resultText(tx, call))
  if (text === undefined) return failed(`The call '${callId}' has no result yet.`)
  const start = typeof args['start_line'] === 'number' ? args['start_line'] : 1
  const end = typeof args['end_line'] === 'number' ? args['end_line'] : undefined
  const read = readArtifact({ callId, tool: call.tool, text }, { start, end })
  return read.ok ? { failed: false, text: read.text } : failed(read.text)
}

/** A result that was short enough is stored once, with its message. */
async function resultText(tx: Transaction, call: ToolCall): Promise<string | undefined> {
  if (call.resultMessageId === null) return undefined
  const [message] = await tx.messages.listByIds(call.sid, [call.resultMessageId])
  const [part] = message?.parts ?? []
  return part?.type === 'tool-result' ? part.text : undefined
}

function failed(text: string): RuntimeAnswer {
  return { failed: true, text: `Error: ${text}` }
}
