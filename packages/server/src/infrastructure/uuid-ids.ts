import { createHash } from 'node:crypto'
import { v4, v7 } from 'uuid'
import type { Ids } from '../application/ports/ids.ts'

export const uuidIds: Ids = {
  session: () => v4(),
  next: () => v7(),
  digest: (text) => createHash('sha256').update(text).digest('hex'),
}
