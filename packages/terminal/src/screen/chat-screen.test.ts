import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeInput, FakeOutput } from '../../test/fake-terminal.ts'
import type { ApprovalRequest } from '../conversation/events.ts'
import { type ApprovalAnswer, ApprovalDialog } from './approval.ts'
import { ChatScreen } from './chat-screen.ts'
import { Style } from './style.ts'

const style = new Style({ depth: 'none' })
const request: ApprovalRequest = {
  agent: 'coder',
  call: { callId: 'w', tool: 'create_directory', arguments: { path: 'src' }, requiresApproval: true },
  preview: { kind: 'directory', path: 'src', exists: false },
}

let input: FakeInput
let output: FakeOutput
let screen: ChatScreen
let now: number
let interrupts: number
let stops: number
let said: [string, string][]
let takes: boolean
let shortcuts: string[]

beforeEach(async () => {
  now = 0
  interrupts = 0
  stops = 0
  said = []
  takes = false
  shortcuts = []
  input = new FakeInput(true)
  output = new FakeOutput(true)
  screen = new ChatScreen({
    input,
    output,
    style,
    now: () => now,
    onInterrupt: () => interrupts++,
    onEnd: () => {},
    title: 'x',
    prompt: { history: [], commands: [], findFiles: async () => [] },
    onStop: () => stops++,
    onSay: (text, how) => {
      said.push([text, how])
      return takes
    },
    onRecall: () => undefined,
    onShortcut: (name) => shortcuts.push(name),
  })
  await screen.start()
})

afterEach(() => screen.stop())

/** Lets what was typed arrive. */
const arrive = () => new Promise((resolve) => setTimeout(resolve, 20))

function ask(signal = new AbortController().signal): Promise<ApprovalAnswer | undefined> {
  const options = { request, style, since: now, shownAt: now, root: '/w', canEdit: false, isEdited: false }
  return screen.ask<ApprovalAnswer | undefined>((settle) => new ApprovalDialog(options, settle), undefined, signal)
}

describe('ChatScreen', () => {
  it('reads a message', async () => {
    const message = screen.readMessage()
    input.type('hello\u007f\u007fp me\r')
    expect(await message).toBe('help me')
  })

  it('sends nothing that is empty, and leaves on Ctrl-D only then', async () => {
    const message = screen.readMessage()
    input.type('\r  \r\u0015\u0004')
    expect(await message).toBeUndefined()
  })

  it('gives keys that were typed before an approval had settled to the message', async () => {
    const answer = ask()
    now = 400
    input.type('a')
    await arrive()
    expect(output.text).toContain('> a')
    now = 2000
    // The line is not empty, so this is a character of the message too.
    input.type('a')
    await arrive()
    expect(output.text).toContain('> aa')
    input.type('\u0015a')
    expect(await answer).toBe('approve')
  })

  it('takes no Enter for a consent, and no end of the turn either', async () => {
    const controller = new AbortController()
    const answer = ask(controller.signal)
    now = 5000
    input.type('\r\r')
    await arrive()
    input.type('\u0003')
    await arrive()
    expect(interrupts).toBe(1)
    controller.abort()
    expect(await answer).toBeUndefined()
  })

  it('says what is sent while a turn runs at once, and keeps it in the line where it cannot be taken', async () => {
    screen.show({ type: 'turn.started' })
    input.type('next')
    await arrive()
    expect(output.text).toContain('Enter: steer, after this step   Tab: queue, after this turn')
    input.type('\r')
    await arrive()
    expect(said).toEqual([['next', 'steer']])
    expect(output.text).toContain('Enter sends when the answer is there')
    takes = true
    input.type('\t\r')
    await arrive()
    expect(said.at(-1)).toEqual(['next', 'queue'])
    const message = screen.readMessage()
    screen.show({ type: 'turn.ended', end: { outcome: 'completed', ms: 1, waitedMs: 0, changes: [], checks: [] } })
    input.type('other\r')
    expect(await message).toBe('other')
  })

  it('stops on Esc while something runs, and not while a message is written', async () => {
    screen.show({ type: 'turn.started' })
    input.type('x\u001b')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(stops).toBe(0)
    input.type('\u0015\u001b')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(stops).toBe(1)
  })

  it('gives Shift-Tab to the chat', async () => {
    input.type('\u001b[Z')
    await arrive()
    expect(shortcuts).toEqual(['accept-edits'])
  })

  it('gives the terminal back however often it is stopped', () => {
    screen.stop()
    screen.stop()
    expect(input.rawModes).toEqual([true, false])
    expect(output.text.endsWith('\u001b[?25h')).toBe(true)
  })

  it('lends the terminal to another program and takes it again', async () => {
    await screen.lend(async () => expect(input.rawModes.at(-1)).toBe(false))
    expect(input.rawModes.at(-1)).toBe(true)
  })
})
