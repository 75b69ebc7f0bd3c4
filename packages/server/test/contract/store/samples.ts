import type { ModelCall, NewSession, Transaction } from '../../../src/application/ports/store.ts'
import type { Grant } from '../../../src/domain/grant.ts'
import type { Run, StoredMessage } from '../../../src/domain/session.ts'
import type { Approval, ToolCall } from '../../../src/domain/tool-call.ts'

export const OWNER = 'service'

export function newSession(sid: string, differing: Partial<NewSession> = {}): NewSession {
  return { sid, ownerId: OWNER, externalId: `ext-${sid}`, createdAt: 1_000, currentAgent: 'orchestrator', ...differing }
}

export function newMessage(
  sid: string,
  id: string,
  differing: Partial<StoredMessage> = {},
): Omit<StoredMessage, 'position'> {
  return {
    id,
    sid,
    turnId: 'turn-1',
    createdAt: 2_000,
    agent: null,
    status: 'complete',
    role: 'user',
    parts: [{ type: 'text', text: `text of ${id}` }],
    ...differing,
  }
}

export function newCall(sid: string, callId: string, differing: Partial<ToolCall> = {}): ToolCall {
  return {
    sid,
    callId,
    turnId: 'turn-1',
    messageId: 'message-1',
    index: 0,
    tool: 'read_file',
    agent: 'coder',
    argumentsJson: '{"path": "a.py"}',
    editedJson: null,
    state: 'open',
    approval: null,
    createdAt: 3_000,
    dispatchedAt: null,
    dispatchedBy: null,
    heldBy: null,
    answeredAt: null,
    failed: null,
    resultMessageId: null,
    syntheticReason: null,
    ruling: null,
    shownHash: null,
    lowered: false,
    parentCallId: null,
    ...differing,
  }
}

export function newGrant(id: string, differing: Partial<Grant> = {}): Grant {
  return {
    id,
    ownerId: OWNER,
    sid: 's1',
    project: null,
    madeIn: 's1',
    tool: 'execute_command',
    pattern: 'npm test *',
    effect: 'allow',
    createdAt: 5_000,
    createdBy: null,
    ...differing,
  }
}

export function pendingApproval(differing: Partial<Approval> = {}): Approval {
  return {
    status: 'pending',
    reason: 'File modification requires user approval',
    decision: null,
    implicit: false,
    feedback: null,
    decidedBy: null,
    decidedAt: null,
    ...differing,
  }
}

export type NewRun = Parameters<Transaction['runs']['create']>[0]

export function newRun(sid: string, runId: string, differing: Partial<Run> = {}): NewRun {
  return { runId, sid, turnId: 'turn-1', agent: 'coder', inputKind: 'message', startedAt: 4_000, ...differing }
}

export function newModelCall(sid: string, id: string, differing: Partial<ModelCall> = {}): ModelCall {
  return {
    id,
    sid,
    turnId: 'turn-1',
    runId: 'run-1',
    purpose: 'answer',
    agent: 'coder',
    alias: 'demo',
    insteadOf: null,
    provider: 'demo',
    model: 'demo-1',
    answeredBy: null,
    at: 5_000,
    inputTokens: 1_200,
    cachedTokens: 1_000,
    outputTokens: 30,
    reasoningTokens: 4,
    cost: 0.0125,
    firstTokenMs: 120.5,
    durationMs: 840,
    finish: 'stop',
    attempts: 1,
    toolCalls: 0,
    callsInText: false,
    errorCode: null,
    errorText: null,
    prefixHash: 'abc',
    estimatedTokens: 90,
    contextTokens: null,
    ...differing,
  }
}
