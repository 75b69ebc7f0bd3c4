import { describe, expect, it } from 'vitest'
import type { LanguageModel, ModelEvent } from '../../../application/ports/language-model.ts'
import type { Message, ToolCallPart } from '../../../domain/message.ts'
import { createDemoModel } from './demo-model.ts'

type Args = Record<string, unknown>
type Handler = (args: Args) => unknown

const toolsOf = {
  coder: ['read_file', 'write_file', 'list_files', 'search_in_code', 'create_directory', 'execute_command'],
  architect: ['switch_mode', 'read_file', 'write_file', 'list_files', 'search_in_code'],
  debug: ['switch_mode', 'read_file', 'list_files', 'execute_command', 'search_in_code'],
  ask: ['switch_mode', 'read_file', 'list_files', 'search_in_code'],
}
type Agent = keyof typeof toolsOf

/** A workspace in memory whose tools answer as the clients do, and a loop that plays the runtime until the model has no more calls. */
class Conversation {
  readonly files: Map<string, string>
  readonly calls: { tool: string; args: Args }[] = []
  readonly batches: number[] = []
  readonly said: string[] = []
  readonly messages: Message[] = []
  agent: Agent
  readonly #own: Readonly<Record<string, Handler>>
  readonly #model: LanguageModel

  constructor(
    files: Record<string, string>,
    options: { agent?: Agent; own?: Record<string, Handler>; model?: LanguageModel } = {},
  ) {
    this.files = new Map(Object.entries(files))
    this.agent = options.agent ?? 'coder'
    this.#own = options.own ?? {}
    let count = 0
    this.#model = options.model ?? createDemoModel({ ids: { next: () => `${++count}` } })
  }

  async ask(text: string): Promise<string> {
    this.messages.push({ role: 'user', parts: [{ type: 'text', text }] })
    for (let step = 0; step < 10; step += 1) {
      const answer = await this.#step()
      if (answer !== undefined) return answer
    }
    throw new Error('the model does not come to an end')
  }

  async #step(): Promise<string | undefined> {
    const tools = toolsOf[this.agent].map((name) => ({ name, description: name, parameters: { type: 'object' } }))
    const request = { purpose: 'answer', system: 'You are.', messages: this.messages, tools } as const
    const events: ModelEvent[] = []
    for await (const event of this.#model.stream(request, AbortSignal.timeout(5000))) events.push(event)
    const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
    const calls = events.filter((event) => event.type === 'tool-call') satisfies ToolCallPart[]
    this.messages.push({
      role: 'assistant',
      parts: [...(text === '' ? [] : [{ type: 'text' as const, text }]), ...calls],
    })
    if (calls.length === 0) return text
    this.said.push(text)
    this.batches.push(calls.length)
    for (const { callId, tool, argumentsJson } of calls) {
      expect(toolsOf[this.agent]).toContain(tool)
      const args = JSON.parse(argumentsJson)
      this.calls.push({ tool, args })
      const result = this.#run(tool, args)
      const resultText = typeof result === 'string' ? result : JSON.stringify(result)
      this.messages.push({ role: 'tool', parts: [{ type: 'tool-result', callId, tool, text: resultText }] })
    }
    return undefined
  }

  #run(tool: string, args: Args): unknown {
    const own = this.#own[tool]
    if (own) return own(args)
    const path = String(args['path'] ?? '')
    switch (tool) {
      case 'switch_mode':
        this.agent = args['mode'] as Agent
        return `Switching to ${args['mode']} agent`
      case 'read_file': {
        const content = this.files.get(path)
        return content === undefined
          ? `Error: File not found: ${path}`
          : { success: true, content, lines_read: content.split('\n').length }
      }
      case 'write_file':
        this.files.set(path, String(args['content']))
        return { success: true, bytes_written: String(args['content']).length }
      case 'create_directory':
        return { success: true, path, created: true, already_exists: false }
      case 'list_files':
        return this.#list(path)
      case 'search_in_code':
        return this.#search(String(args['query']))
      default:
        return { command: args['command'], exit_code: 0, stdout: 'ok\n', stderr: '', duration_ms: 5, timed_out: false }
    }
  }

  #list(folder: string): unknown {
    const prefix = folder === '.' ? '' : `${folder}/`
    const items = new Map<string, Args>()
    for (const path of this.files.keys()) {
      if (!path.startsWith(prefix)) continue
      const [name = '', ...deeper] = path.slice(prefix.length).split('/')
      items.set(name, { name, path: `${prefix}${name}`, type: deeper.length > 0 ? 'directory' : 'file' })
    }
    if (items.size === 0 && folder !== '.') return `Error: Directory not found: ${folder}`
    return { success: true, path: folder, items: [...items.values()], total_count: items.size }
  }

  #search(query: string): unknown {
    const matches = [...this.files].flatMap(([path, content]) =>
      content.split('\n').flatMap((text, index) => (text.includes(query) ? [{ path, line: index + 1, text }] : [])),
    )
    return { query, matches, total_matches: matches.length, truncated: false }
  }

  get tools(): string[] {
    return this.calls.map(({ tool }) => tool)
  }
}

const project = {
  'README.md': '# Orders\n\nTakes orders and sends them on.\n\n## Use\n',
  'package.json': JSON.stringify({
    name: 'orders',
    version: '1.2.0',
    scripts: { test: 'node --test', build: 'tsc' },
    dependencies: { fastify: '5' },
  }),
  'src/main.ts':
    '// Starts the service.\nimport { load } from "./user.ts"\nexport function start() {}\nclass Server {}\n',
  'src/user.ts': 'export function loadUser() {}\n',
}

describe('what is in this project', () => {
  it.each([
    'What is in this project?',
    "what's in this project",
    'What is this project about?',
    'describe the repository',
    'Please give me an overview of this codebase',
    'show me the files',
    'list all files',
    'Give me a summary of this project',
    'Tell me about this project',
  ])('%s', async (text) => {
    const talk = new Conversation(project, { agent: 'ask' })
    const answer = await talk.ask(text)
    expect(talk.calls[0]).toEqual({ tool: 'list_files', args: { path: '.' } })
    expect(talk.calls.slice(1).map(({ args }) => args['path'])).toEqual(['README.md', 'package.json'])
    expect(answer).toContain('2 files and 1 folder')
    expect(answer).toContain('Takes orders and sends them on.')
    expect(answer).toMatch(/`orders 1\.2\.0`[\s\S]*`test`, `build`[\s\S]*1 dependency/)
  })

  it.each([
    'О чём этот проект?',
    'Что в этом проекте?',
    'Что это за проект?',
    'Расскажи о проекте',
    'покажи файлы',
    'Какие здесь есть файлы?',
    'Опиши этот репозиторий',
  ])('%s', async (text) => {
    const talk = new Conversation(project, { agent: 'ask' })
    const answer = await talk.ask(text)
    expect(talk.tools).toEqual(['list_files', 'read_file', 'read_file'])
    expect(answer).toContain('В корне проекта 2 файла и 1 папка')
    expect(answer).toContain('Takes orders')
  })

  it('looks into a folder that is named', async () => {
    const talk = new Conversation(project)
    expect(await talk.ask('what is in the folder src?')).toContain('`user.ts`')
    expect(await talk.ask('Что в папке src?')).toContain('`main.ts`')
    expect(await talk.ask('What is in src/?')).toContain('2 files and 0 folders')
    expect(talk.calls.map(({ args }) => args['path'])).toEqual(['src', 'src', 'src'])
  })

  it('copes with an empty project and with one that has no README', async () => {
    expect(await new Conversation({}).ask('What is in this project?')).toBe('The project folder is empty.')
    expect(await new Conversation({ 'a.txt': 'a' }).ask('What is in this project?')).toContain('no README')
  })
})

describe('explain a file', () => {
  it.each([
    'Explain src/main.ts',
    'what does src/main.ts do?',
    'Could you summarize `src/main.ts` please',
    'How does src/main.ts work?',
    'src/main.ts',
  ])('%s', async (text) => {
    const talk = new Conversation(project, { agent: 'ask' })
    const answer = await talk.ask(text)
    expect(talk.calls).toEqual([{ tool: 'read_file', args: { path: 'src/main.ts' } }])
    expect(answer).toMatch(/TypeScript, 4 lines/)
    expect(answer).toContain('Starts the service.')
    expect(answer).toContain('Functions: `start` (line 3)')
    expect(answer).toContain('Classes: `Server` (line 4)')
    expect(answer).toContain('Uses: `./user.ts`')
  })

  it.each([
    'Объясни файл src/main.ts',
    'Что делает src/main.ts?',
    'О чём src/main.ts',
    'Как работает src/main.ts?',
    'Расскажи про src/main.ts',
  ])('%s', async (text) => {
    const answer = await new Conversation(project, { agent: 'ask' }).ask(text)
    expect(answer).toContain('TypeScript, 4 строки')
    expect(answer).toContain('Функции: `start` (строка 3)')
  })

  it.each([
    'show README.md',
    'Read the readme',
    'open README.md',
    'Прочитай README.md',
    'что в файле README.md?',
    'Покажи README',
  ])('%s: the text itself', async (text) => {
    expect(await new Conversation(project).ask(text)).toContain('```md\n# Orders\n')
  })

  it('speaks of the file that was spoken of before', async () => {
    const talk = new Conversation(project)
    await talk.ask('explain src/user.ts')
    expect(await talk.ask('show it')).toContain('loadUser')
  })

  it('says honestly that a file is not there', async () => {
    const answer = await new Conversation(project).ask('explain nowhere.ts')
    expect(answer).toContain('`read_file` did not work: File not found: nowhere.ts')
  })
})

describe('create a file', () => {
  it.each([
    ['Создай новый файл', 'notes.md'],
    ['Создай файл', 'notes.md'],
    ['create a new file', 'notes.md'],
    ['Please create a file', 'notes.md'],
    ['Can you make a python script?', 'main.py'],
    ['Создай файл на питоне', 'main.py'],
    ['Create an HTML page', 'main.html'],
  ])('%s: chooses %s', async (text, path) => {
    const talk = new Conversation({})
    const answer = await talk.ask(text)
    expect(talk.files.get(path)?.length).toBeGreaterThan(0)
    expect(answer).toContain(`\`${path}\``)
    expect(answer).toMatch(/chose a free name|выбрал свободное/)
  })

  it('chooses a name that is free', async () => {
    const talk = new Conversation({ 'notes.md': 'mine\n', 'Notes-2.md': 'mine too\n' })
    await talk.ask('Создай новый файл')
    expect([...talk.files.keys()]).toEqual(['notes.md', 'Notes-2.md', 'notes-3.md'])
    expect(talk.files.get('notes.md')).toBe('mine\n')
  })

  it.each([
    ['Create hello.txt with text Hello, world!', 'hello.txt', 'Hello, world!\n'],
    ['create a file hello.txt with the content "Hi there"', 'hello.txt', 'Hi there\n'],
    ['Create a file called hello.txt containing hi', 'hello.txt', 'hi\n'],
    ['make a new file named hello.txt that says good morning', 'hello.txt', 'good morning\n'],
    ['create a file hello.txt and write hi into it', 'hello.txt', 'hi\n'],
    ['Create hello.txt: one two', 'hello.txt', 'one two\n'],
    ['create hello.py that prints hello', 'hello.py', 'print("hello")\n'],
    ['write hello.txt with:\n```\none\n  two\n```', 'hello.txt', 'one\n  two\n'],
    ['create a file "my notes.txt" with text "x"', 'my notes.txt', 'x\n'],
    ['create docs/a.md with text A', 'docs/a.md', 'A\n'],
    ['create new file test.txt with text A', 'test.txt', 'A\n'],
    ['Write "hello" to hello.txt', 'hello.txt', 'hello\n'],
    ['save hello there to the file hello.txt', 'hello.txt', 'hello there\n'],
    ['make hello.txt saying hi', 'hello.txt', 'hi\n'],
    ['Создай новый файл test.txt с текстом А', 'test.txt', 'А\n'],
    ['Запиши "привет" в файл a.txt', 'a.txt', 'привет\n'],
    ['запиши в файл a.txt текст привет', 'a.txt', 'привет\n'],
    ['create plan.md with text A', 'plan.md', 'A\n'],
    ['создай файл план.md с текстом А', 'план.md', 'А\n'],
    ['create a file a.md in the folder docs with text A', 'docs/a.md', 'A\n'],
    ['Создай файл hello.txt с текстом Привет, мир!', 'hello.txt', 'Привет, мир!\n'],
    ['Создай файл hello.txt с содержимым «Привет»', 'hello.txt', 'Привет\n'],
    ['сделай новый файл привет.txt со словами "доброе утро"', 'привет.txt', 'доброе утро\n'],
    ['Напиши файл hello.txt, в котором написано: Привет', 'hello.txt', 'Привет\n'],
    ['создай файл hello.txt и напиши в него Привет', 'hello.txt', 'Привет\n'],
    ['Создай hello.js, который выводит Привет', 'hello.js', 'console.log("Привет")\n'],
    ['Создай файл a.md в папке docs с текстом А', 'docs/a.md', 'А\n'],
  ])('%s', async (text, path, content) => {
    const talk = new Conversation({})
    const answer = await talk.ask(text)
    expect(Object.fromEntries(talk.files)).toEqual({ [path]: content })
    expect(talk.tools).toEqual(['list_files', 'write_file'])
    expect(answer).toContain(`\`${path}\``)
  })

  it('makes the folders of a path', async () => {
    const talk = new Conversation({})
    await talk.ask('create deep/er/a.txt with text x')
    expect(talk.calls.at(-1)?.args).toEqual({ path: 'deep/er/a.txt', content: 'x\n', create_dirs: true })
  })

  it.each([
    ['Create hello.py', 'hello.py', /^def main/],
    ['Создай index.html', 'index.html', /^<!doctype html>/],
    ['create data.json', 'data.json', /^\{\}\n$/],
  ])('%s: a small sensible start', async (text, path, start) => {
    const talk = new Conversation({})
    await talk.ask(text)
    expect(talk.files.get(path)).toMatch(start)
  })

  it('never writes over a file that is there', async () => {
    const talk = new Conversation({ 'a.txt': 'mine' })
    expect(await talk.ask('create a.txt with text x')).toContain('exists already')
    expect(await talk.ask('Создай a.txt с текстом x')).toContain('уже есть')
    expect(talk.files.get('a.txt')).toBe('mine')
    expect(talk.tools).toEqual(['list_files', 'list_files'])
  })

  it.each([
    '{"status": "approved_with_edits", "tool_name": "write_file", "arguments": {"path": "b.txt"}}',
    'The user changed the arguments before this ran. What ran: {"path": "b.txt", "content": "y"}\n\n{"success": true, "path": "b.txt"}',
  ])('says that a person changed what it wrote: %s', async (result) => {
    const talk = new Conversation({}, { own: { write_file: () => result } })
    expect(await talk.ask('create a.txt with text x')).toBe('Wrote `b.txt` the way you changed it.')
  })

  it('takes a long text between fences whole, and says when it cannot read a request', async () => {
    const long = 'line of text\n'.repeat(5000)
    const talk = new Conversation({})
    await talk.ask(`create a.txt with\n\`\`\`\n${long}\`\`\``)
    expect(talk.files.get('a.txt')).toBe(long)
    expect(await talk.ask(`create b.txt with ${long}`)).toContain('longer than the rules')
    expect(talk.files.has('b.txt')).toBe(false)
  })

  it('makes folders too', async () => {
    const talk = new Conversation({})
    expect(await talk.ask('create a folder docs')).toContain('`docs`')
    expect(await talk.ask('Создай папку с названием «мои файлы»')).toContain('`мои файлы`')
    expect(talk.calls.map(({ args }) => args)).toEqual([{ path: 'docs' }, { path: 'мои файлы' }])
    const own = { create_directory: () => ({ success: true, path: 'docs', created: false }) }
    expect(await new Conversation({}, { own }).ask('create a folder docs')).toContain('there already')
  })
})

describe('change a file', () => {
  const start = 'one\ntwo and two\nthree\n'
  it.each([
    ['in a.txt replace two with 2', 'one\n2 and 2\nthree\n'],
    ['In the file a.txt, please replace "two and two" with "four"', 'one\nfour\nthree\n'],
    ['Replace one with 1 in a.txt', '1\ntwo and two\nthree\n'],
    ['change one to 1 in the file a.txt.', '1\ntwo and two\nthree\n'],
    ['rename two to zwei in `a.txt`', 'one\nzwei and zwei\nthree\n'],
    ['change one in a.txt to uno', 'uno\ntwo and two\nthree\n'],
    ['change line 3 of a.txt to drei', 'one\ntwo and two\ndrei\n'],
    ['in a.txt change line 3 to: drei', 'one\ntwo and two\ndrei\n'],
    ['replace the second line of a.txt with const x = "y"', 'one\nconst x = "y"\nthree\n'],
    ['edit a.txt: replace one with 1', '1\ntwo and two\nthree\n'],
    ['переименуй one в один в a.txt', 'один\ntwo and two\nthree\n'],
    ['замени в a.txt one на 1', '1\ntwo and two\nthree\n'],
    ['change line 3 of a.txt to `  drei`', 'one\ntwo and two\n  drei\n'],
    ['Set line 1 to "with in to" in a.txt', 'with in to\ntwo and two\nthree\n'],
    ['change the last line in a.txt to end', 'one\ntwo and two\nend\n'],
    ['delete line 2 from a.txt', 'one\nthree\n'],
    ['add the line four to a.txt', `${start}four\n`],
    ['append "four" to a.txt', `${start}four\n`],
    ['replace `two and two` with `a\\b` in a.txt', 'one\na\\b\nthree\n'],
    ['замени one на 1 в файле a.txt', '1\ntwo and two\nthree\n'],
    ['Замени «two and two» на «четыре» в a.txt', 'one\nчетыре\nthree\n'],
    ['В файле a.txt замени two на 2', 'one\n2 and 2\nthree\n'],
    ['пожалуйста, поменяй в a.txt слово three на три', 'one\ntwo and two\nтри\n'],
    ['Замени строку 3 в файле a.txt на три', 'one\ntwo and two\nтри\n'],
    ['измени третью строку файла a.txt на три', 'one\ntwo and two\nтри\n'],
    ['Измени 2-ю строку в a.txt на два', 'one\nдва\nthree\n'],
    ['в a.txt замени строку 1 на раз', 'раз\ntwo and two\nthree\n'],
    ['удали строку 2 из файла a.txt', 'one\nthree\n'],
    ['добавь строку четыре в конец файла a.txt', `${start}четыре\n`],
    ['допиши «четыре» в a.txt', `${start}четыре\n`],
  ])('%s', async (text, after) => {
    const talk = new Conversation({ 'a.txt': start })
    const answer = await talk.ask(text)
    expect(talk.files.get('a.txt')).toBe(after)
    expect(talk.tools).toEqual(['read_file', 'write_file'])
    expect(answer).toContain('```diff')
  })

  it('keeps line ends and the missing end of the last line', async () => {
    const talk = new Conversation({ 'a.txt': 'one\r\ntwo\r\nthree' })
    await talk.ask('change line 2 of a.txt to:\n```\nzwei\nplus\n```')
    expect(talk.files.get('a.txt')).toBe('one\r\nzwei\r\nplus\r\nthree')
    await talk.ask('append "end" to a.txt')
    expect(talk.files.get('a.txt')).toBe('one\r\nzwei\r\nplus\r\nthree\r\nend')
  })

  it('goes on with the file that was spoken of before', async () => {
    const talk = new Conversation({ 'a.txt': start })
    await talk.ask('show a.txt')
    await talk.ask('now replace one with 1 in it')
    await talk.ask('Замени в нём three на 3')
    await talk.ask('замени строку 2 на 2')
    expect(talk.files.get('a.txt')).toBe('1\n2\n3\n')
  })

  it.each([
    ['in a.txt replace four with 4', /does not occur/],
    ['change line 9 of a.txt to x', /has 3 lines, so there is no line 9/],
    ['замени one на one в a.txt', /совпадают/],
  ])('%s: says why nothing was changed', async (text, reason) => {
    const talk = new Conversation({ 'a.txt': start })
    expect(await talk.ask(text)).toMatch(reason)
    expect(talk.tools).toEqual(['read_file'])
  })

  it.each([
    ['a text that was cut', () => `{"success":true,"content":"one\\n${'x'.repeat(50)} [… 90000 characters left out …]`],
    ['a text that may have been cut', () => ({ success: true, content: `one\n${'x'.repeat(70_000)}` })],
    ['a result that says so', () => ({ success: true, content: 'one', truncated: true })],
  ])('never writes from %s', async (_, read_file) => {
    const talk = new Conversation({ 'a.txt': start }, { own: { read_file } })
    expect(await talk.ask('in a.txt replace one with 1')).toContain('too large')
    expect(talk.tools).toEqual(['read_file'])
  })

  it('reads plain text as it is', async () => {
    const talk = new Conversation({}, { own: { read_file: () => '{"name": "one"}\n' } })
    await talk.ask('in package.json replace one with two')
    expect(talk.files.get('package.json')).toBe('{"name": "two"}\n')
  })
})

describe('run something', () => {
  it.each([
    ['run npm test', 'npm test'],
    ['Run `npm test` and show me the output', 'npm test'],
    ['please run the command npm test.', 'npm test'],
    ['execute "npm test"', 'npm test'],
    ['Can you run npm test and tell me what it prints?', 'npm test'],
    ['run ls .', 'ls .'],
    ['run src/a.py', 'python3 src/a.py'],
    ['run sh wait.sh', 'sh wait.sh'],
    ['запусти node missing.js', 'node missing.js'],
    ['запусти npm test', 'npm test'],
    ['Запусти `npm test` и покажи вывод', 'npm test'],
    ['выполни команду npm test, пожалуйста', 'npm test'],
    ['Прогони npm test и процитируй вывод', 'npm test'],
    ['запусти скрипт a.js', 'node a.js'],
  ])('%s', async (text, command) => {
    const execute_command = () => ({
      command,
      exit_code: 1,
      stdout: '\u001b[32m3 passed\u001b[0m\n',
      stderr: 'warn!\n',
      timed_out: false,
    })
    const talk = new Conversation({}, { own: { execute_command } })
    const answer = await talk.ask(text)
    expect(talk.calls).toEqual([{ tool: 'execute_command', args: { command } }])
    expect(answer).toContain(`\`${command}\``)
    expect(answer).toMatch(/exit code 1|код возврата 1/)
    expect(answer).toContain('```\n3 passed\n```')
    expect(answer).toContain('```\nwarn!\n```')
  })

  it('asks for a shell when the command needs one', async () => {
    const talk = new Conversation({})
    await talk.ask('run `ls | wc -l`')
    expect(talk.calls[0]?.args).toEqual({ command: 'ls | wc -l', shell: true })
  })

  it.each([
    ['run the tests', project, 'npm test'],
    ['Запусти тесты', project, 'npm test'],
    ['run the build', project, 'npm run build'],
    ['run all tests', { 'Cargo.toml': '' }, 'cargo test'],
    ['прогони тесты', { 'go.mod': '' }, 'go test ./...'],
  ])('%s: finds out how', async (text, files, command) => {
    const talk = new Conversation(files)
    await talk.ask(text)
    expect(talk.calls.at(-1)).toEqual({ tool: 'execute_command', args: { command } })
  })

  it('says when it cannot find out how', async () => {
    expect(await new Conversation({ 'a.txt': '' }).ask('run the linter')).toContain('I found nothing here')
  })

  it('shows the end of a long output, and says that nothing was printed or that it took too long', async () => {
    const stdout = Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n')
    const withResult = (result: unknown) =>
      new Conversation({}, { own: { execute_command: () => result } }).ask('run x')
    expect(await withResult({ exit_code: 0, stdout })).toMatch(/exit code 0\.\n\nThe last 40 lines:\n\n```\nline 60\n/)
    expect(await withResult({ exit_code: 0, stdout: '', stderr: '' })).toContain('It printed nothing.')
    expect(await withResult({ exit_code: -1, stdout: '', timed_out: true })).toContain('took too long')
    expect(await withResult('plain output')).toContain('```\nplain output\n```')
  })

  it('tells a command that ended badly from one that could not be run', async () => {
    const withResult = (result: unknown) =>
      new Conversation({}, { own: { execute_command: () => result } }).ask('run x')
    expect(await withResult({ success: false, exit_code: 2, stdout: '', stderr: 'no such file' })).toMatch(
      /exit code 2[\s\S]*no such file/,
    )
    expect(await withResult('Error: Command not in whitelist: x')).toContain(
      'did not work: Command not in whitelist: x',
    )
  })

  it('makes out what is left of a result that was cut', async () => {
    const cut = `{"success": true, "exit_code": 3, "stdout": "first\\n${'x'.repeat(100)}\n[… 9 bytes left out. …]\nquo\\"ted\\nlast\\n", "stderr": "", "duration_ms": 5`
    const answer = await new Conversation({}, { own: { execute_command: () => cut } }).ask('run x')
    expect(answer).toContain('exit code 3')
    expect(answer).toContain('[… 9 bytes left out. …]\nquo"ted\nlast\n```')
  })

  it.each(['run away', 'execute the plan', 'запусти это как-нибудь'])('%s is no command', async (text) => {
    const talk = new Conversation({})
    await talk.ask(text)
    expect(talk.calls).toEqual([])
  })
})

describe('where is X used', () => {
  it.each([
    'Where is loadUser used?',
    'where is the function loadUser defined',
    'where is `loadUser` called?',
    'Where do we use loadUser?',
    'find all uses of loadUser',
    'find loadUser',
    'search for loadUser in the code',
    'who calls loadUser()?',
    'show me where loadUser is used',
    "where's loadUser used?",
    'В каких файлах встречается loadUser?',
    'Где используется loadUser?',
    'где loadUser используется',
    'где определена функция loadUser?',
    'Найди loadUser в проекте',
    'найди все использования loadUser',
    'Кто вызывает loadUser?',
  ])('%s', async (text) => {
    const talk = new Conversation(project, { agent: 'ask' })
    const answer = await talk.ask(text)
    expect(talk.calls).toEqual([{ tool: 'search_in_code', args: { query: 'loadUser' } }])
    expect(answer).toContain('`src/user.ts:1`')
  })

  it('says that nothing was found', async () => {
    expect(await new Conversation(project).ask('where is nothingness used?')).toContain('was not found')
    expect(await new Conversation(project).ask('Где используется пустота?')).toContain('не найдено')
  })

  it.each([
    ['file and line_number', { matches: [{ file: 'a.ts', line_number: 3, content: 'x()' }], total_matches: 1 }],
    ['lines of text', 'a.ts:3: x()'],
  ])('reads %s', async (_, result) => {
    const talk = new Conversation({}, { own: { search_in_code: () => result } })
    expect(await talk.ask('where is x used?')).toContain('`a.ts:3`  `x()`')
  })

  it('lists at most twenty places and tells of the rest', async () => {
    const matches = Array.from({ length: 50 }, (_, line) => ({ path: 'a.ts', line, text: 'x' }))
    const talk = new Conversation(
      {},
      { own: { search_in_code: () => ({ matches, total_matches: 70, truncated: true }) } },
    )
    const answer = await talk.ask('where is x used?')
    expect(answer.match(/^- `a\.ts/gm)).toHaveLength(20)
    expect(answer).toContain('… and 50 more')
    expect(answer).toContain('stopped at its limit')
  })
})

describe('plan', () => {
  it.each([
    ['Plan a move to PostgreSQL', 'plan.md', /# Plan: a move to PostgreSQL\n/],
    ['Make a plan for rate limiting', 'plan.md', /# Plan: rate limiting\n/],
    ['write a detailed migration plan for the orders table', 'plan.md', /the orders table/],
    ['design a cache, and measure it', 'plan.md', /3\. \[ \] Carry out: a cache\n4\. \[ \] Carry out: measure it/],
    ['Draft a plan to split the service and save it to docs/split.md', 'docs/split.md', /# Plan: split the service\n/],
    ['Составь план перехода на PostgreSQL', 'plan.md', /# План перехода на PostgreSQL\n/],
    ['составь подробный план тестирования', 'plan.md', /# План тестирования\n/],
    ['Спроектируй кэш', 'plan.md', /# План: кэш\n[\s\S]*Сделать часть: «кэш»/],
    ['напиши план рефакторинга в файл docs/план.md', 'docs/план.md', /# План рефакторинга\n/],
  ])('%s', async (text, path, content) => {
    const talk = new Conversation(project, { agent: 'architect' })
    const answer = await talk.ask(text)
    expect(talk.tools).toEqual(['list_files', 'write_file'])
    expect(talk.files.get(path)).toMatch(content)
    expect(talk.files.get(path)).toContain('`src/`')
    expect(answer).toContain(`\`${path}\``)
  })

  it('writes over no plan', async () => {
    const talk = new Conversation({ 'plan.md': 'mine' })
    await talk.ask('plan a holiday')
    expect([...talk.files.keys()]).toEqual(['plan.md', 'plan-2.md'])
  })
})

describe('two reads at once', () => {
  const files = { 'a.txt': 'one\ntwo\n', 'b.txt': 'one\nzwei\ndrei\n' }
  it.each([
    'compare a.txt and b.txt',
    "What's the difference between a.txt and b.txt?",
    'Сравни a.txt и b.txt',
    'Чем отличаются a.txt и b.txt?',
  ])('%s', async (text) => {
    const talk = new Conversation(files, { agent: 'ask' })
    const answer = await talk.ask(text)
    expect(talk.batches).toEqual([2])
    expect(talk.calls.map(({ args }) => args['path'])).toEqual(['a.txt', 'b.txt'])
    expect(answer).toMatch(/line 2:|строке 2:/)
    expect(answer).toContain('- two\n+ zwei\n+ drei')
  })

  it.each(['read a.txt and b.txt', 'Read a.txt, b.txt', 'прочитай a.txt и b.txt', 'Покажи файлы a.txt и b.txt'])(
    '%s',
    async (text) => {
      const talk = new Conversation(files, { agent: 'ask' })
      const answer = await talk.ask(text)
      expect(talk.batches).toEqual([2])
      expect(answer).toContain('`a.txt`')
      expect(answer).toContain('`b.txt`')
    },
  )

  it('says when files are the same, and which one could not be read', async () => {
    expect(await new Conversation({ 'a.txt': 'x', 'b.txt': 'x' }).ask('compare a.txt and b.txt')).toContain('identical')
    const answer = await new Conversation({ 'a.txt': 'x' }).ask('compare a.txt and b.txt')
    expect(answer).toContain('`b.txt` could not be read: File not found: b.txt')
  })
})

describe('a call that is rejected', () => {
  it.each([
    ['{"status":"rejected","tool_name":"write_file","feedback":"use the docs folder"}', 'use the docs folder'],
    ['Error: User rejected: not now', 'not now'],
    ['Error: Операция отклонена: write_file', 'Операция отклонена'],
    ['User rejected this operation', 'User rejected this operation'],
    ['{"error":"User rejected: no"}', 'no'],
  ])('%s: the reason is repeated, the call is not', async (result, reason) => {
    const talk = new Conversation({}, { own: { write_file: () => result } })
    const answer = await talk.ask('create a.txt with text x')
    expect(talk.tools).toEqual(['list_files', 'write_file'])
    expect(answer).toContain('was rejected')
    expect(answer).toContain(reason)
  })

  it('is told in the language of the person', async () => {
    const talk = new Conversation(
      {},
      { own: { execute_command: () => '{"status":"rejected","feedback":"не сейчас"}' } },
    )
    expect(await talk.ask('запусти npm test')).toMatch(/отклонён: не сейчас/)
  })

  it('is not seen in a file that speaks of rejection', async () => {
    const talk = new Conversation({ 'a.txt': 'Error: rejected\n' })
    expect(await talk.ask('explain a.txt')).toContain('1 line')
  })

  it('does not stand in the way of the next request', async () => {
    let allowed = false
    const own = { write_file: () => (allowed ? { success: true } : '{"status":"rejected","feedback":"no"}') }
    const talk = new Conversation({}, { own })
    await talk.ask('create a.txt with text x')
    allowed = true
    expect(await talk.ask('create a.txt with text x')).toContain('Created `a.txt`')
  })
})

describe('a call that fails', () => {
  it.each([
    ['Error: Permission denied', 'Permission denied'],
    ['{"success":false,"error":"disk full"}', 'disk full'],
    ['{"error":"No result was provided","reason":"superseded"}', 'No result was provided: superseded'],
  ])('%s: says it', async (result, reason) => {
    const talk = new Conversation({}, { own: { write_file: () => result } })
    const answer = await talk.ask('create a.txt with text x')
    expect(answer).toContain(`\`write_file\` did not work: ${reason}`)
    expect(talk.tools).toEqual(['list_files', 'write_file'])
  })
})

describe('a tool that is not offered', () => {
  it.each([
    ['ask', 'create a.txt with text x'],
    ['ask', 'Создай a.txt с текстом x'],
    ['architect', 'create a.txt with text x'],
    ['debug', 'create a.txt with text x'],
  ] as const)('%s hands over to the coder: %s', async (agent, text) => {
    const talk = new Conversation({}, { agent })
    await talk.ask(text)
    expect(talk.tools).toEqual(['list_files', 'switch_mode', 'write_file'])
    expect(talk.calls[1]?.args).toMatchObject({ mode: 'coder', reason: expect.stringContaining('write_file') })
    expect(talk.files.get('a.txt')).toBe('x\n')
  })

  it('hands a command over, and a plan to the architect', async () => {
    const talk = new Conversation({}, { agent: 'ask' })
    await talk.ask('run npm test')
    expect(talk.tools).toEqual(['switch_mode', 'execute_command'])
    const plan = new Conversation({}, { agent: 'ask' })
    await plan.ask('plan a holiday')
    expect(plan.agent).toBe('architect')
    expect(plan.files.has('plan.md')).toBe(true)
  })

  it('is named when nobody can be asked', async () => {
    const list: string[] = []
    const model = createDemoModel()
    const messages: Message[] = [{ role: 'user', parts: [{ type: 'text', text: 'where is x used?' }] }]
    const request = { purpose: 'answer', system: '', messages, tools: [] } as const
    for await (const event of model.stream(request, AbortSignal.timeout(5000)))
      if (event.type === 'text-delta') list.push(event.text)
    expect(list.join('')).toContain('needs the tool `search_in_code`')
  })

  it('hands over only once', async () => {
    const talk = new Conversation({}, { agent: 'ask', own: { switch_mode: () => 'Switching to coder agent' } })
    expect(await talk.ask('run npm test')).toContain('needs the tool `execute_command`')
    expect(talk.tools).toEqual(['switch_mode'])
  })

  it('says when the handoff fails', async () => {
    const talk = new Conversation({}, { agent: 'ask', own: { switch_mode: () => 'Error: Too many switches' } })
    expect(await talk.ask('run npm test')).toContain('Too many switches')
  })
})

describe('anything else', () => {
  it.each([
    'hello',
    'Fix the bug in main.dart',
    'Why is the sky blue?',
    'create a new widget',
    'update the version in package.json to 2.0.0',
    'change the version to 2.0.0 in package.json',
    'find the file a.txt',
    'write a function that adds two numbers',
    'Explain recursion',
    'Tell me a joke',
    '',
    '…',
    '你好',
  ])('%s: says what it is and how to connect a model', async (text) => {
    const talk = new Conversation(project)
    const answer = await talk.ask(text)
    expect(talk.calls).toEqual([])
    expect(answer).toMatch(/no language model/)
    for (const name of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'AGENT_RUNTIME__LLM_PROXY_URL'])
      expect(answer).toContain(name)
  })

  it.each(['привет', 'Почини всё', 'Почему небо голубое?'])('%s', async (text) => {
    expect(await new Conversation(project).ask(text)).toContain('не языковая модель')
  })

  it('loses no words over results that it did not ask for', async () => {
    const talk = new Conversation({})
    talk.messages.push(
      { role: 'user', parts: [{ type: 'text', text: 'run npm test' }] },
      { role: 'assistant', parts: [{ type: 'tool-call', callId: '1', tool: 'read_file', argumentsJson: '{' }] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: '1', tool: 'read_file', text: 'x' }] },
    )
    const events: ModelEvent[] = []
    const tools = [{ name: 'execute_command', description: '', parameters: {} }]
    const request = { purpose: 'answer', system: '', messages: talk.messages, tools } as const
    for await (const event of createDemoModel().stream(request, AbortSignal.timeout(5000))) events.push(event)
    expect(events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')).toContain('lost the thread')
  })
})
