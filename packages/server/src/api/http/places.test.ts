import { expect, test } from 'vitest'
import type { Principal } from './identity.ts'
import { Places } from './places.ts'

const person = (ownerId: string, id: string): Principal => ({ kind: 'person', owner: { ownerId }, id })

test('a person is one with however many keys, and a place that is freed twice is one place', () => {
  const places = new Places(() => 2)
  const first = places.take(person('alice', 'key 1'))
  expect(places.take(person('alice', 'user alice'))).toBeDefined()
  expect(places.take(person('alice', 'key 2'))).toBeUndefined()
  first?.()
  first?.()
  expect(places.take(person('alice', 'key 2'))).toBeDefined()
  expect(places.take(person('alice', 'key 2'))).toBeUndefined()
  expect(places.take(person('bob', 'key 3'))).toBeDefined()
})

test('who came with nothing is counted by address, though the session they reach is somebody’s', () => {
  const places = new Places(({ anonymous }) => (anonymous ? 2 : 1))
  const stranger = (ip: string): Principal => ({ ...person('alice', `address ${ip}`), anonymous: true })
  for (const ip of ['10.0.0.1', '10.0.0.2']) {
    const taken = [1, 2, 3].map(() => places.take(stranger(ip)) !== undefined)
    expect(taken).toEqual([true, true, false])
  }
  expect(places.take(person('alice', 'key 1'))).toBeDefined()
})

test('nothing is kept of whom has nothing open; the service has no limit', () => {
  const places = new Places(() => 1)
  for (let i = 0; i < 100; i++) places.take(person(`user-${i}`, 'key'))?.()
  expect(places.people).toBe(0)
  const service: Principal = { kind: 'service', owner: { ownerId: 'service' }, id: 'service 0' }
  for (let i = 0; i < 100; i++) expect(places.take(service)).toBeDefined()
  expect(places.people).toBe(0)
})
