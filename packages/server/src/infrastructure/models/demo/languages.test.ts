import { describe, expect, it } from 'vitest'
import { languageOfFile, outlineOf, startOf } from './languages.ts'

function namesIn(path: string, content: string): string[] {
  const language = languageOfFile(path)
  return language ? outlineOf(language, content).entries.map(({ kind, name }) => `${kind} ${name}`) : []
}

describe('outlineOf', () => {
  it.each([
    [
      'a.ts',
      'export async function load() {}\nexport const save = (x: string): void => {}\ninterface User {}\n  if (x) {}',
      [...['function load', 'function save', 'type User']],
    ],
    ['a.py', 'class A:\n    def b(self):\n        pass\nasync def c(): pass', ['class A', 'function b', 'function c']],
    ['a.md', '# One\n```\n# no heading\n```\n## Two ##', ['heading # One', 'heading ## Two']],
    ['a.json', '{\n  "name": "x",\n  "deep": {\n    "inner": 1\n  }\n}', ['key name', 'key deep']],
    ['a.go', 'func (s *S) Run() {}\nfunc main() {}\ntype S struct {}', ['function Run', 'function main', 'type S']],
    ['a.rs', 'pub fn run() {}\nstruct S;', ['function run', 'type S']],
    [
      'a.dart',
      'class App extends Widget {\n  void build(Context c) {\n    if (x) {\n',
      ['class App', 'function build'],
    ],
    ['A.java', 'public class A {\n  public static void main(String[] args) {\n', ['class A', 'function main']],
    ['Makefile', 'all: build\nX := 1\n\tcc a.c', ['target all']],
    ['a.sql', 'CREATE TABLE IF NOT EXISTS users (', ['type users']],
  ])('%s', (path, content, names) => {
    expect(namesIn(path, content)).toEqual(names)
  })

  it('is quick on lines without end', () => {
    for (const path of ['a.ts', 'a.java', 'a.c', 'a.dart', 'a.kt', 'a.md', 'a.cs']) {
      for (const piece of ['a ', 'public ', '# ', '(', 'final ']) namesIn(path, piece.repeat(100_000))
    }
  }, 10_000)

  it('knows files by ending and by name', () => {
    expect(languageOfFile('deep/Dockerfile')?.name).toBe('Dockerfile')
    expect(languageOfFile('A.TS')?.name).toBe('TypeScript')
    expect(languageOfFile('c')).toBeUndefined()
  })
})

describe('startOf', () => {
  it('keeps a title from breaking out of its place', () => {
    expect(startOf('a.sh', "it's")).toContain("echo 'it'\\''s'")
    expect(startOf('a.py', 'say "hi"')).toContain('print("say \\"hi\\"")')
    expect(startOf('a.html', '<b>')).toContain('<title>&lt;b></title>')
    expect(startOf('a.unknown', 'x')).toBe('x\n')
  })
})
