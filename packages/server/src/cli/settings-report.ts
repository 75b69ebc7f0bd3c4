import type { ConfigError, Problem } from '../config.ts'
import type { Style } from './style.ts'
import { wrap } from './text.ts'

const INDENT = '    '
const NAME_GAP = 2

/** Everything that is wrong with the settings, for a person at a terminal; ends with a line break. */
export function renderConfigError(error: ConfigError, style: Style): string {
  const names = Math.max(...error.problems.map(({ name }) => name.length))
  return [
    `${style.bad('✗')} CodeLab cannot start: ${error.message}`,
    '',
    ...error.problems.flatMap((problem) => renderProblem(problem, names, style)),
    '',
    `  Read: ${[...error.files, 'environment'].join(', ')}.  codelab config shows every value.`,
    '',
  ].join('\n')
}

/** One problem: its name and place, and below them what is wrong, with the part at fault underlined. */
export function renderProblem(problem: Problem, nameWidth: number, style: Style): string[] {
  const { name, place, text, hint, wrong } = problem
  const padding = ' '.repeat(nameWidth - name.length + NAME_GAP)
  const lines = wrap(text, style.width - INDENT.length)
  const at = wrong === undefined ? -1 : lines.findIndex((line) => line.includes(wrong))
  const marked = lines.map((line, index) => (index === at ? line.replace(wrong ?? '', style.underline) : line))
  return [
    `  ${style.bold(name)}${padding}${style.dim(place)}`,
    ...marked.map((line) => INDENT + line),
    ...(hint === undefined ? [] : wrap(hint, style.width - INDENT.length).map((line) => INDENT + line)),
  ]
}
