/** A path as a model or a client wrote it, made into the one form that rules are matched on and that is stored and shown: relative to the
 *  workspace, `/` between segments, NFC, no `.` or `..` left; the workspace itself is `.`. */
export type NormalisedPath =
  | { readonly ok: true; readonly path: string }
  /** Half a sentence for a person: "it is an absolute path". */
  | { readonly ok: false; readonly reason: string }

/** What a path asks for beyond the agent's own rules. `refuse`: nobody may; `ask`: a person decides, whatever the policy says. */
export type Protection = 'refuse' | 'ask' | 'free'

/** Longest path that is looked at, in UTF-16 units, before and after it is normalised. */
export const longestPath = 4096

// Bidirectional overrides change what a person reads in an approval; controls change what a terminal or a file system does.
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u
// One letter is a drive, more are a scheme; both name a place outside the workspace.
const drive = /^[a-z]:/i
const scheme = /^[a-z][a-z0-9+.-]*:/i

/** Refuses what cannot be a place in the workspace; touches no file system, so links are the executor's matter. Idempotent. */
export function normalisePath(raw: string): NormalisedPath {
  if (raw.length > longestPath) return refused(`it is longer than ${longestPath} characters`)
  if (!raw.isWellFormed()) return refused('it is not valid Unicode')
  if (unprintable.test(raw)) return refused('it contains control characters')
  const slashed = raw.normalize('NFC').replaceAll('\\', '/')
  if (slashed.startsWith('/')) return refused('it is an absolute path')
  const given = outside(slashed)
  if (given) return refused(given)
  const segments: string[] = []
  for (const segment of slashed.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.pop() === undefined) return refused('it leaves the workspace')
  }
  const path = segments.join('/') || '.'
  // `./~/x` and `./C:/x` only show their meaning once the dots are gone.
  const resolved = outside(path)
  if (resolved) return refused(resolved)
  if (path.length > longestPath) return refused(`it is longer than ${longestPath} characters`)
  return { ok: true, path }
}

/** Looks at a normalised path. Case, trailing dots and spaces, stream suffixes and invisible characters are ignored, because some file
 *  systems ignore them. */
export function protectedPath(path: string, kind: 'read' | 'write'): Protection {
  const segments = path.split('/').map(asFileSystemsSeeIt)
  if (kind === 'write' && segments.some((segment) => closedToWrites.has(segment))) return 'refuse'
  const name = segments.at(-1) ?? ''
  if (segments.includes('.ssh') && !name.endsWith('.pub')) return 'ask'
  return segments.some((segment) => isEnvironment(segment)) || isPrivateKey(name) ? 'ask' : 'free'
}

const closedToWrites: ReadonlySet<string> = new Set(['.git', 'git~1', '.ssh'])
const invisible = /\p{Default_Ignorable_Code_Point}/gu
const environmentSample = /\.(example|sample|template)$/
const privateKeyName = /^id_(rsa|dsa|ecdsa|ed25519)(?!.*\.pub$)/
const privateKeySuffix = /\.(pem|key|p12|pfx|ppk|jks|keystore|kdbx)$/

function asFileSystemsSeeIt(segment: string): string {
  const [name = ''] = segment.replace(invisible, '').split(':')
  return name.toLowerCase().replace(/[. ]+$/, '')
}

function isEnvironment(segment: string): boolean {
  return segment.startsWith('.env') && !environmentSample.test(segment)
}

function isPrivateKey(name: string): boolean {
  return privateKeyName.test(name) || privateKeySuffix.test(name)
}

function outside(path: string): string | undefined {
  if (path.startsWith('~')) return 'it starts in a home folder'
  if (drive.test(path)) return 'it names a drive'
  if (scheme.test(path)) return 'it is a URL'
  return undefined
}

function refused(reason: string): NormalisedPath {
  return { ok: false, reason }
}
