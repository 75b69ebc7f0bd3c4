import type { ToolCallPatch, ToolCallStore } from '../../../application/ports/store.ts'
import type { Ruling } from '../../../domain/rules.ts'
import type { Approval, ToolCall } from '../../../domain/tool-call.ts'
import type { Queries, ToolCallRow } from './schema.ts'
import { flag, literal } from './values.ts'

export function createToolCallStore(db: Queries): ToolCallStore {
  const of = (sid: string) => db.selectFrom('tool_calls').where('sid', '=', sid)

  return {
    async create(call) {
      await db
        .insertInto('tool_calls')
        .values({
          sid: call.sid,
          call_id: call.callId,
          turn_id: call.turnId,
          message_id: call.messageId,
          call_index: call.index,
          tool: call.tool,
          agent: call.agent,
          arguments_json: call.argumentsJson,
          edited_json: call.editedJson,
          state: call.state,
          ...approvalColumns(call.approval),
          created_at: call.createdAt,
          dispatched_at: call.dispatchedAt,
          answered_at: call.answeredAt,
          failed: call.failed === null ? null : flag(call.failed),
          result_message_id: call.resultMessageId,
          synthetic_reason: call.syntheticReason,
          ruling: call.ruling && JSON.stringify(call.ruling),
          shown_hash: call.shownHash,
          lowered: flag(call.lowered),
          parent_call_id: call.parentCallId,
          dispatched_by: call.dispatchedBy,
          held_by: call.heldBy,
        })
        .execute()
    },

    async find(sid, callId) {
      const row = await of(sid).selectAll().where('call_id', '=', callId).executeTakeFirst()
      return row && toToolCall(row)
    },

    async existing(sid, callIds) {
      if (callIds.length === 0) return new Set()
      const rows = await of(sid).select('call_id').where('call_id', 'in', callIds).execute()
      return new Set(rows.map((row) => row.call_id))
    },

    async listByIds(sid, callIds) {
      if (callIds.length === 0) return []
      const rows = await of(sid).selectAll().where('call_id', 'in', callIds).orderBy('position').execute()
      return rows.map(toToolCall)
    },

    async listByMessage(sid, messageId) {
      const rows = await of(sid)
        .selectAll()
        .where('message_id', '=', messageId)
        .orderBy('call_index')
        .orderBy('position')
        .execute()
      return rows.map(toToolCall)
    },

    async list(sid, filter) {
      let query = of(sid).selectAll().orderBy('position')
      if (filter !== 'all') query = query.where('state', 'in', literal.open)
      if (filter === 'pending') query = query.where('state', '=', 'awaiting_approval')
      return (await query.execute()).map(toToolCall)
    },

    async newest(ownerId, sid, limit) {
      let newest = db.selectFrom('tool_calls').selectAll().orderBy('position', 'desc').limit(limit)
      if (sid !== undefined) newest = newest.where('sid', '=', sid)
      const rows = await db
        .selectFrom(newest.as('tool_calls'))
        .innerJoin('sessions', 'sessions.sid', 'tool_calls.sid')
        .selectAll('tool_calls')
        .select('sessions.external_id')
        .where('sessions.owner_id', '=', ownerId)
        .where('sessions.deleted_at', 'is', null)
        .orderBy('tool_calls.position', 'desc')
        .execute()
      return rows.map((row) => ({ call: toToolCall(row), externalId: row.external_id }))
    },

    async update(sid, callId, from, patch) {
      const { numUpdatedRows } = await db
        .updateTable('tool_calls')
        .set({ state: patch.state ?? from, ...toColumns(patch) })
        .where('sid', '=', sid)
        .where('call_id', '=', callId)
        .where('state', '=', from)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
  }
}

function toColumns(patch: ToolCallPatch): Partial<ToolCallRow> {
  return {
    ...(patch.editedJson !== undefined && { edited_json: patch.editedJson }),
    ...(patch.ruling !== undefined && { ruling: patch.ruling && JSON.stringify(patch.ruling) }),
    ...(patch.approval !== undefined && approvalColumns(patch.approval)),
    ...(patch.dispatchedAt !== undefined && { dispatched_at: patch.dispatchedAt }),
    ...(patch.dispatchedBy !== undefined && { dispatched_by: patch.dispatchedBy }),
    ...(patch.heldBy !== undefined && { held_by: patch.heldBy }),
    ...(patch.answeredAt !== undefined && { answered_at: patch.answeredAt }),
    ...(patch.failed !== undefined && { failed: patch.failed === null ? null : flag(patch.failed) }),
    ...(patch.syntheticReason !== undefined && { synthetic_reason: patch.syntheticReason }),
    ...(patch.resultMessageId !== undefined && { result_message_id: patch.resultMessageId }),
  }
}

function approvalColumns(approval: Approval | null) {
  return {
    approval_status: approval?.status ?? null,
    approval_reason: approval?.reason ?? null,
    approval_decision: approval?.decision ?? null,
    approval_implicit: flag(approval?.implicit ?? false),
    approval_feedback: approval?.feedback ?? null,
    approval_decided_by: approval?.decidedBy ?? null,
    approval_decided_at: approval?.decidedAt ?? null,
  }
}

export function toToolCall(row: ToolCallRow): ToolCall {
  return {
    sid: row.sid,
    callId: row.call_id,
    turnId: row.turn_id,
    messageId: row.message_id,
    index: row.call_index,
    tool: row.tool,
    agent: row.agent,
    argumentsJson: row.arguments_json,
    editedJson: row.edited_json,
    state: row.state,
    approval: toApproval(row),
    createdAt: row.created_at,
    dispatchedAt: row.dispatched_at,
    dispatchedBy: row.dispatched_by,
    heldBy: row.held_by,
    answeredAt: row.answered_at,
    failed: row.failed === null ? null : row.failed === 1,
    resultMessageId: row.result_message_id,
    syntheticReason: row.synthetic_reason,
    ruling: row.ruling === null ? null : (JSON.parse(row.ruling) as Ruling),
    shownHash: row.shown_hash,
    lowered: row.lowered === 1,
    parentCallId: row.parent_call_id,
  }
}

function toApproval(row: ToolCallRow): Approval | null {
  if (row.approval_status === null) return null
  return {
    status: row.approval_status,
    reason: row.approval_reason,
    decision: row.approval_decision,
    implicit: row.approval_implicit === 1,
    feedback: row.approval_feedback,
    decidedBy: row.approval_decided_by,
    decidedAt: row.approval_decided_at,
  }
}
