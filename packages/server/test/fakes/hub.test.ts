import { describeFanOut } from '../contract/fan-out.ts'
import { Hub } from './hub.ts'

describeFanOut('within a process', async () => {
  const hub = new Hub()
  const owners = new Map<string, string>()
  hub.ownerOf = (sid) => owners.get(sid)
  return {
    replicas: [hub.join('a'), hub.join('b'), hub.join('c')],
    own: async (sid, { listener }) => void owners.set(sid, listener),
    async [Symbol.asyncDispose]() {},
  }
})
