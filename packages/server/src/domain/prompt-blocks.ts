/** What a prompt may ask for besides names of tools: the client told its limits; it runs calls of one answer together; it says what it is. */
const promptConditions = ['limits', 'parallel-tools', 'declared'] as const
export type PromptCondition = (typeof promptConditions)[number]

type Mark =
  | { readonly kind: 'if'; readonly name: string; readonly negated: boolean }
  | { readonly kind: 'else' }
  | { readonly kind: 'end' }

const mark = /^[ \t]*<!--\s*(?:if\s+(not\s+)?([a-z][a-z0-9_-]*)|(else)|(end))\s*-->[ \t]*$/

function readMark(line: string): Mark | undefined {
  if (!line.includes('<!--')) return undefined
  const found = mark.exec(line)
  if (!found) return undefined
  const [, not, name, other] = found
  if (name !== undefined) return { kind: 'if', name, negated: not !== undefined }
  return { kind: other === undefined ? 'end' : 'else' }
}

/** The prompt for what there is: a line of its own `<!-- if NAME -->`, `<!-- if not NAME -->`, `<!-- else -->` or `<!-- end -->` opens, turns
 *  and closes a block, and blocks may stand in blocks. Lines of blocks that do not hold are left out, and so are the marks. */
export function renderPrompt(prompt: string, holds: (name: string) => boolean): string {
  const open: boolean[] = []
  const lines: string[] = []
  for (const line of prompt.split('\n')) {
    const found = readMark(line)
    if (!found) {
      if (open.every(Boolean)) lines.push(line)
    } else if (found.kind === 'if') open.push(holds(found.name) !== found.negated)
    else if (found.kind === 'else') open.push(!(open.pop() ?? true))
    else open.pop()
  }
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

export interface PromptFault {
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/** What is wrong with the blocks of a prompt: a mark without its partner, a name that nothing has. */
export function promptFaults(prompt: string, tools: ReadonlySet<string> | undefined): PromptFault[] {
  const faults: PromptFault[] = []
  const open: { readonly line: number; turned: boolean }[] = []
  for (const [index, text] of prompt.split('\n').entries()) {
    const line = index + 1
    const found = readMark(text)
    if (!found) continue
    if (line === 1)
      faults.push({ line, text: 'The first line is the description of the agent; a block cannot begin there' })
    if (found.kind === 'if') {
      open.push({ line, turned: false })
      const known = new Set<string>([...promptConditions, ...(tools ?? [])])
      if (tools && !known.has(found.name)) {
        faults.push({ line, text: `There is no '${found.name}' to ask for. Known: ${[...known].join(', ')}` })
      }
      continue
    }
    const block = found.kind === 'end' ? open.pop() : open.at(-1)
    if (!block) faults.push({ line, text: `There is no block that this '${found.kind}' belongs to` })
    else if (found.kind === 'else') {
      if (block.turned) faults.push({ line, text: `The block of line ${block.line} has an 'else' already` })
      block.turned = true
    }
  }
  for (const { line } of open) faults.push({ line, text: "This block has no 'end'" })
  return faults
}
