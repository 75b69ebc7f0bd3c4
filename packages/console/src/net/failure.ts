import { ApiError } from '@codelab/protocol'
import { common } from '../i18n/common.ts'
import { wordsNow } from '../i18n/language.ts'

/** What a person is told of an error: the server's own text where it sent one. */
export interface Told {
  readonly text: string
  readonly requestId?: string
}

export function tell(error: unknown): Told {
  if (error instanceof ApiError) {
    return { text: error.message, ...(error.requestId === undefined ? {} : { requestId: error.requestId }) }
  }
  if (error instanceof TypeError) return { text: wordsNow(common).unreachable }
  return { text: error instanceof Error ? error.message : wordsNow(common).failed }
}
