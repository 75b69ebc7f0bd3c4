import { expect, test } from 'vitest'
import { isUserName } from './owner.ts'

test.each(['alice', 'alice@team.example', 'auth0|5f7c', '0b6e8f1e-3c1d-4b7e-9a55-0d6a4c2f9b11', 'a'.repeat(255)])(
  '%s is a name',
  (name) => {
    expect(isUserName(name)).toBe(true)
  },
)

test.each(['', 'service', 'a,b', 'a b', 'a\n', 'ж', 'a'.repeat(256)])('%j is none', (name) => {
  expect(isUserName(name)).toBe(false)
})
