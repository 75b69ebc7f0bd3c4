// Loaded before the server by a test: as soon as the file of FAIL_SYNC_FILE is there, no sync of a file succeeds any more, as on a disk that
// is broken.
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'

const file = process.env.FAIL_SYNC_FILE ?? ''
const handle = await open('/dev/null')
const prototype = Object.getPrototypeOf(handle)
await handle.close()

for (const name of ['datasync', 'sync']) {
  const real = prototype[name]
  prototype[name] = function sync() {
    if (existsSync(file)) return Promise.reject(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))
    return real.call(this)
  }
}
