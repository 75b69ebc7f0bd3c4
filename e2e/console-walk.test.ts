import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { internalKey, ServerProcess } from '../packages/server/test/server-process.ts'
import { lane } from '../test/lanes.ts'
import { Desk } from './console-desk.ts'
import { ConsolePage, needsChromium } from './console-page.ts'

interface Checked {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}

interface Axe {
  readonly run: (root: Document, options: object) => Promise<Checked>
}

const places = [
  'sessions',
  'session/waits',
  'session/done',
  'session/done/timeline',
  'session/done/changes',
  'session/done/events',
  'inbox',
  'usage',
  'try',
  'rules',
  'health',
  'first-run',
]
const rules = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']
const checker = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const settledMs = 500

lane('chromium', needsChromium, () => {
  let server: ServerProcess
  beforeAll(async () => {
    server = await ServerProcess.start({ replicas: 1, postgres: false })
    const desk = new Desk(server.url, internalKey)
    await desk.say('done', 'What is in this project?')
    await desk.say('waits', "Replace 'one' with 'two' in notes.txt")
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it.each([
    { name: 'a desk, light, English', look: { theme: 'light', language: 'en-US' } },
    { name: 'a desk, dark, Russian', look: { theme: 'dark', language: 'ru-RU' } },
    { name: 'a phone, dark, English', look: { theme: 'dark', language: 'en-US', width: 390, height: 844 } },
    { name: 'a phone, light, Russian', look: { theme: 'light', language: 'ru-RU', width: 390, height: 844 } },
  ] as const)(
    'every view can be used by everybody and says nothing is wrong: $name',
    { timeout: 300_000 },
    async ({ look }) => {
      await using opened = await ConsolePage.open(server.url, 'sessions', look)
      const { page, faults } = opened
      const found: string[] = []
      for (const place of places) {
        await page.goto(`${server.url}/#/${place}`)
        await page.locator('main h1').first().waitFor()
        await page.waitForTimeout(settledMs)
        await page.evaluate(checker)
        const { violations } = await page.evaluate(async (values) => {
          return (globalThis as unknown as { axe: Axe }).axe.run(document, { runOnly: { type: 'tag', values } })
        }, rules)
        found.push(...violations.map(({ id, nodes }) => `${place}: ${id}: ${nodes[0]?.html}`))
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        if (overflow > 0) found.push(`${place}: wider than the page by ${overflow}`)
      }
      expect(found).toEqual([])
      expect(faults).toEqual([])
    },
  )

  it('is there after 200 kB, what draws text and code included', async () => {
    await using opened = await ConsolePage.open(server.url, 'sessions')
    const { page } = opened
    await page.goto('about:blank')
    await page.goto(`${server.url}/#/session/done`)
    await page.locator('.prose p').first().waitFor()
    await page.waitForTimeout(settledMs)
    const total = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => name.includes('/assets/'))
        .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
    )
    expect(total).toBeGreaterThan(50_000)
    expect(total).toBeLessThan(200_000)
  })
})
