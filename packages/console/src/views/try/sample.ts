/** The project that a newcomer finds: small enough to be read, with something left to do. */
export const sampleName = 'todo-cli'

export const sample: Readonly<Record<string, string>> = {
  'README.md': `# todo-cli

A to-do list for the command line.

    todo add "Buy milk"
    todo list

Items are kept in \`~/.todo.json\`.
`,
  'package.json': `{
  "name": "todo-cli",
  "version": "0.1.0",
  "type": "module",
  "bin": { "todo": "src/main.ts" },
  "scripts": { "test": "node --test" }
}
`,
  'src/main.ts': `import { add } from './add.ts'
import { list } from './list.ts'

const [command, ...words] = process.argv.slice(2)

if (command === 'add') add(words.join(' '))
else if (command === 'list') list()
else console.log('Usage: todo add TEXT | todo list')
`,
  'src/add.ts': `import { load, save } from './store.ts'

/** Puts a new item at the end. */
export function add(text: string): void {
  const items = load()
  save([...items, { text, done: false, createdAt: Date.now() }])
  console.log(\`Added "\${text}"\`)
}
`,
  'src/list.ts': `import { load } from './store.ts'

/** Prints what is left to do. */
export function list(): void {
  const open = load().filter((item) => !item.done)

  // Left to do: sort by date
  for (const [index, item] of open.entries()) console.log(\`\${index + 1}. \${item.text}\`)
}
`,
  'src/store.ts': `import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface Item {
  readonly text: string
  readonly done: boolean
  readonly createdAt: number
}

const file = join(homedir(), '.todo.json')

export function load(): Item[] {
  if (!existsSync(file)) return []
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Replaces the whole list. */
export function save(items: readonly Item[]): void {
  // Left to do: write to a temporary file, then rename
  writeFileSync(file, JSON.stringify(items, null, 2))
}
`,
  'test/store.test.ts': `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load } from '../src/store.ts'

test('a list that was never saved is empty', () => {
  assert.deepEqual(load(), [])
})
`,
}
