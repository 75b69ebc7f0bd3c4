import type { Edit, EditMatch, EditProblem } from './edit.ts'

/** A text, edits, and what must come of them. */
export interface HardCase {
  readonly name: string
  readonly text: string
  readonly edits: readonly Edit[]
  readonly gives:
    | { readonly text: string; readonly match: readonly EditMatch[] }
    | {
        readonly problem: EditProblem
        readonly edit?: number
        readonly lines?: readonly number[]
        readonly says?: string
      }
}

function edit(old_text: string, new_text: string, replace_all?: boolean): Edit {
  return { old_text, new_text, ...(replace_all === undefined ? {} : { replace_all }) }
}

const nested = 'class A {\n  run() {\n    if (a) {\n      go()\n    }\n  }\n}\n'

export const hardCases: readonly HardCase[] = [
  // Plain
  {
    name: 'one place in one line',
    text: 'a\nb\nc\n',
    edits: [edit('b', 'B')],
    gives: { text: 'a\nB\nc\n', match: ['exact'] },
  },
  {
    name: 'a part of a line',
    text: 'const a = 1 // one\n',
    edits: [edit('= 1', '= 2')],
    gives: { text: 'const a = 2 // one\n', match: ['exact'] },
  },
  {
    name: 'a deletion with its line end',
    text: 'a\nb\nc\n',
    edits: [edit('b\n', '')],
    gives: { text: 'a\nc\n', match: ['exact'] },
  },
  {
    name: 'dollar signs and backslashes are text',
    text: 'x = "a"\n',
    edits: [edit('"a"', '"$& $1 $$ \\\\n \\u0041"')],
    gives: { text: 'x = "$& $1 $$ \\\\n \\u0041"\n', match: ['exact'] },
  },
  {
    name: 'signs that mean something in patterns',
    text: 'if (a.*b[0]) {}\nif (axxb0) {}\n',
    edits: [edit('(a.*b[0])', '(ok)')],
    gives: { text: 'if (ok) {}\nif (axxb0) {}\n', match: ['exact'] },
  },
  {
    name: 'characters beyond the first plane',
    text: 'a 😀 b 😁\n',
    edits: [edit('😁', '😂')],
    gives: { text: 'a 😀 b 😂\n', match: ['exact'] },
  },
  {
    name: 'half of a pair is no text',
    text: 'a 😀\n',
    edits: [edit('\ud83d', 'x')],
    gives: { problem: 'invalid', edit: 0 },
  },
  // Line ends
  {
    name: 'CRLF: a model that knows "\\n" only',
    text: 'a\r\nb\r\nc\r\n',
    edits: [edit('a\nb', 'a\nnew\nb')],
    gives: { text: 'a\r\nnew\r\nb\r\nc\r\n', match: ['line_ends'] },
  },
  {
    name: 'CRLF: one line, two new ones',
    text: 'a\r\nb\r\n',
    edits: [edit('b', 'b\nc')],
    gives: { text: 'a\r\nb\r\nc\r\n', match: ['exact'] },
  },
  {
    name: 'CRLF in the edit, "\\n" in the file',
    text: 'a\nb\n',
    edits: [edit('a\r\nb', 'a\r\nc')],
    gives: { text: 'a\nc\n', match: ['line_ends'] },
  },
  {
    name: 'CRLF: an edit in its own line ends',
    text: 'a\r\nb\r\n',
    edits: [edit('a\r\nb\r\n', 'a\nx\ny\n')],
    gives: { text: 'a\r\nx\r\ny\r\n', match: ['exact'] },
  },
  {
    name: 'mixed ends: every line keeps its own',
    text: 'a\nb\r\nc\nd\r\n',
    edits: [edit('b\nc\nd', 'B\nC\nD')],
    gives: { text: 'a\nB\r\nC\nD\r\n', match: ['line_ends'] },
  },
  {
    name: 'mixed ends: two places that look the same are two',
    text: 'a\r\nb\r\na\nb\n',
    edits: [edit('a\nb', 'x')],
    gives: { problem: 'several', lines: [1, 3] },
  },
  {
    name: 'lines that end in CR only',
    text: 'a\rb\rc\r',
    edits: [edit('a\nb', 'a\nx\nb')],
    gives: { text: 'a\rx\rb\rc\r', match: ['line_ends'] },
  },
  {
    name: 'a lone CR in a line is a character',
    text: 'a\rb\nc\n',
    edits: [edit('a\rb', 'ab')],
    gives: { text: 'ab\nc\n', match: ['exact'] },
  },
  {
    name: 'an edit of line ends only changes nothing',
    text: 'a\r\nb\r\n',
    edits: [edit('a\r\nb', 'a\nb')],
    gives: { problem: 'no_change', says: 'line ends' },
  },
  // The mark and the last line
  {
    name: 'the byte order mark stays',
    text: '\ufeffa\r\nb\r\n',
    edits: [edit('a\nb', 'c\nd')],
    gives: { text: '\ufeffc\r\nd\r\n', match: ['line_ends'] },
  },
  {
    name: 'a byte order mark in the edit is none of its text',
    text: '\ufeffa\n',
    edits: [edit('\ufeffa', '\ufeffb')],
    gives: { text: '\ufeffb\n', match: ['line_ends'] },
  },
  {
    name: 'the last line keeps its end',
    text: 'a\nb\n',
    edits: [edit('b\n', 'c')],
    gives: { text: 'a\nc\n', match: ['exact'] },
  },
  {
    name: 'the last line keeps its CRLF',
    text: 'a\r\nb\r\n',
    edits: [edit('b\n', 'c')],
    gives: { text: 'a\r\nc\r\n', match: ['line_ends'] },
  },
  {
    name: 'a last line without an end gets none',
    text: 'a\nb',
    edits: [edit('b\n', 'c\n')],
    gives: { text: 'a\nc', match: ['line_ends'] },
  },
  {
    name: 'a last line without an end gets one that is asked for',
    text: 'a\nb',
    edits: [edit('b', 'b\n')],
    gives: { text: 'a\nb\n', match: ['exact'] },
  },
  {
    name: 'everything may go',
    text: 'a\nb\n',
    edits: [edit('a\nb\n', '')],
    gives: { text: '', match: ['exact'] },
  },
  // Several
  {
    name: 'two places',
    text: 'a\nx\nb\nx\n',
    edits: [edit('x', 'y')],
    gives: { problem: 'several', lines: [2, 4], says: 'lines 2 and 4' },
  },
  {
    name: 'two places in one line',
    text: 'a(x, x)\n',
    edits: [edit('x', 'y')],
    gives: { problem: 'several', lines: [1, 1] },
  },
  {
    name: 'places that overlap are two',
    text: 'aaa\n',
    edits: [edit('aa', 'b')],
    gives: { problem: 'several' },
  },
  {
    name: 'all places',
    text: 'x x\nx\n',
    edits: [edit('x', 'yy', true)],
    gives: { text: 'yy yy\nyy\n', match: ['exact'] },
  },
  {
    name: 'all of places that overlap: from the left',
    text: 'aaaaa\n',
    edits: [edit('aa', 'b', true)],
    gives: { text: 'bba\n', match: ['exact'] },
  },
  {
    name: 'all places where there is none',
    text: 'a\n',
    edits: [edit('x', 'y', true)],
    gives: { problem: 'not_found' },
  },
  {
    name: 'all places with new text that holds the old one',
    text: 'id id\n',
    edits: [edit('id', 'id2', true)],
    gives: { text: 'id2 id2\n', match: ['exact'] },
  },
  {
    name: 'all places over line ends of both kinds',
    text: 'a\r\nb\na\nb\r\n',
    edits: [edit('a\nb', 'c\nd', true)],
    gives: { text: 'c\r\nd\nc\nd\r\n', match: ['line_ends'] },
  },
  {
    name: 'an exact place wins over a loose one',
    text: 'a  \nb\n\na\nb\n',
    edits: [edit('a\nb', 'x')],
    gives: { text: 'a  \nb\n\nx\n', match: ['exact'] },
  },
  // Space at the ends of lines
  {
    name: 'trailing space in the file',
    text: 'a  \nb\t\nc\n',
    edits: [edit('a\nb', 'x\ny')],
    gives: { text: 'x\ny\nc\n', match: ['trailing_space'] },
  },
  {
    name: 'trailing space in the edit',
    text: 'a\nb\nc\n',
    edits: [edit('a \nb  ', 'x\ny')],
    gives: { text: 'x\ny\nc\n', match: ['trailing_space'] },
  },
  {
    name: 'a line that the edit repeats keeps its trailing space',
    text: 'a  \nb\nc  \n',
    edits: [edit('a\nb\nc', 'a\nB\nc')],
    gives: { text: 'a  \nB\nc  \n', match: ['trailing_space'] },
  },
  {
    name: 'a line of spaces is an empty line',
    text: 'a\n   \nb\n',
    edits: [edit('a\n\nb', 'a\nb')],
    gives: { text: 'a\nb\n', match: ['trailing_space'] },
  },
  {
    name: 'two loose places',
    text: 'a \nb\na  \nb\n',
    edits: [edit('a\nb', 'x')],
    gives: { problem: 'several', lines: [1, 3] },
  },
  {
    name: 'two loose places, all asked for',
    text: 'a \nb\na  \nb\n',
    edits: [edit('a\nb', 'x', true)],
    gives: { problem: 'several', says: 'exactly the same' },
  },
  {
    name: 'a loose match takes whole lines: a part of a longer one is none',
    text: 'xa \nb\n',
    edits: [edit('a\nb', 'y')],
    gives: { problem: 'not_found' },
  },
  {
    name: 'space alone is never matched loosely',
    text: 'a\n\t\nb\n',
    edits: [edit('    ', 'x')],
    gives: { problem: 'not_found' },
  },
  {
    name: 'trailing space is all that is to go',
    text: 'a  \nb\n',
    edits: [edit('a  \n', 'a\n')],
    gives: { text: 'a\nb\n', match: ['exact'] },
  },
  // The indent
  {
    name: 'too little indent, new text indented like the file',
    text: nested,
    edits: [edit('if (a) {\n  go()\n}', 'if (a) {\n  stop()\n\n  go()\n}')],
    gives: {
      text: 'class A {\n  run() {\n    if (a) {\n      stop()\n\n      go()\n    }\n  }\n}\n',
      match: ['indent'],
    },
  },
  {
    name: 'too much indent',
    text: 'a() {\n  b()\n}\n',
    edits: [edit('    a() {\n      b()\n    }\n', '    a() {\n      c()\n    }\n')],
    gives: { text: 'a() {\n  c()\n}\n', match: ['indent'] },
  },
  {
    name: 'a tab more',
    text: 'f\n\tif x:\n\t\tgo()\n',
    edits: [edit('if x:\n\tgo()', 'if x:\n\tstop()')],
    gives: { text: 'f\n\tif x:\n\t\tstop()\n', match: ['indent'] },
  },
  {
    name: 'an indent that is not the same on all lines',
    text: '  a\n      b\n',
    edits: [edit('a\n  b', 'x\n  y')],
    gives: { problem: 'not_found' },
  },
  {
    name: 'new text that cannot lose the indent',
    text: 'a\n  b\n',
    edits: [edit('  a\n    b', 'x\n    y')],
    gives: { problem: 'not_found' },
  },
  {
    name: 'two places but for the indent',
    text: '  a\n  b\n    a\n    b\n',
    edits: [edit('\ta\n\tb', '\tx')],
    gives: { problem: 'not_found' },
  },
  {
    name: 'two places with another indent each',
    text: ' if a:\n  b\n\n  if a:\n   b\n',
    edits: [edit('if a:\n b\n', 'if a:\n c\n')],
    gives: { problem: 'several', lines: [1, 4] },
  },
  {
    name: 'tabs are not spaces',
    text: '\ta\n\t\tb\n',
    edits: [edit('    a\n        b', '    x\n        y')],
    gives: { problem: 'not_found' },
  },
  {
    name: 'indent, CRLF, trailing space and the mark at once',
    text: '\ufefff {\r\n    a  \r\n    b\r\n}\r\n',
    edits: [edit('a\nb\n', 'a\nc\nd\n')],
    gives: { text: '\ufefff {\r\n    a  \r\n    c\r\n    d\r\n}\r\n', match: ['indent'] },
  },
  // None
  {
    name: 'the nearest region is named',
    text: 'one\ntwo\nthree\nfour\n',
    edits: [edit('two\nthre\nfour', 'x')],
    gives: { problem: 'not_found', lines: [2, 3, 4], says: '3\tthree' },
  },
  {
    name: 'the line that differs is named',
    text: 'one\ntwo\nthree\nfour\n',
    edits: [edit('two\nthre\nfour', 'x')],
    gives: { problem: 'not_found', says: 'Line 3 differs first: the file has "three", old_text has "thre".' },
  },
  {
    name: 'a line that is like it',
    text: 'alpha\nconst total = sum(items)\nomega\n',
    edits: [edit('const total = sum(item)', 'x')],
    gives: { problem: 'not_found', lines: [2] },
  },
  {
    name: 'nothing like it',
    text: 'alpha\nomega\n'.repeat(20),
    edits: [edit('0123456789', 'x')],
    gives: { problem: 'not_found', lines: [], says: 'Nothing like it is in its 40 lines' },
  },
  {
    name: 'nothing like it in a short file: all of it is shown',
    text: 'alpha\nomega\n',
    edits: [edit('0123456789', 'x')],
    gives: { problem: 'not_found', lines: [], says: '1\talpha\n2\tomega' },
  },
  {
    name: 'line numbers copied from a read',
    text: 'alpha\nomega\n',
    edits: [edit('1\talpha\n2\tomega', 'x')],
    gives: { problem: 'not_found', says: 'line numbers' },
  },
  {
    name: 'an edit that was made before',
    text: 'const a = 2\n',
    edits: [edit('const a = 1', 'const a = 2')],
    gives: { problem: 'not_found', says: 'made before' },
  },
  {
    name: 'an empty file',
    text: '',
    edits: [edit('a', 'b')],
    gives: { problem: 'not_found', says: 'empty' },
  },
  {
    name: 'the case of letters counts',
    text: 'Value\n',
    edits: [edit('value', 'x')],
    gives: { problem: 'not_found' },
  },
  // Several edits
  {
    name: 'edits in any order',
    text: 'a\nb\nc\n',
    edits: [edit('c', 'C'), edit('a', 'A')],
    gives: { text: 'A\nb\nC\n', match: ['exact', 'exact'] },
  },
  {
    name: 'an edit never hits what another one wrote',
    text: 'a\nb\n',
    edits: [edit('a', 'b'), edit('b', 'c')],
    gives: { text: 'b\nc\n', match: ['exact', 'exact'] },
  },
  {
    name: 'an exchange',
    text: 'left right\n',
    edits: [edit('left', 'right'), edit('right', 'left')],
    gives: { text: 'right left\n', match: ['exact', 'exact'] },
  },
  {
    name: 'a text that only another edit would make',
    text: 'a\n',
    edits: [edit('a', 'foo bar'), edit('foo', 'x')],
    gives: { problem: 'not_found', edit: 1, says: 'new_text of edits[0]' },
  },
  {
    name: 'one of three fails: none is made',
    text: 'a\nb\nc\n',
    edits: [edit('a', 'A'), edit('nowhere', 'x'), edit('c', 'C')],
    gives: { problem: 'not_found', edit: 1 },
  },
  {
    name: 'overlap',
    text: 'a\nb\nc\n',
    edits: [edit('a\nb', 'x'), edit('b\nc', 'y')],
    gives: { problem: 'overlap', lines: [2], says: 'line 2' },
  },
  {
    name: 'one within another',
    text: 'a\nb\nc\n',
    edits: [edit('a\nb\nc', 'x'), edit('b', 'y')],
    gives: { problem: 'overlap', edit: 1 },
  },
  {
    name: 'the same edit twice',
    text: 'a\nb\n',
    edits: [edit('a', 'x'), edit('a', 'x')],
    gives: { problem: 'overlap' },
  },
  {
    name: 'one of all places is in another edit',
    text: 'id = 1\nuse(id)\n',
    edits: [edit('id', 'key', true), edit('use(id)', 'drop(id)')],
    gives: { problem: 'overlap', lines: [2] },
  },
  {
    name: 'side by side is no overlap',
    text: 'ab\n',
    edits: [edit('a', 'x'), edit('b', 'y')],
    gives: { text: 'xy\n', match: ['exact', 'exact'] },
  },
  // Nothing to do, nothing there
  {
    name: 'no edits',
    text: 'a\n',
    edits: [],
    gives: { problem: 'invalid' },
  },
  {
    name: 'a change of nothing',
    text: 'a\n',
    edits: [edit('a', 'a')],
    gives: { problem: 'no_change' },
  },
  {
    name: 'a change of nothing beside a good one',
    text: 'a\nb\n',
    edits: [edit('a', 'A'), edit('b', 'b')],
    gives: { problem: 'no_change', edit: 1 },
  },
  {
    name: 'loosely found, and as it should be already',
    text: 'a\nb\n',
    edits: [edit('a  \nb', 'a\nb')],
    gives: { problem: 'no_change' },
  },
  {
    name: 'an empty file is filled',
    text: '',
    edits: [edit('', 'a\nb\n')],
    gives: { text: 'a\nb\n', match: ['exact'] },
  },
  {
    name: 'a file of a mark only is filled',
    text: '\ufeff',
    edits: [edit('', 'a\n')],
    gives: { text: '\ufeffa\n', match: ['exact'] },
  },
  {
    name: 'an empty old text in a file with text',
    text: 'a\n',
    edits: [edit('', 'b')],
    gives: { problem: 'not_empty' },
  },
  {
    name: 'an empty old text beside another edit',
    text: 'a\n',
    edits: [edit('a', 'b'), edit('', 'c')],
    gives: { problem: 'not_empty', edit: 1 },
  },
  {
    name: 'an empty file filled twice',
    text: '',
    edits: [edit('', 'a'), edit('', 'b')],
    gives: { problem: 'overlap' },
  },
]
