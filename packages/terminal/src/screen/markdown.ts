import type { MarkedToken, Token, Tokens } from 'marked'
import { marked } from 'marked'
import type { Style } from './style.ts'
import { clean, cut, widthOf, wrap } from './text.ts'

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
}

/** Text of a model as lines of at most `width` columns: headings bold, tables aligned and cut, code without a frame and never wrapped. */
export function renderMarkdown(text: string, width: number, style: Style): string[] {
  return trimBlank(renderBlocks(readBlocks(clean(text)), width, style))
}

/** The blocks of clean text; their `raw` parts together are the text. */
export function readBlocks(text: string): readonly Token[] {
  return marked.lexer(text, { gfm: true })
}

export function renderBlocks(blocks: readonly Token[], width: number, style: Style): string[] {
  const lines: string[] = []
  for (const block of blocks as readonly MarkedToken[]) {
    lines.push(...renderBlock(block, width, style))
    if (block.type !== 'space' && /\n[ \t]*\n\s*$/.test(block.raw)) lines.push('')
  }
  return lines
}

export function trimBlank(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line !== '')
  const last = lines.findLastIndex((line) => line !== '')
  return first < 0 ? [] : lines.slice(first, last + 1)
}

function renderBlock(block: MarkedToken, width: number, style: Style): string[] {
  switch (block.type) {
    case 'space':
      return ['']
    case 'heading':
      return wrap(renderInline(block.tokens, style), width).map((line) => style.bold(line))
    case 'paragraph':
      return wrapLines(renderInline(block.tokens, style), width)
    case 'text':
      return wrapLines(block.tokens ? renderInline(block.tokens, style) : decode(block.text), width)
    case 'list':
      return renderList(block, width, style)
    case 'code':
      return codeLines(block.text, width, style)
    case 'blockquote':
      return trimBlank(renderBlocks(block.tokens, width - 2, style)).map((line) =>
        `${style.paint('dim', style.marks.output)} ${line}`.trimEnd(),
      )
    case 'table':
      return renderTable(block, width, style)
    case 'hr':
      return [style.paint('dim', style.marks.rule.repeat(Math.min(width, 20)))]
    case 'html':
      return wrapLines(block.text.trimEnd(), width)
    case 'def':
      return wrapLines(block.raw.trimEnd(), width)
    default:
      return wrapLines(renderInline([block], style), width)
  }
}

function codeLines(text: string, width: number, style: Style): string[] {
  return text.split('\n').map((line) => cut(`  ${line.replace(/\t/g, '    ')}`, width, style.marks.more))
}

function wrapLines(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrap(line, width))
}

function renderList(list: Tokens.List, width: number, style: Style): string[] {
  const first = typeof list.start === 'number' ? list.start : 1
  const bulletWidth = list.ordered ? String(first + list.items.length - 1).length + 2 : 2
  return list.items.flatMap((item, index) => {
    const bullet = list.ordered ? `${first + index}.`.padStart(bulletWidth - 1) : '-'
    const lines = trimBlank(renderBlocks(withoutCheckbox(item), width - bulletWidth, style))
    if (item.task) lines[0] = `[${item.checked ? 'x' : ' '}] ${lines[0] ?? ''}`
    const shown = lines.length > 0 ? lines : ['']
    const rows = shown.map((line, row) => (row === 0 ? `${bullet} ${line}` : line && ' '.repeat(bulletWidth) + line))
    return list.loose && index < list.items.length - 1 ? [...rows, ''] : rows
  })
}

function withoutCheckbox(item: Tokens.ListItem): readonly Token[] {
  return item.tokens.filter((token) => token.type !== 'checkbox')
}

function renderTable(table: Tokens.Table, width: number, style: Style): string[] {
  const rows = [table.header, ...table.rows].map((cells) => cells.map((cell) => renderInline(cell.tokens, style)))
  const columns = table.header.length
  const natural = table.header.map((_, column) => Math.max(1, ...rows.map((row) => widthOf(row[column] ?? ''))))
  const widths = fitColumns(natural, width - 2 * (columns - 1))
  const lines = rows.map((row) =>
    widths
      .map((columnWidth, column) => {
        const cell = cut(row[column] ?? '', columnWidth, style.marks.more)
        const gap = ' '.repeat(Math.max(0, columnWidth - widthOf(cell)))
        return table.align[column] === 'right' ? gap + cell : cell + gap
      })
      .join('  ')
      .trimEnd(),
  )
  const [header = '', ...body] = lines
  const rule = widths.map((columnWidth) => style.marks.rule.repeat(columnWidth)).join('  ')
  const fit = (line: string) => cut(line, width, style.marks.more)
  return [style.bold(fit(header)), style.paint('dim', fit(rule)), ...body.map(fit)]
}

/** The widest columns give way until all fit; none gets narrower than 3. */
function fitColumns(natural: readonly number[], room: number): number[] {
  const widths = [...natural]
  let over = widths.reduce((sum, width) => sum + width, 0) - room
  while (over > 0) {
    const widest = Math.max(...widths)
    if (widest <= 3) break
    const next = Math.max(3, ...widths.filter((width) => width < widest))
    const step = Math.max(
      1,
      Math.min(widest - next, Math.ceil(over / widths.filter((width) => width === widest).length)),
    )
    for (const [index, width] of widths.entries()) {
      if (width === widest && over > 0) {
        widths[index] = width - step
        over -= step
      }
    }
  }
  return widths
}

function renderInline(tokens: readonly Token[], style: Style): string {
  return (tokens as readonly MarkedToken[]).map((token) => renderSpan(token, style)).join('')
}

function renderSpan(token: MarkedToken, style: Style): string {
  switch (token.type) {
    case 'strong':
      return style.bold(renderInline(token.tokens, style))
    case 'em':
      return style.italic(renderInline(token.tokens, style))
    case 'codespan':
      return style.code(token.text)
    case 'br':
      return '\n'
    case 'link': {
      const text = renderInline(token.tokens, style)
      const isBare = token.text === token.href || `mailto:${token.text}` === token.href
      return isBare ? style.paint('accent', text) : `${text} ${style.paint('dim', `(${token.href})`)}`
    }
    case 'image':
      return `${token.text || 'image'} ${style.paint('dim', `(${token.href})`)}`
    case 'del':
      return `~${renderInline(token.tokens, style)}~`
    case 'text':
      return token.tokens ? renderInline(token.tokens, style) : decode(token.text)
    case 'escape':
      return decode(token.text)
    default:
      return 'text' in token ? decode(token.text) : token.raw
  }
}

function decode(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (entity) => entities[entity] ?? entity)
}
