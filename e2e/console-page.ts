import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { internalKey } from '../packages/server/test/server-process.ts'
import { commandPath, needs } from '../test/lanes.ts'

/** Where the browser of the system lies. */
export const needsChromium = () => needs('chromium')

interface Look {
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
  readonly language?: 'en-US' | 'ru-RU'
}

/** The console in a real browser, signed in with the internal key. What goes wrong in the page fails the test that looks at `faults`. */
export class ConsolePage implements AsyncDisposable {
  readonly page: Page
  readonly faults: string[] = []
  readonly #browser: Browser

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser
    this.page = page
    page.on('pageerror', (error) => this.faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text())
    })
  }

  static async open(url: string, place: string, look: Look = {}): Promise<ConsolePage> {
    const browser = await chromium.launch({
      executablePath: commandPath('chromium') ?? 'chromium',
      // A container has no user namespaces to build a sandbox of.
      args: ['--no-sandbox'],
    })
    try {
      const context = await browser.newContext({
        viewport: { width: look.width ?? 1440, height: look.height ?? 900 },
        colorScheme: look.theme ?? 'light',
        locale: look.language ?? 'en-US',
      })
      await signIn(context, url)
      const opened = new ConsolePage(browser, await context.newPage())
      await opened.page.goto(`${url}/#/${place}`)
      return opened
    } catch (error) {
      await browser.close()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
  }
}

async function signIn(context: BrowserContext, url: string): Promise<void> {
  const headers = { 'x-codelab-console': '1', origin: url }
  const answer = await context.request.post(`${url}/auth/sign-in`, { data: { key: internalKey }, headers })
  if (!answer.ok()) throw new Error(`Signing in was answered with ${answer.status()}`)
}
