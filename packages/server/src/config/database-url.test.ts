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
    expect(databaseUrl(url, '/w')).toEqual({ value: file })
  })

  it('says that options are not used', () => {
    expect(databaseUrl('sqlite:///x.db?mode=ro', '/w')).toMatchObject({
      value: '/w/x.db',
      note: expect.stringContaining('"?"'),
    })
  })

  it.each([
    [
      'postgresql://u:p@h:5432/db',
      '"postgresql://u:***@h:5432/db": PostgreSQL is not in this release; use sqlite:///data/agent_runtime.db.',
      'postgresql',
    ],
    [
      'postgres://h/db',
      '"postgres://h/db": PostgreSQL is not in this release; use sqlite:///data/agent_runtime.db.',
      'postgres',
    ],
    [
      'postgresql+asyncpg://h/db',
      '"postgresql+asyncpg://h/db": PostgreSQL is not in this release; use sqlite:///data/agent_runtime.db.',
      'postgresql+asyncpg',
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
