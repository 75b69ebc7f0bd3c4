/** A kind of text that opens something. `quick` has to occur for the expression to be tried; the group named `secret`, else the whole
 *  match, is what is masked. */
interface SecretShape {
  readonly kind: string
  readonly quick: readonly string[]
  readonly expression: RegExp
  readonly check?: (secret: string) => boolean
}

const keyBody = String.raw`[A-Za-z0-9+/=\s\\:,.()|→-]`
const keyEnd = '-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----'

/** Each begins with fixed letters, so that a long text without them is passed in one sweep; no part of any can backtrack far. */
const shapes: readonly SecretShape[] = [
  {
    kind: 'private-key',
    quick: ['PRIVATE KEY'],
    // Without its end the key was cut: it is masked as far as it goes.
    expression: new RegExp(
      `-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----${keyBody}{32,}?(?:${keyEnd}|(?!${keyBody})|$)`,
      'g',
    ),
  },
  { kind: 'aws-key', quick: ['AKIA', 'ASIA'], expression: /\bA(?:KIA|SIA)[A-Z2-7]{16}\b/g },
  {
    kind: 'github-token',
    quick: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    expression: /\bgh[pousr]_[A-Za-z0-9]{36,251}\b/g,
  },
  { kind: 'github-token', quick: ['github_pat_'], expression: /\bgithub_pat_[A-Za-z0-9_]{22,255}\b/g },
  { kind: 'gitlab-token', quick: ['glpat-'], expression: /\bglpat-[A-Za-z0-9_-]{20,100}/g },
  { kind: 'slack-token', quick: ['xox'], expression: /\bxox[abeoprs]-[A-Za-z0-9-]{10,300}/g },
  {
    kind: 'slack-webhook',
    quick: ['hooks.slack.com/'],
    expression: /hooks\.slack\.com\/(?:services|workflows)\/(?<secret>[A-Za-z0-9/_-]{20,200})/g,
  },
  {
    kind: 'anthropic-key',
    quick: ['sk-ant-'],
    expression: /\bsk-ant-[A-Za-z0-9_-]{20,250}/g,
    check: looksRandom,
  },
  { kind: 'openai-key', quick: ['sk-'], expression: /\bsk-[A-Za-z0-9_-]{20,250}/g, check: looksRandom },
  { kind: 'stripe-key', quick: ['_live_', '_test_'], expression: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,250}\b/g },
  { kind: 'google-key', quick: ['AIza'], expression: /\bAIza[0-9A-Za-z_-]{35}/g },
  { kind: 'google-token', quick: ['ya29.'], expression: /\bya29\.[0-9A-Za-z_-]{20,500}/g },
  { kind: 'google-secret', quick: ['GOCSPX-'], expression: /\bGOCSPX-[0-9A-Za-z_-]{20,60}/g },
  { kind: 'npm-token', quick: ['npm_'], expression: /\bnpm_[A-Za-z0-9]{36}\b/g },
  {
    kind: 'jwt',
    quick: ['eyJ'],
    expression: /\beyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,2000}/g,
  },
  {
    kind: 'url-password',
    quick: ['://'],
    expression: /:\/\/[^\s:/?#@'"`<>\\]{0,100}:(?<secret>[^\s@/'"`<>\\]{3,200})(?=@)/g,
    check: (secret) => !isPlaceholder(secret),
  },
  {
    kind: 'token',
    quick: ['earer '],
    expression: /\b[Bb]earer (?<secret>[A-Za-z0-9._~+/=-]{20,2000})/g,
    check: looksRandom,
  },
  {
    kind: 'value',
    quick: ['=', ':'],
    expression:
      /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD)\d{0,2}\\?["']?\s{0,3}(?::=|=>|=|:)\s{0,3}\\?["'`]?(?<secret>[A-Za-z0-9+/=_.~:!@#$%^&*-]{16,400})(?![\w([{])/gi,
    check: looksRandom,
  },
]

const mask = /\[masked [a-z-]{2,20} [0-9a-f]{8}\]/

/** The text with everything that looks like a key replaced by a mask. The same secret has the same mask wherever `salt` is the same, so
 *  that what a model was sent before stays as it was; without the salt a mask says nothing about its secret. */
export function maskSecrets(text: string, salt: string): string {
  let masked = text
  for (const shape of shapes) {
    if (!shape.quick.some((letters) => masked.includes(letters))) continue
    masked = masked.replace(shape.expression, (...match) => {
      const whole = match[0] as string
      const groups: unknown = match.at(-1)
      const secret = typeof groups === 'object' ? (groups as { secret: string }).secret : whole
      if (shape.check && !shape.check(secret)) return whole
      const at = whole.lastIndexOf(secret)
      return `${whole.slice(0, at)}[masked ${shape.kind} ${digest(salt + secret)}]${whole.slice(at + secret.length)}`
    })
  }
  return masked
}

/** The first mask in a text, or in any text inside a JSON value. */
export function maskIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes('[masked ') ? mask.exec(value)?.[0] : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const field of Object.values(value)) {
    const found = maskIn(field)
    if (found !== undefined) return found
  }
  return undefined
}

/** Words, paths and code are not: a key mixes letters and digits without a pattern. */
function looksRandom(text: string): boolean {
  if (isPlaceholder(text) || !/\d/.test(text) || !/[A-Za-z]/.test(text)) return false
  const mixed = /[a-z]/.test(text) && /[A-Z]/.test(text)
  const unbroken = /[A-Za-z0-9]{20,}/.test(text)
  return (mixed || unbroken) && !isMadeOfWords(text) && entropy(text) >= (text.length >= 24 ? 3.4 : 3.2)
}

/** `accessTokenOfV2`, `process.env.API_KEY_1`: runs of letters are long there, and short in what was thrown by dice. */
function isMadeOfWords(text: string): boolean {
  const runs = text.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? []
  return runs.length === 0 || runs.join('').length / runs.length >= 3
}

const placeholder =
  /^(?:[$<{%[*]|x{3,}|your|example|change|placeholder|(?:pass(?:word|wd)?|pwd|secret|token|root|user|admin|test|postgres|mysql|guest)\d{0,3}$)/i

function isPlaceholder(text: string): boolean {
  return placeholder.test(text)
}

/** Bits a character. */
function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/** FNV-1a: tells secrets apart, no more; what makes it safe to show is the salt. */
function digest(text: string): string {
  let hash = 0x811c9dc5
  for (let place = 0; place < text.length; place++) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
