import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeyDecoder } from '../screen/keys.ts'
import { Style } from '../screen/style.ts'
import type { FileMatch } from '../workspace/workspace-files.ts'
import { MessageHistory } from './message-history.ts'
import { Prompt } from './prompt.ts'

const style = new Style({ depth: 'none' })
const commands = [
  ['/agent', 'another agent'],
  ['/diff', 'what changed'],
  ['/doctor', 'what is wrong'],
] as const
const files: FileMatch[] = [
  { path: 'src/routes/orders.ts', lines: 64, changedMs: Date.now() - 120_000 },
  { path: 'with space.txt', lines: 1, changedMs: Date.now() },
]

let prompt: Prompt
let asked: string[]

beforeEach(() => {
  asked = []
  prompt = new Prompt({
    history: ['first of all', 'run npm test', 'and another'],
    commands,
    findFiles: async (query) => {
      asked.push(query)
      return files.filter(({ path }) => path.includes(query))
    },
    onChange: () => {},
  })
})

function type(text: string): string {
  const decoder = new KeyDecoder()
  const keys = [...decoder.push(text), ...decoder.flush()]
  return keys.map((key) => prompt.key(key)).at(-1) ?? 'unused'
}

const rows = (columns = 80) => prompt.view(columns, 6, style).rows
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('Prompt', () => {
  it('offers the commands that begin with what was typed; Enter takes the chosen one', () => {
    type('/d')
    expect(rows()).toEqual(['> /d', '> /diff      what changed', '  /doctor    what is wrong'])
    type('\u001b[B')
    expect(rows()[2]).toBe('> /doctor    what is wrong')
    expect(type('\r')).toBe('submit')
    expect(prompt.take()).toBe('/doctor')
    expect(prompt.isEmpty).toBe(true)
  })

  it('closes the menu on Esc and leaves it closed for this word', () => {
    type('/d\u001b')
    expect(rows()).toEqual(['> /d'])
    type('o')
    expect(rows()).toHaveLength(2)
  })

  it('completes a file in the middle of a line', async () => {
    type('Why does @ord')
    await settle()
    expect(rows()[1]).toMatch(/^> src\/routes\/orders\.ts +64 lines {3}changed 2 min ago$/)
    expect(type('\t')).toBe('changed')
    expect(prompt.text).toBe('Why does @src/routes/orders.ts ')
    expect(rows()).toHaveLength(1)
  })

  it('quotes a path with a space, and takes no Enter in the file menu for sending', async () => {
    type('@with')
    await settle()
    expect(type('\r')).toBe('changed')
    expect(prompt.text).toBe('@"with space.txt" ')
  })

  it('asks for no file where @ stands inside a word', async () => {
    type('me@example')
    await settle()
    expect(asked).toEqual([])
  })

  it('folds a long paste in the line and sends it whole; Backspace takes it as one', () => {
    const long = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n')
    type(`look: \u001b[200~${long}\u001b[201~`)
    expect(rows()).toEqual(['> look: [paste 1, 40 lines]'])
    expect(prompt.text).toBe(`look: ${long}`)
    type('\u007f')
    expect(prompt.text).toBe('look: ')
  })

  it('keeps a short paste, several lines of it too, and never sends by it', () => {
    type('\u001b[200~one\ntwo\u001b[201~')
    expect(rows()).toEqual(['> one', '  two'])
  })

  it('searches what was sent before, newest first; Enter takes it and does not send', () => {
    type('\u0012n')
    expect(rows().slice(0, 2)).toEqual(['> search: n', '  and another'])
    type('\u0012')
    expect(rows()[1]).toBe('  run npm test')
    expect(type('\r')).toBe('changed')
    expect(prompt.text).toBe('run npm test')
    expect(prompt.take()).toBe('run npm test')
  })

  it('leaves the line as it was when the search is given up', () => {
    type('draft\u0012zzz')
    expect(rows()[1]).toBe('  nothing found')
    type('\u001b')
    expect(prompt.text).toBe('draft')
  })

  it('brings earlier messages back with Up, those of earlier chats too', () => {
    type('\u001b[A\u001b[A')
    expect(prompt.text).toBe('run npm test')
  })

  it('fits a narrow window', async () => {
    type('@ord')
    await settle()
    for (const row of rows(24)) expect(row.length).toBeLessThanOrEqual(24)
  })
})

describe('MessageHistory', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'codelab-history-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('is there in the next chat, for this user only', async () => {
    const first = new MessageHistory(folder)
    first.add('one')
    first.add('two\nlines')
    first.add('two\nlines')
    first.add(' secret')
    expect(new MessageHistory(folder).entries).toEqual(['one', 'two\nlines'])
    expect((await stat(join(folder, 'history.jsonl'))).mode & 0o777).toBe(0o600)
  })

  it('stays bounded, the newest stay', async () => {
    const history = new MessageHistory(folder)
    for (let at = 0; at < 1600; at++) history.add(`message ${at}`)
    const kept = (await readFile(join(folder, 'history.jsonl'), 'utf8')).trimEnd().split('\n')
    expect(kept.length).toBeLessThanOrEqual(1500)
    expect(new MessageHistory(folder).entries.at(-1)).toBe('message 1599')
    expect(new MessageHistory(folder).entries).toHaveLength(1000)
  })

  it('reads over what is damaged', async () => {
    await writeFile(join(folder, 'history.jsonl'), '{"text":"one"}\n{"te')
    const history = new MessageHistory(folder)
    expect(history.entries).toEqual(['one'])
  })
})
