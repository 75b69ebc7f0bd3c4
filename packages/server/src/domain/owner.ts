/** Whose things they are. */
export interface Owner {
  readonly ownerId: string
  /** Finds the sessions of everybody by their ids: one of its own first, else the only one of that id. Lists show its own. */
  readonly seesAll?: true
}

/** Whoever has the internal key and names no user. */
export const service = { ownerId: 'service', seesAll: true } as const satisfies Owner

/** Whether a person can be called so: visible ASCII without a comma, so that any header carries it and two are never read as one. */
export function isUserName(name: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]{1,255}$/.test(name) && name !== service.ownerId
}
