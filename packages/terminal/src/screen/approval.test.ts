import { describe, expect, it } from 'vitest'
import type { ApprovalRequest } from '../conversation/events.ts'
import { type ApprovalAnswer, ApprovalDialog } from './approval.ts'
import { type Key, KeyDecoder } from './keys.ts'
import { Style } from './style.ts'
import { widthOf } from './text.ts'

const style = new Style({ depth: 'none' })
const shownAt = 1000

function request(lines = 1): ApprovalRequest {
  const after = Array.from({ length: lines }, (_, index) => `line ${index + 1}\n`).join('')
  return {
    agent: 'coder',
    call: { callId: 'w1', tool: 'write_file', arguments: { path: 'a.txt', content: after }, requiresApproval: true },
    preview: { kind: 'write', path: 'a.txt', before: null, after, oldDigest: null },
  }
}

function dialog(options: { request?: ApprovalRequest; canEdit?: boolean; isEdited?: boolean } = {}) {
  const answers: ApprovalAnswer[] = []
  const made = new ApprovalDialog(
    {
      request: options.request ?? request(),
      style,
      since: 0,
      shownAt,
      root: '/work/orders',
      canEdit: options.canEdit ?? true,
      isEdited: options.isEdited ?? false,
    },
    (answer) => answers.push(answer),
  )
  const press = (input: string, at: number, lineIsEmpty = true) =>
    new KeyDecoder().push(input).map((key: Key) => made.key(key, at, lineIsEmpty))
  return { made, answers, press }
}

describe('ApprovalDialog', () => {
  it('takes no deciding key in its first 500 ms, nor while the line holds something', () => {
    const { answers, press } = dialog()
    expect(press('a', shownAt + 499)).toEqual([false])
    expect(press('a', shownAt + 5000, false)).toEqual([false])
    expect(answers).toEqual([])
    expect(press('a', shownAt + 500)).toEqual([true])
    expect(answers).toEqual(['approve'])
  })

  it.each(['\r', '\n', '\u001b\u001b', ' ', 'y', '\u0001', '\u001ba', '\u001b[200~a\u001b[201~', '\u0004'])(
    'is not approved by %j',
    (input) => {
      const { answers, press } = dialog()
      press(input, shownAt + 5000)
      expect(answers).toEqual([])
    },
  )

  it('offers only what works', () => {
    const { made, answers, press } = dialog({ canEdit: false })
    const rows = made.view({ columns: 80, rows: 30 }, shownAt).rows
    expect(rows.at(-1)).toBe('  [a]pprove   [r]eject with reason   [w]rap')
    press('eo', shownAt + 5000)
    expect(answers).toEqual([])
  })

  it('shows what was edited and can go back to the original', () => {
    const { made, answers, press } = dialog({ isEdited: true })
    const rows = made.view({ columns: 80, rows: 30 }, 70_000).rows
    expect(rows[0]).toBe('── ‖ write a.txt (new)  +1, edited by you ───────────────────────── waits 1:10 ─')
    press('o', shownAt + 5000)
    expect(answers).toEqual(['original'])
  })

  it('takes two thirds of the window at most, then scrolls', () => {
    const { made, press } = dialog({ request: request(100) })
    const size = { columns: 80, rows: 24 }
    const first = made.view(size, shownAt).rows
    expect(first.length).toBeLessThanOrEqual(16)
    expect(first[1]).toContain('line 1')
    expect(first.join('\n')).toContain('of 100')
    press('\u001b[B\u001b[6~', shownAt)
    expect(made.view(size, shownAt).rows[1]).not.toContain('+ line 1 ')
    for (let i = 0; i < 200; i++) press('\u001b[B', shownAt)
    expect(made.view(size, shownAt).rows.join('\n')).toContain('line 100')
  })

  it('shows the whole of a command, hidden characters written out', () => {
    const command = `echo ${'x'.repeat(100)}; rm -rf \u202e/`
    const call = { callId: 'x', tool: 'execute_command', arguments: { command }, requiresApproval: true }
    const preview = { kind: 'command', command, cwd: '.', timeoutSeconds: 60, shell: true } as const
    const { made } = dialog({ request: { agent: 'coder', call, preview } })
    const { rows } = made.view({ columns: 60, rows: 30 }, shownAt + 3000)
    expect(rows.map((row) => row.trim()).join('')).toContain(`; rm -rf \\u202e/`.replace('; ', '; '))
    expect(rows.every((row) => widthOf(row) <= 60)).toBe(true)
    expect(rows.slice(-4).join('\n')).toMatchInlineSnapshot(`
      "  coder asks because commands need a person
        time-out 60 s, in a shell

        [a]pprove   [e]dit   [r]eject with reason"
    `)
  })
})
