import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Conversation } from '../conversation/conversation.ts'
import type { ApprovalRequest, Approver } from '../conversation/events.ts'
import type { ConversationParts } from '../conversation/parts.ts'
import type { ChangeLog } from '../undo/change-log.ts'
import { undoLastTurn } from '../undo/undo-turn.ts'
import type { DemoStage } from './demo-stage.ts'

export interface DemoParts {
  readonly stage: DemoStage
  readonly conversation: Omit<ConversationParts, 'approver' | 'show'>
  readonly changes: ChangeLog
  readonly sessionId: string
  readonly folder: string
  /** Kills the server of the demo; gives its process id. */
  readonly kill: () => Promise<number | undefined>
  /** A moment to read; none where nobody watches. */
  readonly breathe: (ms: number) => Promise<void>
  readonly signal: AbortSignal
}

const file = 'src/limits.js'

/** A chat with real files, whose server is killed while an approval is open. Returns whether all of it came true. */
export async function tellStory(parts: DemoParts): Promise<boolean> {
  const { stage, breathe, signal, sessionId } = parts
  let mustKill = false
  let wasKilled = false

  async function whileItWaits(): Promise<void> {
    await breathe(4000)
    if (!mustKill || signal.aborted) return
    mustKill = false
    const pid = await parts.kill()
    wasKilled = pid !== undefined
    stage.tell(
      `kill -9 ${pid ?? ''}: the server of this chat is gone, in the middle of the turn. The approval is still open.`,
    )
    await breathe(6000)
    stage.tell('Now it is approved. The client starts the server again, and the turn goes on where it was.')
    await breathe(2000)
  }

  const approver: Approver = {
    async decide(request: ApprovalRequest, stop: AbortSignal) {
      if (!request.call.requiresApproval) return { kind: 'approve', by: 'policy' }
      return stage.approve(request, whileItWaits, AbortSignal.any([stop, signal]))
    },
    mayRunOpenCall: async () => false,
  }
  const show = (event: Parameters<DemoStage['show']>[0]) => stage.show(event)
  const conversation = new Conversation({ ...parts.conversation, approver, show }, sessionId)
  signal.addEventListener('abort', () => conversation.leave(), { once: true })

  async function say(text: string): Promise<boolean> {
    if (signal.aborted) return false
    stage.person(text)
    parts.changes.beginTurn(sessionId)
    const { outcome } = await conversation.say(text)
    await breathe(2500)
    return outcome === 'completed' && !signal.aborted
  }

  stage.tell(
    'A small project in a temporary folder, a server of its own, and the demo model: a few rules, no language model.',
  )
  await breathe(3000)
  const hasLooked = await say('What is in this project?')
  mustKill = true
  const hasChanged = hasLooked && (await say(`In ${file} replace perMinute = 5 with perMinute = 20`))
  const hasTested = hasChanged && (await say('run node --test'))
  if (!hasTested) return false
  const isWritten = (await readFile(join(parts.folder, file), 'utf8')).includes('perMinute = 20')
  stage.tell(
    'The tests have passed on what was written. Then the change is taken back, as /undo does it: from copies of its own, never through your Git.',
  )
  await breathe(2500)
  const undone = await undoLastTurn(parts.changes, sessionId)
  const isBack = (await readFile(join(parts.folder, file), 'utf8')).includes('perMinute = 5')
  for (const { path, what } of undone ?? []) stage.tell(`${what}: ${path}`)
  await breathe(1500)
  return wasKilled && isWritten && isBack
}
