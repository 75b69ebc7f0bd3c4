import type { ApprovalRequest, Approver, Decision, Question } from '../conversation/events.ts'
import { diffTexts } from '../conversation/file-change.ts'
import type { OfferedRule } from '../screen/always-dialog.ts'
import type { RuleMaker } from '../screen/ask-person.ts'
import { callSubject } from '../screen/call-words.ts'
import type { ChatView } from '../screen/chat-view.ts'
import { describeCall } from '../screen/describe-call.ts'
import { renderDiff } from '../screen/diff.ts'
import { clean, plural } from '../screen/text.ts'

export interface WordsParts {
  readonly view: ChatView
  /** The next line that the person types; undefined when there is none any more. */
  readonly nextLine: () => Promise<string | undefined>
  readonly rules: RuleMaker
  /** A diff is heard only when it is asked for. */
  readonly isSpoken: boolean
}

const nobody: Decision = { kind: 'reject', by: 'you', feedback: '' }
const diffWidth = 100

/** Asks with words and a whole line as the answer; an empty line, and the end of input, decide nothing good. */
export function askInWords(parts: WordsParts): Approver {
  return {
    decide: (request, signal) => decide(parts, request, signal),
    answer: (question, signal) => answer(parts, question, signal),
    async mayRunOpenCall(request, why, signal) {
      parts.view.notice(
        why === 'started'
          ? 'This call was started before and may have run.'
          : 'This call is open since another folder.',
      )
      return (await decide(parts, request, signal)).kind === 'approve'
    },
  }
}

async function decide(parts: WordsParts, request: ApprovalRequest, signal: AbortSignal): Promise<Decision> {
  const { view, isSpoken } = parts
  view.print(view.transcript.lines(isSpoken ? spokenRequest(request) : describeCall(request, view.style)))
  while (!signal.aborted) {
    view.notice(
      `Type a to approve, r to reject, l for always${isSpoken ? ', d to hear the diff' : ''}. r REASON tells why.`,
    )
    const line = await parts.nextLine()
    if (line === undefined || signal.aborted) break
    const text = line.trim()
    if (/^a(pprove)?$/i.test(text)) return { kind: 'approve', by: 'you' }
    const rejected = /^r(?:eject)?(?:\s+(.*))?$/i.exec(text)
    if (rejected) return { kind: 'reject', by: 'you', feedback: rejected[1] ?? '' }
    if (/^d(iff)?$/i.test(text)) view.print(view.transcript.lines(diffLines(request, view)))
    if (/^(l|always)$/i.test(text)) {
      const rule = await always(parts, request)
      if (rule !== undefined) return { kind: 'approve', by: 'you' }
    }
  }
  return nobody
}

function spokenRequest({ call, preview, agent, reason }: ApprovalRequest): string[] {
  const why = reason ? [`${clean(agent)} asks: ${clean(reason).replace(/\.$/, '')}.`] : []
  if (preview.kind === 'write') {
    const { added, removed } = diffTexts(preview.before, preview.after)
    return [
      `Approval needed: write ${clean(preview.path)}, ${plural(added, 'line')} added, ${removed} removed.`,
      ...why,
    ]
  }
  if (preview.kind === 'command')
    return [`Approval needed: run ${clean(preview.command)}, in ${clean(preview.cwd)}.`, ...why]
  if (preview.kind === 'handoff')
    return [`Approval needed: hand over to ${clean(preview.agent)}. ${clean(preview.why)}`, ...why]
  return [`Approval needed: ${clean(call.tool).replaceAll('_', ' ')} ${callSubject(call)}.`, ...why]
}

function diffLines({ preview }: ApprovalRequest, view: ChatView): string[] {
  if (preview.kind !== 'write') return ['No preview.']
  const { rows } = diffTexts(preview.before, preview.after)
  if (!view.style.ascii) return renderDiff({ added: 0, removed: 0, rows }, diffWidth, view.style, { wrapped: true })
  const words = { added: 'Added', removed: 'Removed', context: 'Unchanged' } as const
  return rows.flatMap((row) => {
    if (!('parts' in row)) return []
    const number = row.after ?? row.before
    return [`${words[row.kind]}, line ${number}: ${clean(row.parts.map(({ text }) => text).join(''))}`]
  })
}

async function always(parts: WordsParts, { call }: ApprovalRequest): Promise<string | undefined> {
  const offered = await parts.rules.offer(call.callId)
  if (!offered) return undefined
  const place = (rule: OfferedRule) => (rule.scope === 'session' ? 'in this session' : 'in this project')
  parts.view.notice(
    [
      'Always allow:',
      ...offered.map((rule, index) => `${index + 1}  ${place(rule)}  ${clean(rule.text)}`),
      'Type the number, or anything else to go back.',
    ].join('\n'),
  )
  const rule = offered[Number((await parts.nextLine())?.trim()) - 1]
  return rule && parts.rules.make(rule)
}

async function answer(parts: WordsParts, question: Question, signal: AbortSignal): Promise<string | undefined> {
  const { view } = parts
  const offered = question.suggestions.map((text, index) => `${index + 1}  ${clean(text)}`)
  view.notice(
    [`${clean(question.agent)} asks: ${clean(question.question)}`, ...offered, 'Type the answer, or its number.'].join(
      '\n',
    ),
  )
  const line = (await parts.nextLine())?.trim()
  if (!line || signal.aborted) return undefined
  return question.suggestions[Number(line) - 1] ?? line
}
