import type { SessionList } from '@codelab/protocol'

/** A session as the list has it. */
export type ListItem = SessionList['sessions'][number] & { readonly last_turn?: string | null }
