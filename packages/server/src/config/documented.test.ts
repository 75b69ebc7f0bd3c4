import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readConfig } from '../config.ts'

it('every setting stands in the operations page, under its own name', async () => {
  const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')
  const { entries } = await readConfig({ flags: {}, env: {}, cwd: '/' })
  expect(entries.length).toBeGreaterThan(30)
  expect(entries.map(({ name }) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})
