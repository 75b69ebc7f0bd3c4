import type { SignInState as Answer } from '@codelab/protocol'
import { useSyncExternalStore } from 'react'

/** For whom the server takes this page. `epoch` counts sign-ins: what was read before belongs to another person. */
export interface SignIn {
  readonly kind: 'asking' | 'in' | 'out' | 'unknown'
  readonly epoch: number
  /** Null: whoever operates the server. */
  readonly user: string | null
  readonly acceptsTokens: boolean
  /** It ended while something was on the page. */
  readonly isExpired: boolean
}

let state: SignIn = { kind: 'asking', epoch: 0, user: null, acceptsTokens: false, isExpired: false }
const listeners = new Set<() => void>()

function become(next: SignIn): void {
  state = next
  for (const listener of listeners) listener()
}

/** The server knows us no more: the page asks to sign in again. */
export function lostSignIn(): void {
  if (state.kind === 'in') become({ ...state, kind: 'out', isExpired: true })
}

const headers = { 'content-type': 'application/json', 'x-codelab-console': '1' }

/** Asks who is signed in; on a server of this machine that needs no key, signs in. */
export async function findOutWhoWeAre(): Promise<void> {
  try {
    const answer = await read(fetch('/auth/me', { credentials: 'same-origin' }))
    if (answer.signed_in) enter(answer)
    else if (answer.sign_in === 'not_needed') await signIn(undefined)
    else become({ ...state, kind: 'out', acceptsTokens: answer.tokens })
  } catch {
    become({ ...state, kind: 'unknown' })
  }
}

/** Undefined when it worked, else the status of the refusal. */
export async function signIn(key: string | undefined): Promise<number | undefined> {
  const response = await fetch('/auth/sign-in', {
    method: 'POST',
    credentials: 'same-origin',
    headers,
    body: JSON.stringify(key === undefined ? {} : { key }),
  })
  if (!response.ok) return response.status
  enter((await response.json()) as Answer)
  return undefined
}

export async function signOut(): Promise<void> {
  await fetch('/auth/sign-out', { method: 'POST', credentials: 'same-origin', headers, body: '{}' })
  become({ ...state, kind: 'out', isExpired: false })
}

function enter({ user, tokens }: Answer): void {
  become({ kind: 'in', epoch: state.epoch + 1, user, acceptsTokens: tokens, isExpired: false })
}

async function read(asked: Promise<Response>): Promise<Answer> {
  const response = await asked
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return (await response.json()) as Answer
}

export function useSignIn(): SignIn {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
}
