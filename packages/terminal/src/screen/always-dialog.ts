import type { RuleSuggestion } from '@codelab/protocol'
import { titledRule } from './approval.ts'
import type { Dialog, DialogView } from './dialog.ts'
import { settleMs } from './dialog.ts'
import type { Key } from './keys.ts'
import type { Size } from './live-area.ts'
import type { Style } from './style.ts'
import { clean, cut } from './text.ts'

export type OfferedRule = RuleSuggestion

const maxRules = 9
const places: Readonly<Record<OfferedRule['scope'], string>> = {
  session: 'in this session',
  project: 'in this project',
}

/** The rules that would let a call pass, narrowest first; a digit takes one, nothing is chosen before. */
export class AlwaysDialog implements Dialog {
  readonly waits = true
  readonly #options: { style: Style; subject: string; rules: readonly OfferedRule[]; shownAt: number }
  readonly #settle: (rule: OfferedRule | undefined) => void

  constructor(
    options: { style: Style; subject: string; rules: readonly OfferedRule[]; shownAt: number },
    settle: (rule: OfferedRule | undefined) => void,
  ) {
    this.#options = options
    this.#settle = settle
  }

  view(size: Size): DialogView {
    const { style, subject, rules } = this.#options
    const { more } = style.marks
    const paint = (text: string) => style.paint('wait', text)
    const head = `${paint(style.marks.waits)} ${style.bold(cut(subject, size.columns - 12, more))}`
    const offered = rules.slice(0, maxRules).map((rule, index) => {
      const line = `${style.bold(`[${index + 1}]`)} ${places[rule.scope]}   ${clean(rule.text)}`
      return cut(`${style.indent}${line}`, size.columns, more)
    })
    return {
      rows: [
        titledRule(head, '', size.columns, style, paint),
        `${style.indent}Always allow`,
        ...offered,
        `${style.indent}${style.bold('[Esc]')} back`,
      ],
    }
  }

  key(key: Key, now: number, lineIsEmpty: boolean): boolean {
    if (!lineIsEmpty) return false
    if (key.name === 'escape') this.#settle(undefined)
    else if (key.name !== 'char' || key.ctrl || key.alt || now - this.#options.shownAt < settleMs) return false
    else {
      const rule = this.#options.rules[Number(key.text) - 1]
      if (!rule) return false
      this.#settle(rule)
    }
    return true
  }
}
