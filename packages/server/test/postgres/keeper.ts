import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PostgresServer } from './server.ts'

// One PostgreSQL for a whole run of tests, whichever of its workers asked first. It ends with the process that began the run, however
// that one ends: node keeper.ts FOLDER PID

const [, , folder = '', owner = ''] = process.argv
const address = join(folder, 'address')
try {
  await using server = await PostgresServer.start()
  writeFileSync(`${address}.new`, server.url())
  renameSync(`${address}.new`, address)
  while (lives(Number(owner))) await sleep(250)
} catch (error) {
  writeFileSync(join(folder, 'failure'), String(error))
  while (lives(Number(owner))) await sleep(250)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
