import { marked, type Token, type Tokens } from 'marked'
import { memo, type ReactNode, useRef } from 'react'
import { CodeBlock } from '../kit/code-block.tsx'

/** A text that is being written is read again from its last finished block only. */
interface Read {
  readonly text: string
  readonly blocks: readonly Token[]
}

/** The begin of a list that a heading would be made of, until there is more of it. */
const undecided = /\n {0,3}[-=]+ *$/

export default function Blocks({ text: whole, isComplete }: { text: string; isComplete: boolean }) {
  const text = isComplete ? whole : whole.replace(undecided, '')
  const before = useRef<Read>({ text: '', blocks: [] })
  const blocks = readBlocks(text, before.current)
  before.current = { text, blocks }
  return blocks.map((block, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a block keeps its place while the text grows
    <Block key={index} block={block} isComplete={isComplete || index < blocks.length - 1} />
  ))
}

/** Blocks but the last two cannot change by what is appended. */
function readBlocks(text: string, before: Read): readonly Token[] {
  if (text === before.text) return before.blocks
  const kept = text.startsWith(before.text) ? before.blocks.slice(0, -2) : []
  const length = kept.reduce((sum, block) => sum + block.raw.length, 0)
  const keptRaw = kept.map((block) => block.raw).join('')
  if (!text.startsWith(keptRaw)) return marked.lexer(text)
  return [...kept, ...marked.lexer(text.slice(length))]
}

const Block = memo(
  function Block({ block, isComplete }: { block: Token; isComplete: boolean }): ReactNode {
    switch (block.type) {
      case 'paragraph':
        return <p>{inline((block as Tokens.Paragraph).tokens)}</p>
      case 'heading': {
        const { depth, tokens } = block as Tokens.Heading
        return depth <= 2 ? <h3>{inline(tokens)}</h3> : <h4>{inline(tokens)}</h4>
      }
      case 'code': {
        const { text, lang } = block as Tokens.Code
        return <CodeBlock code={text} name={lang ?? ''} isComplete={isComplete} />
      }
      case 'list':
        return <List list={block as Tokens.List} />
      case 'blockquote':
        return <blockquote>{blocksOf((block as Tokens.Blockquote).tokens)}</blockquote>
      case 'table':
        return <Table table={block as Tokens.Table} />
      case 'hr':
        return <hr />
      case 'space':
      case 'def':
        return null
      default:
        return <p>{block.raw}</p>
    }
  },
  (old, next) => old.block.raw === next.block.raw && old.isComplete === next.isComplete,
)

function blocksOf(tokens: readonly Token[]): ReactNode {
  return tokens.map((token, index) =>
    token.type === 'text' ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: read from a text, they do not move
      <span key={index}>{inline((token as Tokens.Text).tokens ?? [token])}</span>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: read from a text, they do not move
      <Block key={index} block={token} isComplete />
    ),
  )
}

function List({ list }: { list: Tokens.List }) {
  const items = list.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: read from a text, they do not move
    <li key={index}>
      {item.task && <input type="checkbox" checked={item.checked === true} readOnly disabled />}
      {blocksOf(item.tokens)}
    </li>
  ))
  return list.ordered ? <ol start={Number(list.start) || 1}>{items}</ol> : <ul>{items}</ul>
}

function Table({ table }: { table: Tokens.Table }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <div className="table-scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {table.header.map((cell, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: read from a text, they do not move
              <th key={index}>{inline(cell.tokens)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: read from a text, they do not move
            <tr key={at}>
              {row.map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: read from a text, they do not move
                <td key={index}>{inline(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function inline(tokens: readonly Token[] | undefined): ReactNode {
  return tokens?.map((token, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: read from a text, they do not move
    <Inline key={index} token={token} />
  ))
}

function Inline({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong>{inline((token as Tokens.Strong).tokens)}</strong>
    case 'em':
      return <em>{inline((token as Tokens.Em).tokens)}</em>
    case 'del':
      return <del>{inline((token as Tokens.Del).tokens)}</del>
    case 'codespan':
      return <code>{(token as Tokens.Codespan).text}</code>
    case 'br':
      return <br />
    case 'link':
      return <Link link={token as Tokens.Link} />
    case 'image': {
      // Nothing is loaded from elsewhere: a picture is a link to it.
      const { text, href } = token as Tokens.Image
      return <Link link={{ href, text: text || href, tokens: [] } as unknown as Tokens.Link} />
    }
    case 'text': {
      const { tokens, text } = token as Tokens.Text
      return tokens ? inline(tokens) : unescaped(text)
    }
    case 'escape':
      return (token as Tokens.Escape).text
    default:
      return token.raw
  }
}

/** Says where it leads; only to the web. */
function Link({ link: { href, text, tokens } }: { link: Tokens.Link }) {
  const host = hostOf(href)
  const shown = tokens.length > 0 ? inline(tokens) : text
  if (host === undefined) return <span>{shown}</span>
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {shown}
      {!text.includes(host) && <span className="mute"> ({host})</span>}
    </a>
  )
}

function hostOf(href: string): string | undefined {
  const url = URL.parse(href)
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.host : undefined
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity)
}
