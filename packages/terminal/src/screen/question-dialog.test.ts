import { describe, expect, it } from 'vitest'
import { KeyDecoder } from './keys.ts'
import { QuestionDialog } from './question-dialog.ts'
import { Style } from './style.ts'

function open(suggestions: readonly string[] = ['8080', '9090']) {
  const answers: (string | undefined)[] = []
  const options = {
    agent: 'coder',
    question: 'Which port?\u001b[2J',
    suggestions,
    style: new Style({ depth: 'none' }),
    shownAt: 0,
  }
  const dialog = new QuestionDialog(options, (answer) => answers.push(answer))
  const type = (text: string, now: number) => {
    const decoder = new KeyDecoder()
    for (const key of [...decoder.push(text), ...decoder.flush()]) dialog.key(key, now)
  }
  return { dialog, answers, type }
}

describe('QuestionDialog', () => {
  it('shows the question and what it offers, nothing that draws', () => {
    const { dialog } = open()
    expect(dialog.view({ columns: 40, rows: 24 }, 2000).rows).toEqual([
      '── ‖ coder asks ─────────── waits 0:02 ─',
      '  Which port?',
      '  [1] 8080',
      '  [2] 9090',
      '> ',
      '  1 to 9 takes an answer   Enter sends',
      '  Esc leaves it unanswered',
    ])
  })

  it('takes a digit, but not at once', () => {
    const { answers, type } = open()
    type('2', 100)
    expect(answers).toEqual([])
    type('2', 600)
    expect(answers).toEqual(['9090'])
  })

  it('takes a typed answer with Enter, digits in it too', () => {
    const { answers, type } = open()
    type('port 1234', 600)
    type('\r', 700)
    expect(answers).toEqual(['port 1234'])
  })

  it('sends nothing empty, and Esc leaves it unanswered', () => {
    const { answers, type } = open()
    type('\r', 600)
    expect(answers).toEqual([])
    type('\u001b', 700)
    expect(answers).toEqual([undefined])
  })
})
