import { createHash, randomBytes } from 'node:crypto'
import { v4, v7 } from 'uuid'
import type { Ids } from '../application/ports/ids.ts'

export const uuidIds: Ids = {
  session: () => v4(),
  next: () => v7(),
  secret: () => randomBytes(32).toString('base64url'),
  digest: (text) => createHash('sha256').update(text).digest('hex'),
}
