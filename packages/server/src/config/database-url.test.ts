import { describe, expect, it } from 'vitest'
import { databaseUrl } from './database-url.ts'

describe('databaseUrl', () => {
  it.each([
    ['sqlite:///data/x.db', '/w/data/x.db'],
    ['sqlite:////abs/x.db', '/abs/x.db'],
    ['sqlite+aiosqlite:///x.db', '/w/x.db'],
    ['SQLITE:///x.db', '/w/x.db'],
    ['sqlite:///../x.db', '/x.db'],
  ])('reads %s', (url, file) => {
    expect(databaseUrl(url, '/w')).toEqual({ value: { kind: 'sqlite', file } })
  })

  it.each([
    ['postgres://u:p@h:5432/db', 'postgresql://u:p@h:5432/db'],
    ['postgresql+asyncpg://h/db?sslmode=require', 'postgresql://h/db?sslmode=require'],
    ['POSTGRESQL://u:a%40b@h/db', 'postgresql://u:a%40b@h/db'],
  ])('reads %s', (value, url) => {
    expect(databaseUrl(value, '/w')).toEqual({ value: { kind: 'postgres', url } })
  })

  it('says that options are not used', () => {
    expect(databaseUrl('sqlite:///x.db?mode=ro', '/w')).toMatchObject({
      value: { kind: 'sqlite', file: '/w/x.db' },
      note: expect.stringContaining('"?"'),
    })
  })

  it.each([
    [
      'postgres://u:p@h',
      '"postgres://u:***@h" names no database. Write it as postgres://user:password@host:5432/codelab.',
      '"postgres://u:***@h"',
    ],
    [
      'postgres:///db',
      '"postgres:///db" names no host. Write it as postgres://user:password@host:5432/codelab.',
      '"postgres:///db"',
    ],
    [
      'postgres://h:x/db',
      '"postgres://h:x/db" is not a database URL. Write it as postgres://user:password@host:5432/codelab.',
      '"postgres://h:x/db"',
    ],
    ['postgre://app@db/agents', '"postgre://app@db/agents": unknown scheme. Did you mean postgresql://?', 'postgre'],
    ['sqlight:///x.db', '"sqlight:///x.db": unknown scheme. Did you mean sqlite://?', 'sqlight'],
    ['mongodb://h/db', '"mongodb://h/db": unknown scheme. Use sqlite:///data/agent_runtime.db.', 'mongodb'],
    [
      'sqlite://data/x.db',
      '"sqlite://data/x.db" has two slashes, a path needs three. Did you mean sqlite:///data/x.db?',
      '"sqlite://data/x.db"',
    ],
    [
      'sqlite:///',
      '"sqlite:///" would keep nothing. Name a file, such as sqlite:///data/agent_runtime.db.',
      '"sqlite:///"',
    ],
    [
      'sqlite:///:memory:',
      '"sqlite:///:memory:" would keep nothing. Name a file, such as sqlite:///data/agent_runtime.db.',
      '"sqlite:///:memory:"',
    ],
    ['sqlite:///data/', '"sqlite:///data/" is a folder. Name a file in it.', '"sqlite:///data/"'],
    ['data/x.db', '"data/x.db" is not a database URL. Write it as sqlite:///data/agent_runtime.db.', '"data/x.db"'],
  ])('refuses %s', (url, fault, wrong) => {
    expect(databaseUrl(url, '/w')).toEqual({ fault, wrong })
  })
})
