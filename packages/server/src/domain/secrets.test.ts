import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskIn, maskSecrets } from './secrets.ts'

// Put together here, so that no scanner takes this file for a leak.
const random = 'aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7d'
const secrets: readonly (readonly [kind: string, text: string, secret: string])[] = [
  ['aws-key', `id AK${'IA'}ABCDEFGHIJKLMNOP end`, `AK${'IA'}ABCDEFGHIJKLMNOP`],
  ['value', `AWS_SECRET_ACCESS_KEY=${random}`, random],
  ['github-token', `token gh${'p_'}${random.slice(0, 36)}`, `gh${'p_'}${random.slice(0, 36)}`],
  ['github-token', `github_${'pat_'}${random}`, `github_${'pat_'}${random}`],
  ['gitlab-token', `gl${'pat-'}${random.slice(0, 20)}`, `gl${'pat-'}${random.slice(0, 20)}`],
  ['slack-token', `xox${'b-'}123456789012-${random}`, `xox${'b-'}123456789012-${random}`],
  ['slack-webhook', `https://hooks.slack.com/services/T00/B00/${random}`, `T00/B00/${random}`],
  ['openai-key', `"sk-${'proj-'}${random}"`, `sk-${'proj-'}${random}`],
  ['anthropic-key', `sk-${'ant-'}api03-${random}`, `sk-${'ant-'}api03-${random}`],
  ['google-key', `AI${'za'}${random.slice(0, 35)}`, `AI${'za'}${random.slice(0, 35)}`],
  ['stripe-key', `sk_${'live_'}${random.slice(0, 24)}`, `sk_${'live_'}${random.slice(0, 24)}`],
  ['npm-token', `npm${'_'}${random.slice(0, 36)}`, `npm${'_'}${random.slice(0, 36)}`],
  ['jwt', `ey${'J'}hbGciOiJIUzI1NiJ9.ey${'J'}zdWIiOiIxMjM0In0.${random}`, random],
  ['url-password', 'postgres://app:hunter2x@db/app', 'hunter2x'],
  ['token', `Authorization: Bearer ${random}`, random],
  ['value', `{"api_key": "${random}"}`, random],
  ['value', `{\\"clientSecret\\": \\"${random}\\"}`, random],
  ['value', `export SESSION_TOKEN='${random}'`, random],
]

describe('maskSecrets', () => {
  it.each(secrets)('masks %s in %s', (kind, text, secret) => {
    const masked = maskSecrets(text, 's')
    expect(masked).not.toContain(secret)
    expect(maskIn(masked)).toMatch(new RegExp(`^\\[masked ${kind} [0-9a-f]{8}\\]$`))
  })

  it('masks a private key, whole, cut, with line numbers or inside JSON', () => {
    const [begin, end] = [`-----BEGIN RSA PRIVATE ${'KEY'}-----`, `-----END RSA PRIVATE ${'KEY'}-----`]
    const lines = Array.from({ length: 5 }, () => random)
    expect(maskSecrets(`a\n${[begin, ...lines, end].join('\n')}\nb`, 's')).toMatch(/^a\n\[masked private-key \w+\]\nb$/)
    expect(maskSecrets(`a\n${[begin, ...lines].join('\n')}`, 's')).toMatch(/^a\n\[masked private-key \w+\]$/)
    const numbered = [begin, ...lines, end].map((line, at) => `${at + 1}\t${line}`).join('\n')
    expect(maskSecrets(numbered, 's')).not.toContain(random)
    expect(maskSecrets(JSON.stringify([begin, ...lines, end].join('\n')), 's')).not.toContain(random)
  })

  it.each([
    'const apiKey = process.env.OPENAI_API_KEY_FOR_TESTS_1',
    'const token = readTokenFromStore1(options)',
    'token: accessTokenFromV2Provider,',
    'API_KEY=your-api-key-goes-here-123',
    'password: process.env["DB_PASSWORD_2"]',
    'DATABASE_URL=postgres://postgres:postgres@localhost:5432/app',
    `DATABASE_URL=postgres://app:${'$'}{DB_PASSWORD}@localhost/app`,
    'git@github.com:owner/repository.git and https://example.com:8080/a@b',
    'class="sk-folding-cube-animation-container"',
    'key: "tokens-per-minute-limit-of-model-2"',
    'commit 9fceb02d0ae598e95dc970b74767f19372d61af8',
    'max_tokens: 1000000000000000000',
    `if (text.startsWith('-----BEGIN PRIVATE ${'KEY'}-----')) return true`,
    'Bearer <your token here, from the settings page>',
  ])('leaves %s as it is', (text) => {
    expect(maskSecrets(text, 's')).toBe(text)
  })

  it('gives a secret the same mask wherever it stands, another one another, and no other session the same', () => {
    const one = maskSecrets(`A_KEY=${random}\nB_TOKEN=${random}`, 's')
    const [, first, second] = /KEY=(\[.*\])\nB_TOKEN=(\[.*\])/.exec(one) ?? []
    expect(first).toBe(second)
    expect(maskSecrets(`A_KEY=${random}z1`, 's')).not.toContain(first)
    expect(maskSecrets(`A_KEY=${random}`, 'other')).not.toContain(first)
  })

  it('changes nothing that is masked already, and no text without keys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.constantFrom(...secrets), (around, [, text]) => {
        const masked = maskSecrets(`${around} ${text} ${around}`, 's')
        expect(maskSecrets(masked, 's')).toBe(masked)
      }),
    )
  })

  it('takes hostile texts in a bounded time', () => {
    const hostile = ['://a:', 'KEY = ', 'eyJ', `-----BEGIN ${'PRIVATE KEY'}-----`, 'sk-', 'a', 'Bearer ', 'xoxb-']
    for (const piece of hostile) maskSecrets(piece.repeat(Math.ceil(200_000 / piece.length)), 's')
  }, 20_000)
})

describe('maskIn', () => {
  it('finds a mask in any text of a JSON value', () => {
    const mask = '[masked value 0badc0de]'
    expect(maskIn({ edits: [{ old_text: `a = ${mask}` }] })).toBe(mask)
    expect(maskIn({ content: 'a text about [masked things] and more', n: 1, none: null })).toBeUndefined()
  })
})
