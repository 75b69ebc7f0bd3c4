import type { ConversationEvent } from '../conversation/events.ts'
import type { WaitingRow } from './chat-input.ts'
import type { DialogHost } from './dialog.ts'
import type { Style } from './style.ts'
import type { Transcript } from './transcript.ts'

/** What a chat needs of whatever shows it: a screen that is redrawn, or lines one after the other. */
export interface ChatView extends DialogHost {
  readonly style: Style
  readonly columns: number
  readonly transcript: Transcript
  /** What stands in the line. */
  draft: string
  /** What the person said. */
  person(text: string): void
  print(lines: readonly string[]): void
  notice(text: string): void
  show(event: ConversationEvent): void
  setStatus(status: Partial<{ agent: string; model: string; session: string; context: string }>): void
  setWaiting(rows: readonly WaitingRow[]): void
  showRunning(rows: (now: number) => readonly string[]): { end(): void }
}
