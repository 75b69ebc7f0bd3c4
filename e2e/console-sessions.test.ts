import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { internalKey, ServerProcess } from '../packages/server/test/server-process.ts'
import { lane } from '../test/lanes.ts'
import { Desk } from './console-desk.ts'
import { ConsolePage, needsChromium } from './console-page.ts'

const change = "Replace 'one' with 'two' in notes.txt"

lane('chromium', needsChromium, () => {
  let server: ServerProcess
  let desk: Desk
  beforeAll(async () => {
    server = await ServerProcess.start({ replicas: 1, postgres: false, env: { PORT: String(await freePort()) } })
    desk = new Desk(server.url, internalKey)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it('decides with the real diff before it, by a key, and another page sees who did', async () => {
    await desk.say('both', change)
    await using first = await ConsolePage.open(server.url, 'session/both')
    await using second = await ConsolePage.open(server.url, 'session/both', { theme: 'dark', width: 390, height: 844 })
    const card = first.page.locator('.appr')
    await card.locator('.diff .a code').waitFor()
    expect(await card.locator('.diff .a code').innerText()).toBe('two')
    expect(await card.locator('.diff .d code').innerText()).toBe('one')
    await second.page.locator('.appr .diff').waitFor()
    await card.focus()
    // Keys right after a card came up are not meant.
    await first.page.waitForTimeout(500)
    await first.page.keyboard.press('r')
    await first.page.keyboard.type('Leave it as it is')
    await first.page.keyboard.press('Enter')
    for (const { page } of [first, second]) {
      await page.locator('.receipt').waitFor()
      expect(await page.locator('.receipt').innerText()).toContain('Leave it as it is')
      expect(await page.locator('.appr').count()).toBe(0)
    }
    expect([...first.faults, ...second.faults]).toEqual([])
  })

  it('is in the list, found, renamed, deleted and taken back', async () => {
    await desk.say('listed', 'What is in this project?')
    await using opened = await ConsolePage.open(server.url, 'session/listed')
    const { page, faults } = opened
    await page.getByRole('button', { name: 'Session menu' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await page.keyboard.type('A name of its own')
    await page.keyboard.press('Enter')
    await page.locator('h1', { hasText: 'A name of its own' }).waitFor()
    await page.locator('#session-search').fill('of its own')
    const rows = page.locator('.ses')
    await expect.poll(() => rows.count()).toBe(1)
    await page.locator('#session-search').fill('')
    await page.getByRole('button', { name: 'Session menu' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await expect.poll(() => rows.filter({ hasText: 'A name of its own' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Undo' }).click()
    await rows.filter({ hasText: 'A name of its own' }).waitFor()
    expect((await fetch(`${server.url}/sessions/listed`, { headers: desk.headers })).status).toBe(200)
    expect(faults).toEqual([])
  })

  it('goes on by itself after the server was killed, with every event once', async () => {
    await using opened = await ConsolePage.open(server.url, 'session/again')
    const { page } = opened
    await desk.say('again', 'What is in this project?')
    await page.reload()
    await page.locator('.prose', { hasText: 'top folder' }).waitFor()
    await server.restart('SIGKILL')
    await new Desk(server.url, internalKey).say('again', 'What is in this project?')
    await expect.poll(() => page.locator('.m.user').count(), { timeout: 30_000 }).toBe(2)
    await page.getByRole('link', { name: /^Events/ }).click()
    const shown = async () =>
      Number((await page.getByRole('link', { name: /^Events/ }).innerText()).replace(/\D+/g, ''))
    const history = await fetch(`${server.url}/sessions/again/events?after=0`, { headers: desk.headers })
    const reader = history.body?.getReader()
    const hello = new TextDecoder().decode((await reader?.read())?.value)
    await reader?.cancel()
    const last = Number(/"last_seq":(\d+)/.exec(hello)?.[1])
    await expect.poll(shown).toBe(last)
  })

  it('asks to sign in when the server knows the page no more', async () => {
    await using opened = await ConsolePage.open(server.url, 'sessions')
    const { page } = opened
    await page.locator('.list').waitFor()
    await page.context().clearCookies()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 20_000 })
    await page.getByLabel('Key').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Key').fill(internalKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('.list').waitFor()
  })
})

/** One that stays the same over a restart: the page comes back to it. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
