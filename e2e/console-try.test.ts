import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { internalKey, ServerProcess } from '../packages/server/test/server-process.ts'
import { lane } from '../test/lanes.ts'
import { ConsolePage, needsChromium } from './console-page.ts'

const ask = 'In src/add.ts replace createdAt with addedAt'
const key = { 'x-internal-auth': internalKey, 'content-type': 'application/json' }

async function say(page: Page, text: string): Promise<void> {
  await page.locator('.composer textarea').fill(text)
  await page.keyboard.press('Enter')
}

/** What the editor holds. */
const text = (page: Page) => page.locator('.layers textarea').inputValue()
const ended = (page: Page) => page.locator('.sugg').waitFor()
const button = (page: Page, name: string) => page.locator('.appr').getByRole('button', { name })

/** The id that the page gave its session. */
async function sessionOf(server: ServerProcess): Promise<string> {
  const answer = await fetch(`${server.url}/sessions?limit=1`, { headers: key })
  const { sessions } = (await answer.json()) as { sessions: { id: string }[] }
  return sessions[0]?.id ?? ''
}

lane('chromium', needsChromium, () => {
  let server: ServerProcess
  beforeAll(async () => {
    server = await ServerProcess.start({ replicas: 1, postgres: false })
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it('shows a change, writes it once the person agreed, and takes it back', async () => {
    await using opened = await ConsolePage.open(server.url, 'try')
    const { page, faults } = opened
    await page.getByRole('button', { name: ask }).click()
    await page.locator('.ed .diff .a').waitFor()
    expect(await page.locator('.ed .diff .a code').innerText()).toContain('addedAt')
    expect(await page.locator('.appr h2').innerText()).toBe('Write src/add.ts')
    await button(page, 'Approve').click()
    await ended(page)
    expect(await text(page)).toContain('addedAt')
    await page.locator('header').getByRole('button', { name: 'Undo add.ts' }).click()
    expect(await text(page)).toContain('createdAt')
    expect(faults).toEqual([])
  })

  it('writes what the person made of the proposal, and tells why they said no', async () => {
    await using opened = await ConsolePage.open(server.url, 'try')
    const { page, faults } = opened
    await say(page, ask)
    await button(page, 'Edit').click()
    await page.locator('.layers textarea').press('Control+End')
    await page.keyboard.type('// mine')
    await button(page, 'Approve as edited').click()
    await ended(page)
    expect(await text(page)).toMatch(/addedAt[\s\S]*\/\/ mine$/)

    await say(page, 'In src/add.ts replace addedAt with madeAt')
    await button(page, 'Reject').click()
    await page.keyboard.type('Keep the name')
    await page.keyboard.press('Enter')
    await ended(page)
    await page.getByText('was rejected: Keep the name').waitFor()
    expect(await text(page)).toContain('addedAt')
    expect(faults).toEqual([])
  })

  it('has no shell, and asks nobody about a command', async () => {
    await using opened = await ConsolePage.open(server.url, 'try')
    const { page } = opened
    await say(page, 'Run `npm test`')
    await page.locator('.call .tr.e', { hasText: 'no shell here' }).waitFor()
    await ended(page)
    expect(await page.locator('.receipt').count()).toBe(0)
  })

  it('goes on with what somebody decided elsewhere', async () => {
    await using opened = await ConsolePage.open(server.url, 'try')
    const { page } = opened
    await say(page, 'Create NOTES.md with text Hello')
    await page.locator('.appr').waitFor()
    const session = await sessionOf(server)
    const pending = await fetch(`${server.url}/sessions/${session}/pending-approvals`, { headers: key })
    const { pending_approvals: approvals } = (await pending.json()) as { pending_approvals: Record<string, string>[] }
    const [approval] = approvals
    // The person elsewhere sees the diff.
    expect(approval).toMatchObject({ preview: { diff: expect.stringContaining('+Hello') } })
    const message = { type: 'hitl_decision', call_id: approval?.['call_id'], decision: 'approve' }
    const body = JSON.stringify({ session_id: session, client: { id: 'phone' }, message })
    await (await fetch(`${server.url}/agent/message/stream`, { method: 'POST', headers: key, body })).text()
    await ended(page)
    await page.getByText('Decided elsewhere').waitFor()
    expect(await page.locator('.tree button', { hasText: 'NOTES.md' }).count()).toBe(1)
  })

  it('tells on the timeline what was done, who decided and how long it was waited for', async () => {
    await using opened = await ConsolePage.open(server.url, 'try')
    const { page, faults } = opened
    await say(page, ask)
    await button(page, 'Approve').click()
    await ended(page)
    await page.getByRole('link', { name: 'Open the session' }).click()
    await page.getByRole('link', { name: 'Timeline' }).click()
    const rows = page.locator('.wr')
    const write = rows.filter({ hasText: 'write_file' })
    await write.locator('.bar.wait').waitFor()
    expect(await write.innerText()).toMatch(/src\/add\.ts[\s\S]* approved/)
    expect(await rows.filter({ hasText: 'Choose an agent' }).innerText()).toContain('Coder, high confidence')
    expect(await rows.filter({ hasText: 'Model call' }).count()).toBe(3)

    await page.getByRole('treegrid').focus()
    const before = await rows.count()
    await page.keyboard.press('ArrowLeft')
    expect(await rows.count()).toBe(1)
    await page.keyboard.press('ArrowRight')
    expect(await rows.count()).toBe(before)
    await page.keyboard.press('j')
    await page.locator('.tlinsp', { hasText: 'wants a file to be changed' }).waitFor()
    await page.keyboard.press('w')
    await page.getByRole('button', { name: 'Without waiting', pressed: true }).waitFor()
    expect(faults).toEqual([])
  })

  it('fits a phone, in Russian and in the dark', async () => {
    const look = { width: 390, height: 844, theme: 'dark', language: 'ru-RU' } as const
    await using opened = await ConsolePage.open(server.url, 'try', look)
    const { page, faults } = opened
    await page.getByRole('button', { name: 'Замени createdAt на addedAt в src/add.ts' }).click()
    await page.locator('.appr .diff .a').waitFor()
    const box = await button(page, 'Разрешить').boundingBox()
    expect(box?.height).toBeGreaterThanOrEqual(44)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await button(page, 'Разрешить').click()
    await ended(page)
    await page.getByRole('button', { name: 'Редактор', exact: true }).click()
    expect(await text(page)).toContain('addedAt')
    expect(faults).toEqual([])
  })
})
