import { RuntimeError } from '../../domain/errors.ts'
import type { Inputs } from '../inputs/submit.ts'
import type { SessionRef } from '../sessions.ts'

export interface ResumedTurn {
  readonly resumed: boolean
  readonly turnId: string | null
}

/** Goes on with the turn that a crash cut; readers of the session see how. False when the last turn was not interrupted. Throws `not_found`. */
export function createResumeTurn(deps: { readonly inputs: Inputs }) {
  return async (command: SessionRef): Promise<ResumedTurn> => {
    try {
      const input = { ...command, client: null, body: { kind: 'resume' } as const }
      const submitted = await deps.inputs.submit(input, new AbortController().signal)
      const { turnId } = await submitted.taken
      return { resumed: true, turnId }
    } catch (error) {
      if (error instanceof RuntimeError && error.code === 'invalid_input') return { resumed: false, turnId: null }
      throw error
    }
  }
}
