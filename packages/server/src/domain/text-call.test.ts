import { describe, expect, it } from 'vitest'
import { mayBecomeCall, readTextCalls } from './text-call.ts'

const text = { type: 'string' }
const offered = new Map<string, Readonly<Record<string, unknown>>>([
  ['read_file', { type: 'object', properties: { path: text, limit: { type: 'integer' }, all: { type: 'boolean' } } }],
  ['write_file', { type: 'object', properties: { path: text, content: text } }],
])
const read = (answer: string) => readTextCalls(answer, offered)
const call = '{"name": "read_file", "arguments": {"path": "a.py"}}'
const aPy = { tool: 'read_file', argumentsJson: '{"path":"a.py"}' }

describe('an answer that is a call', () => {
  it.each<[string, string]>([
    ['JSON alone', call],
    ['JSON with blank lines around', `\n\n${call}\n`],
    ['parameters (Llama)', '{"name": "read_file", "parameters": {"path": "a.py"}}'],
    ['with its type', '{"type": "function", "name": "read_file", "parameters": {"path": "a.py"}}'],
    ['in the form of the protocol', `{"id": "1", "type": "function", "function": ${call}}`],
    ['arguments as text', '{"name": "read_file", "arguments": "{\\"path\\":\\"a.py\\"}"}'],
    ['a list of one', `[${call}]`],
    ['one fence and nothing else', `\`\`\`json\n${call}\n\`\`\``],
    ['Hermes and Qwen', `<tool_call>\n${call}\n</tool_call>`],
    ['without its end', `<tool_call>${call}`],
    ['behind thoughts', `<think>I need {"the": "file"}</think>\n<tool_call>${call}</tool_call>`],
    ['before the end of a turn', `<tool_call>${call}</tool_call><|im_end|>`],
    ['Llama', '<function=read_file>{"path":"a.py"}</function>'],
    ['Llama with its tag', `<|python_tag|>${call}`],
    [
      'Qwen coder',
      '<tool_call>\n<function=read_file>\n<parameter=path>\na.py\n</parameter>\n</function>\n</tool_call>',
    ],
    ['Mistral', `[TOOL_CALLS] [${call}]`],
    ['Mistral, newer', '[TOOL_CALLS]read_file[ARGS]{"path":"a.py"}'],
    ['what it made up as the result is left out', `<tool_call>${call}</tool_call>\n<tool_response>x</tool_response>`],
  ])('%s', (_name, answer) => {
    expect(read(answer)).toEqual({ kind: 'calls', calls: [aPy], text: '' })
  })

  it('keeps the words before it', () => {
    expect(read(`Let me look.\n\n<tool_call>${call}</tool_call>`)).toEqual({
      kind: 'calls',
      calls: [aPy],
      text: 'Let me look.',
    })
  })

  it('may be several', () => {
    const other = '{"name": "write_file", "arguments": {"path": "b", "content": "</tool"}}'
    const both = [aPy, { tool: 'write_file', argumentsJson: '{"path":"b","content":"</tool"}' }]
    expect(read(`<tool_call>${call}</tool_call>\n<tool_call>${other}</tool_call>`)).toMatchObject({ calls: both })
    expect(read(`[TOOL_CALLS] [${call}, ${other}]`)).toMatchObject({ calls: both })
  })

  it('has values of the types of the schema, and text as it is', () => {
    const answer =
      '<function=read_file><parameter=path>12</parameter><parameter=limit>12</parameter><parameter=all>true</parameter></function>'
    expect(read(answer)).toMatchObject({ calls: [{ argumentsJson: '{"path":"12","limit":12,"all":true}' }] })
    const lines = '<function=write_file>\n<parameter=content>\n  a\n\n  b\n</parameter>\n</function>'
    expect(read(lines)).toMatchObject({ calls: [{ argumentsJson: '{"content":"  a\\n\\n  b"}' }] })
  })
})

describe('an answer to a person stays one', () => {
  it.each<[string, string]>([
    ['words', 'The file is there.'],
    ['nothing', ''],
    ['a fence between words', `Send this:\n\`\`\`json\n${call}\n\`\`\`\nThen look.`],
    ['a fence at the end', `Send this:\n\`\`\`json\n${call}\n\`\`\``],
    ['tags in a fence', `Qwen writes:\n\`\`\`\n<tool_call>\n${call}\n</tool_call>\n\`\`\``],
    ['tags in a line', `Qwen writes \`<tool_call>${call}</tool_call>\`.`],
    ['tags in a sentence', `The form is <tool_call>${call}</tool_call> for Qwen.`],
    ['an example that is explained after it', `The form is\n<tool_call>${call}</tool_call>\nfor Qwen.`],
    ['other JSON', '{"name": "codelab", "version": "1.0.0", "scripts": {}}'],
    ['JSON with a name and more', '{"name": "read_file", "arguments": {"path": "a"}, "comment": "an example"}'],
    ['a person', '{"name": "Ann", "parameters": {"age": 3}}'],
    ['a fence with an unknown call', '```json\n{"name": "fetch", "arguments": {}}\n```'],
    ['two fences', `\`\`\`json\n${call}\n\`\`\`\nor\n\`\`\`json\n${call}\n\`\`\``],
    ['a list of numbers', '[1, 2, 3]'],
    ['broken JSON of something else', '{"name": "codelab", "version": '],
  ])('%s', (_name, answer) => {
    expect(read(answer)).toEqual({ kind: 'none' })
  })

  it('with no tool offered nothing is a call', () => {
    expect(readTextCalls(call, new Map())).toEqual({ kind: 'none' })
  })
})

describe('what was meant as a call and is none', () => {
  it.each<[string, string, string, string]>([
    ['an unknown tool', '{"name": "fetch", "arguments": {}}', 'unknown-tool', 'fetch'],
    ['an unknown tool in tags', '<tool_call>{"name": "fetch", "arguments": {}}</tool_call>', 'unknown-tool', 'fetch'],
    ['half an object', '{"name": "read_file", "arguments": {"path": ', 'unreadable', 'read_file'],
    [
      'broken JSON in tags',
      'Look:\n<tool_call>{"name": "read_file", "arguments": {path}}</tool_call>',
      'unreadable',
      'read_file',
    ],
    ['a half tag', '<function=read_file>\n<parameter=path>\na.py', 'unreadable', 'read_file'],
    ['tokens of another format', '<｜tool▁calls▁begin｜>function read_file', 'unreadable', ''],
  ])('%s', (_name, answer, why, tool) => {
    expect(read(answer)).toEqual({ kind: 'broken', why, tool })
  })
})

describe('while it is written', () => {
  const grows = (answer: string) => [...answer].map((_, end) => mayBecomeCall(answer.slice(0, end + 1)))

  it.each([call, `<tool_call>${call}`, `\`\`\`json\n${call}`, `[TOOL_CALLS] [${call}]`, `[\n  ${call}]`, `\n ${call}`])(
    'it may be a call all the time: %j',
    (answer) => {
      expect(grows(answer)).not.toContain(false)
    },
  )

  it.each(['The file', '[1, 2]', '{"version": 1}', '```ts\nlet a', '`read`', '<b>bold</b>', '# Title', '- item'])(
    'it is none soon: %j',
    (answer) => {
      expect(grows(answer).slice(-1)).toEqual([false])
    },
  )
})
