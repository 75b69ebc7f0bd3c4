import type { Key } from '../screen/keys.ts'
import { LineEditor } from '../screen/line-editor.ts'
import type { Style } from '../screen/style.ts'
import { clean } from '../screen/text.ts'
import type { FileMatch } from '../workspace/workspace-files.ts'
import { FoldedPastes } from './folded-pastes.ts'
import { type CommandRow, commandItems, fileItems, type MenuItem, menuQuery, menuRows } from './prompt-menu.ts'

export interface PromptOptions {
  /** What was sent in earlier chats, oldest first. */
  readonly history: readonly string[]
  readonly commands: readonly CommandRow[]
  findFiles(query: string): Promise<readonly FileMatch[]>
  /** Something to show came by itself. */
  onChange(): void
}

interface Menu {
  readonly word: string
  readonly kind: 'command' | 'file'
  readonly items: readonly MenuItem[]
  at: number
}

/** The line where a message is written: history, search in it, completion of commands and files, folded pastes. */
export class Prompt {
  readonly #editor = new LineEditor()
  readonly #pastes = new FoldedPastes()
  readonly #options: PromptOptions
  readonly #sent: string[]
  #menu: Menu | undefined
  /** The word whose menu was closed by Esc. */
  #closedFor: string | undefined
  #search: { query: string; skip: number } | undefined

  constructor(options: PromptOptions) {
    this.#options = options
    this.#sent = [...options.history]
    for (const text of options.history) this.#editor.remember(text)
  }

  get isEmpty(): boolean {
    return this.#editor.isEmpty && !this.#search
  }

  /** What would be sent, pastes unfolded. */
  get text(): string {
    return this.#pastes.unfold(this.#editor.text)
  }

  get isSearching(): boolean {
    return this.#search !== undefined
  }

  get hasMenu(): boolean {
    return this.#menu !== undefined
  }

  setText(text: string): void {
    this.#editor.setText(text)
    this.#search = undefined
    this.#menu = undefined
    this.#closedFor = undefined
  }

  /** Empties the line and keeps what was in it for Up and Ctrl-R. */
  take(): string {
    const { text } = this
    this.#editor.remember(this.#editor.text)
    if (this.#sent.at(-1) !== this.#editor.text) this.#sent.push(this.#editor.text)
    this.setText('')
    return text
  }

  key(key: Key): 'submit' | 'changed' | 'unused' {
    if (this.#search) return this.#searchKey(key, this.#search)
    if (key.ctrl && key.name === 'r') {
      this.#search = { query: '', skip: 0 }
      this.#menu = undefined
      return 'changed'
    }
    if (this.#menu && this.#menuKey(key, this.#menu)) return 'changed'
    const mark = key.name === 'backspace' ? this.#pastes.markAtEnd(this.#editor.textBefore) : undefined
    if (mark !== undefined) this.#editor.replaceBefore(mark.length, '')
    const folded = key.name === 'paste' ? { ...key, text: this.#pastes.fold(clean(key.text)) } : key
    const result = mark === undefined ? this.#editor.key(folded) : 'changed'
    if (result === 'changed') this.#lookUp()
    return result
  }

  view(columns: number, maxRows: number, style: Style): { rows: string[]; cursor: { row: number; column: number } } {
    if (this.#search) return this.#searchView(this.#search, columns, style)
    const { prompt } = style
    const margin = prompt.length
    const { rows, cursor } = this.#editor.view(columns - margin, maxRows)
    const lines = rows.map((row, index) => (index === 0 ? style.bold(prompt) : ' '.repeat(margin)) + row)
    const menu = this.#menu ? menuRows(this.#menu.items, this.#menu.at, columns, style) : []
    return { rows: [...lines, ...menu], cursor: { row: cursor.row, column: margin + cursor.column } }
  }

  #menuKey(key: Key, menu: Menu): boolean {
    if (key.name === 'up' || key.name === 'down') {
      const { length } = menu.items
      menu.at = (menu.at + (key.name === 'up' ? length - 1 : 1)) % length
      return true
    }
    const takes = key.name === 'tab' || (key.name === 'enter' && (menu.kind === 'file' || !this.#isWhole(menu)))
    if (takes) {
      this.#editor.replaceBefore(menu.word.length, menu.items[menu.at]?.insert ?? menu.word)
      this.#closedFor = menuQuery(this.#editor.textBefore)?.word
      this.#menu = undefined
      // A command that was chosen with Enter is run by it.
      return key.name === 'tab' || menu.kind === 'file'
    }
    if (key.name !== 'escape') return false
    this.#closedFor = menu.word
    this.#menu = undefined
    return true
  }

  /** The chosen command stands in the line already. */
  #isWhole(menu: Menu): boolean {
    return menu.items[menu.at]?.insert === menu.word
  }

  #lookUp(): void {
    const query = menuQuery(this.#editor.textBefore)
    if (!query || query.word === this.#closedFor) {
      this.#menu = undefined
      if (!query) this.#closedFor = undefined
      return
    }
    this.#closedFor = undefined
    if (query.kind === 'command') this.#open(query.word, 'command', commandItems(this.#options.commands, query.word))
    else this.#findFiles(query.word)
  }

  #findFiles(word: string): void {
    this.#options.findFiles(word.slice(1)).then(
      (files) => {
        // The person has typed on meanwhile.
        if (this.#search || menuQuery(this.#editor.textBefore)?.word !== word || this.#closedFor === word) return
        this.#open(word, 'file', fileItems(files, Date.now()))
        this.#options.onChange()
      },
      () => undefined,
    )
  }

  #open(word: string, kind: Menu['kind'], items: readonly MenuItem[]): void {
    this.#menu = items.length > 0 ? { word, kind, items, at: 0 } : undefined
  }

  #searchKey(key: Key, search: { query: string; skip: number }): 'changed' | 'submit' {
    if (key.ctrl && key.name === 'r') search.skip = Math.min(search.skip + 1, this.#matches(search.query).length - 1)
    else if (key.name === 'escape' || (key.ctrl && (key.name === 'g' || key.name === 'c'))) this.#search = undefined
    else if (key.name === 'backspace') this.#search = { query: search.query.slice(0, -1), skip: 0 }
    else if (key.name === 'char' && !key.alt) this.#search = { query: search.query + key.text, skip: 0 }
    else {
      const found = this.#found(search)
      this.#search = undefined
      if (found !== undefined) this.#editor.setText(found)
      // Enter takes what was found and does not send it yet: it may be another one than was meant.
      if (key.name !== 'enter' && key.name !== 'tab') this.#editor.key(key)
    }
    return 'changed'
  }

  #matches(query: string): string[] {
    const wanted = query.toLowerCase()
    const newest = [...new Set([...this.#sent].reverse())]
    return query === '' ? newest : newest.filter((text) => text.toLowerCase().includes(wanted))
  }

  #found({ query, skip }: { query: string; skip: number }): string | undefined {
    return this.#matches(query)[Math.max(0, skip)]
  }

  #searchView(search: { query: string; skip: number }, columns: number, style: Style) {
    const label = `search: ${search.query}`
    const found = this.#found(search)
    const shown = new LineEditor()
    shown.setText(found ?? '')
    const { rows } = shown.view(columns - style.margin, 3)
    const below = found === undefined ? ['nothing found'] : rows
    return {
      rows: [
        `${style.bold(style.prompt)}${label}`,
        ...below.map((row) => style.indent + (found === undefined ? style.paint('dim', row) : row)),
        style.paint('dim', `${style.indent}Enter takes it   Ctrl-R older   Esc back`),
      ],
      cursor: { row: 0, column: Math.min(columns - 1, style.prompt.length + label.length) },
    }
  }
}
