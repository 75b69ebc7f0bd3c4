import { shortPath } from './approval.ts'
import type { Style } from './style.ts'
import { clean, cut, cutStart } from './text.ts'

export interface BannerFacts {
  readonly version: string
  readonly folder: string
  /** What the server says of its model; `demo` is the one without a language model. */
  readonly model: string
  readonly agents: number
  readonly session: string
  /** Further lines, each a thing that the person should know. */
  readonly notes: readonly string[]
}

const numbers = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
]

export function bannerLines(facts: BannerFacts, columns: number, style: Style): string[] {
  const [first, second, third, dot] = style.marks.logo
  const { more } = style.marks
  const room = columns - 10
  const agents = `${numbers[facts.agents] ?? facts.agents} agent${facts.agents === 1 ? '' : 's'}`
  const rest = `, ${agents}, session ${facts.session}`
  const model =
    facts.model === 'demo'
      ? `${style.bold('demo model')}${style.paint('dim', `: a few rules, no language model, session ${facts.session}`)}`
      : style.paint('dim', `${clean(facts.model) || 'a model'}${rest}`)
  return [
    '',
    ` ${first}   ${style.bold('CodeLab')} ${style.paint('dim', facts.version)}`,
    ` ${second}   ${style.paint('dim', cutStart(clean(shortPath(facts.folder)), room, more))}`,
    ` ${third}${style.paint('accent', dot)}     ${cut(model, room, more)}`,
    ...facts.notes.map((note) => `          ${style.paint('dim', cut(note, room, more))}`),
    '',
    style.paint('dim', cut(' / commands   Ctrl-C stops   ? keys', columns, more)),
  ]
}
