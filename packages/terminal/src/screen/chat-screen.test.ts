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

beforeEach(async () => {
  now = 0
  interrupts = 0
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

  it('keeps a message that is written while a turn runs, and sends it on Enter afterwards', async () => {
    screen.show({ type: 'turn.started' })
    input.type('next\r')
    await arrive()
    expect(output.text).toContain('Enter sends when the answer is there')
    const message = screen.readMessage()
    screen.show({ type: 'turn.ended', end: { outcome: 'completed', ms: 1, waitedMs: 0, changes: [] } })
    input.type('\r')
    expect(await message).toBe('next')
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
