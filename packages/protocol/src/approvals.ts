import { z } from 'zod'
import { DecidingRule } from './rules.ts'
import { PendingApproval, Timestamp } from './sessions.ts'

export const InboxApproval = PendingApproval.extend({
  session_id: z.string(),
  session_title: z.string().nullable(),
  agent: z.string().describe('Who asks.'),
  words: z.string().describe('What the agent said beside the call: its own words. The first 500 characters.'),
  rule: DecidingRule.nullable().describe('What decided that a person is asked; null where the contract’s policy did.'),
  call_hash: z.string().nullable().describe('Send it back with the decision; null where none was made of the call.'),
  decision: z
    .object({
      status: z.enum(['approved', 'rejected']),
      kind: z.enum(['approve', 'edit', 'reject']).nullable(),
      at: Timestamp.nullable(),
      by: z.string().nullable().describe('Id of the client; null when it named none.'),
      implicit: z.boolean().describe('A tool result, or the next message, stood for it.'),
      feedback: z.string().nullable(),
    })
    .nullable()
    .describe('Null while it waits.'),
}).meta({ id: 'InboxApproval' })
export type InboxApproval = z.infer<typeof InboxApproval>

export const Inbox = z
  .object({
    approvals: z.array(InboxApproval),
    count: z.number().int(),
    waiting: z.number().int().describe('All that wait, not only this page.'),
  })
  .meta({ id: 'Inbox' })
export type Inbox = z.infer<typeof Inbox>
