import { contentOf, type ToolOutcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import { fenced, type Rule, type Script } from '../script.ts'
import { type Texts, textsFor } from '../texts.ts'
import { describeFile } from './explain.ts'

const comparing = /\b(?:compare|diff|differ\w*|same|versus|vs)\b|сравни|различи|разниц|отлича|одинаков/iu
const reading =
  /\b(?:read|show|open|look|explain|describe|summari[sz]e|what|cat|view|tell)\b|прочита|прочти|покажи|открой|посмотри|объясни|опиши|что|расскажи/iu
const mostFiles = 4

/** Several files read in one answer, and compared when that was asked for. */
export const compare: Rule = {
  name: 'compare',
  agent: 'ask',
  match(request) {
    const paths = request.paths.slice(0, mostFiles)
    if (paths.length < 2) return undefined
    const compared = comparing.test(request.masked)
    return compared || reading.test(request.masked) ? readAll(request, paths, compared) : undefined
  },
}

function* readAll(request: Request, paths: readonly string[], compared: boolean): Script {
  const t = textsFor(request)
  const outcomes = yield { calls: paths.map((path) => ({ tool: 'read_file', args: { path }, mayFail: true })) }
  const parts = outcomes.map((outcome, index) => {
    const path = paths[index] ?? ''
    return outcome.state === 'done' ? describeFile(t, path, outcome, false) : t.unreadable(path, outcome.reason)
  })
  const [a, b] = outcomes
  if (compared && outcomes.length === 2 && a?.state === 'done' && b?.state === 'done') {
    return comparisonOf(t, paths[0] ?? '', a, paths[1] ?? '', b)
  }
  return parts.join('\n\n---\n\n')
}

function comparisonOf(t: Texts, pathA: string, a: ToolOutcome, pathB: string, b: ToolOutcome): string {
  const [textA, textB] = [contentOf(a), contentOf(b)]
  const partly = a.cut || b.cut ? [t.partly] : []
  if (textA === textB) return [t.identical(pathA, pathB), ...partly].join('\n\n')
  const [linesA, linesB] = [linesOf(textA), linesOf(textB)]
  const left = new Map<string, number>()
  for (const line of linesB) left.set(line, (left.get(line) ?? 0) + 1)
  let same = 0
  for (const line of linesA) {
    const count = left.get(line) ?? 0
    if (count === 0) continue
    same += 1
    left.set(line, count - 1)
  }
  const longest = Math.max(linesA.length, linesB.length)
  let first = 0
  while (first < longest && linesA[first] === linesB[first]) first += 1
  const sizes = `- \`${pathA}\`: ${t.lines(linesA.length)}\n- \`${pathB}\`: ${t.lines(linesB.length)}`
  const parts = [sizes, t.comparison(pathA, pathB, same, linesA.length - same, linesB.length - same)]
  if (first < longest) {
    const shown = [
      linesA.slice(first, first + 5).map((line) => `- ${line}`),
      linesB.slice(first, first + 5).map((line) => `+ ${line}`),
    ]
    parts.push(`${t.firstDifference(first + 1)}\n\n${fenced(shown.flat().join('\n'), 'diff')}`)
  }
  return [...parts, ...partly].join('\n\n')
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/)
}
