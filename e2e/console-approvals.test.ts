import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { internalKey, ServerProcess } from '../packages/server/test/server-process.ts'
import { lane } from '../test/lanes.ts'
import { Desk } from './console-desk.ts'
import { ConsolePage, needsChromium } from './console-page.ts'

const change = "Replace 'one' with 'two' in notes.txt"
const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const phone = { width: 390, height: 844 } as const

/** What axe finds, one line for each rule. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return await page.evaluate(async () => {
    // @ts-expect-error the script that was just evaluated sets it
    const { violations } = await window.axe.run(document)
    return violations.map(({ id, nodes }: { id: string; nodes: { html: string }[] }) => `${id}: ${nodes[0]?.html}`)
  })
}

lane('chromium', needsChromium, () => {
  let server: ServerProcess
  let desk: Desk
  beforeAll(async () => {
    server = await ServerProcess.start({ replicas: 1, postgres: false })
    desk = new Desk(server.url, internalKey)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const decided = async (): Promise<{ session_id: string; decision: object }[]> => {
    const answer = await fetch(`${server.url}/approvals?state=decided`, { headers: desk.headers })
    return (await answer.json()).approvals
  }

  it('one tap on a phone decides, and a page elsewhere sees it', async () => {
    await desk.say('first', change)
    await using small = await ConsolePage.open(server.url, 'inbox', { ...phone, theme: 'dark', language: 'ru-RU' })
    await using large = await ConsolePage.open(server.url, 'inbox')
    const card = small.page.locator('.item')
    await large.page.locator('.item').waitFor()
    expect(await card.locator('h2').innerText()).toBe('Записать notes.txt')
    expect(await card.locator('.diff .a code').innerText()).toBe('two')
    await card.getByRole('button', { name: 'Разрешить', exact: true }).click()
    for (const { page } of [small, large]) await page.locator('.receipt').waitFor()
    expect(await small.page.locator('.receipt').innerText()).toContain('Разрешено')
    expect(await large.page.locator('.receipt').innerText()).toContain('Decided elsewhere')
    expect((await decided())[0]).toMatchObject({ session_id: 'first', decision: { status: 'approved' } })
    expect([...small.faults, ...large.faults]).toEqual([])
  })

  it('a reason is told, by keys alone', async () => {
    await desk.say('second', change)
    await using opened = await ConsolePage.open(server.url, 'inbox')
    const { page, faults } = opened
    await page.locator('.item').focus()
    // Keys right after a card came up are not meant.
    await page.waitForTimeout(500)
    await page.keyboard.press('r')
    await page.keyboard.type('Leave it')
    await page.keyboard.press('Enter')
    await page.locator('.receipt').waitFor()
    expect((await decided())[0]).toMatchObject({ session_id: 'second', decision: { feedback: 'Leave it' } })
    await page.getByRole('button', { name: 'Decided', exact: true }).click()
    await page.locator('.receipt q', { hasText: 'Leave it' }).waitFor()
    expect(faults).toEqual([])
  })

  it('decides nothing while the server is away, and goes on when it is back', async () => {
    await desk.say('third', change)
    await using opened = await ConsolePage.open(server.url, 'inbox')
    const { page } = opened
    const approve = page.locator('.item').getByRole('button', { name: 'Approve', exact: true })
    await approve.waitFor()
    await page.context().setOffline(true)
    await page.locator('.banner.bad').waitFor()
    expect(await approve.isDisabled()).toBe(true)
    await page.context().setOffline(false)
    await page.locator('.banner.bad').waitFor({ state: 'detached' })
    await approve.click()
    await page.locator('.receipt').waitFor()
  })

  it('a rule is tried on what happened before anybody makes it', async () => {
    await using opened = await ConsolePage.open(server.url, 'rules')
    const { page, faults } = opened
    await page.getByLabel('Tool').selectOption('write_file')
    await page.getByLabel('Matches').fill('*.txt')
    await page.getByRole('button', { name: 'Try', exact: true }).click()
    await page.locator('.verdict').waitFor()
    expect(await page.locator('.verdict').innerText()).toMatch(
      /This rule would have allowed 3 of the last 3 decisions\.\s+1 of them was decided the other way/,
    )
    expect(faults).toEqual([])
  })

  it.each([
    ['on a desk, light, in English', change, {}],
    [
      'on a phone, dark, in Russian',
      "Replace 'A project' with 'Our project' in README.md",
      { ...phone, theme: 'dark', language: 'ru-RU' },
    ],
  ] as const)(
    'every view is for everybody: %s',
    async (_, said, look) => {
      await desk.say(`shown ${_}`, said)
      for (const view of ['inbox', 'usage', 'rules', 'health', 'first-run']) {
        await using opened = await ConsolePage.open(server.url, view, look)
        const { page, faults } = opened
        await page.locator('.page .panel, .page .item').first().waitFor()
        // Buttons of a card that just came up are off, and change their colours.
        if (view === 'inbox') await page.waitForTimeout(700)
        if (view === 'usage') await page.locator('.plot canvas').nth(3).waitFor()
        expect(await violationsOf(page), view).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), view).toBeLessThanOrEqual(
          0,
        )
        expect(faults, view).toEqual([])
      }
    },
    60_000,
  )
})
