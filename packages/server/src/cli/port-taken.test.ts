import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { findPortOwner, renderPortTaken } from './port-taken.ts'
import { createStyle } from './style.ts'

describe('renderPortTaken', () => {
  it('is the screen of the design', () => {
    const taken = { port: 8001, owner: { pid: 4121, program: 'node' }, url: 'http://127.0.0.1:8001' }
    expect(renderPortTaken(taken, createStyle('plain', 80))).toBe(`\
✗ Port 8001 is taken by another program (pid 4121, node)
  Set PORT, or stop it. If it is CodeLab: codelab --server http://127.0.0.1:8001
`)
  })
})

describe('findPortOwner', () => {
  it.runIf(process.platform === 'linux')('finds this process, and nobody once it has stopped', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    expect(await findPortOwner(port)).toMatchObject({ pid: process.pid })
    server.close()
    await once(server, 'close')
    expect(await findPortOwner(port)).toBeUndefined()
  })
})
