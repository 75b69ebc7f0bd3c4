export type OutlineKind = 'function' | 'class' | 'type' | 'heading' | 'key' | 'target' | 'selector'

/** What the demo model knows of a kind of file. */
export interface CodeLanguage {
  readonly name: string
  /** Endings without the dot, or whole names. */
  readonly endings: readonly string[]
  /** How a person names it when a file is to be created. */
  readonly words?: RegExp
  /** Matched on single lines; the first group is the name. */
  readonly outline: readonly (readonly [OutlineKind, RegExp])[]
  /** The module named by an import; first group that is there. */
  readonly imports?: RegExp
  /** What a comment line begins with. */
  readonly comment?: string
  /** A small new file. */
  start?(title: string): string
  /** A program that prints this text. */
  prints?(text: string): string
  /** The command that runs a file. */
  run?(path: string): string
}

const quoted = (text: string) => JSON.stringify(text)
const cLike: CodeLanguage['outline'] = [
  [
    'class',
    /^\s*(?:public |private |protected |internal |abstract |final |static |sealed |data |open )*(?:class|record|object)\s+(\w+)/,
  ],
  ['type', /^\s*(?:public |private |protected |internal )*(?:interface|enum|struct|trait|protocol)\s+(\w+)/],
]
const script: Pick<CodeLanguage, 'outline' | 'imports' | 'comment'> = {
  outline: [
    ['function', /^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?function\s*\*?\s*([\w$]+)/],
    ['function', /^(?:export\s+)?const\s+([\w$]+)\s*=\s*(?:async\s*)?(?:\([^)]*\)|[\w$]+)\s*(?::[^=]+)?=>/],
    ['class', /^\s*(?:export\s+)?(?:default\s+)?(?:abstract\s+)?class\s+([\w$]+)/],
    ['type', /^\s*(?:export\s+)?(?:interface|type|enum)\s+([\w$]+)/],
  ],
  imports: /^\s*(?:import|export)\b[^'"]*['"]([^'"]+)['"]|\brequire\(\s*['"]([^'"]+)['"]\s*\)/,
  comment: '//',
}

export const languages: readonly CodeLanguage[] = [
  {
    name: 'TypeScript',
    endings: ['ts', 'tsx', 'mts', 'cts'],
    words: /\btypescript\b|тайпскрипт/iu,
    ...script,
    start: (title) => `console.log(${quoted(title)})\n`,
    prints: (text) => `console.log(${quoted(text)})\n`,
    run: (path) => `node ${path}`,
  },
  {
    name: 'JavaScript',
    endings: ['js', 'jsx', 'mjs', 'cjs'],
    words: /\b(?:javascript|js|node)\b|джаваскрипт/iu,
    ...script,
    start: (title) => `console.log(${quoted(title)})\n`,
    prints: (text) => `console.log(${quoted(text)})\n`,
    run: (path) => `node ${path}`,
  },
  {
    name: 'Python',
    endings: ['py', 'pyi'],
    words: /\bpython\b|питон|пайтон/iu,
    outline: [
      ['class', /^\s*class\s+(\w+)/],
      ['function', /^\s*(?:async\s+)?def\s+(\w+)/],
    ],
    imports: /^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))/,
    comment: '#',
    start: (title) => `def main():\n    print(${quoted(title)})\n\n\nif __name__ == "__main__":\n    main()\n`,
    prints: (text) => `print(${quoted(text)})\n`,
    run: (path) => `python3 ${path}`,
  },
  {
    name: 'Markdown',
    endings: ['md', 'mdx', 'markdown'],
    words: /\bmarkdown\b|маркдаун/iu,
    outline: [['heading', /^(#{1,4}\s+.+?)\s*#*$/]],
    start: (title) => `# ${title}\n`,
  },
  {
    name: 'JSON',
    endings: ['json', 'jsonc', 'json5'],
    words: /\bjson\b/iu,
    outline: [['key', /^(?: {2}|\t)"([^"]+)"\s*:/]],
    start: () => '{}\n',
  },
  {
    name: 'YAML',
    endings: ['yaml', 'yml'],
    words: /\byaml\b/iu,
    outline: [['key', /^([\w.-]+)\s*:/]],
    comment: '#',
    start: (title) => `# ${title}\n`,
  },
  {
    name: 'TOML',
    endings: ['toml'],
    outline: [['heading', /^\[+([^\]]+)\]+/]],
    comment: '#',
    start: (title) => `# ${title}\n`,
  },
  {
    name: 'HTML',
    endings: ['html', 'htm'],
    words: /\bhtml\b/iu,
    outline: [['heading', /<(?:title|h[1-3])[^>]*>([^<]+)</i]],
    start: (title) =>
      `<!doctype html>\n<html lang="en">\n<head>\n  <meta charset="utf-8">\n  <title>${escaped(title)}</title>\n</head>\n<body>\n  <h1>${escaped(title)}</h1>\n</body>\n</html>\n`,
  },
  {
    name: 'CSS',
    endings: ['css', 'scss', 'less'],
    words: /\bcss\b/iu,
    outline: [['selector', /^([.#@:\w][^{};]*?)\s*\{/]],
    start: () => 'body {\n  margin: 0;\n}\n',
  },
  {
    name: 'Shell',
    endings: ['sh', 'bash', 'zsh'],
    words: /\b(?:shell|bash)\b/iu,
    outline: [['function', /^\s*(?:function\s+)?([\w-]+)\s*\(\)\s*\{?/]],
    comment: '#',
    start: (title) => `#!/bin/sh\nset -eu\necho '${title.replaceAll("'", "'\\''")}'\n`,
    prints: (text) => `#!/bin/sh\nset -eu\necho '${text.replaceAll("'", "'\\''")}'\n`,
    run: (path) => `sh ${path}`,
  },
  {
    name: 'Go',
    endings: ['go'],
    words: /\bgolang\b/iu,
    outline: [
      ['function', /^func\s+(?:\([^)]*\)\s*)?(\w+)/],
      ['type', /^type\s+(\w+)/],
    ],
    imports: /^\s*(?:import\s+)?(?:\w+\s+)?"([^"]+)"$/,
    comment: '//',
    start: (title) => `package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println(${quoted(title)})\n}\n`,
    prints: (text) => `package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println(${quoted(text)})\n}\n`,
    run: (path) => `go run ${path}`,
  },
  {
    name: 'Rust',
    endings: ['rs'],
    words: /\brust\b/iu,
    outline: [
      ['function', /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:async\s+)?fn\s+(\w+)/],
      ['type', /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:struct|enum|trait|type)\s+(\w+)/],
    ],
    imports: /^\s*use\s+([\w:]+)/,
    comment: '//',
    start: (title) => `fn main() {\n    println!("{}", ${quoted(title)});\n}\n`,
    prints: (text) => `fn main() {\n    println!("{}", ${quoted(text)});\n}\n`,
  },
  {
    name: 'Java',
    endings: ['java'],
    outline: [
      ...cLike,
      ['function', /^\s+(?:public |private |protected |static |final |abstract )+[\w<>[\],.? ]+\s(\w+)\s*\(/],
    ],
    imports: /^import\s+(?:static\s+)?([\w.]+)/,
    comment: '//',
  },
  {
    name: 'Kotlin',
    endings: ['kt', 'kts'],
    outline: [...cLike, ['function', /^\s*(?:\w+\s+)*fun\s+(?:<[^>]+>\s*)?(?:[\w<>]+\.)?(\w+)/]],
    imports: /^import\s+([\w.]+)/,
    comment: '//',
  },
  {
    name: 'Dart',
    endings: ['dart'],
    outline: [
      ['class', /^\s*(?:abstract\s+|sealed\s+|final\s+)*(?:class|mixin|extension)\s+(\w+)/],
      ['type', /^\s*(?:enum|typedef)\s+(\w+)/],
      ['function', /^\s{0,2}(?:static\s+)?[A-Za-z_][\w<>?, ]*\s(\w+)\s*\([^;]*(?:\{|=>|async)/],
    ],
    imports: /^import\s+['"]([^'"]+)['"]/,
    comment: '//',
    start: (title) => `void main() {\n  print(${quoted(title)});\n}\n`,
    prints: (text) => `void main() {\n  print(${quoted(text)});\n}\n`,
    run: (path) => `dart run ${path}`,
  },
  { name: 'C#', endings: ['cs'], outline: cLike, imports: /^using\s+([\w.]+)/, comment: '//' },
  {
    name: 'Swift',
    endings: ['swift'],
    outline: [...cLike, ['function', /^\s*(?:\w+\s+)*func\s+(\w+)/]],
    imports: /^import\s+(\w+)/,
    comment: '//',
  },
  {
    name: 'C/C++',
    endings: ['c', 'h', 'cc', 'cpp', 'hpp', 'cxx'],
    outline: [...cLike, ['function', /^(?!\s|#|return|else|if|for|while)[\w:*&<>,\s]+?[\s*&]([\w:~]+)\s*\([^;]*$/]],
    imports: /^#include\s+[<"]([^>"]+)[>"]/,
    comment: '//',
  },
  {
    name: 'PHP',
    endings: ['php'],
    outline: [...cLike, ['function', /^\s*(?:\w+\s+)*function\s+&?(\w+)/]],
    imports: /^use\s+([\w\\]+)/,
    comment: '//',
  },
  {
    name: 'Ruby',
    endings: ['rb'],
    words: /\bruby\b/iu,
    outline: [
      ['class', /^\s*(?:class|module)\s+([\w:]+)/],
      ['function', /^\s*def\s+([\w.?!=]+)/],
    ],
    imports: /^\s*require(?:_relative)?\s+['"]([^'"]+)['"]/,
    comment: '#',
    start: (title) => `puts ${quoted(title)}\n`,
    prints: (text) => `puts ${quoted(text)}\n`,
    run: (path) => `ruby ${path}`,
  },
  {
    name: 'SQL',
    endings: ['sql'],
    outline: [
      [
        'type',
        /^\s*create\s+(?:or\s+replace\s+)?(?:table|view|index|function)\s+(?:if\s+not\s+exists\s+)?["`]?([\w.]+)/i,
      ],
    ],
    comment: '--',
  },
  { name: 'Makefile', endings: ['Makefile', 'mk'], outline: [['target', /^([\w./-]+)\s*:(?!=)/]], comment: '#' },
  { name: 'Dockerfile', endings: ['Dockerfile'], outline: [['target', /^FROM\s+(\S+)/i]], comment: '#' },
]

/** By the ending of the path, or by its name. */
export function languageOfFile(path: string): CodeLanguage | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  return languages.find(({ endings }) =>
    name.includes('.') ? endings.includes(ending) : /^[A-Z]/.test(name) && endings.includes(name),
  )
}

/** The small start of a new file. */
export function startOf(path: string, title: string): string {
  return languageOfFile(path)?.start?.(title) ?? `${title}\n`
}

export interface OutlineEntry {
  readonly kind: OutlineKind
  readonly name: string
  readonly line: number
}

export interface Outline {
  readonly entries: readonly OutlineEntry[]
  readonly imports: readonly string[]
}

const longestLine = 500
const mostLines = 20_000

/** Names and places by simple expressions, line by line. */
export function outlineOf(language: CodeLanguage, content: string): Outline {
  const entries: OutlineEntry[] = []
  const imports = new Set<string>()
  let inFence = false
  for (const [index, whole] of content.split(/\r?\n/, mostLines).entries()) {
    const line = whole.slice(0, longestLine)
    if (language.name === 'Markdown' && /^\s*(?:```|~~~)/.test(line)) inFence = !inFence
    if (inFence) continue
    for (const [kind, expression] of language.outline) {
      const name = expression.exec(line)?.[1]?.trim()
      if (name === undefined || keywords.has(name)) continue
      entries.push({ kind, name, line: index + 1 })
      break
    }
    const found = language.imports?.exec(line)
    const module = found?.[1] ?? found?.[2]
    if (module) imports.add(module)
  }
  return { entries, imports: [...imports] }
}

const keywords: ReadonlySet<string> = new Set(['if', 'for', 'while', 'switch', 'return', 'catch', 'else'])

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
