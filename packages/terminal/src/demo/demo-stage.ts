import type { ApprovalRequest, ConversationEvent, Decision } from '../conversation/events.ts'
import { type ApprovalAnswer, ApprovalDialog } from '../screen/approval.ts'
import type { ChatScreen } from '../screen/chat-screen.ts'
import { describeCall } from '../screen/describe-call.ts'
import type { PlainScreen } from '../screen/plain-screen.ts'
import type { Style } from '../screen/style.ts'

/** Where the story is shown: a live screen, or plain lines. */
export interface DemoStage {
  /** A word of the narrator. */
  tell(text: string): void
  person(text: string): void
  show(event: ConversationEvent): void
  /** Shows the approval while `meanwhile` runs, then approves. */
  approve(request: ApprovalRequest, meanwhile: () => Promise<void>, signal: AbortSignal): Promise<Decision>
}

const approved: Decision = { kind: 'approve', by: 'the demo' }
const refused: Decision = { kind: 'reject', by: 'you', feedback: '' }

export function liveStage(screen: ChatScreen, root: string, now: () => number): DemoStage {
  return {
    tell: (text) => screen.print(screen.transcript.narrated(text, screen.columns)),
    person: (text) => screen.print(screen.transcript.person(text, screen.columns)),
    show: (event) => screen.show(event),
    async approve(request, meanwhile, signal) {
      const shownAt = now()
      const { style } = screen
      const options = { request, style, since: shownAt, shownAt, root, canEdit: false, isEdited: false }
      const over = new AbortController()
      const ended = AbortSignal.any([signal, over.signal])
      const asked = screen.ask<ApprovalAnswer | undefined>(
        (settle) => new ApprovalDialog(options, settle),
        undefined,
        ended,
      )
      // The person may decide at once; the story goes on by itself otherwise.
      const answer = await Promise.race([asked, meanwhile().then(() => 'approve' as const)])
      over.abort()
      if (signal.aborted) return refused
      return answer === 'reject' ? { ...refused, feedback: 'Not now.' } : approved
    },
  }
}

export function plainStage(screen: PlainScreen, columns: number, style: Style): DemoStage {
  return {
    tell: (text) => screen.print(screen.transcript.narrated(text, columns)),
    person: (text) => screen.print(screen.transcript.person(text, columns)),
    show: (event) => screen.show(event),
    async approve(request, meanwhile, signal) {
      screen.print(screen.transcript.lines(describeCall(request, style)))
      await meanwhile()
      return signal.aborted ? refused : approved
    },
  }
}
