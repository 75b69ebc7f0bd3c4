import type { Migration } from 'kysely/migration'
import { init } from './001-init.ts'

/** Every migration by its name, in order. A released one is never edited. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-init': init,
}
