import { useSyncExternalStore } from 'react'

/** Whether the server takes this page for somebody. `epoch` counts sign-ins: what was read before belongs to another person. */
interface SignInState {
  readonly isLost: boolean
  readonly epoch: number
}

let state: SignInState = { isLost: false, epoch: 0 }
const listeners = new Set<() => void>()

function become(next: SignInState): void {
  state = next
  for (const listener of listeners) listener()
}

/** The server knows us no more: the page asks to sign in, and keeps what is on it. */
export function lostSignIn(): void {
  if (!state.isLost) become({ ...state, isLost: true })
}

export function signedIn(): void {
  become({ isLost: false, epoch: state.epoch + 1 })
}

export function useSignIn(): SignInState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
}
