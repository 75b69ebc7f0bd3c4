import { z } from 'zod'
import { toolRow } from './tool-row.ts'

/** Runs in the client where it declares the tool; otherwise the question becomes the answer of the turn (PROTOCOL 5.1). */
export const askFollowupQuestion = toolRow({
  name: 'ask_followup_question',
  description: 'Ask the person one question when the task cannot go on without the answer.',
  class: 'ask',
  executor: 'client',
  offered: true,
  schema: z.looseObject({
    question: z.string().describe('The question.'),
    suggestions: z.array(z.string()).optional().describe('Answers to choose from.'),
  }),
})
